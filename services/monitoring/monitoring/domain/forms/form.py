"""A form that agencies return: data, one version of it a value, and what a form must be to be loaded at all.

Collect nothing that will not be used: a field names the KPIs that are counted from it, and one that no KPI uses is refused here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from monitoring.domain.returns.chasing import DueSettings


class Kind(StrEnum):
    """What is filled in."""

    COUNT = "count"
    NUMBER = "number"
    """To one decimal place: weeks, posts."""
    MONEY = "money"
    PER_CENT = "per_cent"
    DATE = "date"
    CODE = "code"


class By(StrEnum):
    """By what a field is broken down: each part is a figure of its own, and one not given is none."""

    NOTHING = ""
    CODE = "code"
    COUNCIL = "council"
    PLACEMENT = "placement"


class Every(StrEnum):
    """How often a form is returned."""

    QUARTER = "quarter"
    FORTNIGHT = "fortnight"


COLUMNS = ("name", "section", "kind", "by", "codes", "unit", "required", "prefilled", "kpis", "label", "hint")
MOST_LABEL = 90


@dataclass(frozen=True, slots=True)
class Field:
    """One question. ``codes``: code → label, of a field of codes or one broken down by them. ``prefilled`` names the rule that does so."""

    name: str
    section: str
    kind: Kind
    by: By
    codes: Mapping[str, str]
    unit: str
    required: bool
    prefilled: str
    kpis: tuple[str, ...]
    label: str
    hint: str

    @property
    def adds_up(self) -> bool:
        """Whether its parts are figures that can be added."""
        return self.kind not in (Kind.DATE, Kind.CODE, Kind.PER_CENT)


@dataclass(frozen=True, slots=True)
class Form:
    """One version of one form, in force from the first period that begins on or after a day."""

    code: str
    version: int
    title: str
    asks: str
    every: Every
    in_force_from: date
    due: DueSettings
    """When it is due and chased, until the project manager sets otherwise."""
    fields: tuple[Field, ...]
    _by_name: Mapping[str, Field] = field(repr=False, compare=False)

    def field_named(self, name: str) -> Field | None:
        """The field of that name, if the form has it."""
        return self._by_name.get(name)

    @property
    def sections(self) -> tuple[str, ...]:
        """The form's sections in its own order."""
        return tuple(dict.fromkeys(each.section for each in self.fields))


class FormWrong(Exception):
    """A form that cannot be used; names each line and what is wrong with it."""

    def __init__(self, faults: Collection[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def code_lists(text: str) -> dict[str, dict[str, str]]:
    """List → code → label, from the lines of ``codes.csv``."""
    found: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(text), strict=True):
        found.setdefault(row["list"], {})[row["code"]] = row["label"]
    return found


def read_form(
    about: Mapping[str, object],
    text: str,
    *,
    lists: Mapping[str, Mapping[str, str]],
    kpis: Collection[str],
    prefillers: Collection[str],
) -> Form:
    """One form from what ``forms.toml`` says of it and the lines of its fields; FormWrong names every fault.

    Refused: a field that names no KPI, or one that is not in the catalogue; two of one name; an unknown kind, breakdown, code list or
    pre-filling rule; a broken-down field that must be filled in (a part not given is none).
    """
    reader = csv.DictReader(io.StringIO(text), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise FormWrong([f"the columns must be {', '.join(COLUMNS)}"])
    rows = list(reader)
    faults = [fault for row in rows for fault in _faults(row, lists, kpis, prefillers)]
    names = [row["name"] for row in rows]
    faults += [f"{name}: there are two fields of this name" for name in sorted({name for name in names if names.count(name) > 1})]
    if faults or not rows:
        raise FormWrong(faults or ["the form asks nothing"])
    fields = tuple(_field(row, lists) for row in rows)
    return Form(
        code=str(about["code"]),
        version=_whole(about["version"]),
        title=str(about["title"]),
        asks=str(about["asks"]),
        every=Every(str(about["every"])),
        in_force_from=_day(about["in_force_from"]),
        due=DueSettings(*(_whole(about[name]) for name in ("due_after_days", "chase_before_days", "chase_every_days"))),
        fields=fields,
        _by_name={each.name: each for each in fields},
    )


def _faults(
    row: Mapping[str, str], lists: Mapping[str, Mapping[str, str]], kpis: Collection[str], prefillers: Collection[str]
) -> Iterator[str]:
    name, named = row["name"], row["kpis"].split()
    if not named:
        yield f"{name}: no KPI uses it, so it is not asked"
    yield from (f"{name}: there is no KPI {kpi}" for kpi in named if kpi not in kpis)
    if row["kind"] not in set(Kind):
        yield f"{name}: {row['kind']} is no kind of field"
    if row["by"] not in set(By):
        yield f"{name}: nothing is broken down by {row['by']}"
    if bool(row["codes"]) != (row["kind"] == Kind.CODE or row["by"] == By.CODE) or (row["codes"] and row["codes"] not in lists):
        yield f"{name}: its code list is missing, unknown or not needed"
    if row["prefilled"] and row["prefilled"] not in prefillers:
        yield f"{name}: nothing pre-fills {row['prefilled']}"
    if row["required"] not in ("yes", "no") or (row["required"] == "yes" and row["by"]):
        yield f"{name}: required is yes or no, and no where it is broken down"
    if not row["label"] or len(row["label"]) > MOST_LABEL:
        yield f"{name}: it needs a label of at most {MOST_LABEL} characters"


def _field(row: Mapping[str, str], lists: Mapping[str, Mapping[str, str]]) -> Field:
    return Field(
        name=row["name"],
        section=row["section"],
        kind=Kind(row["kind"]),
        by=By(row["by"]),
        codes=dict(lists[row["codes"]]) if row["codes"] else {},
        unit=row["unit"],
        required=row["required"] == "yes",
        prefilled=row["prefilled"],
        kpis=tuple(row["kpis"].split()),
        label=row["label"],
        hint=row["hint"],
    )


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value
