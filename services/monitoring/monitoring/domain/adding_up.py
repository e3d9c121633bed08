"""From counted rows to a figure: the one place where sums, shares, medians and what was left out are made of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from monitoring.domain.counted import LEFT_OUT, NOUGHT, Counted, Summary
from monitoring.domain.definition import Definition, Unit
from monitoring.domain.figure import PENNY, TENTH, Figure, LeftOut, Tally, percentile, rounded, worth_saying

EXACT = Decimal("1E-14")
"""To this a wait is freed of the noise of its last kept digit before it is rounded, so that a half is a half."""
NOTHING = Figure(None, None, None, 0)
Met = Mapping[str, tuple[int, int]]
"""By part, how many records are in two sets of rows, and how many of them with a denominator in both."""
HUNDREDTH = {Summary.MEDIAN: 50, Summary.NINTH_DECILE: 90}


@dataclass(frozen=True, slots=True)
class Sums:
    """What a summary needs of its rows: the sums of each part; of single records the cases, and how many of what is left out."""

    tallies: tuple[Tally, ...] = ()
    cases: int = 0
    """How many different ``once``."""
    values: tuple[Decimal, ...] = ()
    """Of each case the smallest numerator, where the KPI looks at single records."""


def figure(definition: Definition, rows: Iterable[Counted]) -> Figure:
    """The figure of these rows."""
    return of_sums(definition, sums(definition, tuple(rows)))


def sums(definition: Definition, rows: Sequence[Counted]) -> Sums:
    """Add rows up part by part, as PostgreSQL does with the kept ones."""
    parts: dict[str, list[Counted]] = {}
    for row in rows:
        parts.setdefault(row.part, []).append(row)
    smallest: dict[str, Decimal] = {}
    for row in rows:
        if row.once and not row.left_out:
            smallest[row.once] = min(row.numerator, smallest.get(row.once, row.numerator))
    if definition.summary.of_each:
        values = tuple(sorted(smallest.values()))
        return Sums(tuple(_tally(definition, part, _uncounted(each, smallest)) for part, each in parts.items()), len(smallest), values)
    return Sums(tuple(_tally(definition, part, each) for part, each in parts.items()), len(smallest))


def together(definition: Definition, kept: Sums, further: Sequence[Counted], *, met: Met) -> Sums:
    """The sums of kept rows with those of rows that come after them. Of cases counted once ``kept`` is without the cases that ``further``
    has too; of records that last for months ``met`` says how many of ``further`` are in ``kept`` already, by part. Single records are of
    one day each, so none is in both."""
    more = sums(definition, further)
    if definition.summary.of_each:
        return Sums(_added(kept.tallies, more.tallies, {}), kept.cases + more.cases, kept.values + more.values)
    cases = len({row.once for row in further})
    return Sums(_added(kept.tallies, more.tallies, met), kept.cases + cases if definition.summary is Summary.DISTINCT else 0)


def _added(kept: Iterable[Tally], more: Iterable[Tally], met: Met) -> tuple[Tally, ...]:
    found = {tally.part: tally for tally in kept}
    for tally in more:
        known = found.get(tally.part, Tally(tally.part, NOUGHT, NOUGHT, 0, 0))
        records, divided = met.get(tally.part, (0, 0))
        found[tally.part] = Tally(
            tally.part,
            known.numerator + tally.numerator,
            known.denominator + tally.denominator,
            known.records + tally.records - records,
            known.divided + tally.divided - divided,
        )
    return tuple(found.values())


def of_sums(definition: Definition, found: Sums) -> Figure:
    """A figure from the sums of its parts. No record gives no value, never nought per cent; a count of none is nought."""
    counted = [tally for tally in found.tallies if not tally.part.startswith(LEFT_OUT)]
    left_out = worth_saying([LeftOut(t.records, t.part.removeprefix(LEFT_OUT)) for t in _in_order(found.tallies) if t not in counted])
    numerator = sum((tally.numerator for tally in counted), NOUGHT)
    denominator = sum((tally.denominator for tally in found.tallies), NOUGHT)
    records = sum(tally.records for tally in counted)
    parts = definition.parts(_in_order(counted))
    if definition.summary.of_each:
        return _of_each(definition, found.values, left_out)
    if definition.summary is Summary.DISTINCT:
        return Figure(Decimal(found.cases), Decimal(found.cases), None, records, parts, left_out)
    if not definition.summary.divides:
        known = records or (definition.unit is Unit.NUMBER and definition.summary is Summary.TOTAL)
        return Figure(numerator if known else None, numerator if known else None, None, records, parts if records else (), left_out)
    divided = sum(tally.divided for tally in found.tallies)
    if not divided and definition.counted_in is Unit.POUNDS:
        return Figure(None, None, None, 0, (), left_out)
    return Figure(_divided(definition, numerator, denominator), numerator, denominator, divided, parts if divided else (), left_out)


def _divided(definition: Definition, numerator: Decimal, denominator: Decimal) -> Decimal | None:
    if not denominator:
        return None
    exact = Fraction(numerator) / Fraction(denominator)
    return rounded(100 * exact, TENTH) if definition.unit is Unit.PER_CENT else rounded(exact, PENNY)


def _of_each(definition: Definition, values: Sequence[Decimal], left_out: tuple[LeftOut, ...]) -> Figure:
    value = None
    if values:
        exact = rounded(percentile(values, HUNDREDTH[definition.summary]), EXACT)
        value = rounded(Fraction(exact), PENNY)
    return Figure(value, None, Decimal(len(values)), len(values), (), left_out)


def _uncounted(rows: Sequence[Counted], counted: Mapping[str, Decimal]) -> list[Counted]:
    """A case is left out only if no other row counts it; and once."""
    found = {}
    for row in rows:
        if not row.left_out or row.once not in counted:
            found[row.once or row.id] = row
    return list(found.values())


def _tally(definition: Definition, part: str, rows: Sequence[Counted]) -> Tally:
    many = definition.each_month
    with_denominator = [row for row in rows if row.denominator]
    return Tally(
        part,
        sum((row.numerator for row in rows), NOUGHT),
        sum((row.denominator or NOUGHT for row in rows), NOUGHT),
        len({row.id for row in rows}) if many else len(rows),
        len({row.id for row in with_denominator}) if many else len(with_denominator),
    )


def _in_order(tallies: Sequence[Tally]) -> list[Tally]:
    """By name, with what has no tier last."""
    return sorted(tallies, key=lambda tally: (tally.part.startswith("no "), tally.part))
