"""Lying bars, a name beside each; with whiskers where a value carries its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from monitoring.pages.charts.drawing import In, Scale, Value, element, labels, picture, plainly, segment, text, ticks

WIDTH, ROW, TOP, BOTTOM = 760.0, 28.0, 8.0, 30.0
NAMES, AFTER = 285.0, 84.0
LONGEST_NAME = 38


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. ``own``: the one the page is about, framed. ``low`` to ``high``: within what range the true value lies. None: no records."""

    name: str
    value: Value | None
    own: bool = False
    low: Value | None = None
    high: Value | None = None


def bars(title: str, sentence: str, given: Sequence[Bar], *, middle: Value | None = None, written: In = plainly) -> Markup:
    """The chart. ``middle``: a value all are compared with, as the average of all, drawn through the bars."""
    values = [float(each) for bar in given for each in (bar.value, bar.low, bar.high) if each is not None]
    values += [float(middle)] if middle is not None else []
    steps = ticks(min([0.0, *values]), max([0.0, *values]) or 1.0)
    across = Scale(steps[0], steps[-1], NAMES, WIDTH - AFTER)
    bottom = TOP + ROW * len(given)
    parts = [segment(across.at(step), TOP, across.at(step), bottom, "chart-grid") for step in steps]
    parts += labels(steps, across, bottom + 18, written)
    for number, bar in enumerate(given):
        parts += _row(bar, TOP + ROW * number, across, written, None if middle is None else across.at(middle))
    parts.append(segment(across.at(0), TOP, across.at(0), bottom, "chart-axis"))
    if middle is not None:
        parts.append(segment(across.at(middle), TOP - 4, across.at(middle), bottom, "chart-mean"))
    return picture(WIDTH, bottom + BOTTOM, title, sentence, parts)


def _row(bar: Bar, y: float, across: Scale, written: In, line: float | None) -> list[Markup]:
    middle = y + ROW / 2
    name = bar.name if len(bar.name) <= LONGEST_NAME else f"{bar.name[: LONGEST_NAME - 1].rstrip()}…"
    parts = [text(f"▸ {name}" if bar.own else name, NAMES - 10, middle + 4, anchor="end")]
    if bar.value is None:
        return [*parts, text("no records", across.at(0) + 6, middle + 4, quiet=True)]
    start, end = sorted((across.at(0), across.at(bar.value)))
    said = element("title", f"{bar.name}: {written(bar.value)}")
    parts.append(
        element(
            "rect", said, x=start, y=y + 4, width=max(end - start, 1.0), height=ROW - 8, class_="chart-bar-own" if bar.own else "chart-bar"
        )
    )
    reach = end
    if bar.low is not None and bar.high is not None:
        low, high = across.at(bar.low), across.at(bar.high)
        reach = max(end, high)
        parts += [
            segment(low, middle, high, middle, "chart-mean"),
            segment(low, middle - 5, low, middle + 5, "chart-mean"),
            segment(high, middle - 5, high, middle + 5, "chart-mean"),
        ]
    words = written(bar.value)
    if line is not None and reach - 4 < line < reach + 10 + 8 * len(words):
        reach = line  # else the line would lie over the words
    return [*parts, text(words, reach + 6, middle + 4)]
