"""Stacked bars: one whole a row, its parts side by side in the same order everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from monitoring.pages.charts.drawing import In, Scale, Value, element, picture, plainly, segment, text, ticks

WIDTH, ROW, BOTTOM = 760.0, 30.0, 30.0
NAMES, AFTER, LEGEND = 190.0, 84.0, 24.0
PARTS = 6
"""How many parts can be told apart; more are for the page to put together."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One row: its name, and as many parts as the chart has names, none below nought."""

    name: str
    parts: tuple[Value, ...]


def stacked(title: str, sentence: str, names: Sequence[str], stacks: Sequence[Stack], *, written: In = plainly) -> Markup:
    """The chart, its legend above. Each part says its number, so that nobody has to tell colours apart."""
    assert len(names) <= PARTS
    top = 10 + LEGEND * (-(-len(names) // 3))
    steps = ticks(0.0, max([sum(float(part) for part in stack.parts) for stack in stacks], default=1.0) or 1.0)
    across, bottom = Scale(steps[0], steps[-1], NAMES, WIDTH - AFTER), top + ROW * len(stacks)
    parts = []
    for number, name in enumerate(names):
        x, y = 10 + 250 * (number % 3), 4 + LEGEND * (number // 3)
        parts += [
            element("rect", x=x, y=y, width=14, height=14, class_=f"chart-part-{number}"),
            text(f"{number + 1}  {name}", x + 20, y + 12),
        ]
    parts += [segment(across.at(step), top, across.at(step), bottom, "chart-grid") for step in steps]
    parts += [text(written(step), across.at(step), bottom + 18, anchor="middle", quiet=True) for step in steps]
    for row, stack in enumerate(stacks):
        y, so_far = top + ROW * row, 0.0
        parts.append(text(stack.name[:28], NAMES - 10, y + ROW / 2 + 4, anchor="end"))
        for number, part in enumerate(stack.parts):
            start, end = across.at(so_far), across.at(so_far + float(part))
            so_far += float(part)
            if end - start < 0.5:
                continue
            said = element("title", f"{stack.name}, {names[number]}: {written(part)}")
            parts.append(element("rect", said, x=start, y=y + 4, width=end - start, height=ROW - 8, class_=f"chart-part-{number}"))
            if end - start > 16:
                class_ = f"chart-on-part-{number}"
                parts.append(element("text", str(number + 1), x=(start + end) / 2, y=y + ROW / 2 + 4, text_anchor="middle", class_=class_))
        parts.append(text(written(so_far), across.at(so_far) + 6, y + ROW / 2 + 4))
    parts.append(segment(NAMES, top, NAMES, bottom, "chart-axis"))
    return picture(WIDTH, bottom + BOTTOM, title, sentence, parts)
