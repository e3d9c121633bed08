"""The shortest run of a failing seed: parts are left out one after the other while the same thing still breaks."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.run import Ran

Again = Callable[[frozenset[str]], Ran]


def rule_of(broken: str) -> str:
    """Which invariant it was, without on what."""
    return broken.partition(":")[0]


def shortest(found: Ran, again: Again, *, most_tries: int = 300) -> tuple[Ran, frozenset[str]]:
    """The run with as few parts as still break the same rule, and the parts left out.

    Each actor has dice of its own, so leaving one part out leaves what the others mean to do as it was.
    """
    assert found.broken is not None
    left_out: frozenset[str] = frozenset()
    best, tries = found, 0
    size = max(1, len(found.parts) // 2)
    while size:
        kept, before = played(best, left_out), left_out
        for first in range(0, len(kept), size):
            if tries >= most_tries:
                return best, left_out
            tries += 1
            without = left_out | frozenset(kept[first : first + size])
            tried = again(without)
            if tried.broken is None or rule_of(tried.broken) != rule_of(found.broken):
                continue
            if len(played(tried, without)) < len(played(best, left_out)):  # a run that breaks later may play parts the first never came to
                best, left_out = tried, without
        if size > 1 or left_out == before:  # one by one until nothing more can go
            size //= 2
    return best, left_out


def played(ran: Ran, left_out: frozenset[str]) -> list[str]:
    """The parts of a run that took place."""
    return [part for part in ran.parts if part not in left_out]
