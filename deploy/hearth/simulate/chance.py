"""Draws that a made-up past needs, from one seeded source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def one_of(weighted: Sequence[tuple[T, float]], chance: Random) -> T:
    """One of these, each as likely as its weight beside the others."""
    return chance.choices([each for each, _ in weighted], [weight for _, weight in weighted])[0]


def poisson(mean: float, chance: Random) -> int:
    """A whole number with this mean (Knuth's method: means here are small; large ones as the normal that comes to the same)."""
    if mean > 30:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, product, found = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        found += 1
    return found
