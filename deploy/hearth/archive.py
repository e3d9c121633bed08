"""``hearth archive take`` and ``load``: all that three services keep of a council, in one zip, out of one Hearth and into another."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import httpx

from hearth.data_folder import DataFolder
from hearth.progress import step
from hearth.tokens import signed_in
from shared.organisation import Organisation
from shared.zip_sizes import UNREADABLE, hold_to_their_sizes

SERVICES = ("referrals", "matching", "monitoring")
"""Those that keep rows of a council's own, in the order they are loaded. In ``providers`` are the consortium's and the agencies'."""

SECONDS = 900
MOST_BYTES = 1_000_000_000


class RefusedError(Exception):
    """A service said no; its own words."""


async def take(council: str, file: Path, folder: DataFolder) -> int:
    """Write the council's archive to a new file that only its owner may read: a folder a service. 0 when it is whole."""
    running = folder.running()
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        token = await signed_in(http, folder, running).of(str(Organisation.council(council)), "administrator")
        parts = {}
        for service in SERVICES:
            with step(f"Taking what {service} keeps of {council}"):
                reply = await http.get(f"{running.addresses[service]}/archive", headers={"Authorization": f"Bearer {token}"})
                _good(service, reply)
                parts[service] = reply.content
    unfinished = file.with_name(f"{file.name}.part")
    unfinished.touch(mode=0o600)
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as whole:
            for service, content in parts.items():
                with zipfile.ZipFile(io.BytesIO(content)) as part:
                    for entry in part.infolist():
                        whole.writestr(f"{service}/{entry.filename}", part.read(entry))
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{file} holds all that Hearth keeps of {council}, who its children are in the clear: keep it as the records themselves.")
    return 0


async def load(council: str, file: Path, folder: DataFolder, only: tuple[str, ...] = ()) -> int:
    """Load an archive into a Hearth that has nothing of the council yet, one service after the other. 0 when all of it is loaded."""
    running = folder.running()
    parts = _parts(file)
    wanted = [service for service in SERVICES if service in (only or SERVICES)]
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        token = await signed_in(http, folder, running).of(str(Organisation.council(council)), "administrator")
        for number, service in enumerate(wanted):
            try:
                with step(f"Loading what {service} keeps of {council}"):
                    reply = await http.post(
                        f"{running.addresses[service]}/archive",
                        content=parts[service],
                        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/zip"},
                    )
                    _good(service, reply)
            except RefusedError:
                if number:
                    rest = " ".join(f"--only {each}" for each in wanted[number:])
                    print(f"hearth: {' and '.join(wanted[:number])} loaded. What is left, once mended: {rest}", file=sys.stderr)
                raise
            print(f"{service}: {sum(reply.json()['rows'].values())} rows")
    return 0


def _parts(file: Path) -> dict[str, bytes]:
    """The archive of each service, as it gave it. RefusedError for a file that is none of ours."""
    made = {service: io.BytesIO() for service in SERVICES}
    try:
        with zipfile.ZipFile(file) as whole:
            if sum(entry.file_size for entry in whole.infolist()) > MOST_BYTES:
                raise RefusedError(f"{file} unpacks to more than is taken at once.")
            hold_to_their_sizes(whole)
            parts = {service: zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) for service, content in made.items()}
            for entry in whole.infolist():
                service, _, name = entry.filename.partition("/")
                if service not in parts or not name or "/" in name:
                    raise RefusedError(f"{file} is not an archive that hearth took: there is a file in it that does not belong there.")
                parts[service].writestr(name, whole.read(entry))
            for part in parts.values():
                part.close()
    except UNREADABLE as error:
        raise RefusedError(f"{file} cannot be read as a zip.") from error
    return {service: content.getvalue() for service, content in made.items()}


def _good(service: str, reply: httpx.Response) -> None:
    if reply.status_code == httpx.codes.OK:
        return
    said = reply.json()
    named = "".join(f"\n  {each['field']}: {each['message']}" for each in said.get("errors", ()))
    raise RefusedError(f"{service}: {said.get('detail')}{named}")
