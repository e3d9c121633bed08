"""The faults that every build must stand, on one ground, from one seed: the short set of ``make faults``."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults import kinds
from tests.faults.__main__ import played
from tests.faults.ground import prepared

SEED = 20


@pytest.mark.slow
def test_what_was_promised_holds_whatever_breaks_for_a_while() -> None:
    with prepared() as ground:
        rows = asyncio.run(played(ground, SEED, short=True))
    assert {row.code for row in rows if not row.skipped} == set(kinds.SHORT)
    assert {row.code: row.found for row in rows if row.found} == {}
