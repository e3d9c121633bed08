"""The load generators Debian packages: wrk for HTTP, pgbench for SQL."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.bench.figures import percentile
from tests.bench.ground import run
from tests.running.child import CannotHave, apt_install
from tests.running.postgresql import installed_programs


def wrk_program() -> str:
    """wrk, installed from Debian's packages when root; CannotHave otherwise."""
    if not shutil.which("wrk"):
        apt_install("wrk")
    found = shutil.which("wrk")
    if not found:
        raise CannotHave("make bench needs wrk to ask over HTTP. Install it: apt-get install wrk (or from your system's packages)")
    return found


def pgbench_program() -> str:
    """pgbench of the installed PostgreSQL, which Debian packs with the server."""
    folder = installed_programs()
    found = str(folder / "pgbench") if folder and (folder / "pgbench").exists() else shutil.which("pgbench")
    if not found:
        raise CannotHave("make bench needs pgbench, which comes with PostgreSQL's server. Install it: apt-get install postgresql")
    return found


@dataclass(frozen=True)
class Answered:
    """What a load generator counted: things done, how many a second, and its times in seconds."""

    count: int
    per_second: float
    p50: float
    p99: float
    p99_sent: float
    """Of what was sent alone: wrk's own p99 has in it what a connection would have sent while it waited."""


async def wrk(url: str, script: Path, *, connections: int, seconds: float, environment: Mapping[str, str]) -> Answered:
    """Ask for so long over so many connections, one thread; RuntimeError when anything but a 2xx came back."""
    said = await run(
        wrk_program(), "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "10s", "-s", str(script), url, environment=environment
    )
    found = re.search(r"counted requests=(\d+) microseconds=(\d+) p50=([\d.]+) p99=([\d.]+) sent=([\d.]+) wrong=(\d+) broken=(\d+)", said)
    if not found:
        raise RuntimeError(f"wrk said something unexpected:\n{said}")
    requests, microseconds, p50, p99, sent, wrong, broken = (float(part) for part in found.groups())
    if wrong or broken:
        raise RuntimeError(f"{wrong:.0f} of {requests:.0f} requests were refused and {broken:.0f} broke off:\n{said}")
    return Answered(int(requests), requests / microseconds * 1e6, p50 / 1e6, p99 / 1e6, sent / 1e6)


async def pgbench(url: str, script: Path, variables: Mapping[str, str], *, clients: int, seconds: float, log_folder: Path) -> Answered:
    """Run the script prepared, on so many connections for so long; times from pgbench's own log of every transaction."""
    address = make_url(url)
    _logged_times(log_folder)
    defined = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
    said = await run(
        pgbench_program(), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-j", str(min(clients, 2)),
        "-T", f"{max(1, round(seconds))}", "-l", "--log-prefix", str(log_folder / "pgbench_log"), *defined,
        "-h", str(address.host), "-p", str(address.port), "-U", str(address.username), str(address.database),
        environment={**os.environ, "PGPASSWORD": str(address.password)},
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+) \(without initial connection time\)", said)
    if not found or "number of failed transactions: 0 " not in said:
        raise RuntimeError(f"pgbench said something unexpected:\n{said}")
    times = _logged_times(log_folder)
    p99 = percentile(times, 0.99)
    return Answered(len(times), float(found[1]), percentile(times, 0.5), p99, p99)


def _logged_times(folder: Path) -> list[float]:
    """Seconds of every transaction in pgbench's logs, which are removed."""
    times: list[float] = []
    for log in folder.glob("pgbench_log*"):
        times += [int(line.split()[2]) / 1e6 for line in log.read_text().splitlines()]
        log.unlink()
    return times
