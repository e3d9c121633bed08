"""``hearth simulate`` on the command line."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import httpx

from hearth.data_folder import DataFolder, Running, shown
from hearth.simulate.bringing import RefusedError
from hearth.simulate.plan import Plan
from hearth.simulate.reading import NotReadyError
from hearth.simulate.run import Simulated, simulate
from hearth.tokens import TokenRefusedError, signed_in
from shared import clock


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
