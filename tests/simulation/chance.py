"""All chance of a run: a stream for each who acts, so that leaving one act out does not turn the others' dice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """One actor's dice, from the run's seed and the actor's name."""

    def __init__(self, seed: int, name: str, *, fair: bool = False) -> None:
        self.dice = random.Random(f"{seed}/{name}")
        self.fair = fair
        """Nothing goes wrong by chance any more: the network is well."""

    def latency(self) -> float:
        """How long a step takes, in seconds: mostly a moment, now and then long enough for much else to happen."""
        luck = self.dice.random()
        if luck < 0.85:
            return self.dice.random() * 0.002
        if luck < 0.97:
            return self.dice.random() * 0.05
        return self.dice.random() * 1.5

    def rarely(self, what: str) -> bool:
        """Whether what rarely goes wrong does."""
        return self.dice.random() < 0.06 and not self.fair

    def pick(self, values: Sequence[T]) -> T:
        """One of these."""
        return self.dice.choice(values)

    def some(self, values: Sequence[T], *, least: int = 1, most: int) -> list[T]:
        """Some of these in any order: so many at least, where there are, and so many at most."""
        return self.dice.sample(values, min(len(values), self.dice.randint(least, most)))

    def between(self, least: int, most: int) -> int:
        """A number, both ends included."""
        return self.dice.randint(least, most)
