"""The test set: sentences as officers write them, each about a made-up child, with what must be found between « and »."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from referrals.domain.findings import Checker, Finding, known_of
from referrals.domain.identity import Identity

HERE = Path(__file__).parent
TODAY = date(2026, 11, 22)
_PLAIN = {"mother_child_date_of_birth": None, "relatives": ()}


@dataclass(frozen=True)
class Example:
    """One sentence: its category, whose, and the places that must be found. A clean one has none."""

    category: str
    child: str
    text: str
    must: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Result:
    """What the checker made of one example: each place that must be found, and whether it was; and the findings nobody asked for."""

    example: Example
    found: tuple[bool, ...]
    false_alarms: tuple[Finding, ...]


def children() -> dict[str, Identity]:
    """The made-up children."""
    records = json.loads((HERE / "children.json").read_text(encoding="utf-8"))
    return {key: Identity.from_plain({**_PLAIN, **record}) for key, record in records.items()}


def examples(name: str) -> list[Example]:
    """The sentences of one file: ``held_out`` or ``written``."""
    lines = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [_example(line) for line in lines if line.strip()]


def _example(line: str) -> Example:
    category, child, marked = (part.strip() for part in line.split("|", 2))
    text, must, start = "", [], 0
    for sign in marked.replace("\\n", "\n"):
        if sign == "«":
            start = len(text)
        elif sign == "»":
            must.append((start, len(text)))
        else:
            text += sign
    return Example(category, child, text, tuple(must))


def checked(some: list[Example]) -> list[Result]:
    """Every example read by the checker of its child. A place is found when findings cover at least half of it."""
    checkers = {key: Checker(known_of([child]), TODAY) for key, child in children().items()}
    return [_result(example, checkers[example.child].findings_in(example.text)) for example in some]


def _result(example: Example, findings: tuple[Finding, ...]) -> Result:
    def covered(start: int, end: int) -> int:
        return sum(max(0, min(end, each.end) - max(start, each.start)) for each in findings)

    return Result(
        example,
        tuple(covered(start, end) * 2 >= end - start for start, end in example.must),
        tuple(each for each in findings if not any(each.start < end and start < each.end for start, end in example.must)),
    )
