"""What every chart is drawn with: elements, a scale from values to places, round numbers for its axis."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from monitoring.pages.words import number

Value = Decimal | float | int
In = Callable[[Value], str]
"""How a value is written beside an axis or a bar."""

plainly: In = number
WIDE = 8.0
"""Of a letter beside a chart, about."""


def element(name: str, *inside: object, **attributes: object) -> Markup:
    """One element; text and attributes are escaped, what is already markup is not. ``class_`` is ``class``; None leaves one out."""
    written = "".join(
        f' {key.rstrip("_").replace("__", ":").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not inside:
        return Markup(f"<{name}{written}/>")  # noqa: S704 (every part is escaped above)
    return Markup(f"<{name}{written}>{''.join(str(escape(each)) for each in inside)}</{name}>")  # noqa: S704 (as above)


def together(parts: Iterable[Markup]) -> Markup:
    """One after the other."""
    return Markup("").join(parts)


def text(words: str, x: float, y: float, *, anchor: str = "start", quiet: bool = False) -> Markup:
    """Words at a place."""
    return element("text", words, x=x, y=y, text_anchor=anchor, class_="chart-quiet" if quiet else "chart-text")


def segment(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def path(points: Sequence[tuple[float, float]], class_: str) -> Markup:
    """A line through points, which are not empty."""
    steps = " ".join(f"{'L' if number else 'M'}{_short(x)} {_short(y)}" for number, (x, y) in enumerate(points))
    return element("path", d=steps, class_=class_)


def picture(width: float, height: float, title: str, sentence: str, parts: Iterable[Markup]) -> Markup:
    """The whole, with what a screen reader reads in place of it."""
    mark = hashlib.sha256(f"{title}|{sentence}".encode()).hexdigest()[:10]
    return element(
        "svg",
        element("title", title, id=f"t{mark}"),
        element("desc", sentence, id=f"d{mark}"),
        together(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_short(width)} {_short(height)}",
        role="img",
        aria_labelledby=f"t{mark} d{mark}",
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """Values between two ends laid between two places."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: Value) -> float:
        """Where a value lies; beyond the ends it is drawn at the end."""
        share = (min(max(float(value), self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def ticks(low: float, high: float, about: int = 5) -> tuple[float, ...]:
    """Round numbers that cover both ends: steps of 1, 2 or 5 times a power of ten; never fewer than two."""
    if high <= low:
        high = low + (abs(low) or 1)
    rough = (high - low) / max(about - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    # The slack is for what a division leaves over; beside a long step it must not swallow an end that is truly beyond.
    first -= first * step > low + 1e-9 * max(1.0, abs(low))
    last += last * step < high - 1e-9 * max(1.0, abs(high))
    return tuple(round(count * step, 10) for count in range(first, last + 1))


def labels(steps: Sequence[float], across: Scale, y: float, written: In) -> list[Markup]:
    """The numbers below an axis, so many of them that none lies over its neighbour."""
    room = abs(across.at(steps[1]) - across.at(steps[0]))
    every = max(1, math.ceil((WIDE * max(len(written(step)) for step in steps) + WIDE) / room))
    return [text(written(step), across.at(step), y, anchor="middle", quiet=True) for step in steps[::every]]


def _short(value: object) -> str:
    """A place to a tenth is finer than any screen."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
