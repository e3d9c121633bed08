"""``hearth ledger verify``: each council's disclosure ledger followed from its first line to its last, asked as its administrator."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import httpx

from hearth.data_folder import DataFolder
from hearth.tokens import Tokens, signed_in
from shared.organisation import Organisation

SECONDS = 600
"""A long ledger takes its time: some eighty seconds for a million lines."""


async def verify(councils: Sequence[str], kept: tuple[int, str] | None, folder: DataFolder) -> int:
    """Print what each ledger is found to be; 0 when all are whole, 1 when one is not or could not be asked."""
    running = folder.running()
    whole = True
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        tokens = signed_in(http, folder, running)
        asked = councils or await _all_councils(http, tokens, running.addresses["providers"])
        if not asked:
            print("No council is recorded yet, so there is no ledger to check.")
        for council in asked:
            token = await tokens.of(str(Organisation.council(council)), "administrator")
            reply = await http.get(
                f"{running.addresses['referrals']}/ledger/verification",
                headers={"Authorization": f"Bearer {token}"},
                params={"kept_line": kept[0], "kept_hash": kept[1]} if kept else None,
            )
            whole &= _told(council, reply)
    return 0 if whole else 1


def _told(council: str, reply: httpx.Response) -> bool:
    body: dict[str, Any] = reply.json()
    if reply.status_code != httpx.codes.OK:
        print(f"hearth: {council}: {body.get('detail')}", file=sys.stderr)
        return False
    if body["whole"]:
        print(f"{council}  whole, {body['lines']} lines. To keep elsewhere: {body['lines']}:{body['hash']}")
        return True
    broken = body["first_broken"]
    named = f"line {broken['line']}" + (f" ({broken['id']})" if broken["id"] else "")
    print(f"{council}  BROKEN at {named}. {broken['message']} The {body['lines']} lines before are whole.")
    return False


async def _all_councils(http: httpx.AsyncClient, tokens: Tokens, providers: str) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        token = await tokens.of("consortium")
        asked = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = (
            (await http.get(f"{providers}/councils", headers={"Authorization": f"Bearer {token}"}, params=asked)).raise_for_status().json()
        )
        found += [each["ons_code"] for each in page["items"]]
        cursor = page.get("next_cursor")
    return found


def position(text: str) -> tuple[int, str]:
    """A line's number and hash as the command prints them, ``120:9f86…``; ValueError when it is not that."""
    line, _, hash = text.partition(":")
    if not line.isdigit() or int(line) < 1 or len(bytes.fromhex(hash)) != 32:
        raise ValueError(text)
    return int(line), hash.lower()
