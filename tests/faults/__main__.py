"""``python -m tests.faults [--seed N] [--only F3,F7] [--short] [--mixtures N] [--write]``: break things, and say what was found."""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import sys
import time
from collections.abc import Callable, Sequence

from hearth.processes import ending_cleanly
from tests.faults import kinds, page
from tests.faults.ground import Ground, prepared
from tests.faults.runner import Row, Runner, Say, with_people
from tests.faults.table import printed
from tests.running.child import end_all

MIXTURES = 2
TOGETHER = 3
"""How many faults a mixture has."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The whole set, or what is named; 0 when nothing was found."""
    options = _options(arguments)
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {words}", flush=True)

    def keep(row: Row) -> None:
        if options.write:
            page.write([row])

    say(f"seed {options.seed}: the same seed repeats the choices")
    say("starting four PostgreSQL servers, RabbitMQ and thirteen processes, and loading six councils and eight agencies")
    try:
        with ending_cleanly(), prepared() as ground:
            say("the ground is ready")
            rows = asyncio.run(
                played(ground, options.seed, short=options.short, only=options.only, mixtures=options.mixtures, say=say, keep=keep)
            )
    finally:
        end_all()
    print()
    print(printed(rows))
    print(f"\nseed {options.seed}, {time.monotonic() - began:.0f} s")
    return 1 if any(row.found for row in rows) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Break things while people work, and look what holds.")
    parser.add_argument("--seed", type=int, default=None, help="repeats the choices of a run")
    parser.add_argument("--only", type=lambda text: text.upper().split(","), default=(), help="these faults: F3,F7")
    parser.add_argument("--short", action="store_true", help="the set for every build: fewer faults, each shorter, no mixtures")
    parser.add_argument("--mixtures", type=int, default=None, help=f"how many mixtures of several faults (default {MIXTURES})")
    parser.add_argument("--write", action="store_true", help="write docs/faults.md from this run")
    options = parser.parse_args(arguments)
    options.seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    if options.mixtures is None:
        options.mixtures = 0 if options.short or options.only else MIXTURES
    known = {fault.code for fault in kinds.FAULTS}
    if options.only and not set(options.only) <= known:
        parser.error(f"the faults are {', '.join(fault.code for fault in kinds.FAULTS)}")
    return options


async def played(
    ground: Ground,
    seed: int,
    *,
    short: bool = False,
    only: Sequence[str] = (),
    mixtures: int = 0,
    say: Say = print,
    keep: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """The rows of the table: the faults named, else all of them, or the short set; each is given to ``keep`` when it is done."""
    rows: list[Row] = []

    async def work(runner: Runner) -> None:
        for fault in kinds.FAULTS:
            if fault.code in only if only else (not short or fault.code in kinds.SHORT):
                row = Row(fault.code, fault.title)
                rows.append(row)
                await runner.run(fault, row)
                keep(row)
        for number in range(1, mixtures + 1):
            drawn = random.Random(f"{seed}-mixture-{number}").sample([fault for fault in kinds.FAULTS if fault.mixes], TOGETHER)
            row = Row("+".join(fault.code for fault in drawn), "a mixture")
            rows.append(row)
            await runner.mixture(drawn, row, number)
            keep(row)

    await with_people(ground, seed, short, say, work)
    return rows


if __name__ == "__main__":
    sys.exit(main())
