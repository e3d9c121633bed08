"""Lists that people upload for the ledger: every bad row named at once, or the whole list taken as a new version.

Three lists: the price index (project manager), the nights of a council's baseline period (council), and what one move or one double-paid
night costs (project manager for all, a council for itself).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

from monitoring.domain.facts import PriceBand
from monitoring.domain.ledger.baseline_period import CellNights
from monitoring.domain.period import EARLIEST, LATEST

MOST_MONTHS = 1_200
MOST_CELLS = 500
MOST_NIGHTS = 10_000_000
MOST_INDEX = Decimal("1000000")
DEAREST = Decimal("1000000.00")
MOST_RATE = Decimal("1000")


class ListRule(StrEnum):
    """What each row of a list must keep to."""

    COLUMNS_AS_NAMED = "columns_as_named"
    MONTH_READABLE = "month_readable"
    MONTH_ONCE = "month_once"
    VALUE_READABLE = "value_readable"
    LOT_KNOWN = "lot_known"
    BAND_OF_THE_LOT = "band_of_the_lot"
    CELL_ONCE = "cell_once"
    NIGHTS_READABLE = "nights_readable"
    EVENT_KNOWN = "event_known"
    EVENT_ONCE = "event_once"
    PRICE_READABLE = "price_readable"
    RATE_READABLE = "rate_readable"
    SOURCE_STATED = "source_stated"
    DAYS_READABLE = "days_readable"
    FIRST_BEFORE_LAST = "first_before_last"
    ANY_ROWS = "any_rows"
    NOT_TOO_MANY_ROWS = "not_too_many_rows"


_WORDS = {
    ListRule.COLUMNS_AS_NAMED: "there are more values than columns. Put a value that holds a comma in double quotes.",
    ListRule.MONTH_READABLE: "the month must be from 2000 to 2100 written year-month, as in 2012-04.",
    ListRule.MONTH_ONCE: "this month already stands in an earlier line. Keep one of the two.",
    ListRule.VALUE_READABLE: "the value must be a number above 0 in figures alone, with at most four decimal places, as in 121.7.",
    ListRule.LOT_KNOWN: "the lot is not one of the framework's. Use a lot's code as GET /lots gives it.",
    ListRule.BAND_OF_THE_LOT: "the age band is not one of this lot's. Use the band's code as GET /lots gives it.",
    ListRule.CELL_ONCE: "this lot and band already stand in an earlier line. Keep one of the two.",
    ListRule.NIGHTS_READABLE: "the nights must be a whole number from 0 to 10000000 in figures alone: each child's night counted.",
    ListRule.EVENT_KNOWN: "the event must be move or double_paid_night.",
    ListRule.EVENT_ONCE: "this event already stands in an earlier line. Keep one of the two.",
    ListRule.PRICE_READABLE: "the cost must be pounds and pence above 0 and at most 1000000.00, in figures alone, as in 5000.00.",
    ListRule.RATE_READABLE: "the baseline rate is how many for 1,000 nights: a number from 0 to 1000, at most four decimal places.",
    ListRule.SOURCE_STATED: "say where the cost and the rate are from in 3 to 200 characters, and nothing that identifies a person.",
    ListRule.DAYS_READABLE: "first and last must be days from 2000 to 2100 written year-month-day, as in 2011-04-01.",
    ListRule.FIRST_BEFORE_LAST: "the baseline period must end after it begins and be at most ten years long.",
    ListRule.ANY_ROWS: "the list is empty. Send at least one row; a list replaces the one before it.",
    ListRule.NOT_TOO_MANY_ROWS: "the list has too many rows. Send one for each month, cell or event.",
}


class Avoidable(StrEnum):
    """What costs money when it happens and is avoided when it does not."""

    MOVE = "move"
    DOUBLE_PAID_NIGHT = "double_paid_night"


@dataclass(frozen=True, slots=True)
class ListHead:
    """A list in force: whose, which version, since when, over which days if it has any, from which source, how many rows."""

    author: str
    version: int
    uploaded_at: datetime
    rows: int
    source: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was sent: ``line`` is the file's line, or the place in a JSON list, from 1."""

    line: int
    values: Mapping[str, str]
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that one row breaks. ``line`` is 0 for a rule about the whole list."""

    line: int
    field: str
    rule: ListRule

    @property
    def message(self) -> str:
        """What is wrong and what to do, without a word of what was sent."""
        words = _WORDS[self.rule]
        return f"Line {self.line}: {words}" if self.line else words[0].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What one event costs in pence, how many happened for 1,000 nights in the baseline, and where both are from."""

    event: Avoidable
    pence: int
    per_1000_nights: Fraction
    source: str


def index_values(rows: Sequence[Row]) -> tuple[dict[date, Decimal], list[Fault]]:
    """A price index by month, and every fault of every row."""
    values: dict[date, Decimal] = {}
    faults = _whole(rows, MOST_MONTHS)
    for row in rows if not faults else ():
        faults += _surplus(row)
        month, value = _month(row.values["month"]), _number(row.values["value"], places=4, most=MOST_INDEX)
        if month is None:
            faults.append(Fault(row.line, "month", ListRule.MONTH_READABLE))
        elif month in values:
            faults.append(Fault(row.line, "month", ListRule.MONTH_ONCE))
        if value is None or value <= 0:
            faults.append(Fault(row.line, "value", ListRule.VALUE_READABLE))
        if month is not None:
            values.setdefault(month, value or Decimal(1))
    return values, faults


def cell_nights(
    council: str, rows: Sequence[Row], bands: Mapping[str, tuple[PriceBand, ...]], *, first: str, last: str
) -> tuple[list[CellNights], tuple[date, date] | None, list[Fault]]:
    """The nights of a council's baseline period by lot and band, its days, and every fault of every row."""
    faults = _whole(rows, MOST_CELLS)
    begins, ends = _day(first), _day(last)
    faults += [Fault(0, name, ListRule.DAYS_READABLE) for name, day in (("first", begins), ("last", ends)) if day is None]
    if begins is not None and ends is not None and not 0 <= (ends - begins).days <= 3660:
        faults.append(Fault(0, "first", ListRule.FIRST_BEFORE_LAST))
    found: dict[tuple[str, str], CellNights] = {}
    for row in rows if rows and len(rows) <= MOST_CELLS else ():
        faults += _surplus(row)
        lot, band = row.values["lot"], row.values["band"]
        if lot not in bands:
            faults.append(Fault(row.line, "lot", ListRule.LOT_KNOWN))
        elif band not in {each.code for each in bands[lot]}:
            faults.append(Fault(row.line, "band", ListRule.BAND_OF_THE_LOT))
        elif (lot, band) in found:
            faults.append(Fault(row.line, "band", ListRule.CELL_ONCE))
        text = row.values["nights"]
        nights = int(text) if text.isascii() and text.isdigit() and len(text) <= 8 else None
        if nights is None or nights > MOST_NIGHTS:
            faults.append(Fault(row.line, "nights", ListRule.NIGHTS_READABLE))
        found.setdefault((lot, band), CellNights(council, lot, band, nights or 0))
    return list(found.values()), (begins, ends) if begins and ends else None, faults


def unit_costs(rows: Sequence[Row], *, names_nobody: Mapping[int, bool]) -> tuple[list[UnitCost], list[Fault]]:
    """What events cost, and every fault of every row. ``names_nobody`` says by line whether a source identifies nobody by its form."""
    faults = _whole(rows, len(Avoidable))
    found: dict[str, UnitCost] = {}
    for row in rows if not faults else ():
        faults += _surplus(row)
        event, source = row.values["event"], row.values["source"].strip()
        cost = _number(row.values["unit_cost"], places=2, most=DEAREST)
        rate = _number(row.values["per_1000_nights"], places=4, most=MOST_RATE)
        if event not in set(Avoidable):
            faults.append(Fault(row.line, "event", ListRule.EVENT_KNOWN))
        elif event in found:
            faults.append(Fault(row.line, "event", ListRule.EVENT_ONCE))
        if cost is None or cost <= 0:
            faults.append(Fault(row.line, "unit_cost", ListRule.PRICE_READABLE))
        if rate is None:
            faults.append(Fault(row.line, "per_1000_nights", ListRule.RATE_READABLE))
        if not 3 <= len(source) <= 200 or not names_nobody.get(row.line, False):
            faults.append(Fault(row.line, "source", ListRule.SOURCE_STATED))
        if event in set(Avoidable) and cost is not None and rate is not None:
            found.setdefault(event, UnitCost(Avoidable(event), int(cost.scaleb(2)), Fraction(rate), source))
    return list(found.values()), faults


def _whole(rows: Sequence[Row], most: int) -> list[Fault]:
    if not rows:
        return [Fault(0, "rows", ListRule.ANY_ROWS)]
    return [Fault(0, "rows", ListRule.NOT_TOO_MANY_ROWS)] if len(rows) > most else []


def _surplus(row: Row) -> list[Fault]:
    return [Fault(row.line, "rows", ListRule.COLUMNS_AS_NAMED)] if row.surplus else []


def _month(text: str) -> date | None:
    return _day(f"{text}-01") if len(text) == len("2012-04") else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2012-04-01") else None
    except ValueError:
        return None
    return day if day is not None and EARLIEST <= day <= LATEST else None


def _number(text: str, *, places: int, most: Decimal) -> Decimal | None:
    """A plain number not below nought; None for anything else, an exponent or a sign among it."""
    whole, point, rest = text.partition(".")
    if len(text) > 20 or len(rest) > places or not (whole + rest).isascii() or not whole.isdigit() or (point and not rest.isdigit()):
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found <= most else None
