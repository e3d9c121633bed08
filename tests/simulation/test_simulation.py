"""The four services' own code over a modelled bus, clock and database: whatever goes wrong between two steps, what is promised holds."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from hashlib import sha256

import pytest

from tests.simulation.planted import with_mistake
from tests.simulation.run import Ran, run

SAFETY = range(40)
LIVENESS = range(1000, 1020)
"""So many seeds take some ten seconds; ``make simulate-faults`` plays thousands."""

FOUND_ONCE: tuple[tuple[int, bool], ...] = ((5003, False), (19, False), (32, False))
"""Seeds that broke an invariant once, and whether as a liveness run: kept so that what was mended stays so."""


def test_with_faults_to_the_end_what_was_accepted_is_there_and_no_bed_goes_twice() -> None:
    broken = [f"seed {seed}: {ran.broken}" for seed in SAFETY if (ran := run(seed)).broken]
    assert not broken


def test_once_all_is_well_everything_ends_within_a_bound_of_steps() -> None:
    broken = [f"seed {seed} --liveness: {ran.broken}" for seed in LIVENESS if (ran := run(seed, liveness=True)).broken]
    assert not broken


@pytest.mark.parametrize(("seed", "liveness"), FOUND_ONCE)
def test_a_seed_that_broke_once_holds(seed: int, liveness: bool) -> None:
    assert run(seed, liveness=liveness).broken is None


def test_the_same_seed_is_the_same_history_byte_for_byte() -> None:
    first, again, other = run(5, tell=True), run(5, tell=True), run(6, tell=True)
    assert len(first.history) > 200
    assert first.history == again.history
    assert first.history != other.history


SAME_EVERYWHERE = (0, 3, 8)
"""Seeds with many kills and with keys cleared away: what once hung on the order of a set and on the system's own chance."""


FAILS_WITH = ("events are written after the commit that makes them true", 24)
"""A mistake planted, and a liveness seed that breaks with it."""


def digests() -> str:
    """One line for each of these seeds: what its history comes to. The last is of a seed that breaks, and says how."""
    mistake, failing = FAILS_WITH
    found = [_digest(run(seed, tell=True)) for seed in SAME_EVERYWHERE]
    with with_mistake(mistake):
        found.append(_digest(run(failing, liveness=True, tell=True)))
    return "\n".join(found)


def _digest(ran: Ran) -> str:
    return f"{sha256(chr(10).join(ran.history).encode()).hexdigest()} {ran.broken}"


def test_a_seed_is_the_same_history_in_another_process_with_other_hashes() -> None:
    other_hashes = {**os.environ, "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"}
    telling = "from tests.simulation.test_simulation import digests; print(digests())"
    told = subprocess.run([sys.executable, "-c", telling], env=other_hashes, capture_output=True, text=True, check=True)
    here = digests().splitlines()
    assert told.stdout.splitlines()[-len(here) :] == here
    assert [line.endswith(" None") for line in here] == [True, True, True, False], "the last seed breaks, here and there alike"


def test_a_run_leaves_nothing_behind_in_memory() -> None:
    """Thousands of runs are played in one process: what each left would slow down all that follow."""
    run(2)
    before = len(gc.get_objects())
    for _ in range(4):
        run(2)
    assert len(gc.get_objects()) - before < 400
