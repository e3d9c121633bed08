"""One measured figure, its goal, and the page they are written to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """What was measured, in words and numbers; ``met`` is None where no goal was set."""

    name: str
    measured: str
    beside: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Section:
    """A part of the page: what was asked, how it was measured, the figures, and where the time goes."""

    title: str
    how: str
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default_factory=tuple)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def milliseconds(seconds: float) -> str:
    """As people read it."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def rate(per_second: float) -> str:
    """Whole things a second."""
    return f"{per_second:,.0f}/s"


def page(sections: Sequence[Section], machine: str) -> str:
    """The Markdown page."""
    lines = [
        "# How fast, beside what is possible",
        "",
        f"Written by `make bench` on {machine}. Load generator, broker, database and services share its cores. The machine's speed",
        "drifts, so read the ratios: both sides of each were measured in turn in the same run.",
        "",
    ]
    for section in sections:
        lines += [
            f"## {section.title}",
            "",
            section.how,
            "",
            "| figure | Hearth | beside | ratio | goal | met |",
            "|---|---|---|---|---|---|",
        ]
        for each in section.figures:
            met = {True: "yes", False: "**no**", None: ""}[each.met]
            lines.append(f"| {each.name} | {each.measured} | {each.beside} | {each.ratio} | {each.goal} | {met} |")
        lines += ["", *(f"{note}\n" for note in section.notes)]
    return "\n".join(lines).rstrip() + "\n"


def printed(section: Section) -> str:
    """The same for a terminal."""
    lines = [f"\n{section.title}", "-" * len(section.title), section.how]
    for each in section.figures:
        goal = f"  (goal {each.goal}: {'met' if each.met else 'MISSED'})" if each.goal else ""
        beside = f"  beside {each.beside}" if each.beside else ""
        ratio = f"  ratio {each.ratio}" if each.ratio else ""
        lines.append(f"  {each.name}: {each.measured}{beside}{ratio}{goal}")
    return "\n".join([*lines, *(f"  {note}" for note in section.notes)])
