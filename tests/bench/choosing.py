"""Choose to confirmed: four hops, from the council's choice to the agreed placement."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from uuid import UUID

import httpx

from matching.domain.choice import Consideration, Considered, Wishes
from referrals.store.vault import Keyring
from shared import clock
from tests.bench.consortium import COUNCIL, answered, decided_referral, tell, tiers_news, until, until_answered
from tests.bench.demand import SENT_ALL_THE_SAME, seal_children
from tests.bench.figures import Figure, Section, milliseconds, percentile, within
from tests.bench.ground import Ground, commit_times, prepared
from tests.bench.homes import agency
from tests.bench.progress import say

NAME = "choosing"
AGENCIES = 3
LOT = "general"
STEPS = (
    ("matching", "offer.selected", "providers"),
    ("providers", "vacancy.held", "matching"),
    ("matching", "offer.confirmed", "referrals"),
)
"""Who says what, and who does the next thing on hearing it."""
HOPS = ("chosen (the POST answered)", "bed held in providers", "confirmed in matching", "placement agreed in referrals")


async def measure(quick: bool) -> Section:
    """Three services, nine processes, on RabbitMQ."""
    async with prepared("referrals", "providers", "matching") as ground:
        bench = _Choosing(ground, 6 if quick else 40, 3 if quick else 10)
        await bench.prepare()
        async with ground.all_running("referrals", "providers", "matching") as http:
            await bench.run(http["referrals"], http["providers"], http["matching"])
        return bench.section()


@dataclass
class _Ready:
    """A referral with its offers; the first offer is the one to choose."""

    referral: str
    offers: list[str]


@dataclass
class _Choosing:
    ground: Ground
    busy: int
    idle: int
    took: dict[str, list[list[float]]] = field(default_factory=dict)
    """For each pace, one list a run: seconds until each of ``HOPS``."""
    shown: list[float] = field(default_factory=list)

    async def prepare(self) -> None:
        administrator = await self.ground.administrator("referrals")
        await seal_children(administrator, Keyring(str(self.ground.vault_keys()), development=False), self.busy + self.idle + 1)
        await administrator.close()

    async def run(self, referrals: httpx.AsyncClient, providers: httpx.AsyncClient, matching: httpx.AsyncClient) -> None:
        self.in_ = {service: await self.ground.administrator(service) for service in ("referrals", "providers", "matching")}
        vacancies = await self._consortium(providers)
        count = 1 + self.busy + self.idle
        say(f"choosing: {count} referrals with {AGENCIES} offers each")
        ready = [await self._offered(referrals, matching, number, vacancies) for number in range(count)]
        say(f"choosing: {self.busy} choices, then {self.idle} after a pause each")
        await self._choose(ready[0], referrals, matching)  # warms every process
        self.shown.clear()
        pick = Random(5)
        for pace, which in (("busy", ready[1 : 1 + self.busy]), ("idle", ready[1 + self.busy :])):
            self.took[pace] = []
            for one in which:
                await asyncio.sleep(2.3 if pace == "idle" else pick.uniform(0.05, 0.15))
                self.took[pace].append(await self._choose(one, referrals, matching))
        for connection in self.in_.values():
            await connection.close()

    async def _consortium(self, providers: httpx.AsyncClient) -> list[list[UUID]]:
        """Set it out through the API; for each agency the ids of its vacancies."""
        say("choosing: a council, three agencies, their homes and vacancies")
        lead = self.ground.signed_in("consortium", "project_manager", "procurement_lead")
        today = clock.today()
        since = (today - timedelta(days=400)).isoformat()
        await _put(providers, f"/councils/{COUNCIL.code}", lead, {"name": "Southampton", "joined_on": since})
        dates = {"established_on": since, "starts_on": since, "ends_on": (today + timedelta(days=1000)).isoformat()}
        await _put(providers, "/frameworks/south", lead, {"title": "South", **dates})
        await _put(providers, f"/frameworks/south/lots/{LOT}", lead, _lot())
        for number in range(AGENCIES):
            body = {"name": f"Agency {number}", "sector": "PR4", "ofsted_rating": "good", "inspected_on": since}
            await _put(providers, f"/agencies/{agency(number)}", lead, body)
        await tell(self.ground, [tiers_news(LOT, AGENCIES)])
        vacancies = [await self._homes(providers, number, 1 + self.busy + self.idle if number == 0 else 1) for number in range(AGENCIES)]
        await until(self.in_["matching"], "SELECT count(*) = $1 FROM vacancies", sum(map(len, vacancies)), what="the vacancies")
        await until(self.in_["matching"], "SELECT count(*) = $1 FROM tier_lines", AGENCIES, what="the tiers")
        await until(self.in_["referrals"], "SELECT count(*) = 1 FROM lots", what="the lot")
        return vacancies

    async def _homes(self, providers: httpx.AsyncClient, number: int, count: int) -> list[UUID]:
        headers = self.ground.signed_in(f"agency:{agency(number)}")
        found = []
        for home in range(count):
            await _put(providers, f"/households/H{home}", headers, _home())
            body = {"household": f"H{home}", "lots": [LOT], "free_beds": 1, "available_from": clock.today().isoformat()}
            found.append(UUID(await _put(providers, f"/vacancies/V{home}", headers, body)))
        return found

    async def _offered(self, referrals: httpx.AsyncClient, matching: httpx.AsyncClient, number: int, vacancies: list[list[UUID]]) -> _Ready:
        """A broadcast referral; the first agency offers a vacancy for this referral alone, the others their only one."""
        officer = self.ground.signed_in(str(COUNCIL), "placements_officer")
        referral = await decided_referral(referrals, officer, number, LOT)
        await answered(await referrals.post(f"/referrals/{referral}/broadcast", json=SENT_ALL_THE_SAME, headers=officer))
        offers = []
        for which, owned in enumerate(vacancies):
            headers = self.ground.signed_in(f"agency:{agency(which)}")
            await until_answered(matching, f"/opportunities/{referral}", headers)
            body = {
                "referral": referral,
                "vacancy": str(owned[number if which == 0 else 0]),
                "pounds_per_week": f"{800 + which}.00",
                "available_on": clock.today().isoformat(),
                "needs": [{"need": "autism", "met": True}],
            }
            offers.append(str((await answered(await matching.post("/offers", json=body, headers=headers)))["offer"]))
        return _Ready(referral, offers)

    async def _choose(self, one: _Ready, referrals: httpx.AsyncClient, matching: httpx.AsyncClient) -> list[float]:
        officer = self.ground.signed_in(str(COUNCIL), "placements_officer")
        body = {
            "offer": one.offers[0],
            "considerations": {str(each): str(Considered.MET) for each in Consideration},
            "wishes": str(Wishes.FOLLOWED),
        }
        # The two clocks compared are one machine's: PostgreSQL stamps commits by it too.
        began = time.time()
        await answered(await matching.post(f"/referrals/{one.referral}/choice", json=body, headers=officer))
        chosen = time.time() - began
        await self._until_agreed(one, referrals, matching, officer)
        self.shown.append(time.time() - began)
        return [chosen, *[at - began for at in await self._committed(one)]]

    async def _until_agreed(self, one: _Ready, referrals: httpx.AsyncClient, matching: httpx.AsyncClient, officer: dict[str, str]) -> None:
        """Ask every 25 ms, as an officer's screen might, until both services say so."""
        for _ in range(1500):
            placements = await answered(await referrals.get("/placements", params={"referral": one.referral}, headers=officer))
            if [each["state"] for each in placements["items"]] == ["agreed"]:
                choice = await answered(await matching.get(f"/referrals/{one.referral}/choice", headers=officer))
                if choice["state"] != "confirmed":
                    raise RuntimeError(f"the placement is agreed and the choice {choice['state']}")
                return
            await asyncio.sleep(0.025)
        raise RuntimeError("the choice was not confirmed within 15 s")

    async def _committed(self, one: _Ready) -> list[float]:
        """When each hop's work was committed: the transaction in which its consumer claimed the event."""
        found = []
        for said_by, type, heard_by in STEPS:
            event = await self.in_[said_by].fetchval(
                "SELECT id FROM outbox WHERE type = $1 AND strpos(envelope, $2) > 0", type, one.offers[0]
            )
            claimed_in = await self.in_[heard_by].fetchval("SELECT xmin::text::bigint FROM inbox WHERE event_id = $1", event)
            found.append((await commit_times(self.in_[heard_by], [claimed_in]))[claimed_in])
        return found

    def section(self) -> Section:
        ends = {pace: [run[-1] for run in runs] for pace, runs in self.took.items()}
        figures = [
            Figure("choice until confirmed and agreed, p50", milliseconds(percentile(ends["busy"], 0.5))),
            within("choice until confirmed and agreed, p95", 0.150, percentile(ends["busy"], 0.95)),
            Figure("the same when nothing happened for two seconds before, p50", milliseconds(percentile(ends["idle"], 0.5))),
            within("the same when nothing happened for two seconds before, p95", 0.150, percentile(ends["idle"], 0.95)),
            Figure("until both GETs said so, asked every 25 ms, p95", milliseconds(percentile(self.shown, 0.95))),
        ]
        return Section(
            "Choose to confirmed: four hops",
            "From before `POST /referrals/{id}/choice` is sent until matching has the choice confirmed and referrals has the placement "
            "agreed, by the commit of each: matching → providers takes the bed → matching confirms one offer and releases two → referrals "
            f"agrees the placement. Nine processes on RabbitMQ, {self.busy} choices a tenth of a second apart, {self.idle} after a pause.",
            figures,
            [
                f"{name}: p50 {milliseconds(percentile([run[place] for run in self.took['busy']], 0.5))}, after a pause "
                f"{milliseconds(percentile([run[place] for run in self.took['idle']], 0.5))}, counted from the start."
                for place, name in enumerate(HOPS)
            ]
            + [
                "Each hop is a commit, a poll of the relay (every 10 ms while it has work, every 40 ms after two seconds without), the "
                "broker's confirm, and the consumer's transaction; monitoring does not run here.",
            ],
        )


async def _put(http: httpx.AsyncClient, path: str, headers: dict[str, str], body: object) -> str:
    reply = await answered(await http.put(path, json=body, headers=headers))
    return str(reply.get("id", ""))


def _lot() -> dict[str, object]:
    return {
        "title": "General",
        "kinds": ["short_term", "emergency"],
        "price_weight": "80",
        "quality_weight": "20",
        "formula": "relative",
        "tier_rule": {"by": "count", "cuts": ["1", "1"]},
        "price_bands": [{"code": "0-17", "from_age": 0, "to_age": 17, "expected_bed_weeks": 100}],
        "quality_questions": [{"code": "q1", "title": "Quality", "max_score": 5, "weight": 1}],
    }


def _home() -> dict[str, object]:
    return {
        "postcode": "SO14 7LY",
        "from_age": 0,
        "to_age": 17,
        "sexes": ["M", "F"],
        "places": 1,
        "kinds": ["short_term", "emergency"],
        "skills": ["autism", "no_pets"],
        "approved_on": (clock.today() - timedelta(days=300)).isoformat(),
    }
