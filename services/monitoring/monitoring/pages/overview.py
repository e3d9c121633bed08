"""The overview: the figures people steer by, each with its change, and what stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.actions.looking import Moved
from monitoring.domain.alert import Alert, Cause
from monitoring.domain.answer import Answer
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.monthly import before
from monitoring.domain.scope import Scope
from monitoring.domain.special_cause import Reading
from monitoring.pages import addresses
from monitoring.pages.figure import Card, card, changed, span, value_of
from monitoring.pages.table import Link, Table, Written

HEADLINES = (
    "demand",
    "placements",
    "time_to_first_offer_median",
    "placed_in_house",
    "placed_tier_one",
    "placed_within_20_miles",
    "unplanned_endings",
    "spend",
    "savings_per_cent",
    "offers_made",
    "offers_chosen",
    "beds_vacant",
)
"""In this order, those of them that the reader may see and that there are."""
MOST = 9


def headlines(seen: Sequence[Definition]) -> list[Definition]:
    """The figures on the overview for somebody who may see these."""
    by_name = {each.name: each for each in seen}
    chosen = [by_name[name] for name in HEADLINES if name in by_name]
    return (chosen or list(seen))[:MOST]


def cards(found: Sequence[Moved], scope: Scope) -> list[Card]:
    """A card a figure, leading to its page."""
    past = before(scope.period)
    return [card(each, addresses.of(f"/pages/figures/{each.now.definition.name}", scope), past) for each in found]


def standing_out(alerts: Sequence[Alert]) -> list[Alert]:
    """Concerns before the rest, and in each the least likely by chance first; a fall in Ofsted's rating, which is no chance, before all,
    returns that come late after all. What is equal stays in the order given."""

    def place(alert: Alert) -> tuple[bool, float]:
        certain = 0.0 if alert.found.cause is Cause.OFSTED_DOWNGRADE else 1.0
        return alert.found.reading is not Reading.CONCERN, certain if alert.found.chance is None else alert.found.chance

    return sorted(alerts, key=place)


def whose(scope: str, names: Mapping[Dimension, Mapping[str, str]]) -> str:
    """Whose series an alert is about, by name."""
    kind, _, code = scope.partition(":")
    return names.get(Dimension(kind), {}).get(code, code) if code else "All councils"


@dataclass(frozen=True, slots=True)
class AllFigures:
    """Every figure as one table."""

    table: Table
    address: str


def all_figures(found: Sequence[Answer], scope: Scope, said: str) -> AllFigures:
    """Value and what it was counted from, a row a figure; those without records come last."""
    rows = [
        (
            Link(each.definition.title, addresses.of(f"/pages/figures/{each.definition.name}", scope)),
            Written(each.figure.value, value_of(each)),
            each.words,
        )
        for each in sorted(found, key=lambda each: each.figure.value is None)
    ]
    columns = ("Figure", "Value", "Counted from")
    return AllFigures(Table("figures", f"Every figure, {said}", columns, rows, frozenset({1})), addresses.of("/pages/figures", scope))


def headline_table(found: Sequence[Moved], scope: Scope, said: str) -> Table:
    """What the cards show, to take away."""
    past = before(scope.period)
    rows = [
        (
            Link(each.now.definition.title, addresses.of(f"/pages/figures/{each.now.definition.name}", scope)),
            Written(each.now.figure.value, value_of(each.now)),
            Written(each.before.figure.value, value_of(each.before)),
            changed(each, past) or None,
            each.now.words,
        )
        for each in found
    ]
    return Table(
        "overview", f"Overview, {said}", ("Figure", "Value", f"In {span(past)}", "Change", "Counted from"), rows, frozenset({1, 2})
    )
