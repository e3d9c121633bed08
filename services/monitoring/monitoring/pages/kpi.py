"""One figure's page: its chart, who has which part of it, what it counts, and the records behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from monitoring.actions.looking import Share
from monitoring.domain.answer import Answer
from monitoring.domain.counted import Counted
from monitoring.domain.definition import Definition, Dimension, Direction
from monitoring.domain.monthly import to_show
from monitoring.domain.scope import Scope
from monitoring.pages import addresses, words
from monitoring.pages.charts import Bar, bars
from monitoring.pages.figure import Drawn, in_unit, value
from monitoring.pages.table import Cell, Link, Table, Written

MOST_BARS = 25
_BY = {Dimension.COUNCIL: "council", Dimension.AGENCY: "agency", Dimension.LOT: "lot"}
_DIRECTIONS = {Direction.HIGHER: "Higher is better", Direction.LOWER: "Lower is better", Direction.NEITHER: "Neither way is better"}


@dataclass(frozen=True, slots=True)
class Divided:
    """A figure by council, agency or lot."""

    heading: str
    chart: Drawn


def divided(
    definition: Definition, dimension: Dimension, found: Sequence[Share], names: Mapping[str, str], scope: Scope, whole: Answer
) -> Divided | None:
    """Bars, the largest first, beside the figure of all together; None where there is nothing to compare."""
    known = [each for each in found if each.code is not None and each.value is not None]
    if len(known) < 2:
        return None
    ordered = sorted(known, key=lambda each: (-(each.value or Fraction(0)), each.code or ""))
    heading = f"By {_BY[dimension]}"
    middle = whole.figure.value if definition.summary.divides or definition.summary.of_each else None
    drawn_of = ordered[:MOST_BARS]
    called = [_called(each.code, names) for each in drawn_of]
    first, last = ordered[0], ordered[-1]
    sentence = (
        f"{definition.title} by {_BY[dimension]}: from {_written(definition, last.value)} ({_called(last.code, names)}) to "
        f"{_written(definition, first.value)} ({_called(first.code, names)})"
        + (f"; all together {value(definition, middle)}, the line through the bars." if middle is not None else ".")
        + (f" Drawn are the first {MOST_BARS} of {len(ordered)}; the table has all." if len(ordered) > MOST_BARS else "")
    )
    drawn = bars(
        f"{definition.title} by {_BY[dimension]}",
        sentence,
        [Bar(name, to_show(definition, each.value)) for name, each in zip(called, drawn_of, strict=True)],
        middle=middle,
        written=in_unit(definition),
    )
    rows = [
        (
            Link(_called(each.code, names), addresses.of(f"/pages/figures/{definition.name}", scope, **{str(dimension): each.code})),
            Written(shown := to_show(definition, each.value), value(definition, shown)),
            *_counted_from(definition, each),
        )
        for each in ordered
    ]
    caption, columns = f"{definition.title} by {_BY[dimension]}", (_BY[dimension].capitalize(), definition.title, *_headings(definition))
    table = Table(f"by-{_BY[dimension]}", caption, columns, rows, frozenset(range(1, 5)))
    return Divided(heading, Drawn(drawn, sentence, table, ()))


def _headings(definition: Definition) -> tuple[str, ...]:
    return ("Numerator", "Denominator", "Records") if definition.summary.divides else ("Records",)


def _counted_from(definition: Definition, each: Share) -> tuple[Cell, ...]:
    return (each.numerator, each.denominator, each.records) if definition.summary.divides else (each.records,)


def _called(code: str | None, names: Mapping[str, str]) -> str:
    return "None" if code is None else names.get(code, code)


def _written(definition: Definition, given: Fraction | None) -> str:
    return value(definition, to_show(definition, given))


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
            councils.get(each.council, each.council) if each.council else None,
            agencies.get(each.agency, each.agency) if each.agency and each.agency != "*" else None,
            lots.get(each.lot, each.lot) if each.lot else None,
            each.part or None,
            each.numerator,
            *((each.denominator,) if definition.summary.divides else ()),
        )
        for each in found
    ]
    adds = ("Counts", "Out of") if definition.summary.divides else ("Counts",)
    columns = ("Record", "Day", "Council", "Agency", "Lot", "Part", *adds)
    return Table("records", f"{definition.title}: the records behind it, {said}", columns, rows, frozenset({6, 7}), frozenset({0, 1}))


def how_many(answer: Answer) -> str:
    """``112 records``: what the link to them says."""
    return words.plural(answer.figure.records, "record")
