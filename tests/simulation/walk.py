"""One seeded walk through the journey, act after act, on modelled databases or on real ones: what came of it, and every row at the end.

It is how the model is kept honest: the same walk on both must come out the same.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from uuid import UUID

from shared import clock, delivery, tenancy
from shared.contracts import HEARD_BY, SERVICES, Envelope
from shared.organisation import Organisation
from shared.refusals import Refused
from tests.simulation import requests
from tests.simulation.chance import Chance
from tests.simulation.fates import SWEPT
from tests.simulation.founding import BEGINS, COUNCILS, Founding, Home, SeededIds, Sought
from tests.simulation.postgres.schema import schema_of

Read = Callable[[str, str], Awaitable[list[dict[str, Any]]]]
"""Service and table → its rows by their columns' names, as a superuser sees them."""
ACTS = ("offer", "offer", "offer", "choose", "choose", "choose", "shortlist", "keep", "take_back", "stand_by", "decline", "amend")
ACTS += ("withdraw", "start", "start", "end", "end", "cancel", "publish", "publish", "close", "hours", "news", "news", "news", "again")


@dataclass
class Walk:
    """One side of a comparison."""

    seed: int
    databases: Mapping[str, tenancy.Databases]
    read: Read
    outcomes: list[str] = field(default_factory=list)
    waiting: list[tuple[str, Envelope]] = field(default_factory=list)
    heard: list[tuple[str, Envelope]] = field(default_factory=list)
    moment: datetime = BEGINS

    async def go(self, stages: int) -> None:
        """Found everything, then so many stages: a new referral, and acts and news in any order."""
        self.dice = Chance(self.seed, "walk")
        self.founding = Founding(self.databases)
        ids = SeededIds(self.seed, lambda: self.moment)
        with mock.patch.object(clock, "now", side_effect=lambda: self.moment), ids.installed():
            self.homes, sought = await self.founding.everything()
            self.sought = list(sought)
            for stage in range(stages):
                one = await self.founding.seek(len(self.sought), self.dice.pick(COUNCILS)) if stage >= 3 else self.sought[stage]
                if one not in self.sought:
                    self.sought.append(one)
                await self._ask("referrals", one.council, f"broadcast {stage}", requests.broadcast(one.referral))
                await self._news(every=True)
                for _ in range(9):
                    self.moment += timedelta(seconds=self.dice.between(1, 900))
                    await self._act(self.dice.pick(ACTS))
            await self._news(every=True)

    async def _ask(self, service: str, organisation: str, what: str, work: requests.Work) -> None:
        try:
            async with tenancy.transaction(self.databases[service], Organisation.parse(organisation)) as transaction:
                await work(transaction)
        except Refused as refused:
            self.outcomes.append(f"{organisation} {what}: refused, {[reason.rule for reason in refused.reasons]}")
        else:
            self.outcomes.append(f"{organisation} {what}: done")

    async def _one(self, service: str, table: str, **wanted: Any) -> dict[str, Any] | None:
        rows = [row for row in await self.read(service, table) if all(row[name] == value for name, value in wanted.items())]
        return self.dice.pick(sorted(rows, key=repr)) if rows else None

    async def _news(self, *, every: bool = False) -> None:
        """Some of what was said arrives, in any order; or all of it, and what it causes."""
        while True:
            for service in SERVICES:
                # PostgreSQL gives the rows of one change in no order that may be relied on, and events are recorded as they come
                said = sorted(await self.founding._said(service), key=lambda one: (one.type, one.subject, one.version))
                for envelope in said:
                    self.founding._carried.add(envelope.id)
                    self.waiting += [(hearer, envelope) for hearer in HEARD_BY[envelope.type]]
            if not self.waiting:
                return
            for _ in range(len(self.waiting) if every else self.dice.between(1, 4)):
                if self.waiting:
                    await self._hear(*self.waiting.pop(self.dice.between(0, len(self.waiting) - 1)))
            if not every:
                return

    async def _hear(self, service: str, envelope: Envelope) -> None:
        self.heard.append((service, envelope))
        hears = importlib.import_module(f"{service}.handlers").HEARS
        await delivery.deliver_one(service, hears, self.databases[service], envelope)

    async def _act(self, act: str) -> None:
        if act == "news":
            return await self._news()
        if act == "again":
            return await self._hear(*self.dice.pick(self.heard)) if self.heard else None
        if act == "hours":
            self.moment += timedelta(hours=self.dice.pick((1, 30, 24 * 9)))
            for service in SWEPT:
                ended = await importlib.import_module(SWEPT[service]).sweep(self.databases[service])
                self.outcomes.append(f"the sweep of {service} ended {ended}")
            return None
        found = await self._request(act)
        if found is not None:
            service, organisation, what, work = found
            await self._ask(service, organisation, f"{act} {what}", work)
        return None

    async def _request(self, act: str) -> tuple[str, str, object, requests.Work] | None:
        one: dict[str, Any] | None
        home: Home = self.dice.pick(self.homes)
        sought: Sought = self.dice.pick(self.sought[-3:])
        if act in ("offer", "decline"):
            one = await self._one("matching", "opportunities", state="open", provider=home.agency)
            if one is None:
                return None
            referral: UUID = one["referral"]
            offering = requests.offer(home.agency, referral, home.vacancy, f"{self.dice.between(700, 900)}.25")
            return "matching", home.agency, referral, offering if act == "offer" else requests.decline(home.agency, referral)
        if act in ("choose", "shortlist", "keep", "take_back", "stand_by"):
            one = await self._one("matching", "offers", state=self.dice.pick(("made", "made", "shortlisted", "selected")))
            if one is None:
                return None
            council, offer, referral = one["council"], one["offer"], one["referral"]
            work = {
                "choose": lambda: requests.choose(council, referral, offer),
                "shortlist": lambda: requests.shortlist(council, referral, [offer]),
                "keep": lambda: requests.keep(council, referral, offer),
                "take_back": lambda: requests.take_back(one["provider"], offer),
                "stand_by": lambda: requests.stand_by(one["provider"], offer),
            }[act]()
            return "matching", council if act in ("choose", "shortlist", "keep") else one["provider"], offer, work
        if act in ("start", "end", "cancel"):
            one = await self._one("referrals", "placements", state="started" if act == "end" else "agreed")
            if one is None:
                return None
            asked = {"start": requests.start, "end": requests.end, "cancel": requests.cancel}[act]
            return "referrals", one["council"], one["id"], asked(one["id"])
        if act == "amend":
            day = clock.today() + timedelta(days=self.dice.between(1, 20))
            return "referrals", sought.council, sought.referral, requests.amend(sought.referral, day)
        if act == "withdraw":
            return "referrals", sought.council, sought.referral, requests.withdraw(sought.referral)
        beds = self.dice.between(1, home.beds)
        asking = requests.publish(home.reference, beds) if act == "publish" else requests.close(home.reference)
        return "providers", home.agency, f"{home.reference} {beds}", asking

    async def rows(self) -> dict[str, list[str]]:
        """Every row of every table, without what the database makes of itself (its clock, its numbers) or what is sealed by chance."""
        found: dict[str, list[str]] = {}
        events = {str(row["id"]) for service in SERVICES for row in await self.read(service, "outbox")}

        def unnamed(text: str) -> str:
            return _ID.sub(lambda one: "an event" if one[0] in events else one[0], text)

        for service in SERVICES:
            schema = schema_of(service)
            for name, table in schema.tables.items():
                left_out = {column.name for column in table.columns if _own_making(column)} | _BY_CHANCE.get(name, set())
                told = await self.read(service, name)
                found[f"{service}.{name}"] = sorted(
                    unnamed(repr({key: _plain(value) for key, value in row.items() if key not in left_out})) for row in told
                )
        return found


_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BY_CHANCE = {"outbox": {"sent_at"}, "inbox": {"heard_at"}, "notices": {"notice"}}
"""Which of two events of one change got which id is nobody's decision, and so with notices."""


def _own_making(column: Any) -> bool:
    by_database = column.default is not None and type(column.default).__name__ in ("FuncCall", "TypeCast") and column.type != "text"
    return column.identity or by_database or (column.type == "bytea" and "hash" not in column.name) or column.name == "changed_in"


def _plain(value: Any) -> Any:
    """A value in words that do not depend on who told it."""
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo is None else value.timestamp()
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
