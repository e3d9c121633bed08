"""Nothing goes on and nothing is left over."""

from __future__ import annotations

from pathlib import Path

from shared.contracts import SERVICES
from tests.faults.ground import EVERY, Ground
from tests.faults.invariants.evidence import Evidence

POOL = 5
MEGABYTES = 200.0
"""What a process may hold, whatever it went through; a tenth more than it held at first if that is more."""
_WAITING = """
SELECT application_name, state, wait_event_type, extract(epoch FROM now() - xact_start)::float AS seconds
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def everything_at_rest(seen: Evidence) -> list[str]:
    """Queues, dead letters, transactions, connections, memory."""
    found = []
    for service in SERVICES:
        depth = seen.depths[service]
        if depth.waiting:
            found.append(f"{depth.waiting} events wait for {service}")
        if depth.dead != seen.dead_expected.get(service, 0):
            found.append(f"{service} has {depth.dead} dead letters, {seen.dead_expected.get(service, 0)} were expected")
        rows = await seen.ground.rows(service, _WAITING)
        most = POOL * sum(1 for one, _ in EVERY if one == service)
        if len(rows) > most:
            found.append(f"{service}'s database has {len(rows)} connections, its processes may have {most}")
        for row in rows:
            if row["seconds"] is not None and row["seconds"] > 5:
                found.append(f"{service}: a transaction is {row['state']} for {row['seconds']:.0f} s, waiting for {row['wait_event_type']}")
    for (service, role), size in memory(seen.ground).items():
        if size > max(MEGABYTES, 1.1 * seen.ground.memory_at_first.get((service, role), 0.0)):
            found.append(f"{service} {role} holds {size:.0f} MB")
    return found


def memory(ground: Ground) -> dict[tuple[str, str], float]:
    """Megabytes that each process holds."""
    return {way: resident(ground.pid(*way)) for way in EVERY if not ground.ended(*way)}


def resident(pid: int) -> float:
    """Megabytes that one process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
