"""A waterfall: from one amount to another by steps, each beginning where the one before it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from monitoring.pages.charts.drawing import In, Scale, Value, element, labels, picture, plainly, segment, text, ticks

WIDTH, ROW, TOP, BOTTOM = 760.0, 30.0, 8.0, 30.0
NAMES, AFTER = 270.0, 110.0


@dataclass(frozen=True, slots=True)
class Fall:
    """One step by which the amount changes: below nought it falls."""

    name: str
    change: Value


def waterfall(
    title: str, sentence: str, start: tuple[str, Value], falls: Sequence[Fall], end: str, *, written: In = plainly, signed: In = plainly
) -> Markup:
    """The chart. What rises is framed, what falls is not, and each step says its change with its sign: nothing is told by colour alone."""
    amounts = [float(start[1])]
    for fall in falls:
        amounts.append(amounts[-1] + float(fall.change))
    low, high = min(amounts), max(amounts)
    # The steps are small beside the whole: the axis begins a little below the lowest amount, and its numbers say so.
    floor = max(low - (high - low or high or 1.0), 0.0) if low >= 0 else low
    steps = ticks(floor, high or 1.0)
    across, bottom = Scale(steps[0], steps[-1], NAMES, WIDTH - AFTER), TOP + ROW * (len(falls) + 2)
    parts = [segment(across.at(step), TOP, across.at(step), bottom, "chart-grid") for step in steps]
    parts += labels(steps, across, bottom + 18, written)
    parts += _bar(start[0], steps[0], start[1], 0, across, "chart-part-0", written(start[1]))
    for number, fall in enumerate(falls, 1):
        before, after = amounts[number - 1], amounts[number]
        look = "chart-bar-own" if after > before else "chart-bar"
        parts += _bar(fall.name, before, after, number, across, look, signed(fall.change))
        parts.append(segment(across.at(before), TOP + ROW * number - 4, across.at(before), TOP + ROW * number + 4, "chart-axis"))
    parts += _bar(end, steps[0], amounts[-1], len(falls) + 1, across, "chart-part-0", written(amounts[-1]))
    parts.append(segment(NAMES, TOP, NAMES, bottom, "chart-axis"))
    return picture(WIDTH, bottom + BOTTOM, title, sentence, parts)


def _bar(name: str, begins: Value, ends: Value, row: int, across: Scale, look: str, said: str) -> list[Markup]:
    y = TOP + ROW * row
    left, right = sorted((across.at(begins), across.at(ends)))
    label = element("title", f"{name}: {said}")
    return [
        text(name, NAMES - 10, y + ROW / 2 + 4, anchor="end"),
        element("rect", label, x=left, y=y + 5, width=max(right - left, 1.0), height=ROW - 10, class_=look),
        text(said, right + 6, y + ROW / 2 + 4),
    ]
