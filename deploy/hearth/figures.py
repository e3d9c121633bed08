"""``hearth figures``: build all figures again from the log of events, or take the facts behind them away as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx

from hearth.data_folder import DataFolder
from hearth.tokens import signed_in
from shared.organisation import CONSORTIUM, Kind, Organisation

SECONDS = 1800
"""Three years of eleven councils are built again in about a minute."""
ROLE = {Kind.COUNCIL: "reader", Kind.AGENCY: "reader", Kind.CONSORTIUM: "project_manager"}


async def rebuild(folder: DataFolder, *, write: bool) -> int:
    """Print what differs between the log, the facts and the counts; 0 when nothing does, or all of it was put right."""
    running = folder.running()
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        token = await signed_in(http, folder, running).of(str(CONSORTIUM), "project_manager")
        headers = {"Authorization": f"Bearer {token}"}
        reply = await http.post(f"{running.addresses['monitoring']}/rebuild", headers=headers, json={"write": write})
    body: dict[str, Any] = reply.json()
    if reply.status_code != httpx.codes.OK:
        print(f"hearth: {body.get('detail')}", file=sys.stderr)
        return 1
    print(f"{body['events']} events of the log, {body['facts']} facts, {body['counted']} counted records compared.")
    for each in body["differences"]:
        columns = f": {', '.join(each['columns'])}" if each["columns"] else ""
        print(f"  {each['kind'].replace('_', ' ')}  {each['reader']}  {each['table']} {each['key']}{columns}")
    if not body["different"]:
        print("No difference.")
        return 0
    print(f"{body['different']} different" + (f", {body['put_right']} facts written anew and every month counted again." if write else "."))
    return 0 if write and body["put_right"] == sum(each["kind"] in ("missing", "altered") for each in body["differences"]) else 1


async def export(organisation: Organisation, into: Path, folder: DataFolder) -> int:
    """Write each table of facts that the organisation may see as a CSV file; files that are there are not written over."""
    running = folder.running()
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        token = await signed_in(http, folder, running).of(str(organisation), ROLE[organisation.kind])
        headers = {"Authorization": f"Bearer {token}"}
        address = running.addresses["monitoring"]
        names: list[str] = (await http.get(f"{address}/facts", headers=headers)).raise_for_status().json()
        there = [name for name in names if (into / f"{name}.csv").exists()]
        if there:
            print(f"hearth: {into} has {', '.join(f'{name}.csv' for name in there)} already; nothing was written", file=sys.stderr)
            return 1
        for name in names:
            text = (await http.get(f"{address}/facts/{name}", headers=headers)).raise_for_status().text
            (into / f"{name}.csv").write_text(text, encoding="utf-8")
            print(f"{into / name}.csv  {max(text.count(chr(10)) - 1, 0)} rows")
    return 0
