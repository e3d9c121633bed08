"""One figure's page: its chart, who has which part of it, what it counts, and the records behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.domain.answer import Answer
from monitoring.domain.counted import Counted
from monitoring.domain.definition import Definition, Dimension, Direction
from monitoring.domain.scope import Scope
from monitoring.domain.shown import Shown
from monitoring.pages import addresses, words
from monitoring.pages.charts import Bar, bars
from monitoring.pages.figure import Drawn, in_unit, shown_value, value
from monitoring.pages.table import Link, Table, Written

MOST_BARS = 25
_BY = {Dimension.COUNCIL: "council", Dimension.AGENCY: "agency", Dimension.LOT: "lot"}
_DIRECTIONS = {Direction.HIGHER: "Higher is better", Direction.LOWER: "Lower is better", Direction.NEITHER: "Neither way is better"}


@dataclass(frozen=True, slots=True)
class Divided:
    """A figure by council, agency or lot."""

    heading: str
    chart: Drawn


def divided(
    definition: Definition,
    dimension: Dimension,
    found: Sequence[Shown],
    names: Mapping[str, str],
    scope: Scope,
    whole: Answer,
    *,
    leads: bool,
) -> Divided | None:
    """Bars, the largest first, beside the figure of all together; None where there is nothing to compare.

    ``leads``: whether each leads to the figure of it alone.
    """
    known = [each for each in found if each.name is not None and (each.hidden or each.value is not None)]
    ordered = sorted(known, key=lambda each: (each.hidden, -(each.value or 0), str(each.name)))
    shown = [each for each in ordered if not each.hidden]
    if len(shown) < 2:
        return None
    by, middle = _BY[dimension], whole.figure.value if definition.summary.divides or definition.summary.of_each else None
    first, last, drawn_of = shown[0], shown[-1], shown[:MOST_BARS]
    sentence = (
        f"{definition.title} by {by}: from {value(definition, last.value)} ({_called(last, names)}) to "
        f"{value(definition, first.value)} ({_called(first, names)})"
        + (f"; all together {value(definition, middle)}, the line through the bars." if middle is not None else ".")
        + (f" Drawn are the first {MOST_BARS} of {len(shown)}; the table has all." if len(shown) > MOST_BARS else "")
        + (f" {len(ordered) - len(shown)} with few records not shown." if len(ordered) > len(shown) else "")
    )
    drawn = bars(
        f"{definition.title} by {by}",
        sentence,
        [Bar(_called(each, names), each.value) for each in drawn_of],
        middle=middle,
        written=in_unit(definition),
    )
    rows = [
        (
            Link(_called(each, names), addresses.of(f"/pages/figures/{definition.name}", scope, **{str(dimension): str(each.name)}))
            if leads
            else _called(each, names),
            Written(each.value, shown_value(definition, each)),
            *((each.numerator, each.denominator) if definition.summary.divides else ()),
            each.records,
        )
        for each in ordered
    ]
    counted = ("Numerator", "Denominator", "Records") if definition.summary.divides else ("Records",)
    table = Table(f"by-{by}", f"{definition.title} by {by}", (by.capitalize(), definition.title, *counted), rows, frozenset(range(1, 5)))
    return Divided(f"By {by}", Drawn(drawn, sentence, table, ()))


def _called(each: Shown, names: Mapping[str, str]) -> str:
    return names.get(str(each.name), str(each.name))


def definition_rows(definition: Definition) -> list[dict[str, dict[str, str]]]:
    """What a figure declares of itself, as a summary list."""
    told = [
        ("Question", definition.question),
        ("Counts", definition.numerator),
        ("Out of", definition.denominator or "nothing: it is a count"),
        ("Unit", str(definition.unit).replace("_", " ")),
        ("Better", _DIRECTIONS[definition.direction]),
        ("Owner", str(getattr(definition, "owner", "") or "")),
        ("Target", str(getattr(definition, "target", "") or "")),
        ("Seen by", ", ".join(sorted(str(reader) for reader in definition.seen_by))),
    ]
    return [{"key": {"text": key}, "value": {"text": text}} for key, text in told if text]


def parts_table(answer: Answer) -> Table | None:
    """The slices a figure tells beside its value."""
    if not answer.figure.parts:
        return None
    written = in_unit(answer.definition)
    rows = [(part.label.capitalize(), Written(part.value, written(part.value))) for part in answer.figure.parts]
    return Table("parts", f"{answer.definition.title}: its parts", ("Part", "Value"), rows, frozenset({1}))


_KINDS = {
    "referral": "Referral",
    "offer": "Offer",
    "placement": "Placement",
    "agency": "Agency",
    "return": "Return",
    "month": "Month",
    "bed": "Bed",
    "vacancy": "Vacancy",
}


def records_table(definition: Definition, found: Sequence[Counted], names: Mapping[Dimension, Mapping[str, str]], said: str) -> Table:
    """The records behind a figure, each with what it adds to it; ids alone, no page here knows a child."""
    councils, agencies, lots = (names.get(each, {}) for each in (Dimension.COUNCIL, Dimension.AGENCY, Dimension.LOT))
    rows = [
        (
            f"{_KINDS.get(each.kind, each.kind.replace('_', ' ').capitalize())} {each.id}",
            each.on,
            each.numerator,
            *((each.denominator,) if definition.summary.divides else ()),
            councils.get(each.council, each.council) if each.council else None,
            agencies.get(each.agency, each.agency) if each.agency and each.agency != "*" else None,
            lots.get(each.lot, each.lot) if each.lot else None,
            each.part or None,
        )
        for each in found
    ]
    adds = ("Counts", "Out of") if definition.summary.divides else ("Counts",)
    columns = ("Record", "Day", *adds, "Council", "Agency", "Lot", "Part")
    caption, numeric = f"{definition.title}: the records behind it, {said}", frozenset(range(2, 2 + len(adds)))
    return Table("records", caption, columns, rows, numeric, frozenset({0, 1}))


def how_many(answer: Answer) -> str:
    """``112 records``: what the link to them says."""
    return words.plural(answer.figure.records, "record")
