"""``make demo``: everything up, the example loaded, the main journey told and checked."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import httpx

from hearth.arrangement import SERVICES
from hearth.data_folder import DataFolder, Running, shown
from hearth.launch import Up, everything
from hearth.load import run as loading
from hearth.load.rows import Folder
from hearth.processes import tail, watch
from hearth.simulate.command import in_words
from hearth.simulate.meanwhile import meanwhile, plan_of_years
from hearth.simulate.run import Simulated
from hearth.story import Told, tell
from hearth.story.account import Account, NotAsItShouldBeError
from hearth.tokens import signed_in

YEARS, SEED = 3, 1
SCALE, SCALE_ONCE = 0.3, 0.02
"""Of a whole consortium's demand: enough to look at, and in before the story is told; told once, only as much as shows that it works."""
PAST_TITLE = "Behind the story: a past, made up from one seed, to be looked at on the project manager's pages"


def play(folder: DataFolder, port_base: int, example: Path, *, once: bool) -> int:
    """The demonstration; 0 when everything came out as it should, 1 when not. Without ``once`` it stays up until Ctrl-C."""
    read = loading.read(example)
    if read.faults:
        for fault in read.faults:
            print(fault, file=sys.stderr)
        return 1
    with everything(folder, port_base) as up:
        print(f"\n  Ready {up.seconds:.1f} s after the start.\n", file=sys.stderr, flush=True)
        told = asyncio.run(_load_and_tell(read, folder, up, once=once))
        if told is None:
            return 1
        print(f"\nThe story came out as it should: {told.checks} checks held.\n")
        if once:
            return 0
        _next(folder, up.running, told)
        with contextlib.suppress(KeyboardInterrupt):  # the story is told: being asked to stop is its proper end
            watch(up.processes)
    return 0


async def _load_and_tell(read: Folder, folder: DataFolder, up: Up, *, once: bool) -> Told | None:
    async with httpx.AsyncClient(timeout=30) as http:
        tokens = signed_in(http, folder, up.running)
        outcome = await loading.send(read, http, tokens, up.running.addresses)
        for line in [*outcome.notes, *outcome.faults]:
            print(line, file=sys.stderr)
        if not outcome.finished:
            print("The example could not be loaded; the lines above say where.", file=sys.stderr)
            return None
        try:
            plan = plan_of_years(1, SEED, SCALE_ONCE) if once else plan_of_years(YEARS, SEED, SCALE)
            async with meanwhile(tokens, up.running.addresses, plan) as past:
                told = await tell(http, tokens, up.running.addresses, Account())
                return _with_its_past(told, await past.ready(), folder)
        except NotAsItShouldBeError as error:
            differs = str(error)
        except (LookupError, TypeError) as error:
            differs = f"A reply lacks what it must have: {error!r}"
    _did_not(differs, folder)
    return None


def _with_its_past(told: Told, past: Simulated | str, folder: DataFolder) -> Told | None:
    """Say what past is there now; without one the demonstration has nothing to show on its pages, and has failed."""
    if isinstance(past, str):
        print(f"\nThe past could not be brought in: {past}", file=sys.stderr)
        return None
    truth_file = folder.path / "truth.json"
    truth_file.write_text(past.truth, encoding="utf-8")
    print(f"\n{PAST_TITLE}")
    for line in in_words(past, truth_file):
        print(f"   {line}")
    return told


def _did_not(differs: str, folder: DataFolder) -> None:
    """Say what differed, with the end of each service's log."""
    print(f"\nThe story did not come out as it should. {differs}", file=sys.stderr)
    for service in SERVICES:
        print(f"  The end of the log of {service}:\n{tail(folder.logs / f'{service}.log', 8)}", file=sys.stderr)


def _next(folder: DataFolder, running: Running, told: Told) -> None:
    officer, agency = told.outcome.winner.officer, told.cast.first_tier
    referral, data = told.outcome.winner.id, f"--data {shown(folder.path)}"
    print("Everything stays up until Ctrl-C. Addresses:\n")
    for name in SERVICES:
        print(f"  {name:<11} {running.addresses[name]}/docs")
    print(f"\nThe pages, in a browser; you choose there who to be:\n\n  {running.addresses['monitoring']}/pages\n")
    print("  As the project manager of the consortium: the agencies named above have changed; soon the alerts say since when.")
    print("\nGo on from here, in another terminal:\n")
    for words, who, service, path in (
        ("the decision, with every offer as it stood", officer.organisation, "matching", f"/referrals/{referral}/decision"),
        ("what the agency knows of the placement", agency.organisation, "referrals", f"/placements/{told.placement}"),
        ("the project manager's figures", "consortium", "monitoring", "/summary"),
    ):
        print(f"  # {words}")
        print(f'  curl -s -H "Authorization: Bearer $(.venv/bin/hearth token --as {who} {data})" {running.addresses[service]}{path}\n')
