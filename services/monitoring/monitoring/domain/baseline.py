"""A council's own prices before the framework, as it uploads them: every bad row named, or the whole list taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from monitoring.domain.facts import BaselinePrice, PriceBand
from monitoring.domain.period import EARLIEST, LATEST

MOST_ROWS = 5_000
DEAREST = Decimal("10000.00")
"""Above any weekly fee paid for fostering: what lies beyond is a slip of the decimal point."""


class BaselineRule(StrEnum):
    """What each row of a list must keep to."""

    COLUMNS_AS_NAMED = "columns_as_named"
    LOT_KNOWN = "lot_known"
    BAND_OF_THE_LOT = "band_of_the_lot"
    DATE_READABLE = "date_readable"
    PRICE_READABLE = "price_readable"
    PRICE_BELIEVABLE = "price_believable"
    ONE_PRICE_A_DAY = "one_price_a_day"
    ANY_ROWS = "any_rows"
    NOT_TOO_MANY_ROWS = "not_too_many_rows"


_MESSAGES = {
    BaselineRule.COLUMNS_AS_NAMED: "there are more values than columns. Put a value that holds a comma in double quotes.",
    BaselineRule.LOT_KNOWN: "the lot is not one of the framework's. Use a lot's code as GET /lots gives it.",
    BaselineRule.BAND_OF_THE_LOT: "the age band is not one of this lot's. Use the band's code as GET /lots gives it.",
    BaselineRule.DATE_READABLE: "the date must be a day from 2000 to 2100 written year-month-day, as in 2012-04-01.",
    BaselineRule.PRICE_READABLE: "the price must be pounds and pence in figures alone, as in 812.50.",
    BaselineRule.PRICE_BELIEVABLE: "the weekly price must be more than 0 and at most 10000.00 pounds.",
    BaselineRule.ONE_PRICE_A_DAY: "this lot, band and date already stand in an earlier line. Keep one of the two.",
    BaselineRule.ANY_ROWS: "the list is empty. Send at least one price; a list replaces the one before it.",
    BaselineRule.NOT_TOO_MANY_ROWS: "the list has more than 5000 prices. Send only those of the framework's lots and bands.",
}


@dataclass(frozen=True, slots=True)
class BaselineList:
    """The present list of a council: its version, when it was uploaded, how many prices it has."""

    council: str
    version: int
    uploaded_at: datetime
    price_count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One price as it was sent: ``line`` is the file's line, or the place in a JSON list, from 1."""

    line: int
    lot: str
    band: str
    from_date: str
    pounds_per_week: str
    surplus: bool = False
    """Whether the line held more values than columns."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that one row breaks. ``line`` is 0 for a rule about the whole list."""

    line: int
    field: str
    rule: BaselineRule

    @property
    def message(self) -> str:
        """What is wrong and what to do, without a word of what was sent."""
        words = _MESSAGES[self.rule]
        return f"Line {self.line}: {words}" if self.line else words[0].upper() + words[1:]


def checked(council: str, rows: Sequence[Row], bands: Mapping[str, tuple[PriceBand, ...]]) -> tuple[BaselinePrice, ...] | tuple[Fault, ...]:
    """The prices of a list, or every fault of every row; never some of both.

    ``bands`` are the known lots with their age bands. Prices are pounds for a week, with at most two decimal places.
    """
    if not rows:
        return (Fault(0, "prices", BaselineRule.ANY_ROWS),)
    if len(rows) > MOST_ROWS:
        return (Fault(0, "prices", BaselineRule.NOT_TOO_MANY_ROWS),)
    prices: list[BaselinePrice] = []
    faults: list[Fault] = []
    taken: set[tuple[str, str, date]] = set()
    for row in rows:
        found = _faults(row, bands)
        day, price = _day(row.from_date), _pounds(row.pounds_per_week)
        if day is not None:
            if (row.lot, row.band, day) in taken:
                found.append(Fault(row.line, "from_date", BaselineRule.ONE_PRICE_A_DAY))
            taken.add((row.lot, row.band, day))
        faults += found
        if not found and day is not None and price is not None:
            prices.append(BaselinePrice(council, row.lot, row.band, day, price))
    return tuple(faults) if faults else tuple(prices)


def _faults(row: Row, bands: Mapping[str, tuple[PriceBand, ...]]) -> list[Fault]:
    found = [Fault(row.line, "prices", BaselineRule.COLUMNS_AS_NAMED)] if row.surplus else []
    if row.lot not in bands:
        found.append(Fault(row.line, "lot", BaselineRule.LOT_KNOWN))
    elif row.band not in {band.code for band in bands[row.lot]}:
        found.append(Fault(row.line, "band", BaselineRule.BAND_OF_THE_LOT))
    if _day(row.from_date) is None:
        found.append(Fault(row.line, "from_date", BaselineRule.DATE_READABLE))
    price = _pounds(row.pounds_per_week)
    if price is None:
        found.append(Fault(row.line, "pounds_per_week", BaselineRule.PRICE_READABLE))
    elif not 0 < price <= DEAREST:
        found.append(Fault(row.line, "pounds_per_week", BaselineRule.PRICE_BELIEVABLE))
    return found


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2012-04-01") else None
    except ValueError:
        return None
    return day if day is not None and EARLIEST <= day <= LATEST else None


def _pounds(text: str) -> Decimal | None:
    whole, _, pence = text.partition(".")
    if len(text) > 20 or len(pence) > 2 or not (whole.removeprefix("-") + pence).isascii() or not whole.removeprefix("-").isdigit():
        return None
    try:
        return Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
