"""A line over time; with bands it is a process control chart (XmR): mean, natural limits, marked signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from monitoring.pages.charts.drawing import In, Scale, Value, element, path, picture, plainly, segment, text, ticks

WIDTH, HEIGHT = 760.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 92.0, 26.0, 44.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One point. ``value`` None: no records, and the line is broken there. ``signal`` says which rule it breaks; empty when none."""

    label: str
    value: Value | None
    signal: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """Mean and limits from one mark to another (both counted, by their number)."""

    first: int
    last: int
    mean: Value
    lower: Value | None
    upper: Value | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something worth knowing that happened at a mark: limits worked out anew, a price rise."""

    at: int
    words: str


def line(
    title: str,
    sentence: str,
    marks: Sequence[Mark],
    *,
    bands: Sequence[Band] = (),
    changes: Sequence[Change] = (),
    target: Value | None = None,
    written: In = plainly,
    from_zero: bool = True,
) -> Markup:
    """The chart. ``written`` writes values on the axis; ``from_zero`` False lets the axis begin where the values do."""
    values = [float(mark.value) for mark in marks if mark.value is not None]
    values += [float(each) for band in bands for each in (band.mean, band.lower, band.upper) if each is not None]
    values += [float(target)] if target is not None else []
    low = 0.0 if from_zero and min(values, default=0) >= 0 else min(values, default=0)
    steps = ticks(low, max(values, default=1))
    up = Scale(steps[0], steps[-1], HEIGHT - BOTTOM, TOP)
    gap = (WIDTH - LEFT - RIGHT) / max(len(marks) - 1, 1)

    def across(number: float) -> float:
        return LEFT + gap * number

    right = WIDTH - RIGHT
    parts = [segment(LEFT, up.at(step), right, up.at(step), "chart-grid") for step in steps]
    parts += [text(written(step), LEFT - 8, up.at(step) + 4, anchor="end", quiet=True) for step in steps]
    every = max(1, -(-len(marks) // 9))
    for number in range(0, len(marks), every):
        parts.append(segment(across(number), HEIGHT - BOTTOM, across(number), HEIGHT - BOTTOM + 5, "chart-axis"))
        parts.append(text(marks[number].label, across(number), HEIGHT - BOTTOM + 20, anchor="middle", quiet=True))
    parts.append(segment(LEFT, HEIGHT - BOTTOM, right, HEIGHT - BOTTOM, "chart-axis"))
    named: list[tuple[float, str]] = []
    for number, band in enumerate(bands):
        start, end = across(max(band.first - 0.4, 0)), across(min(band.last + 0.4, len(marks) - 1))
        for words, level, class_ in (
            ("upper limit", band.upper, "chart-limit"),
            ("mean", band.mean, "chart-mean"),
            ("lower limit", band.lower, "chart-limit"),
        ):
            if level is not None:
                parts.append(segment(start, up.at(level), end, up.at(level), class_))
                if number == len(bands) - 1:
                    named.append((up.at(level), words))
    if target is not None:
        parts.append(segment(LEFT, up.at(target), right, up.at(target), "chart-target"))
        named.append((up.at(target), "target"))
    parts += [text(words, right + 8, y, quiet=True) for y, words in _apart(named)]
    for change in changes:
        parts.append(segment(across(change.at - 0.5), TOP, across(change.at - 0.5), HEIGHT - BOTTOM, "chart-change"))
        late = across(change.at) > WIDTH / 2
        parts.append(
            text(change.words, across(change.at - 0.5) + (-4 if late else 4), TOP - 8, anchor="end" if late else "start", quiet=True)
        )
    for run in _runs(marks):
        if len(run) > 1:
            parts.append(path([(across(number), up.at(value)) for number, value in run], "chart-line"))
    parts += [
        _point(across(number), up.at(mark.value), mark, f"{mark.label}: {written(mark.value)}")
        for number, mark in enumerate(marks)
        if mark.value is not None
    ]
    return picture(WIDTH, HEIGHT, title, sentence, parts)


def _point(x: float, y: float, mark: Mark, words: str) -> Markup:
    said = element("title", f"{words}. {mark.signal}" if mark.signal else words)
    if mark.signal:
        return element("path", said, d=f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7-7z", class_="chart-signal")
    return element("circle", said, cx=x, cy=y, r=3.5, class_="chart-point")


def _runs(marks: Sequence[Mark]) -> list[list[tuple[int, Value]]]:
    """Marks beside each other that have a value."""
    runs: list[list[tuple[int, Value]]] = [[]]
    for number, mark in enumerate(marks):
        if mark.value is None:
            runs.append([])
        else:
            runs[-1].append((number, mark.value))
    return runs


def _apart(named: Sequence[tuple[float, str]], least: float = 14.0) -> list[tuple[float, str]]:
    """Words beside their lines, moved down where two would lie over each other."""
    placed: list[tuple[float, str]] = []
    for y, words in sorted(named):
        placed.append((max(y + 4, placed[-1][0] + least) if placed else y + 4, words))
    return placed
