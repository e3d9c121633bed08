"""A return as a form to fill in: its sections, in each the agency's own figures, those by code, and those of each council or placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.actions.returns import Seen
from monitoring.domain.forms.form import By, Field, Kind
from monitoring.domain.returns.lines import LINE_REASONS, Cell, Line, written
from monitoring.domain.returns.rules import Finding, Severity
from monitoring.domain.returns.states import Kept
from monitoring.pages import words

Choice = dict[str, object]
WANTS_A_REASON = frozenset({"R020", "R021"})


@dataclass(frozen=True, slots=True)
class Input:
    """One field of the form as it is shown. ``beside`` is read out after the label where many fields are labelled alike."""

    id: str
    label: str
    beside: str
    hint: str
    value: str
    unit: str
    pounds: bool
    choices: tuple[Choice, ...]
    errors: tuple[str, ...]
    reasons: tuple[Choice, ...]
    """Offered where a reason is owed or given."""
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of one code list, one council or one placement; shut while it is empty and nothing is wrong in it."""

    id: str
    title: str
    hint: str
    inputs: tuple[Input, ...]
    open: bool
    folds: bool


@dataclass(frozen=True, slots=True)
class FormSection:
    """One section: the agency's own figures, and groups."""

    title: str
    inputs: tuple[Input, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """The whole form, and what is wrong in it with links to the fields."""

    sections: tuple[FormSection, ...]
    errors: tuple[dict[str, str], ...]
    warnings: tuple[dict[str, str], ...]


def form_view(seen: Seen, refused: Mapping[str, str], *, checked: bool) -> FormView:
    """The form of a draft. ``refused``: line → why something typed there was not even kept; ``checked``: whether to say what is wrong."""
    typed = {(each.line if isinstance(each, Kept) else each).cell: (each.line if isinstance(each, Kept) else each) for each in seen.lines}
    found: dict[Cell, list[Finding]] = {}
    for finding in seen.findings if checked else ():
        found.setdefault(finding.cell, []).append(finding)
    writer = _Writer(seen, typed, found, refused)
    sections = tuple(writer.section(title) for title in seen.form.sections)
    there = {field.id for section in sections for field in _all(section)}
    first = {field.id.partition(".")[0]: field.id for section in reversed(sections) for field in reversed(_all(section))}
    summary = [(each.severity, _link(each, there, first)) for each in (seen.findings if checked else ())]
    return FormView(
        sections,
        (
            *({"text": said, "href": f"#{name}"} for name, said in refused.items()),
            *(link for severity, link in summary if severity is Severity.ERROR),
        ),
        tuple(link for severity, link in summary if severity is Severity.WARNING),
    )


def _all(section: FormSection) -> list[Input]:
    return [*section.inputs, *(each for group in section.groups for each in group.inputs)]


def _link(finding: Finding, there: set[str], first: Mapping[str, str]) -> dict[str, str]:
    name = finding.cell.name if finding.cell.name in there else first.get(finding.cell.field, "main-content")
    return {"text": finding.message, "href": f"#{name}"}


@dataclass(frozen=True, slots=True)
class _Writer:
    seen: Seen
    typed: Mapping[Cell, Line]
    found: Mapping[Cell, Sequence[Finding]]
    refused: Mapping[str, str]

    def section(self, title: str) -> FormSection:
        fields = [field for field in self.seen.form.fields if field.section == title]
        own = tuple(self.input(field, Cell(field.name)) for field in fields if field.by is By.NOTHING)
        groups = [self.by_code(field) for field in fields if field.by is By.CODE]
        of_councils = [field for field in fields if field.by is By.COUNCIL]
        groups += [
            self.of_part(title, of_councils, code, name, f", {name}", fold=True) for code, name in self.seen.councils.items() if of_councils
        ]
        of_placements = [field for field in fields if field.by is By.PLACEMENT]
        groups += [
            self.of_part(title, of_placements, part, name, f", {name}", fold=True) for part, name in self.placements() if of_placements
        ]
        return FormSection(title, own, tuple(groups))

    def placements(self) -> list[tuple[str, str]]:
        """Each placement by what the agency knows it by: its council, the day it began, its id."""
        told = [
            (
                str(stay.placement),
                f"{self.seen.councils.get(stay.council, stay.council)}, since {words.day(stay.started_on)}, {stay.placement}",
            )
            for stay in self.seen.stays
            if stay.started_on is not None
        ]
        return sorted(told, key=lambda each: each[1])

    def by_code(self, field: Field) -> Group:
        beside = f", {field.label}"
        inputs = tuple(self.input(field, Cell(field.name, code), label=label, beside=beside) for code, label in field.codes.items())
        return Group(f"group-{field.name}", field.label, field.hint, inputs, open=True, folds=False)

    def of_part(self, title: str, fields: Sequence[Field], part: str, name: str, beside: str, *, fold: bool) -> Group:
        inputs = tuple(self.input(field, Cell(field.name, part), beside=beside) for field in fields)
        used = any(Cell(field.name, part) in self.typed or Cell(field.name, part) in self.found for field in fields)
        wrong = any(each.errors for each in inputs)
        return Group(f"group-{title.split()[0].lower()}-{part}", name, "", inputs, open=used or wrong, folds=fold)

    def input(self, field: Field, cell: Cell, *, label: str = "", beside: str = "") -> Input:
        line = self.typed.get(cell)
        held = self.seen.held.get(cell)
        wrong = self.found.get(cell, ())
        value = line.typed if line else ""
        hint = "" if label else field.hint
        if held is not None and written(held) != value:
            hint = f"{hint} Hearth holds {written(held)}.".strip()
        wants = any(each.rule in WANTS_A_REASON or each.severity is Severity.WARNING for each in wrong)
        given = line.reason if line else None
        reasons = tuple(
            {"value": code, "text": said, "selected": code == given}
            for code, said in (("", "Choose a reason"), *((str(code), said) for code, said in LINE_REASONS.items()))
        )
        choices: tuple[Choice, ...] = ()
        if field.kind is Kind.CODE:
            choices = tuple(
                {"value": code, "text": said, "selected": code == value} for code, said in (("", "Choose one"), *field.codes.items())
            )
        errors = (*((self.refused[cell.name],) if cell.name in self.refused else ()), *(each.message for each in wrong))
        return Input(
            cell.name,
            label or field.label,
            beside,
            hint,
            value,
            field.unit,
            field.kind is Kind.MONEY,
            choices,
            errors,
            reasons if wants or given is not None or cell.name in self.refused else (),
            line.words if line else "",
        )
