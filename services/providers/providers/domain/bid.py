"""An agency's bid for a lot: one price for each price band, and its answers to the quality questions."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from providers.domain.fault import Fault
from providers.domain.lot import LotTerms

HIGHEST_PRICE = Decimal("99999.99")
"""Pounds a week. A slip of the decimal point is caught, no real fee is."""

COLUMNS = ("band", "pounds_per_week")


class BidRule(StrEnum):
    """Why a bid cannot be taken as it is."""

    BAND_UNKNOWN = "band_unknown"
    BAND_TWICE = "band_twice"
    BAND_NOT_PRICED = "band_not_priced"
    PRICE_RANGE = "price_range"
    PENCE = "pence"
    QUESTION_UNKNOWN = "question_unknown"
    QUESTION_TWICE = "question_twice"
    CSV_COLUMNS = "csv_columns"
    CSV_ROW = "csv_row"
    CSV_PRICE = "csv_price"


@dataclass(frozen=True, slots=True)
class BandPrice:
    """What the agency asks for a bed in one band, in pounds a week."""

    band: str
    pounds_per_week: Decimal


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agency answers to one quality question."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Bid:
    """All that an agency submits for one round."""

    prices: tuple[BandPrice, ...]
    answers: tuple[Answer, ...] = ()

    @property
    def by_band(self) -> Mapping[str, Decimal]:
        """Pounds a week by band code."""
        return {price.band: price.pounds_per_week for price in self.prices}


def bid_faults(bid: Bid, terms: LotTerms) -> tuple[Fault, ...]:
    """A bid prices every band of the lot once, in pounds and pence above zero, and answers only questions that were asked."""
    faults: list[Fault] = []
    bands = {band.code for band in terms.price_bands}
    for place, price in enumerate(bid.prices):
        if price.band not in bands:
            faults.append(Fault(f"prices.{place}.band", BidRule.BAND_UNKNOWN, f"This lot's bands are: {', '.join(sorted(bands))}."))
        if any(price.band == earlier.band for earlier in bid.prices[:place]):
            faults.append(Fault(f"prices.{place}.band", BidRule.BAND_TWICE, "This band is priced twice; give one price."))
        faults.extend(_price_faults(f"prices.{place}.pounds_per_week", price.pounds_per_week))
    for band in terms.price_bands:
        if band.code not in bid.by_band:
            faults.append(Fault("prices", BidRule.BAND_NOT_PRICED, f"Give a price for the band {band.code}: every band needs one."))
    questions = {question.code for question in terms.quality_questions}
    for place, answer in enumerate(bid.answers):
        if answer.question not in questions:
            faults.append(Fault(f"answers.{place}.question", BidRule.QUESTION_UNKNOWN, "This lot does not ask such a question."))
        if any(answer.question == earlier.question for earlier in bid.answers[:place]):
            faults.append(Fault(f"answers.{place}.question", BidRule.QUESTION_TWICE, "This question is answered twice."))
    return tuple(faults)


def _price_faults(field: str, price: Decimal) -> Sequence[Fault]:
    faults = []
    if not 0 < price <= HIGHEST_PRICE:
        faults.append(Fault(field, BidRule.PRICE_RANGE, f"Give a weekly price above 0 and up to {HIGHEST_PRICE} pounds."))
    elif price != price.quantize(Decimal("0.01")):
        faults.append(Fault(field, BidRule.PENCE, "Give pounds and pence: at most two decimal places."))
    return faults


def read_csv(text: str) -> tuple[Bid, tuple[Fault, ...]]:
    """A bid from a file with the columns ``band`` and ``pounds_per_week``, and every line that cannot be read.

    Line numbers count the heading as line 1. Other columns are ignored, so that a sheet may carry notes.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        headings = [heading.strip() for heading in rows.fieldnames or ()]
    except csv.Error:
        headings = []
    if missing := [name for name in COLUMNS if name not in headings]:
        message = f"The first line must name the columns; missing: {', '.join(missing)}."
        return Bid(()), (Fault("line.1", BidRule.CSV_COLUMNS, message),)
    rows.fieldnames = headings
    prices: list[BandPrice] = []
    faults: list[Fault] = []
    try:
        for row in rows:
            field = f"line.{rows.line_num}"
            band, asked = (row["band"] or "").strip(), (row["pounds_per_week"] or "").strip()
            if not band:
                faults.append(Fault(field, BidRule.CSV_ROW, "This line names no band."))
                continue
            try:
                price = Decimal(asked)
                if not price.is_finite():
                    raise InvalidOperation
            except InvalidOperation:
                faults.append(Fault(field, BidRule.CSV_PRICE, "The price on this line is not a number such as 812.50."))
                continue
            prices.append(BandPrice(band, price))
    except csv.Error:
        faults.append(Fault(f"line.{rows.line_num}", BidRule.CSV_ROW, "This line is not comma-separated text."))
    return Bid(tuple(prices)), tuple(faults)
