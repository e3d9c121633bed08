"""A funnel plot: agencies of different size beside limits that are wider for the small, so that chance is not taken for quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from monitoring.pages.charts.drawing import In, Scale, Value, element, path, picture, plainly, segment, text, ticks

WIDTH, HEIGHT = 760.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 110.0, 16.0, 56.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One agency: how much it was counted over, its value, and whether it lies beyond a limit; ``own`` is the one the page is about."""

    name: str
    size: Value
    value: Value
    beyond: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Two curves, as (size, lower, upper), smallest size first, and what they are called."""

    name: str
    points: Sequence[tuple[Value, Value, Value]]


def funnel(
    title: str, sentence: str, dots: Sequence[Dot], *, centre: Value, limits: Sequence[Limits], sizes: str, written: In = plainly
) -> Markup:
    """The chart. ``sizes`` says what the sizes count. The outermost limits come last."""
    values = [float(dot.value) for dot in dots] + [float(centre)]
    values += [float(each) for limit in limits for _, low, high in limit.points for each in (low, high)]
    reach = max([float(dot.size) for dot in dots] + [float(size) for limit in limits for size, _, _ in limit.points], default=1.0)
    steps, widths = ticks(min(0.0, min(values)), max(values)), ticks(0.0, reach)
    up, across = Scale(steps[0], steps[-1], HEIGHT - BOTTOM, TOP), Scale(widths[0], widths[-1], LEFT, WIDTH - RIGHT)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [segment(LEFT, up.at(step), right, up.at(step), "chart-grid") for step in steps]
    parts += [text(written(step), LEFT - 8, up.at(step) + 4, anchor="end", quiet=True) for step in steps]
    parts += [text(plainly(width), across.at(width), bottom + 20, anchor="middle", quiet=True) for width in widths]
    parts += [segment(LEFT, bottom, right, bottom, "chart-axis"), text(sizes, (LEFT + right) / 2, HEIGHT - 10, anchor="middle")]
    for number, limit in enumerate(limits):
        class_ = "chart-limit" if number == len(limits) - 1 else "chart-warning"
        for side in (1, 2):
            points = [(across.at(point[0]), up.at(point[side])) for point in limit.points]
            if points:
                parts.append(path(points, class_))
        if limit.points:
            parts.append(text(limit.name, right + 8, up.at(limit.points[-1][2]) + 4, quiet=True))
    parts += [
        segment(LEFT, up.at(centre), right, up.at(centre), "chart-mean"),
        text("all together", right + 8, up.at(centre) + 4, quiet=True),
    ]
    for dot in sorted(dots, key=lambda each: (each.own, each.beyond)):
        parts += _dot(dot, across.at(dot.size), up.at(dot.value), written)
    return picture(WIDTH, HEIGHT, title, sentence, parts)


def _dot(dot: Dot, x: float, y: float, written: In) -> list[Markup]:
    said = element("title", f"{dot.name}: {written(dot.value)} over {plainly(dot.size)}{', beyond the limits' if dot.beyond else ''}")
    if dot.beyond:
        shape = element("path", said, d=f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7-7z", class_="chart-signal")
    else:
        shape = element("circle", said, cx=x, cy=y, r=4.5, class_="chart-filled" if dot.own else "chart-point")
    if not (dot.own or dot.beyond):
        return [shape]
    late = x > WIDTH * 0.55
    return [shape, text(dot.name[:34], x + (-10 if late else 10), y - 8, anchor="end" if late else "start")]
