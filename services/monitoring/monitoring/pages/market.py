"""Market use as a page: who is commissioned, shares by tier, concentration, what nobody uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from monitoring.domain.definition import Dimension
from monitoring.domain.market import Concentration, Market, Share
from monitoring.domain.scope import Scope
from monitoring.pages import addresses, money, words
from monitoring.pages.charts import Bar, Stack, bars, stacked
from monitoring.pages.figure import Drawn
from monitoring.pages.table import Cell, Link, Table, Written

MOST_BARS = 15
Row = Sequence[Cell | Link | Written]
Names = Mapping[Dimension, Mapping[str, str]]


def sentence(found: Market) -> str:
    """The market in one sentence."""
    if not found.agencies:
        return "No agency had a placement here in this time."
    first = found.agencies[0]
    used, placements = len(found.agencies), sum(share.placements for share in found.agencies)
    unused = f"; {words.plural(len(found.never_used), 'agency', 'agencies')} on the lists had none" if found.never_used else ""
    return (
        f"{words.plural(used, 'agency', 'agencies')} had {words.plural(placements, 'placement')}; the most often commissioned had "
        f"{first.placements} ({first.of_placements}%){unused}."
    )


def agencies_chart(found: Market, names: Names) -> Drawn | None:
    """Placements by agency, the most often commissioned first."""
    shares = [share for share in found.agencies if share.placements]
    if not shares:
        return None
    called = names.get(Dimension.AGENCY, {})
    drawn_of = shares[:MOST_BARS]
    said = f"Most often commissioned: {', '.join(f'{called.get(s.code, s.code)} ({s.placements})' for s in drawn_of[:3])}."
    if len(shares) > MOST_BARS:
        said += f" Drawn are the first {MOST_BARS} of {len(shares)}; the table has all."
    drawn = bars("Placements by agency", said, [Bar(called.get(share.code, share.code), share.placements) for share in drawn_of])
    rows = [(called.get(share.code, share.code), share.placements) for share in drawn_of]
    return Drawn(drawn, said, Table("commissioned", "Placements by agency", ("Agency", "Placements"), rows, frozenset({1})), ())


def agencies_table(found: Market, scope: Scope, names: Names) -> Table:
    """Every agency used, and those of the lists that were not."""
    called = names.get(Dimension.AGENCY, {})
    rows = [
        (Link(called.get(share.code, share.code), addresses.of("/pages/savings/lines", scope, agency=share.code)), *_share(share))
        for share in found.agencies
    ]
    rows += [
        (Link(called.get(code, code), addresses.of("/pages/market", scope, agency=code)), 0, 0, money.cell(0), *_NOUGHT)
        for code in found.never_used
    ]
    columns = ("Agency", "Placements", "Nights", "Spend", "Of placements", "Of spend")
    return Table("agencies", "Agencies, the most often commissioned first", columns, rows, frozenset(range(1, 6)))


def tiers_chart(found: Market) -> Drawn | None:
    """Placements and spend by tier, side by side."""
    tiers = found.tiers
    whole, spent = sum(share.placements for share in tiers), sum(share.pence for share in tiers)
    if not whole or not spent or len(tiers) > 6:
        return None
    names = [share.code.capitalize() for share in tiers]
    said = "Of the placements " + ", ".join(f"{share.of_placements}% {share.code}" for share in tiers) + "; of the spending "
    said += ", ".join(f"{share.of_spend}% {share.code}" for share in tiers) + "."
    stacks = [
        Stack("Placements", tuple(share.of_placements or 0 for share in tiers)),
        Stack("Spend", tuple(share.of_spend or 0 for share in tiers)),
    ]
    drawn = stacked("Share by tier", said, names, stacks, written=lambda value: f"{float(value):.0f}%")
    return Drawn(drawn, said, tiers_table(found), ())


def tiers_table(found: Market) -> Table:
    """Each tier and own carers."""
    rows = [(share.code.capitalize(), *_share(share)) for share in found.tiers]
    columns = ("Tier", "Placements", "Nights", "Spend", "Of placements", "Of spend")
    return Table("tiers", "By tier and in-house", columns, rows, frozenset(range(1, 6)))


def lists_table(found: Market, names: Names) -> Table:
    """Each tier of each published list: one that nobody uses is there with nought."""
    lots = names.get(Dimension.LOT, {})
    rows = [
        (
            f"{lots.get(each.lot, each.lot)}, tier {each.tier}",
            each.agencies,
            each.used,
            each.placements,
            "nobody uses it" if not each.used else None,
        )
        for each in found.tiers_of_lots
    ]
    columns = ("Tier of the list", "Agencies", "Used", "Placements", "Remark")
    return Table("lists", "The lots' published lists as they stand", columns, rows, frozenset({1, 2, 3}))


def concentration_table(found: Market) -> Table:
    """Both indices with what they say."""
    rows = [_concentration("By placements", found.by_placements), _concentration("By spend", found.by_spend)]
    columns = ("Measured", "Index of 10,000", "Three largest", "What it says")
    return Table("concentration", "How concentrated it is (Herfindahl–Hirschman index)", columns, rows, frozenset({1, 2}))


def _concentration(name: str, found: Concentration) -> Row:
    return (name, found.index, money.per_cent(found.top), found.words)


def _share(share: Share) -> tuple[Cell | Written, ...]:
    return (share.placements, share.nights, money.cell(share.pence), money.per_cent(share.of_placements), money.per_cent(share.of_spend))


_NOUGHT = (money.per_cent(Decimal("0.0")), money.per_cent(Decimal("0.0")))
