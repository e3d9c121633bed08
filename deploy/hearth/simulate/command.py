"""``hearth simulate`` on the command line."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path

import httpx

from hearth.data_folder import DataFolder, Running, shown
from hearth.simulate.bringing import RefusedError
from hearth.simulate.plan import Plan
from hearth.simulate.planting import ALL, Plant
from hearth.simulate.reading import NotReadyError
from hearth.simulate.run import Simulated, simulate
from hearth.tokens import TokenRefusedError, signed_in
from shared import clock

HELP = "Make a believable past of the loaded consortium and bring it in through the public API, with what is planted in a truth file."
MOST_YEARS, MOST_SCALE = 9, 20.0


def declare(parser: argparse.ArgumentParser) -> None:
    """What may be asked for."""
    parser.set_defaults(do=run)
    parser.add_argument("--years", type=_years, default=3, help="how many whole years, besides the month that is passing (default 3)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same past (default 1)")
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="X", help="1 is about 4,000 referrals a year (default 1)")
    parser.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="its last day, as 2026-09-30 (default: yesterday)")
    kinds = ", ".join(sorted(Plant))
    parser.add_argument("--plant", type=_plant, default=ALL, metavar="WHAT", help=f"all (default), none, or some with commas: {kinds}")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="where to say what was planted (default: truth.json in the data folder)")


def run(options: argparse.Namespace) -> int:
    """Simulate; 0 when the past is in, 1 when not, 2 when misused."""
    yesterday = clock.today() - timedelta(days=1)
    until = options.until or yesterday
    if until > yesterday:
        print("hearth: the past ends yesterday at the latest: --until must be a day before today", file=sys.stderr)
        return 2
    folder = DataFolder(options.data.resolve())
    plan = Plan(options.years, options.seed, until, options.scale, options.plant)
    truth_file: Path = options.truth or folder.path / "truth.json"
    running = folder.running()
    try:
        simulated = asyncio.run(_simulate(plan, folder, running))
    except (NotReadyError, RefusedError, TokenRefusedError) as refused:
        print(f"hearth: {refused}", file=sys.stderr)
        return 1
    except httpx.HTTPError:
        print("hearth: a service or the issuer does not answer. Look at `make up`, and simulate again: what is in stays.", file=sys.stderr)
        return 1
    truth_file.write_text(simulated.truth, encoding="utf-8")
    for line in in_words(simulated, truth_file):
        print(line)
    return 0


def in_words(simulated: Simulated, truth_file: Path) -> list[str]:
    """What came of it, for people."""
    count = simulated.brought.by_type
    said = f"{count['referral.created']:,} referrals, {count['placement.agreed']:,} placements, {simulated.brought.returns} returns"
    if not simulated.brought.new:
        return [f"This past was there already: {said}. Nothing changed."]
    planted = [f"  since {one.since:%B %Y}: {one.as_told['in_words']}" for one in simulated.planted]
    return [
        f"The past is in: {said}, {simulated.brought.lines:,} events.",
        "The figures are counted in the next minute; then alerts look at its months one after the other, and the pages say how far.",
        *(["Planted in it:", *planted] if planted else ["Nothing is planted in it."]),
        f"The truth is in {shown(truth_file)}.",
    ]


async def _simulate(plan: Plan, folder: DataFolder, running: Running) -> Simulated:
    async with httpx.AsyncClient(timeout=60) as http:
        return await simulate(http, signed_in(http, folder, running), running.addresses, plan)


def _years(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_YEARS:
        raise argparse.ArgumentTypeError(f"must be a number of years from 1 to {MOST_YEARS}")
    return int(text)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.005 <= scale <= MOST_SCALE:
        raise argparse.ArgumentTypeError(f"must be a number from 0.005 to {MOST_SCALE:g}")
    return scale


def _plant(text: str) -> frozenset[Plant]:
    if text in ("all", "none"):
        return ALL if text == "all" else frozenset()
    try:
        return frozenset(Plant(each.strip()) for each in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be all, none, or some of {', '.join(sorted(Plant))} with commas between") from None
