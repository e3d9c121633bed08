"""An agency's scorecard: its figures beside those of all agencies, each with what it was counted from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from monitoring.actions.looking import Moved
from monitoring.domain.answer import Answer
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.monthly import before
from monitoring.domain.scope import Scope
from monitoring.pages import addresses
from monitoring.pages.figure import card, changed, value_of
from monitoring.pages.table import Cell, Link, Table, Written

ON_IT = (
    "offers_made",
    "answered_in_time",
    "time_to_first_offer_median",
    "withdrawn_after_shortlist",
    "beds_gone",
    "placements",
    "placed_within_20_miles",
    "unplanned_endings",
    "unplanned_by_provider",
    "agreements_fulfilled",
    "placements_unstable",
    "agreed_below_baseline",
    "spend",
    "vacant_share",
    "carers_growth",
    "education_full_time",
    "health_assessments_done",
    "missing_per_100_child_weeks",
    "allegations_per_100_child_weeks",
    "complaints_per_100_child_weeks",
    "carer_training_complete",
    "feedback_satisfied",
    "returns_on_time",
)
"""What a scorecard is about: answering, placing, lasting, price, room, the children, the carers. The figures' page has all others."""


def on_a_scorecard(seen: Sequence[Definition]) -> list[Definition]:
    """Of the figures a reader may see, those of a scorecard that can be told for one agency, in its order."""
    by_name = {each.name: each for each in seen if Dimension.AGENCY in each.divided_by}
    return [by_name[name] for name in ON_IT if name in by_name]


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the scorecard. ``all`` is empty where the figure of all agencies is not told."""

    title: str
    address: str
    value: str
    counted: str
    all: str
    all_counted: str
    change: str
    drawn: Markup | None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Every line over records, the figures over none, and all of it as a table to take away."""

    lines: tuple[Line, ...]
    without: tuple[str, ...]
    table: Table
    address: str


def scorecard(found: Sequence[Moved], of_all: Mapping[str, Answer], scope: Scope, address: str, name: str) -> Scorecard:
    """Lines in the scorecard's order; figures over no records are named apart."""
    past = before(scope.period)
    ordered = sorted(found, key=lambda each: each.now.figure.value is None)
    lines, rows = [], []
    for each in ordered:
        definition, figure = each.now.definition, each.now.figure
        whole = of_all.get(definition.name)
        own = addresses.of(f"/pages/figures/{definition.name}", scope)
        drawn = card(each, own, past).drawn
        all_value = whole.figure.value if whole else None
        line = Line(
            definition.title,
            own,
            value_of(each.now),
            _counted(each.now),
            "Not told" if whole is None else value_of(whole),
            _counted(whole) if whole else "",
            changed(each, past),
            drawn,
        )
        if line.value != "No records":
            lines.append(line)
        rows.append(
            (
                Link(definition.title, own),
                Written(figure.value, line.value),
                line.counted,
                Written(all_value, line.all),
                line.all_counted,
                line.change,
            )
        )
    columns = ("Figure", name, "Counted from", "All agencies", "Counted from", "Change")
    without = tuple(each.now.definition.title for each in ordered if value_of(each.now) == "No records")
    table = Table("scorecard", f"Scorecard of {name}", columns, rows, frozenset({1, 3}))
    return Scorecard(tuple(lines), without, table, addresses.of(address, scope))


def _counted(answer: Answer) -> str:
    """``12 of 48``, ``48 records``: the denominator beside the value."""
    figure = answer.figure
    if figure.value is None:
        return "" if figure.records == 0 and not answer.words.startswith("No records") else "no records"
    if answer.definition.summary.divides and figure.numerator is not None and figure.denominator is not None:
        return f"{figure.numerator:,f} of {figure.denominator:,f}".replace(".00", "")
    return f"{figure.records:,} records" if figure.records != 1 else "1 record"


def agencies_table(
    names: Mapping[str, str], figures: Sequence[tuple[Definition, Mapping[str, str]]], scope: Scope, *, leads: bool
) -> Table:
    """Every agency with some figures as they are written; whether each leads to its scorecard."""
    rows: list[tuple[Cell | Link, ...]] = [
        (
            Link(name, addresses.of(f"/pages/agencies/{urn}", scope)) if leads else name,
            urn,
            *(values.get(urn, "–") for _, values in figures),
        )
        for urn, name in names.items()
    ]
    columns = ("Agency", "Ofsted number", *(definition.title for definition, _ in figures))
    return Table("agencies", "Agencies", columns, rows, frozenset(range(2, 2 + len(figures))))
