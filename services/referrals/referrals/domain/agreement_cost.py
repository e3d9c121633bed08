"""What a placement costs by its agreement: every line by the night, the lines of the version in force that night.

A night is a seventh of a week's price and is never rounded; the day of arrival counts, the day of leaving does not (domain §5). For each
night the version in force is counted; where no signed version holds, the weekly fee as it was offered. What a stay has come to by a day is
rounded once, half up, to the penny, and a part of it (a week) is what it has come to at its end less what it had at its beginning. Inside a
part the lines are added one by one, and each is what the rounded sum grows by. So lines add up to their total, weeks to the stay, and a
line cut in two comes to what the whole line came to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

from referrals.domain.agreement import Notice, Version, in_force_on
from referrals.domain.agreement_terms import Line, LineKind, LineWhat

NIGHTS_A_WEEK = 7
_IN_ORDER = tuple(LineKind)


@dataclass(frozen=True)
class CostLine:
    """What one line of one version (None: the fee as offered, no version in force) comes to, and for how many nights."""

    version: int | None
    line: Line
    nights: int
    pounds: Decimal


@dataclass(frozen=True)
class Cost:
    """The nights from that of ``begin`` to the one before ``end``, and what they cost; ``total`` is the sum of the lines."""

    begin: date
    end: date
    lines: tuple[CostLine, ...]

    @property
    def nights(self) -> int:
        """Nights charged."""
        return (self.end - self.begin).days

    @property
    def total(self) -> Decimal:
        """In pounds and pence."""
        return sum((line.pounds for line in self.lines), Decimal("0.00"))


def cost(versions: Sequence[Version], offered: Decimal, arrived_on: date, begin: date, end: date) -> Cost:
    """What the nights from ``begin`` to ``end`` (that of ``end`` not included) of a stay since ``arrived_on`` cost.

    ``offered`` is the weekly fee for nights without a version in force. A part that begins before arrival begins with arrival.
    """
    begin = max(begin, arrived_on)
    end = max(end, begin)
    lines = _lines(versions, offered, arrived_on)
    before = sum((exact for _, exact in _counted(versions, lines, arrived_on, begin)), Fraction(0))
    counted = _counted(versions, lines, begin, end)
    reached = [_pounds(total) for total in accumulate((exact for _, exact in counted), initial=before)]
    found = [
        CostLine(number, line, nights, after - so_far)
        for (number, line), (nights, _), (so_far, after) in zip(lines, counted, pairwise(reached), strict=True)
    ]
    return Cost(begin, end, tuple(each for each in found if each.nights))


def _lines(versions: Sequence[Version], offered: Decimal, arrived_on: date) -> list[tuple[int | None, Line]]:
    """Every line that may be charged, in the order in which they add up: the fee as offered, then version by version."""
    as_offered = Line(LineKind.BASE_FEE, LineWhat.WEEKLY_FEE, arrived_on, pounds_per_week=offered)
    found: list[tuple[int | None, Line]] = [(None, as_offered)]
    for version in sorted(versions, key=lambda version: version.number):
        if version.in_force:
            found += [(version.number, line) for line in sorted(version.terms.lines, key=lambda line: _IN_ORDER.index(line.kind))]
    return found


def _counted(versions: Sequence[Version], lines: Sequence[tuple[int | None, Line]], begin: date, end: date) -> list[tuple[int, Fraction]]:
    """Each line's nights from that of ``begin`` to the one before ``end``, and what exactly they come to."""
    sums, nights = [Fraction(0)] * len(lines), [0] * len(lines)
    days = {version.terms.effective_from for version in versions if version.in_force}
    days |= {edge for _, line in lines for edge in (line.from_on, line.until) if edge is not None}
    # A one-off is one night: without the day after it, it would be charged until the next thing changes.
    days |= {line.from_on + timedelta(1) for _, line in lines if line.kind is LineKind.ONE_OFF}
    for first, following in pairwise(sorted({begin, end} | {day for day in days if begin < day < end})):
        version = in_force_on(versions, first)
        number = version.number if version else None
        length = (following - first).days
        running = [place for place, (of, line) in enumerate(lines) if of == number and line.runs(first)]
        base = sum((_weekly(lines[place][1]) for place in running if lines[place][1].kind is LineKind.BASE_FEE), Fraction(0))
        for place in running:
            sums[place] += _a_night(lines[place][1], base) * length
            nights[place] += length
    return list(zip(nights, sums, strict=True))


def _weekly(line: Line) -> Fraction:
    return Fraction(line.pounds_per_week or 0)


def _a_night(line: Line, base_a_week: Fraction) -> Fraction:
    """What the line adds to a night whose base fees come to ``base_a_week`` a week."""
    if line.kind is LineKind.ONE_OFF:
        return Fraction(line.pounds or 0)
    if line.kind is LineKind.DISCOUNT:
        return -(_weekly(line) + base_a_week * Fraction(line.per_cent or 0) / 100) / NIGHTS_A_WEEK
    return _weekly(line) / NIGHTS_A_WEEK


def _pounds(exact: Fraction) -> Decimal:
    return Decimal(floor(exact * 100 + Fraction(1, 2))).scaleb(-2)


def week_of(day: date) -> tuple[date, date]:
    """The Monday of the week of a day, and the Monday after."""
    monday = day - timedelta(day.weekday())
    return monday, monday + timedelta(NIGHTS_A_WEEK)


def expected_end(versions: Iterable[Version], left_on: date | None, notice: Notice | None) -> date | None:
    """The day of leaving, as far as it can be known: the day the child left; else when notice ends; else as the newest in force says."""
    if left_on is not None:
        return left_on
    if notice is not None:
        return notice.ends_on
    newest = max((version for version in versions if version.in_force), key=lambda version: version.number, default=None)
    return newest.terms.expected_end_on if newest else None
