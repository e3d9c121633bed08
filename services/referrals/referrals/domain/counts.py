"""A council's counts of the children it looks after: in total, by attribute, and jointly by several; checked, and as others are told them.

A count under five is written ``c`` in published tables and means one to four. What a council tells the others of its counts is an
aggregate that identifies nobody: see ``told``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import StringIO
from itertools import combinations

from shared.contracts.words import Need, Religion, RiskToChild, RiskToOthers, Sex
from shared.refusals import Reason


class Attribute(StrEnum):
    """What looked-after children are counted by."""

    AGE = "age"
    AGE_BAND = "age_band"
    SEX = "sex"
    RELIGION = "religion"
    LANGUAGE = "language"
    SIBLING_GROUP = "sibling_group"
    NEED = "need"
    RISK_TO_CHILD = "risk_to_child"
    RISK_TO_OTHERS = "risk_to_others"
    HOME_DISTRICT = "home_district"
    NEAR_DISTRICT = "near_district"
    """Where children go to school, contact or worship."""


Trait = tuple[Attribute, str]
"""One attribute with its value: ``(sex, F)``."""

AGE_BANDS: Mapping[str, tuple[int, int]] = {"0": (0, 0), "1-4": (1, 4), "5-9": (5, 9), "10-15": (10, 15), "16-17": (16, 17)}
"""The age bands of the published national tables, both ages in years and included."""

NOT_STATED = "not_stated"
_LISTED: Mapping[Attribute, frozenset[str]] = {
    Attribute.AGE: frozenset(map(str, range(18))),
    Attribute.AGE_BAND: frozenset(AGE_BANDS),
    Attribute.SEX: frozenset(Sex),
    Attribute.RELIGION: frozenset(Religion) | {NOT_STATED},
    Attribute.SIBLING_GROUP: frozenset(map(str, range(1, 9))),
    Attribute.NEED: frozenset(Need),
    Attribute.RISK_TO_CHILD: frozenset(RiskToChild),
    Attribute.RISK_TO_OTHERS: frozenset(RiskToOthers),
}
_DISTRICT = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_PATTERN = {Attribute.LANGUAGE: re.compile(r"[a-z]{2,3}"), Attribute.HOME_DISTRICT: _DISTRICT, Attribute.NEAR_DISTRICT: _DISTRICT}
_VALUE_WORDS = {
    Attribute.AGE: "whole years from 0 to 17",
    Attribute.AGE_BAND: f"one of {', '.join(AGE_BANDS)}",
    Attribute.LANGUAGE: "a language code of two or three small letters, as pl",
    Attribute.SIBLING_GROUP: "from 1 (no brother or sister in care) to 8: how many brothers and sisters are in care together",
    Attribute.HOME_DISTRICT: "a postcode district, as SO14",
    Attribute.NEAR_DISTRICT: "a postcode district, as SO14",
}

PARTS = frozenset({Attribute.AGE, Attribute.AGE_BAND, Attribute.SEX, Attribute.RELIGION, Attribute.SIBLING_GROUP})
"""Attributes of which every child has exactly one value, so that their counts add up to the total."""

MOST_CELLS = 5000
SUPPRESSED = "c"
"""How published tables write a count too small to show: one to four."""


@dataclass(frozen=True)
class Count:
    """How many children: exactly, or as a range where the count is suppressed."""

    low: int
    high: int


FEW = Count(1, 4)


@dataclass(frozen=True)
class Cell:
    """The children who have all of these traits (in order): one trait is a part of the total, several are a joint cell."""

    of: tuple[Trait, ...]
    count: Count


@dataclass(frozen=True)
class Counts:
    """One council's counts as of a date."""

    as_of: date
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Written:
    """A cell as somebody wrote it, with where: the attribute and value, or several of each; and the count or ``c``."""

    where: str
    of: tuple[tuple[str, str], ...]
    children: str


def from_csv(text: str) -> tuple[str | None, tuple[Written, ...], tuple[Reason, ...]]:
    """The total and the cells of a file with the columns attribute, value and children; a joint cell joins its names by ``+``.

    The total is the row whose attribute is ``total``. What cannot be taken apart is a reason naming its row of the file.
    """
    try:
        rows = list(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error:
        words = "The file cannot be read as CSV: look for a quotation mark that is not closed."
        return None, (), (Reason("body", "csv", words),)
    if [name.strip().lower() for name in (rows[0] if rows else [])] != ["attribute", "value", "children"]:
        return None, (), (Reason("row 1", "columns", "Begin the file with the line: attribute,value,children."),)
    total, cells, broken = None, [], []
    for number, row in enumerate(rows[1:], start=2):
        if not any(field.strip() for field in row):
            continue
        attributes, values = ([part.strip() for part in field.split("+")] for field in [*row, "", ""][:2])
        if len(row) != 3 or (attributes != ["total"] and len(attributes) != len(values)):
            words = "Give three fields: attribute, value, children; a joint cell has as many values as attributes, as age+sex,8+F,12."
            broken.append(Reason(f"row {number}", "three_fields", words))
        elif attributes != ["total"]:
            cells.append(Written(f"row {number}", tuple(zip(attributes, values, strict=True)), row[2].strip()))
        elif total is not None:
            broken.append(Reason(f"row {number}", "each_once", "The total is given twice."))
        else:
            total = row[2].strip()
    return total, tuple(cells), tuple(broken)


def checked(as_of: date, total: str | None, written: Sequence[Written], today: date) -> tuple[Counts | None, tuple[Reason, ...]]:
    """The counts, or every rule they break, each with its row.

    Parts of which every child has one (age, sex, religion, size of sibling group) add up to the total, a suppressed one counting as
    one to four. Nothing is more than the total, no joint cell more than any of its parts, and age bands agree with ages.
    """
    broken = list(_broken_heads(as_of, total, written, today))
    whole = int(total) if total is not None and _is_whole(total) else None
    cells: dict[tuple[Trait, ...], tuple[str, Count]] = {}
    spoilt: set[str] = set()
    for each in written:
        reasons = list(_broken_cell(each))
        of = tuple(sorted((Attribute(name), value) for name, value in each.of)) if not reasons else ()
        if of in cells and of:
            reasons.append(Reason(each.where, "each_once", "This is counted twice: give each value, and each joint cell, once."))
        if reasons:
            broken += reasons
            spoilt.update(name for name, _ in each.of)
        else:
            cells[of] = (each.where, FEW if each.children.lower() == SUPPRESSED else Count(int(each.children), int(each.children)))
    if whole is not None:
        broken += _broken_sums(cells, whole, spoilt)
    if broken or whole is None:
        return None, tuple(broken)
    return Counts(as_of, whole, tuple(Cell(of, count) for of, (_, count) in sorted(cells.items()))), ()


def _broken_heads(as_of: date, total: str | None, written: Sequence[Written], today: date) -> Iterator[Reason]:
    if as_of > today:
        yield Reason("as_of", "not_in_the_future", "Give the day the children were counted; it cannot lie in the future.")
    if total is None or not _is_whole(total):
        yield Reason("total", "whole_number", "Give how many children your council looks after in all: a whole number.")
    if len(written) > MOST_CELLS:
        yield Reason("cells", "too_many", f"Give at most {MOST_CELLS} counts.")


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,6}", text) is not None


def _broken_cell(each: Written) -> Iterator[Reason]:
    names = [name for name, _ in each.of]
    if not names or len(set(names)) != len(names):
        yield Reason(each.where, "attributes", "Name one attribute, or several different ones for a joint cell.")
    if {Attribute.AGE, Attribute.AGE_BAND} <= set(names):
        yield Reason(each.where, "age_or_band", "A joint cell is by age or by age band, not by both.")
    for name, value in each.of:
        if name not in set(Attribute):
            yield Reason(each.where, "known_attribute", f"Count by one of {', '.join(Attribute)}.")
        elif not _known_value(Attribute(name), value):
            attribute = Attribute(name)
            words = _VALUE_WORDS.get(attribute) or f"one of {', '.join(sorted(_LISTED[attribute]))}"
            yield Reason(each.where, "known_value", f"Give as the value of {attribute}: {words}.")
    if each.children.lower() != SUPPRESSED and not _is_whole(each.children):
        yield Reason(each.where, "whole_number", f"Give a whole number of children, or {SUPPRESSED} for one to four.")


def _known_value(attribute: Attribute, value: str) -> bool:
    return value in _LISTED[attribute] if attribute in _LISTED else _PATTERN[attribute].fullmatch(value) is not None


def _broken_sums(cells: Mapping[tuple[Trait, ...], tuple[str, Count]], total: int, spoilt: set[str]) -> Iterator[Reason]:
    parts: dict[Attribute, dict[str, Count]] = {}
    for of, (where, count) in cells.items():
        if count.low > total:
            yield Reason(where, "not_more_than_total", "This is more than the total.")
        if len(of) == 1:
            parts.setdefault(of[0][0], {})[of[0][1]] = count
        for fewer in range(1, len(of)):
            if any(count.low > cells[inner][1].high for inner in combinations(of, fewer) if inner in cells):
                yield Reason(where, "not_more_than_its_parts", "A joint cell cannot hold more children than one of its parts does.")
                break
    for attribute, values in parts.items():
        low, high = sum(each.low for each in values.values()), sum(each.high for each in values.values())
        if attribute in spoilt:
            continue
        if attribute in PARTS and not low <= total <= high:
            words = f"The counts by {attribute} make {_range(low, high)}, the total is {total}: every child has one {attribute}."
            yield Reason(attribute, "adds_up", words)
        elif attribute is Attribute.HOME_DISTRICT and low > total:
            yield Reason(attribute, "adds_up", f"The counts by {attribute} make {_range(low, high)}, which is more than the total {total}.")
    if {Attribute.AGE, Attribute.AGE_BAND} <= set(parts) and not spoilt & {Attribute.AGE, Attribute.AGE_BAND}:
        yield from _disagreeing_ages(parts[Attribute.AGE], parts[Attribute.AGE_BAND])


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _disagreeing_ages(ages: Mapping[str, Count], bands: Mapping[str, Count]) -> Iterator[Reason]:
    for band, (youngest, oldest) in AGE_BANDS.items():
        inside = [ages.get(str(age), Count(0, 0)) for age in range(youngest, oldest + 1)]
        counted = bands.get(band, Count(0, 0))
        if sum(each.high for each in inside) < counted.low or sum(each.low for each in inside) > counted.high:
            yield Reason(Attribute.AGE_BAND, "agrees_with_age", f"The counts by age do not make the count of age band {band}.")


ROUNDED_TO = 5
"""What is told to others is rounded so: no difference of two published counts is then one child."""


def told(counts: Counts) -> Counts:
    """What other councils are told: aggregates that identify nobody.

    The total and every count of five or more to the nearest five; a part under five only as "one to four"; a joint cell under five
    not at all, because it says of few children several things at once. Nought stays nought.
    """
    return Counts(counts.as_of, _rounded(counts.total), tuple(_told_cells(counts.cells)))


def _told_cells(cells: Iterable[Cell]) -> Iterator[Cell]:
    for cell in cells:
        if cell.count.high == 0:
            yield cell
        elif cell.count.low >= ROUNDED_TO:
            about = _rounded(cell.count.low)
            yield Cell(cell.of, Count(about, about))
        elif len(cell.of) == 1:
            yield Cell(cell.of, FEW)


def _rounded(number: int) -> int:
    return (number + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
