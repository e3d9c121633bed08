"""Mistakes planted in the product are found: a simulation that never fails proves nothing."""

from __future__ import annotations

import pytest

from tests.simulation.planted import PLANTED, until_found

SOON_FOUND = {
    "an event is worked on however often it comes": ("every event is heard once by each who hears it", 0),
    "the relay marks before it publishes": ("every event is heard once by each who hears it", 0),
    "events are written after the commit that makes them true": ("each offer stands on an open referral or has ended", 20),
    "an Idempotency-Key is not looked at": ("accepted is there and refused is not", 0),
    "a lost answer to COMMIT is told as: nothing was written": ("accepted is there and refused is not", 46),
    "a choice takes the referral whatever its state": ("one accepted offer a referral", 28),
}
"""By which rule, and from which seed on soon; ``python -m tests.simulation --planted`` counts for all mistakes from seed 0."""


@pytest.mark.parametrize("name", SOON_FOUND)
def test_a_planted_mistake_is_found_within_ten_seeds(name: str) -> None:
    rule, first = SOON_FOUND[name]
    ran, _ = until_found(name, range(first, first + 10))
    assert ran is not None
    assert (ran.broken or "").partition(":")[0] == rule


def test_what_is_planted_is_taken_out_again() -> None:
    ran, _ = until_found(next(iter(PLANTED)), range(1))
    again, _ = until_found(None, range(2))
    assert ran is None or ran.broken
    assert again is None
