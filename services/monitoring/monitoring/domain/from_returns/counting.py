"""How figures are counted from returns: each return gives its own rows, on the last day of its period; a council those broken down by it.

A row's numerator and denominator are the return's own lines. A return that says nothing of a field gives no row: what was not asked for, or
was asked by another form, is no nought.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from monitoring.domain.counted import NOUGHT, Counted
from monitoring.domain.definition import Dimension, Formula, Reader
from monitoring.domain.facts import Records, Returned
from monitoring.domain.figure import Part, Tally
from monitoring.domain.period import Period

HUNDRED = Decimal(100)
THEMSELVES = frozenset({Reader.AGENCY, Reader.CONSORTIUM})
"""Who reads what is the agency's as a whole: staff, homes, training. Councils ask the consortium's project manager."""
BY_AGENCY = frozenset({Dimension.AGENCY})


def ended(records: Records, period: Period) -> Iterator[Returned]:
    """The returns with lines, of periods that ended in this one."""
    return (each for each in records.returns if each.values and period.holds_day(each.ends))


def row(found: Returned, numerator: Decimal, denominator: Decimal | None, *, council: str | None = None, part: str = "") -> Counted:
    """A return's row."""
    return Counted("return", found.name, found.ends, numerator, denominator, council, found.agency, part=part)


def among(part: str, whole: str) -> Formula:
    """One figure of the agency by another: a share, or how many of one for each of the other."""

    def formula(records: Records, period: Period) -> tuple[Counted, ...]:
        rows = []
        for found in ended(records, period):
            over, under = found.total(part), found.total(whole)
            if under is not None:
                rows.append(row(found, over or NOUGHT, under))
        return tuple(rows)

    return formula


def in_parts(part: str, whole: str, labels: Mapping[str, str], *, by: Decimal = Decimal(1)) -> Formula:
    """A figure broken down by codes, each a part, by another figure of the agency; ``by``: for each so many of the other."""

    def formula(records: Records, period: Period) -> tuple[Counted, ...]:
        rows = []
        for found in ended(records, period):
            under = found.total(whole)
            if under is None:
                continue
            rows.append(row(found, NOUGHT, under / by))
            for code in found.parts(part):
                number = found.number(part, code)
                if number:
                    rows.append(row(found, number, None, part=labels.get(code, code)))
        return tuple(rows)

    return formula


def by_council(over: Sequence[str], under: Sequence[str], *, by: Decimal = Decimal(1)) -> Formula:
    """Figures of each council, added up, by others of it; ``by``: for each so many of the other, as for 100 weeks."""

    def formula(records: Records, period: Period) -> tuple[Counted, ...]:
        rows = []
        for found in ended(records, period):
            for council in found.parts(*over, *under):
                numerator = sum((found.number(name, council) or NOUGHT for name in over), NOUGHT)
                denominator = sum((found.number(name, council) or NOUGHT for name in under), NOUGHT)
                if numerator or denominator:
                    rows.append(row(found, numerator, denominator / by, council=council))
        return tuple(rows)

    return formula


def each_sum(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    """What each part adds to the numerator; the row that only holds the denominator is none."""
    return tuple(Part(tally.part, tally.numerator) for tally in tallies if tally.part)


def each_weight(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    """What each part adds to the denominator: of a share that is told of all, how many of each kind there were."""
    return tuple(Part(tally.part, tally.denominator) for tally in tallies if tally.part)
