"""Names drawn blindly from a published list, with one slip of the pen each: what the checker does with names its writers never saw."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from nicknames import name_triplets

from referrals.domain.findings import Checker, known_of
from tests.referrals.words.examples import TODAY, children

HOW_MANY = 150
_SEED = 4
_LEAST_LETTERS = 4


def _swapped(name: str, at: int) -> str:
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _changed(name: str, at: int) -> str:
    return name[:at] + ("e" if name[at] != "e" else "a") + name[at + 1 :]


SLIPS: Mapping[str, Callable[[str, int], str]] = {
    "as written": lambda name, at: name,
    "two letters swapped": _swapped,
    "a letter left out": lambda name, at: name[:at] + name[at + 1 :],
    "a letter twice": lambda name, at: name[:at] + name[at] + name[at:],
    "a letter changed": _changed,
}


@cache
def by_slip() -> Mapping[str, tuple[list[str], int, list[str]]]:
    """For each slip: the names found, how many there were, and those missed as ``name → as written``. The first letter stays."""
    chance = random.Random(_SEED)
    names = sorted({each.name1 for each in name_triplets() if len(each.name1) >= _LEAST_LETTERS and each.name1.isalpha()})
    drawn = [(name.capitalize(), chance.randrange(1, len(name) - 1)) for name in chance.sample(names, HOW_MANY)]
    anybody = children()["mariia"]
    result: dict[str, tuple[list[str], int, list[str]]] = {}
    for slip, written in SLIPS.items():
        found, missed, asked = [], [], 0
        for name, at in drawn:
            word = written(name, at)
            if slip != "as written" and word == name:
                continue
            asked += 1
            text = f"We think that {word} likes to be out of doors."
            start = text.index(word)
            checker = Checker(known_of([replace(anybody, given_names=name, relatives=())]), TODAY)
            hit = any(each.start <= start and start + len(word) <= each.end for each in checker.findings_in(text))
            (found if hit else missed).append(name if hit else f"{name} → {word}")
        result[slip] = (found, asked, missed)
    return result
