"""Gaps as a page: where to recruit first, what was missing by one dimension, the needs behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from monitoring.domain.definition import Dimension
from monitoring.domain.figure import TENTH, rounded
from monitoring.domain.gaps.analysis import NO_AREA, GapBy, Gaps, Looked
from monitoring.domain.gaps.need import Gap
from monitoring.domain.scope import Scope
from monitoring.pages import addresses, money, words
from monitoring.pages.charts import Bar, bars, heat
from monitoring.pages.figure import Drawn
from monitoring.pages.table import Cell, Link, Table, Written

NEEDS = "/pages/gaps/needs"
MOST = 15
BY = {GapBy.NEED: "need", GapBy.AGE_BAND: "age band", GapBy.AREA: "area", GapBy.COUNCIL: "council", GapBy.LOT: "lot"}
_GAPS = {Gap.NO_OFFER: "no offer", Gap.LATE: "late", Gap.FAR: "far"}
Names = Mapping[Dimension, Mapping[str, str]]
Row = Sequence[Cell | Link | Written]


def sentence(found: Gaps) -> str:
    """The whole in one sentence."""
    total = found.total
    if not total.needs:
        return "No referral was broadcast to agencies here in this time."
    missed = f"{total.no_offer} had no offer, {total.late} a late first one and {total.far} only far ones"
    missing = f"For {total.recruit} of them no suitable bed within 20 miles was free at that time: a carer was missing."
    return f"Of {words.plural(total.needs, 'need')}, {missed}. {missing}"


def heat_chart(found: Gaps) -> Drawn | None:
    """Missing carers by area and age band, the areas with most first."""
    counts: dict[tuple[str, str], int] = {}
    areas: dict[str, int] = {}
    for each in found.looked:
        if each.recruit:
            area = each.need.first.district or NO_AREA
            areas[area] = areas.get(area, 0) + 1
            for band in each.bands:
                counts[area, band] = counts.get((area, band), 0) + 1
    if not counts:
        return None
    first = sorted(areas, key=lambda area: (-areas[area], area))[:MOST]
    bands = sorted({band for _, band in counts}, key=lambda band: (len(band.partition("-")[0]), band))
    (area, band), most = max(counts.items(), key=lambda item: (item[1], item[0]))
    said = f"Missing carers by home district and age band: most in {area} for {band}, {most}."
    said += f" Drawn are the first {MOST} of {len(areas)} districts." if len(areas) > MOST else ""
    rows: list[Row] = [(area, *(counts.get((area, band), 0) for band in bands)) for area in first]
    table = Table(
        "missing-carers", "Missing carers by home district and age band", ("District", *bands), rows, frozenset(range(1, len(bands) + 1))
    )
    return Drawn(heat("Missing carers", said, first, bands, counts), said, table, ())


def by_chart(found: Gaps, by: GapBy, names: Names) -> Drawn | None:
    """Needs with a gap, row by row."""
    rows = [row for row in found.rows if row.missed][:MOST]
    if not rows:
        return None
    said = f"Needs with a gap by {BY[by]}: most with {called(by, rows[0].key, names)}, {rows[0].missed} of {rows[0].needs}."
    most = max(rows, key=lambda row: row.missed)
    if most is not rows[0]:
        said = f"Needs with a gap by {BY[by]}: most with {called(by, most.key, names)}, {most.missed} of {most.needs}."
    drawn = bars(f"Needs with a gap by {BY[by]}", said, [Bar(called(by, row.key, names), row.missed) for row in rows])
    told = [(called(by, row.key, names), row.missed) for row in rows]
    return Drawn(drawn, said, Table("gaps", f"Needs with a gap by {BY[by]}", (BY[by].capitalize(), "With a gap"), told, frozenset({1})), ())


def by_table(found: Gaps, by: GapBy, scope: Scope, names: Names) -> Table:
    """The rows with the whole; each opens to its needs."""
    rows: list[Row] = []
    for row in (*found.rows, found.total):
        whole = row is found.total
        more = {} if whole else {"by": str(by), "key": row.key}
        name = "In all, each need once" if whole else called(by, row.key, names)
        share = money.per_cent(rounded(Fraction(100 * row.missed, row.needs), TENTH)) if row.needs else None
        missed = (Link(str(row.recruit), addresses.of(NEEDS, scope, recruit="true", **more)) if row.recruit else 0,)
        rows.append(
            (Link(name, addresses.of(NEEDS, scope, **more)), row.needs, row.no_offer, row.late, row.far, row.missed, share, *missed)
        )
    columns = (BY[by].capitalize(), "Needs", "No offer", "Late", "Far", "Any gap", "Share", "Carer missing")
    return Table(f"gaps-by-{str(by).replace('_', '-')}", f"By {BY[by]}, each open to its needs", columns, rows, frozenset(range(1, 8)))


def recruit_table(found: Gaps, scope: Scope, names: Names) -> Table:
    """Where to recruit first."""
    lots = names.get(Dimension.LOT, {})
    rows: list[Row] = [
        (
            Link(f"{cell.area}, {cell.band}", addresses.of(NEEDS, scope, by=str(GapBy.AREA), key=cell.area, recruit="true")),
            lots.get(cell.lot, cell.lot),
            cell.recruit,
            cell.missed,
            cell.needs,
            ", ".join(_words(code) for code in cell.most_often) or None,
        )
        for cell in found.cells[:25]
    ]
    columns = ("Home district and ages", "Lot", "Carers missing", "With a gap", "Needs", "Most often needed")
    return Table("recruit-first", "Where to recruit first", columns, rows, frozenset({2, 3, 4}))


def needs_table(found: Sequence[Looked], names: Names) -> Table:
    """The needs behind: ids of referrals, and what every provider of the lot could see of them."""
    councils, lots = names.get(Dimension.COUNCIL, {}), names.get(Dimension.LOT, {})
    rows: list[Row] = [
        (
            f"Referral {', '.join(str(id) for id in each.need.referrals)}",
            each.need.first.broadcast_at,
            councils.get(each.need.first.council, each.need.first.council),
            lots.get(each.need.first.lot, each.need.first.lot),
            ", ".join(each.bands),
            each.need.first.district,
            ", ".join(_words(code) for code in each.need.needs) or None,
            ", ".join(_GAPS[gap] for gap in sorted(each.need.gaps)) or None,
            each.need.offers,
            each.need.nearest,
            each.free.near if each.free else None,
            each.free.anywhere if each.free else None,
        )
        for each in found
    ]
    columns = (
        *("Need", "Broadcast", "Council", "Lot", "Ages", "District", "Needed", "Missing"),
        *("Offers", "Nearest (miles)", "Free near", "Free anywhere"),
    )
    return Table("needs", "Needs", columns, rows, frozenset({8, 9, 10, 11}))


def called(by: GapBy, key: str, names: Names) -> str:
    """A row's key in words."""
    if by is GapBy.COUNCIL:
        return names.get(Dimension.COUNCIL, {}).get(key, key)
    if by is GapBy.LOT:
        return names.get(Dimension.LOT, {}).get(key, key)
    return _words(key).capitalize() if by is GapBy.NEED else key


def _words(code: str) -> str:
    kind, _, what = code.rpartition(":")
    return f"{kind.replace('_', ' ')}: {what.replace('_', ' ')}" if kind else what.replace("_", " ")
