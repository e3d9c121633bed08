"""``python -m tests.simulation --seeds 2000``: play so many seeds and say what broke; ``--seed 17 --trace`` tells one."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from shared import logs
from tests.simulation.grounds import found_all
from tests.simulation.planted import PLANTED, until_found
from tests.simulation.run import Ran, run
from tests.simulation.shrinking import played, shortest


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 when a seed broke an invariant."""
    asked = _parser().parse_args(arguments)
    logs.configure("simulation", "CRITICAL")
    found_all()
    if asked.planted:
        return _planted(asked.seeds, asked.first)
    if asked.seed is not None:
        return _one(asked.seed, asked.liveness, asked.trace)
    began = time.monotonic()
    with ProcessPoolExecutor(
        asked.processes, mp_context=get_context("fork")
    ) as pool:  # one for both, since each process reads the SQL once
        failed = max(_many(pool, seeds, liveness) for liveness, seeds in _shares(asked).items() if seeds)
    seconds, worked = time.monotonic() - began, sum(os.times()[2:4])
    print(
        f"{asked.seeds} seeds in {seconds:.0f} s by {asked.processes} processes: {60 * asked.seeds / seconds:.0f} a minute, "
        f"{60 * asked.seeds / max(worked, 0.01):.0f} for each minute of a processor"
    )
    return failed


def _shares(asked: argparse.Namespace) -> dict[bool, range]:
    """Which seeds are played as liveness runs, and which as safety runs: of both, three in four for safety."""
    live = asked.seeds if asked.liveness else 0 if asked.safety else asked.seeds // 4
    return {False: range(asked.first, asked.first + asked.seeds - live), True: range(asked.first, asked.first + live)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument(
        "--seeds", type=int, default=2000, help="how many seeds; three in four of them safety runs, the others liveness runs"
    )
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--safety", action="store_true", help="only safety runs: faults to the end")
    parser.add_argument("--liveness", action="store_true", help="only liveness runs: all heals, then everything must end")
    parser.add_argument("--seed", type=int, help="one seed alone; where it breaks, its shortest history")
    parser.add_argument("--trace", action="store_true", help="with --seed: tell every step")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--planted", action="store_true", help="plant each known mistake and count the seeds until it is found")
    return parser


def _many(pool: ProcessPoolExecutor, seeds: range, liveness: bool) -> int:
    began, steps, broken = time.monotonic(), 0, []
    for ran in pool.map(partial(run, liveness=liveness), seeds, chunksize=10):
        steps += ran.steps
        if ran.broken:
            broken.append(ran)
            print(f"  seed {ran.seed}: {ran.broken}", flush=True)
    seconds, kind = time.monotonic() - began, "liveness" if liveness else "safety"
    print(f"{kind}: {len(seeds)} seeds, {steps // len(seeds)} steps each, {len(broken)} broken, {seconds:.1f} s", flush=True)
    if broken:
        _tell_shortest(broken[0], liveness)
    return 1 if broken else 0


def _one(seed: int, liveness: bool, trace: bool) -> int:
    ran = run(seed, liveness=liveness, tell=trace)
    if trace:
        print("\n".join(ran.history))
    print(f"seed {seed}: {ran.broken or 'every invariant holds'} ({ran.steps} steps)")
    if ran.broken and not trace:
        _tell_shortest(ran, liveness)
    return 1 if ran.broken else 0


def _tell_shortest(ran: Ran, liveness: bool) -> None:
    _, left_out = shortest(ran, lambda skip: run(ran.seed, liveness=liveness, skip=skip))
    told = run(ran.seed, liveness=liveness, tell=True, skip=left_out)
    print(f"\nthe shortest history of seed {ran.seed} found ({len(played(told, left_out))} parts):")
    print("\n".join(told.history[-400:]))
    print(f"\n{told.broken}\nagain: python -m tests.simulation --seed {ran.seed}{' --liveness' if liveness else ''} --trace")


def _planted(seeds: int, first: int) -> int:
    missed = 0
    print("| planted fault | seeds until found | found by |\n|---|---|---|", flush=True)
    for name in PLANTED:
        ran, played = until_found(name, range(first, first + seeds))
        missed += ran is None
        found = ran.broken.partition(":")[0] if ran and ran.broken else f"not found in {seeds}"
        print(f"| {name} | {played} | {found} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
