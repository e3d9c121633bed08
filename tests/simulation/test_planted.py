"""Mistakes planted in the product are found: a simulation that never fails proves nothing."""

from __future__ import annotations

import pytest

from tests.simulation.planted import PLANTED, until_found

SOON_FOUND = {
    "an event is worked on however often it comes": "every event is heard once by each who hears it",
    "the relay marks before it publishes": "every event is heard once by each who hears it",
    "events are written after the commit that makes them true": None,
    "a choice takes the referral whatever its state": "one accepted offer a referral",
}
"""Those that few seeds find, and by which rule where there is one; ``python -m tests.simulation --planted`` counts for all of them."""


@pytest.mark.parametrize("name", SOON_FOUND)
def test_a_planted_mistake_is_found_within_thirty_seeds(name: str) -> None:
    ran, _ = until_found(name, range(30))
    assert ran is not None
    assert SOON_FOUND[name] in (None, (ran.broken or "").partition(":")[0])


def test_what_is_planted_is_taken_out_again() -> None:
    ran, _ = until_found(next(iter(PLANTED)), range(1))
    again, _ = until_found(None, range(2))
    assert ran is None or ran.broken
    assert again is None
