"""``hearth backup`` as a person types it: which databases, which folders, and in words what was done."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hearth import databases
from hearth.backup import manifest, places, restoring, taking
from hearth.backup.manifest import DATA, KEYS, Manifest
from hearth.backup.places import SETTING, Place
from hearth.backup.refused import RefusedError
from hearth.backup.restoring import Outcome, Wanted
from hearth.data_folder import DataFolder
from referrals.store.vault import Keyring

PAGES = ("data-is-lost-or-wrong", "a-restore-is-not-proved")
"""What to do, in docs/runbook.md."""


def do(options: argparse.Namespace) -> int:
    """Do what was asked; 0 when all is well, 1 when it was refused or is not proved."""
    try:
        match options.action:
            case "check":
                return _check(options.folder, options.keys)
            case "restore":
                return _restore(options)
            case "agree":
                return _agree(options)
            case "keys":
                made = asyncio.run(taking.take_keys(_running_places(options.data), options.keys))
                print(f"The keys as they were at {made.not_before:%Y-%m-%d %H:%M:%S} UTC are in {options.keys}.")
            case _:
                made = asyncio.run(taking.take(_running_places(options.data), options.folder, options.keys))
                print(f"{options.folder} holds every write that was answered before {made.not_before:%Y-%m-%d %H:%M:%S.%f} UTC;")
                print(f"the keys are in {options.keys}. Keep the two apart, and the key file (VAULT_KEYS_FILE) apart from both.")
    except RefusedError as refused:
        print(f"hearth: {refused}", file=sys.stderr)
        return 1
    return 0


def _running_places(data: Path) -> list[Place]:
    """The databases of HEARTH_DATABASES, or of what runs from the data folder."""
    if SETTING in os.environ:
        return places.read(os.environ[SETTING])
    running, given = DataFolder(data.resolve()).running(), os.environ.get("POSTGRES_URL", "")
    urls = {}
    for service, url in running.database_urls.items():
        database = Place(service, url).database
        # The launcher's own PostgreSQL lets whoever can reach its socket in as administrator.
        urls[service] = Place(service, given).called(database).url if given else databases.address(url, "postgres", "", database)
    return places.of(urls)


def _check(folder: Path, keys: Path | None) -> int:
    _told(manifest.checked(folder, DATA))
    if keys is not None:
        newest, made = taking.newest_keys(keys)
        print(f"The newest keys, {newest.name}:")
        _told(made)
    print("Whole: every file is as it was written.")
    return 0


def _told(made: Manifest) -> None:
    print(f"  {made.kind} of {made.not_before:%Y-%m-%d %H:%M:%S} UTC, by Hearth {made.hearth} on PostgreSQL {made.postgresql}")
    for part in made.parts:
        print(f"  {part.name:<24} schema {part.schema:<6} {len(part.rows):>3} tables {sum(part.rows.values()):>10} rows")
        under = [f"{council} {', '.join(ids)}" for council, ids in sorted(part.sealed_under.items())]
        if under and made.kind == KEYS:
            print(f"    sealed under these keys of the key file: {'; '.join(under)}")


def _restore(options: argparse.Namespace) -> int:
    manifest.checked(options.folder, DATA)  # before a server is started for it
    with ExitStack() as stack:
        wanted = Wanted(
            folder=options.folder,
            keys=options.keys,
            replace=options.replace,
            keys_as_kept=options.keys_as_kept,
            anyway=options.anyway,
            **_surroundings(options, stack),
        )
        outcome = asyncio.run(restoring.restore(wanted))
    return _said(outcome)


def _agree(options: argparse.Namespace) -> int:
    with ExitStack() as stack:
        outcome = asyncio.run(restoring.agree(**_surroundings(options, stack)))
    return _said(outcome)


def _surroundings(options: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    """What stands around the databases, of the environment or of the data folder, whose PostgreSQL is started for it."""
    told = os.environ.get
    if SETTING in os.environ:
        where, broker = places.read(os.environ[SETTING]), told("BROKER_URL", "")
        ring = Keyring(told("VAULT_KEYS_FILE", ""), development=told("HEARTH_DEVELOPMENT") == "1")
        if not broker:
            raise RefusedError("BROKER_URL is not set: what waits in the broker is news of another time, and must be looked at")
    else:
        folder = DataFolder.at(options.data)
        stack.enter_context(folder.claimed())
        admin = stack.enter_context(databases.postgres(folder.postgres, told("POSTGRES_URL", "")))
        asyncio.run(databases.check(admin))
        addresses, bus = asyncio.run(databases.provision_all(admin))
        broker = told("AMQP_URL", "") or bus
        names = {service: Place(service, one.owner_url).database for service, one in addresses.items()}
        where = places.of({service: Place(service, admin).called(name).url for service, name in names.items()})
        ring = Keyring(str(folder.vault_keys) if folder.vault_keys.exists() else "", development=True)
    return {
        "places": where,
        "ring": ring,
        "broker_url": broker,
        "queue_prefix": told("QUEUE_PREFIX", "") or "hearth",
        "keep_days": int(told("KEEP_EVENTS_DAYS", "") or 30),
    }


def _said(outcome: Outcome) -> int:
    print(f"As it was at {outcome.instant:%Y-%m-%d %H:%M:%S.%f} UTC:")
    told = ", ".join(f"{service} {number}" for service, number in sorted(outcome.replayed.told.items())) or "nobody anything"
    print(f"  Told what had been recorded and not yet heard: {told}.")
    if outcome.replayed.failed:
        print(
            f"  {len(outcome.replayed.failed)} could not be worked on: they are sent again, and will be found by hearth dead-letters list."
        )
    if outcome.erased_again:
        print(f"  {outcome.erased_again} children's records that were erased since were taken out again.")
    for proof in outcome.proofs:
        print(proof.line)
    whole = not any(proof.broken for proof in outcome.proofs)
    if not outcome.in_place:
        print(f"hearth: not proved, so nothing was put in place: see docs/runbook.md#{PAGES[1]}", file=sys.stderr)
        return 1
    for name in outcome.kept:
        print(f"  What was there is kept as the database {name}: it holds what it held of children; drop it when you need it no more.")
    print(
        "All agree. Start the services; then hearth doctor." if whole else f"Done, though not all is proved: see docs/runbook.md#{PAGES[1]}"
    )
    return 0 if whole else 1
