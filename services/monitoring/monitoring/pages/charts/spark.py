"""A small line without an axis, beside a figure: which way it has gone. Its numbers are in the figure's own table."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from monitoring.pages.charts.drawing import Scale, Value, element, path, picture

WIDTH, HEIGHT, EDGE = 220.0, 44.0, 5.0


def spark(title: str, sentence: str, values: Sequence[Value | None]) -> Markup:
    """The line, broken where there is no value, its last point marked. Nothing to draw gives an empty frame."""
    known = [float(value) for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if low == high:
        low, high = low - 1, high + 1
    up, gap = Scale(low, high, HEIGHT - EDGE, EDGE), (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    parts, run = [], list[tuple[float, float]]()
    for number, value in enumerate([*values, None]):
        if value is not None:
            run.append((EDGE + gap * number, up.at(value)))
            continue
        if len(run) > 1:
            parts.append(path(run, "chart-line"))
        elif run:
            parts.append(element("circle", cx=run[0][0], cy=run[0][1], r=2.0, class_="chart-filled"))
        run = []
    last = next((number for number in reversed(range(len(values))) if values[number] is not None), None)
    if last is not None:
        value = values[last]
        assert value is not None
        parts.append(element("circle", cx=EDGE + gap * last, cy=up.at(value), r=4.0, class_="chart-filled"))
    return picture(WIDTH, HEIGHT, title, sentence, parts)
