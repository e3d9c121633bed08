"""A day's work in a shorter time: whether memory and connections of every process stay as they are."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx

from referrals.store.vault import Keyring
from tests.bench.consortium import COUNCIL, agency_news, council_news, decided_referral, lot_news, tell, tiers_news, until
from tests.bench.demand import SENT_ALL_THE_SAME, seal_children
from tests.bench.figures import Figure, Section
from tests.bench.ground import Ground, prepared
from tests.bench.homes import agency
from tests.bench.progress import say

NAME = "soak"
AGENCIES = 60
SERVICES = ("referrals", "matching")
A_SECOND = 1.0
"""Referrals written, decided in-house and broadcast a second; four lists are read beside each. England has 750,000 in three years: one in
two minutes."""
EVERY = 10.0
FLAT = 1.10
"""Memory is flat when the last third's median is at most this times the second's: a process still fills its caches in the first."""


MOST_CONNECTIONS = 10
"""What one process's pool may hold; within it, how many are open follows how busy the moment is."""


@dataclass
class Watched:
    """One process over time: memory in bytes and connections to PostgreSQL."""

    memory: list[int] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)

    def growth(self, values: list[int]) -> float:
        """The last third beside the second."""
        third = max(1, len(values) // 3)
        return median(values[-third:]) / max(1, median(values[third : 2 * third] or values))

    @property
    def flat(self) -> bool:
        """Whether neither grew."""
        return self.growth(self.memory) <= FLAT and max(self.connections[-3:]) <= max(
            self.connections[: -len(self.connections) // 3] or [0]
        )


async def measure(quick: bool, minutes: float = 1.0) -> Section:
    """So many minutes of a steady load."""
    async with prepared(*SERVICES) as ground:
        soaked = _Soaked(ground, 0.5 if quick else minutes)
        await soaked.prepare()
        async with ground.all_running(*SERVICES) as http:
            await soaked.run(http)
    return soaked.section()


class _Soaked:
    def __init__(self, ground: Ground, minutes: float) -> None:
        self.ground, self.seconds = ground, minutes * 60
        self.watched: dict[str, Watched] = defaultdict(Watched)
        self.samples: list[str] = []
        self.done = self.asked = 0

    async def prepare(self) -> None:
        """Children for every referral there will be."""
        self.referrals = await self.ground.administrator("referrals")
        self.matching = await self.ground.administrator("matching")
        children = int(self.seconds * A_SECOND) + 50
        await seal_children(self.referrals, Keyring(str(self.ground.vault_keys()), development=False), children)

    async def run(self, http: Mapping[str, httpx.AsyncClient]) -> None:
        """The load, and a look at every process every few seconds."""
        await tell(
            self.ground, [council_news(), lot_news("general"), *(agency_news(n) for n in range(AGENCIES)), tiers_news("general", AGENCIES)]
        )
        await until(self.referrals, "SELECT EXISTS (SELECT FROM lots)", what="the lot in referrals")
        await until(self.matching, "SELECT count(*) = $1 FROM tier_lines", AGENCIES, what="the lot's list in matching")
        ends, look_at, number = time.monotonic() + self.seconds, time.monotonic(), 0
        while time.monotonic() < ends:
            due = time.monotonic() + 1 / A_SECOND
            await self._once(http, number)
            number += 1
            if time.monotonic() >= look_at:
                look_at += EVERY
                await self._look(ends - time.monotonic())
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await self._look(0)
        await self.referrals.close()
        await self.matching.close()

    async def _once(self, http: Mapping[str, httpx.AsyncClient], number: int) -> None:
        # Signed in anew each time: a token is good for half an hour.
        officer = self.ground.signed_in(str(COUNCIL), "placements_officer")
        provider = self.ground.signed_in(f"agency:{agency(number % AGENCIES)}")
        referral = await decided_referral(http["referrals"], officer, number, "general")
        sent = await http["referrals"].post(f"/referrals/{referral}/broadcast", json=SENT_ALL_THE_SAME, headers=officer)
        sent.raise_for_status()
        for client, path, who in (
            (http["referrals"], "/referrals", officer),
            (http["matching"], "/referrals", officer),
            (http["matching"], "/opportunities", provider),
            (http["matching"], "/notices", provider),
        ):
            (await client.get(path, headers=who)).raise_for_status()
        self.done += 1

    async def _look(self, left: float) -> None:
        connections = await self._connections()
        line = []
        for process in self.ground.processes:
            memory = process.memory()
            seen = self.watched[process.name]
            seen.memory.append(memory)
            seen.connections.append(connections.get(process.child.pid, 0))
            line.append(f"{process.name} {memory / 1e6:.0f} MB {seen.connections[-1]} c")
        self.samples.append(f"{self.seconds - left:6.0f} s  {self.done:5} referrals  " + ", ".join(line))
        say(f"soak: {left:.0f} s left, {self.samples[-1]}")

    async def _connections(self) -> dict[int, int]:
        """Process → its open connections to PostgreSQL, by the ports they come from."""
        rows = await self.referrals.fetch("SELECT client_port FROM pg_stat_activity WHERE client_port > 0")
        ports = {row["client_port"] for row in rows}
        return {process.child.pid: len(ports & _local_ports(process.child.pid)) for process in self.ground.processes}

    def section(self) -> Section:
        """Each process, flat or not."""
        figures = []
        for name, seen in self.watched.items():
            figures.append(
                Figure(
                    f"{name}: memory, from the second third to the last",
                    f"{max(seen.memory) / 1e6:.0f} MB at most, {max(seen.connections)} connections",
                    ratio=f"{seen.growth(seen.memory):.3f}",
                    goal=f"<= {FLAT:g}, connections <= {MOST_CONNECTIONS}",
                    met=seen.flat,
                )
            )
        return Section(
            "Soak",
            f"Referrals and matching as six processes on RabbitMQ for {self.seconds / 60:g} minutes: {self.done} referrals written, "
            f"decided and broadcast to {AGENCIES} agencies, {4 * self.done} lists read. Memory of their own and connections to "
            f"PostgreSQL every {EVERY:g} s.",
            figures,
            shown="\n".join(self.samples),
        )


def _local_ports(pid: int) -> set[int]:
    """Ports on which a process has connections: its sockets, looked up in the kernel's table."""
    sockets = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.startswith("socket:["):
            sockets.add(target[8:-1])
    table = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in table if row[9] in sockets}
