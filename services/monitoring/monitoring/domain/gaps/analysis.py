"""Gap analysis: needs by what a home must bring, age band, area, council and lot; and where carers must be recruited, ranked.

A gap that stood beside free, suitable beds near the child's home is a question to the agencies that had them. A gap without any is a
missing carer: those are what recruiting is ranked by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitoring.domain.facts import PriceBand
from monitoring.domain.gaps.need import Gap, Need
from monitoring.domain.gaps.sought import Free

NO_BAND, NO_AREA, NO_NEED = "no band", "not known", "nothing special"


class GapBy(StrEnum):
    """What gaps can be divided by."""

    NEED = "need"
    AGE_BAND = "age_band"
    AREA = "area"
    COUNCIL = "council"
    LOT = "lot"


class Looked(NamedTuple):
    """A need with its age bands by the price list in force now."""

    need: Need
    bands: tuple[str, ...]
    free: Free | None
    """Of a need with a gap the beds that were free for it; None for the others, which nobody asks."""
    recruit: bool
    """Whether a carer was missing: a gap, and not one suitable free bed near home (anywhere, where home's district is not known)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One need code, age band, area, council or lot: how many needs, and what was missing. A need with two gaps is in both columns."""

    key: str
    needs: int
    no_offer: int
    late: int
    far: int
    missed: int
    """Needs with any gap."""
    recruit: int
    """Of those, without one suitable free bed near home at that time."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where to recruit: carers for a lot and age band in an area, with what these homes must most often bring."""

    lot: str
    band: str
    area: str
    recruit: int
    missed: int
    needs: int
    most_often: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The answer: all needs of a period in rows, the whole, and where to recruit first."""

    looked: tuple[Looked, ...]
    total: Row
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]
    distance_unknown: int
    """Needs with offers of which not every distance is known: whether they were far cannot be told."""


def looked_at(found: Iterable[Need], bands: Mapping[str, tuple[PriceBand, ...]]) -> tuple[Looked, ...]:
    """Each need with its age bands. ``bands`` are those of each lot."""
    known: dict[tuple[tuple[int, ...], str], tuple[str, ...]] = {}  # of thousands of needs the ages are often the same
    looked = []
    for need in found:
        key = need.first.ages, need.first.lot
        if (its_bands := known.get(key)) is None:
            its_bands = known[key] = _bands(need.first.ages, bands.get(need.first.lot, ()))
        looked.append(_looked(need, its_bands))
    return tuple(looked)


def _looked(need: Need, bands: tuple[str, ...]) -> Looked:
    free = need.free_then if need.missed else None
    return Looked(need, bands, free, recruit=free is not None and (free.anywhere if free.near is None else free.near) == 0)


def gaps(looked: Sequence[Looked], by: GapBy) -> Gaps:
    """Rows by one dimension, most recruiting first, then most missed. By need and age band a need can stand in several rows."""
    groups: dict[str, list[Looked]] = {}
    for each in looked:
        for key in keys(each, by):
            groups.setdefault(key, []).append(each)
    rows = sorted((_row(key, group) for key, group in groups.items()), key=lambda row: (-row.recruit, -row.missed, -row.needs, row.key))
    unknown = sum(each.need.offers > 0 and Gap.FAR not in each.need.gaps and each.need.nearest is None for each in looked)
    return Gaps(tuple(looked), _row("", looked), tuple(rows), _cells(looked), unknown)


def keys(looked: Looked, by: GapBy) -> tuple[str, ...]:
    """Under which keys of a dimension a need stands."""
    need = looked.need
    match by:
        case GapBy.NEED:
            return need.needs or (NO_NEED,)
        case GapBy.AGE_BAND:
            return looked.bands
        case GapBy.AREA:
            return (need.first.district or NO_AREA,)
        case GapBy.COUNCIL:
            return (need.first.council,)
        case GapBy.LOT:
            return (need.first.lot,)


def _row(key: str, group: Sequence[Looked]) -> Row:
    counts = Counter(gap for each in group for gap in each.need.gaps)
    return Row(
        key,
        len(group),
        counts[Gap.NO_OFFER],
        counts[Gap.LATE],
        counts[Gap.FAR],
        len([each for each in group if each.need.gaps]),
        len([each for each in group if each.recruit]),
    )


def _cells(looked: Sequence[Looked]) -> tuple[Cell, ...]:
    """Lot, age band and area with at least one missing carer, the most missing first."""
    groups: dict[tuple[str, str, str], list[Looked]] = {}
    for each in looked:
        for band in each.bands:
            groups.setdefault((each.need.first.lot, band, each.need.first.district or NO_AREA), []).append(each)
    found = []
    for (lot, band, area), group in groups.items():
        missing = [each for each in group if each.recruit]
        if missing:
            codes: dict[str, int] = {}
            for each in missing:
                for code in each.need.needs:
                    codes[code] = codes.get(code, 0) + 1
            often = tuple(sorted(codes, key=lambda code: (-codes[code], code))[:3])
            found.append(Cell(lot, band, area, len(missing), sum(each.need.missed for each in group), len(group), often))
    return tuple(sorted(found, key=lambda cell: (-cell.recruit, -cell.missed, cell.lot, cell.band, cell.area)))


def _bands(ages: Sequence[int], bands: Sequence[PriceBand]) -> tuple[str, ...]:
    return tuple(sorted({_band(age, bands) for age in ages})) or (NO_BAND,)


def _band(age: int, bands: Sequence[PriceBand]) -> str:
    for band in bands:
        if band.from_age <= age <= band.to_age:
            return band.code
    return NO_BAND
