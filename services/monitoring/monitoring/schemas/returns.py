"""Forms and returns as they are sent and shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from monitoring.actions.returns import Seen
from monitoring.domain.forms.form import By, Every, Form, Kind
from monitoring.domain.forms.form import Field as FormField
from monitoring.domain.returns.lines import MOST_LINES, Line, LineReason, cell_named, written
from monitoring.domain.returns.periods import in_words
from monitoring.domain.returns.rules import Finding, Severity
from monitoring.domain.returns.rules.given import labelled
from monitoring.domain.returns.states import CorrectionReason, Kept, State, Version
from monitoring.domain.returns.template import every_cell


class FormHead(BaseModel):
    """A version of a form."""

    form: str
    version: int
    title: str
    asks: str
    every: Every
    in_force_from: date

    @classmethod
    def of(cls, found: Form) -> Self:
        """As declared."""
        return cls(
            form=found.code, version=found.version, title=found.title, asks=found.asks, every=found.every, in_force_from=found.in_force_from
        )


class Forms(BaseModel):
    """Every version of every form, the newest of each last."""

    items: list[FormHead]


class AskedField(BaseModel):
    """One field of a form, with the KPIs that are counted from it."""

    name: str
    label: str
    hint: str
    section: str
    kind: Kind
    by: By = Field(description="what it is broken down by: a line a part, named field.part")
    codes: dict[str, str]
    unit: str
    required: bool
    prefilled: bool = Field(description="whether Hearth fills it in from what it holds")
    kpis: list[str]

    @classmethod
    def of(cls, found: FormField) -> Self:
        """As declared."""
        return cls(
            name=found.name,
            label=found.label,
            hint=found.hint,
            section=found.section,
            kind=found.kind,
            by=found.by,
            codes=dict(found.codes),
            unit=found.unit,
            required=found.required,
            prefilled=bool(found.prefilled),
            kpis=list(found.kpis),
        )


class WholeForm(FormHead):
    """A form with its fields."""

    fields: list[AskedField]

    @classmethod
    def of(cls, found: Form) -> Self:
        """As declared."""
        return cls(**FormHead.of(found).model_dump(), fields=[AskedField.of(each) for each in found.fields])


class SentLine(BaseModel):
    """One figure. Text, so that whatever was typed can be kept as a draft and every fault of it be named."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, examples=["starts.E06000045"])
    value: str = Field(max_length=100, examples=["3"])
    reason: LineReason | None = Field(default=None, description="owed where it differs from Hearth's figure, or confirms a warning")
    words: str = Field(default="", max_length=400, description="never about a child or a carer")

    def of(self) -> Line:
        """As the domain has it."""
        return Line(cell_named(self.name), self.value, self.reason, self.words)


class DraftBody(BaseModel):
    """All that the agency fills in. What Hearth fills in may be left out; a line left out of a broken-down field is none."""

    model_config = ConfigDict(extra="forbid")

    lines: list[SentLine] = Field(max_length=MOST_LINES)


class CorrectionBody(BaseModel):
    """Why an accepted return is made again."""

    model_config = ConfigDict(extra="forbid")

    reason: CorrectionReason
    words: str = Field(default="", max_length=400, description="owed where the reason is other; never about a child or a carer")


class ShownLine(BaseModel):
    """One figure of a return. ``held`` is what Hearth held: of an accepted return at acceptance, of a draft now."""

    name: str
    label: str
    value: str
    held: str | None
    reason: LineReason | None
    words: str

    @classmethod
    def of(cls, line: Line | Kept, seen: Seen) -> Self:
        """As kept or typed."""
        typed = line.line if isinstance(line, Kept) else line
        held = line.held if isinstance(line, Kept) else seen.held.get(typed.cell)
        asked = seen.form.field_named(typed.cell.field)
        label = labelled(asked, typed.cell.part, seen.councils) if asked else typed.cell.name
        figure = written(held) if held is not None else None
        return cls(name=typed.cell.name, label=label, value=typed.typed, held=figure, reason=typed.reason, words=typed.words)


class Broken(BaseModel):
    """A rule that a line breaks, and what to do. A warning is over once its line gives a reason."""

    name: str
    rule: str
    severity: Severity
    message: str

    @classmethod
    def of(cls, found: Finding) -> Self:
        """As found."""
        return cls(name=found.cell.name, rule=found.rule, severity=found.severity, message=found.message)


class ReturnHead(BaseModel):
    """Which return it is and where it stands."""

    form: str
    form_version: int
    begins: date
    ends: date
    period: str = Field(description="the period in words")
    agency: str
    state: State
    draft: bool = Field(description="whether something is drafted that is not accepted")
    due_on: date
    days_late: int
    received_on: date | None
    accepted_version: int = Field(description="0 while none was accepted")
    brought_in: bool = Field(description="made elsewhere in the past and brought in by the project manager")
    version: int = Field(description="the ETag: raised by every change")

    @classmethod
    def told(cls, seen: Seen) -> dict[str, object]:
        """Its fields, of a return seen."""
        head = seen.head
        return {
            "form": head.key.form,
            "form_version": seen.form.version,
            "begins": head.key.begins,
            "ends": head.ends,
            "period": in_words(seen.form.every, seen.period),
            "agency": head.key.agency,
            "state": head.state(seen.today),
            "draft": head.drafted_at is not None,
            "due_on": head.due_on,
            "days_late": head.days_late(seen.today),
            "received_on": head.received_on,
            "accepted_version": head.accepted,
            "brought_in": head.brought_in,
            "version": head.version,
        }


class Return(ReturnHead):
    """A return with its lines. ``errors`` and ``warnings`` are of the draft; it is accepted when both are empty."""

    lines: list[ShownLine]
    errors: list[Broken]
    warnings: list[Broken]
    correction: CorrectionReason | None
    correction_words: str

    @classmethod
    def of(cls, seen: Seen) -> Self:
        """As one reader sees it."""
        why = seen.draft or seen.latest
        return cls.model_validate(
            ReturnHead.told(seen)
            | {
                "lines": [ShownLine.of(line, seen) for line in seen.lines],
                "errors": [Broken.of(each) for each in seen.findings if each.severity is Severity.ERROR],
                "warnings": [Broken.of(each) for each in seen.findings if each.severity is Severity.WARNING],
                "correction": why.reason if why else None,
                "correction_words": why.words if why else "",
            }
        )


class ReturnVersion(BaseModel):
    """One accepted version; nothing changes it."""

    version: int
    form_version: int
    accepted_at: datetime
    received_on: date
    reason: CorrectionReason | None = Field(description="why it was made again; none for the first")
    words: str
    brought_in: bool
    lines: list[ShownLine]

    @classmethod
    def of(cls, found: Version, seen: Seen) -> Self:
        """As kept for this reader."""
        return cls(
            version=found.version,
            form_version=found.form_version,
            accepted_at=found.accepted_at,
            received_on=found.received_on,
            reason=found.reason,
            words=found.words,
            brought_in=found.brought_in,
            lines=[ShownLine.of(line, seen) for line in found.lines],
        )


class ReturnVersions(BaseModel):
    """Every accepted version, the newest first."""

    items: list[ReturnVersion]


def lines_of(body: DraftBody) -> list[Line]:
    """What was sent, as the domain has it."""
    return [line.of() for line in body.lines]


def rows_of(seen: Seen) -> list[tuple[str, str, str, str, str]]:
    """Every line the form can have for this reader, as a file has it: name, label, value, reason, words; empty where nothing is said."""
    shown = {line.name: line for line in (ShownLine.of(each, seen) for each in seen.lines)}
    rows = []
    for cell in every_cell(seen.form, councils=seen.councils, stays=seen.stays):
        line, asked = shown.pop(cell.name, None), seen.form.field_named(cell.field)
        assert asked is not None
        label = labelled(asked, cell.part, seen.councils)
        rows.append((cell.name, label, line.value, line.reason or "", line.words) if line else (cell.name, label, "", "", ""))
    return rows + [(line.name, line.label, line.value, line.reason or "", line.words) for line in shown.values()]
