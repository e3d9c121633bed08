"""Two councils and three agencies at work: each does one thing after the other, looks at what there is, and is sometimes not answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from shared import clock, failures
from shared.refusals import RefusalKind, Refused
from tests.simulation import requests
from tests.simulation.chance import Chance
from tests.simulation.founding import COUNCILS, Home, Stage
from tests.simulation.world import Lost, World

Told = dict[str, Any]
Deed = tuple[str, str, str]
"""Who did what, and on what: "council:E06000045", "choose", the offer."""
ACTS = {
    "council": ("choose",) * 5 + ("withdraw", "withdraw", "amend", "shortlist", "keep", "move_in", "move_in", "move_out", "call_off"),
    "agency": ("offer", "offer", "take_back", "take_back", "stand_by", "decline", "publish", "close"),
}
"""What an organisation may do next, the likelier the oftener named."""


class Person:
    """Somebody of one organisation; two of a council may act at once."""

    def __init__(self, world: World, organisation: str, number: int, acts: int) -> None:
        self.world = world
        self.organisation = organisation
        self.name = f"{organisation} {'AB'[number]}"
        self.chance = Chance(world.seed, self.name)
        self.first = False
        """Whether this is who broadcasts the council's referrals."""
        self.acts = acts
        self.accepted: list[Deed] = []
        """What was answered with yes."""
        self.unknown: list[Deed] = []
        """What may be done or not, for all that it was told: told that nothing was written, or refused, it knows."""

    async def work(self) -> None:
        """Act after act, with time between for others' news to come or not to come."""
        kind = self.organisation.partition(":")[0]
        stage = self.world.founded.stage
        if kind == "council" and self.first and stage is Stage.BEGUN:
            for sought in self.world.founded.sought:
                if sought.council == self.organisation:
                    await self._ask("referrals", f"broadcast {sought.referral}", lambda one=sought: requests.broadcast(one.referral))
        if kind == "council":
            await self._wait_for(lambda: self._to_choose_from())
        else:
            await self._wait_for(lambda: self._told("matching", "opportunities", provider=self.organisation, state="open"))
            if stage is not Stage.OFFERED:
                await self._offer_to_all()
        acts = ("choose",) if kind == "council" else ACTS[kind]
        for number in range(self.acts):
            dice = Chance(self.world.seed, f"{self.name} {number}")
            act = dice.pick(acts)
            acts = ACTS[kind]
            await asyncio.sleep(dice.dice.random() * dice.pick((0.005, 0.05, 0.5)))
            if not self.world.takes_part(f"{self.name} act {number}: {act}"):
                continue
            self.chance = dice
            await getattr(self, f"_{act}")()

    async def _wait_for(self, there: Callable[[], Any]) -> None:
        """Look at the screen now and then until there is something to act on, or the patience is over."""
        for _ in range(20):
            if there():
                return
            await asyncio.sleep(0.1)

    async def _ask(self, service: str, what: str, work: Callable[[], requests.Work]) -> None:
        """Ask until there is an answer or the patience is over; the same key each time, so that it is done once."""
        key = f"{self.name} {what} {self.chance.dice.getrandbits(40)}"
        act, _, on = what.partition(" ")
        deed = (self.organisation, act, on)
        may_be_done, passed = False, self.world.passed
        for _ in range(self.chance.pick((1, 4, 40))):
            try:
                await self.world.processes[f"{service} api"].answer(
                    lambda databases: requests.asked(databases, self.organisation, key, what, work())
                )
            except Refused as refused:
                if refused.kind is RefusalKind.UNAVAILABLE:
                    may_be_done = may_be_done or any(reason.rule == "outcome_unknown" for reason in refused.reasons)
                    await asyncio.sleep(self.chance.latency() * 20)
                    continue
                self.world.say(self.name, f"is refused: {what} ({', '.join(reason.rule for reason in refused.reasons)})")
                if may_be_done and passed != self.world.passed:  # days later its key may be forgotten, and what was done stands in its way
                    self.unknown.append(deed)
                return
            except (Lost, asyncpg.PostgresConnectionError):
                self.world.say(self.name, f"is not answered: {what}")
                may_be_done = True
                await asyncio.sleep(self.chance.latency() * 20)
                continue
            except Exception as error:
                self.world.errors.append(f"{self.name}, asking to {what}, met a fault of ours: {failures.described(error)}: {error}")
                return
            self.world.say(self.name, f"has it done: {what}")
            self.accepted.append(deed)
            return
        if may_be_done:
            self.unknown.append(deed)

    # --- what there is to act on, as a glance at the screen shows it ---

    def _told(self, service: str, table: str, **wanted: Any) -> list[Told]:
        rows = self.world.databases[service].told(table)
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]

    def _an_offer(self, **wanted: Any) -> Told | None:
        found = self._told("matching", "offers", **wanted)
        live = [one for one in found if one["state"] in ("made", "shortlisted", "selected")] or found
        return self.chance.pick(live) if live else None

    def _home(self) -> Home:
        return next(home for home in self.world.founded.homes if home.agency == self.organisation)

    def _referral(self) -> UUID | None:
        mine = [one.referral for one in self.world.founded.sought if one.council == self.organisation]
        return self.chance.pick(mine)

    # --- a council ---

    def _to_choose_from(self) -> list[Told]:
        open_ones = {one["referral"] for one in self._told("matching", "referrals", council=self.organisation, state="open")}
        offers = self._told("matching", "offers", council=self.organisation)
        return [one for one in offers if one["referral"] in open_ones and one["state"] in ("made", "shortlisted")]

    async def _choose(self) -> None:
        found = self._to_choose_from() or self._told("matching", "offers", council=self.organisation)
        if found:
            one = self.chance.pick(found)
            await self._ask("matching", f"choose {one['offer']}", lambda: requests.choose(self.organisation, one["referral"], one["offer"]))

    async def _shortlist(self) -> None:
        if (one := self._an_offer(council=self.organisation)) is not None:
            work = lambda: requests.shortlist(self.organisation, one["referral"], [one["offer"]])  # noqa: E731
            await self._ask("matching", f"shortlist {one['offer']}", work)

    async def _keep(self) -> None:
        if (one := self._an_offer(council=self.organisation)) is not None:
            await self._ask("matching", f"keep {one['offer']}", lambda: requests.keep(self.organisation, one["referral"], one["offer"]))

    async def _amend(self) -> None:
        referral, day = self._referral(), clock.today() + timedelta(days=self.chance.between(1, 20))
        assert referral is not None
        await self._ask("referrals", f"amend {referral} {day}", lambda: requests.amend(referral, day))

    async def _withdraw(self) -> None:
        referral = self._referral()
        assert referral is not None
        await self._ask("referrals", f"withdraw {referral}", lambda: requests.withdraw(referral))

    async def _placement(self, what: str, state: str, work: Callable[[UUID], requests.Work]) -> None:
        found = self._told("referrals", "placements", council=self.organisation, state=state)
        if found:
            one = self.chance.pick(found)
            await self._ask("referrals", f"{what} {one['id']}", lambda: work(one["id"]))

    async def _move_in(self) -> None:
        await self._placement("start", "agreed", requests.start)

    async def _move_out(self) -> None:
        await self._placement("end", "started", requests.end)

    async def _call_off(self) -> None:
        await self._placement("cancel", "agreed", requests.cancel)

    # --- an agency ---

    async def _offer_to_all(self) -> None:
        """The one home to every referral there is, in a short run to two: whoever chooses first has it."""
        sent = self._told("matching", "opportunities", provider=self.organisation, state="open")
        for number, one in enumerate(sent if self.world.is_long else self.chance.some(sent, least=2, most=2)):
            if self.world.takes_part(f"{self.name} offers first, {number}"):
                await self._offer_for(one["referral"])

    async def _offer(self) -> None:
        sent = self._told("matching", "opportunities", provider=self.organisation, state="open")
        if sent:
            await self._offer_for(self.chance.pick(sent)["referral"])

    async def _offer_for(self, referral: UUID) -> None:
        pounds = f"{self.chance.between(700, 900)}.{self.chance.between(10, 99)}"
        work = lambda: requests.offer(self.organisation, referral, self._home().vacancy, pounds)  # noqa: E731
        await self._ask("matching", f"offer {referral} {pounds}", work)

    async def _take_back(self) -> None:
        if (one := self._an_offer(provider=self.organisation)) is not None:
            await self._ask("matching", f"take_back {one['offer']}", lambda: requests.take_back(self.organisation, one["offer"]))

    async def _stand_by(self) -> None:
        if (one := self._an_offer(provider=self.organisation)) is not None:
            await self._ask("matching", f"stand_by {one['offer']}", lambda: requests.stand_by(self.organisation, one["offer"]))

    async def _decline(self) -> None:
        sent = self._told("matching", "opportunities", provider=self.organisation, state="open")
        if sent:
            referral = self.chance.pick(sent)["referral"]
            await self._ask("matching", f"decline {referral}", lambda: requests.decline(self.organisation, referral))

    async def _publish(self) -> None:
        home = self._home()
        await self._ask(
            "providers", f"publish {home.reference}", lambda: requests.publish(home.reference, self.chance.between(1, home.beds))
        )

    async def _close(self) -> None:
        home = self._home()
        await self._ask("providers", f"close {home.reference}", lambda: requests.close(home.reference))


def everybody(world: World) -> tuple[list[Person], list[Coroutine[Any, Any, None]]]:
    """Who is at work in this run, and what each of them is about to do. In a short run two of the councils' four people are."""
    dice = Chance(world.seed, "how much")
    most = 4 if world.is_long else 2
    every = [(one, number) for one in COUNCILS for number in (0, 1)]
    at_work = every if world.is_long else sorted(dice.some(every, least=2, most=2))
    people = [Person(world, one, number, dice.between(1, most)) for one, number in at_work]
    for council in COUNCILS:
        if theirs := [one for one in people if one.organisation == council]:
            theirs[0].first = True
    people += [Person(world, one, 0, dice.between(0, most)) for one in world.founded.agencies]
    return people, [one.work() for one in people]
