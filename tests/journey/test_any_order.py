"""Whatever people do in whatever order, and however late or doubled the news: nothing leaks, no bed is taken twice, every offer ends.

Hypothesis plays two councils and two agencies at random: refer, amend, offer, decline, withdraw, shortlist, choose, start, end, cancel,
look at what is not one's own, while events arrive out of order, twice or late. A failing run is shown as the shortest list of steps.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hearth.story.referring import SENT_ALL_THE_SAME
from shared import clock
from shared.organisation import Role
from tests.journey.consortium import AGENCIES, CONSORTIUM, COUNCILS, LOT, SmallConsortium, identity_of, secrets_of
from tests.matching.scene import CONSIDERED, approval
from tests.providers import bodies
from tests.running.databases import TestDatabases
from tests.running.services import SigningKey

T = TypeVar("T")
Pick = Callable[[Iterable[Any]], Any]

MOST_REFERRALS = 6
NEWS = st.sampled_from(("all", "all", "all", "one", "none"))
"""What arrives after a step: all that is on its way and what it causes, one event alone, or nothing yet."""
ACTS = (
    *("offer", "offer", "offer", "choose", "choose", "choose", "choose", "move", "move", "shortlist", "take_back", "decline", "hold"),
    *("amend", "amend", "withdraw", "refer", "publish", "send", "look", "look", "some_news", "some_news", "stand_by", "time_passes"),
)
"""What may happen next, the likelier the oftener named."""
LIVES = dict(zip(COUNCILS, ("SO14 7LY", "SO23 8UJ"), strict=True))
"""Where the children of each council live."""
CARERS_LIVE = ("SO17 3RF", "SO14 1AF", "SO15 5AD", "SO14 0ZA", "SO18 2JQ", "SO16 9JD")

OVER = ("released", "withdrawn", "refused", "confirmed")
"""The states in which an offer has ended: chosen for good, or not."""


@dataclass(frozen=True)
class Home:
    """A vacancy of an agency."""

    agency: str
    reference: str
    id: str
    beds: int
    postcode: str


@dataclass(frozen=True)
class Sought:
    """A referral of a council, and the children it is for."""

    council: str
    id: str
    children: tuple[str, ...]


@dataclass(frozen=True)
class Offered:
    """An offer that was made."""

    sought: Sought
    home: Home
    id: str


@dataclass
class Known:
    """A child: its council, what identifies it, and the agencies that may be told."""

    council: str
    identity: dict[str, Any]
    may_know: set[str] = field(default_factory=set)


class Journeys(RuleBasedStateMachine):
    """Two councils and two agencies at work."""

    databases: TestDatabases
    key: SigningKey

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.children: dict[str, Known] = {}
        self.all_sought: list[Sought] = []
        self.all_homes: list[Home] = []
        self.all_offers: list[Offered] = []
        self.read = 0
        self.events_read = 0
        self.ledger_lines = dict.fromkeys(COUNCILS, 0)
        self.all: SmallConsortium = self.run(SmallConsortium.set_up(self.databases, self.key))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """One step, to its end."""
        return self.loop.run_until_complete(work)

    def ask(self, service: str, organisation: str, method: str, path: str, body: Any = None, *roles: str, at: str = "") -> Any:
        """One call; what was answered, done or refused. A fault of the service fails the run at once. ``at`` has the version."""
        told = self.run(self.all.ask(service, organisation, method, path, body, *roles, at=at))
        assert told.status < 500, f"{told.asked}: {told.status} {told.body.decode()}"
        return told

    # --- what people do ---

    @initialize(children=st.integers(1, 2))
    def every_council_seeks_a_home_and_every_agency_offers_one(self, children: int) -> None:
        homes = self._home(AGENCIES[0], 1), self._home(AGENCIES[1], 2)
        for council in COUNCILS:
            one = self._refer(council, children, sent=True)
            for home in homes:
                self._offer(one, home, home.agency)
        self.then("all")

    @rule(draw=st.data(), act=st.sampled_from(ACTS), news=NEWS)
    def somebody_acts(self, draw: st.DataObject, act: str, news: str) -> None:
        """One step; a single rule with weights, so that every run gets as far as choosing and placing."""
        getattr(self, act)(lambda values: draw.draw(st.sampled_from(list(values))))
        self.then(news)

    def publish(self, pick: Pick) -> None:
        if len(self.all_homes) < len(CARERS_LIVE):
            self._home(pick(AGENCIES), pick((1, 2)))

    def refer(self, pick: Pick) -> None:
        if len(self.all_sought) < MOST_REFERRALS:
            self._refer(pick(COUNCILS), pick((1, 2)), sent=pick((True, False)))

    def send(self, pick: Pick) -> None:
        self._send(pick(self.all_sought))

    def amend(self, pick: Pick) -> None:
        one = pick(self.all_sought)
        changes = {
            "needed_by": (clock.today() + timedelta(days=pick(range(1, 20)))).isoformat(),
            "preferred_miles": pick((None, 5, 30)),
        } | SENT_ALL_THE_SAME
        self.ask("referrals", one.council, "PATCH", f"/referrals/{one.id}", changes, at=f"/referrals/{one.id}")

    def withdraw(self, pick: Pick) -> None:
        one, by = pick(self.all_sought), pick(COUNCILS)
        told = self.ask("referrals", by, "POST", f"/referrals/{one.id}/withdrawal", {"reason": "plan_changed"})
        assert not told.accepted or by == one.council

    def offer(self, pick: Pick) -> None:
        home = pick(self.all_homes)
        self._offer(pick(self.all_sought), home, pick((home.agency, home.agency, *AGENCIES)))

    def take_back(self, pick: Pick) -> None:
        if self.all_offers:
            offer, by = pick(self.all_offers), pick(AGENCIES)
            told = self.ask("matching", by, "POST", f"/offers/{offer.id}/withdrawal", {"reason": "carer_changed_their_mind"})
            assert not told.accepted or by == offer.home.agency

    def decline(self, pick: Pick) -> None:
        self.ask("matching", pick(AGENCIES), "POST", f"/opportunities/{pick(self.all_sought).id}/decline", {"reason": "no_vacancy"})

    def shortlist(self, pick: Pick) -> None:
        if self.all_offers:
            offer = pick(self.all_offers)
            by = pick((offer.sought.council, offer.sought.council, *COUNCILS))
            body = {"offers": [offer.id], "reason_code": "clearly_best_fit"}
            told = self.ask(
                "matching", by, "PUT", f"/referrals/{offer.sought.id}/shortlist", body, at=f"/referrals/{offer.sought.id}/options"
            )
            assert not told.accepted or by == offer.sought.council

    def choose(self, pick: Pick) -> None:
        if self.all_offers:
            offer = pick(self.all_offers)
            by = pick((offer.sought.council, offer.sought.council, *COUNCILS))
            body = {"offer": offer.id, "considerations": CONSIDERED, "wishes": "followed", "reason_code": "childs_wishes"}
            if pick((True, True, False)):  # all homes are in one council's area: without it the other is refused
                body["approvals"] = [approval("out_of_area")]
            told = self.ask("matching", by, "POST", f"/referrals/{offer.sought.id}/choice", body)
            assert not told.accepted or by == offer.sought.council

    def hold(self, pick: Pick) -> None:
        if self.all_offers:
            offer = pick(self.all_offers)
            told = self.ask("matching", pick(COUNCILS), "POST", f"/referrals/{offer.sought.id}/hold", {"offer": offer.id})
            assert not told.accepted or told.organisation == offer.sought.council

    def stand_by(self, pick: Pick) -> None:
        if self.all_offers:
            offer = pick(self.all_offers)
            self.ask("matching", offer.home.agency, "POST", f"/offers/{offer.id}/confirmation", {})

    def time_passes(self, pick: Pick) -> None:
        self.run(self.all.move_on(timedelta(hours=pick((1, 3, 24, 24 * 4)))))

    def move(self, pick: Pick) -> None:
        one, move, today = pick(self.all_sought), pick(("start", "start", "cancellation", "ending")), clock.today().isoformat()
        body = {
            "start": {"started_on": today, "earlier_than_agreed": True},
            "cancellation": {"reason": "child_refused"},
            "ending": {"ended_on": today, "planned": False, "reason": "CARPL"},
        }[move]
        for placement in self._placements(one):
            path = f"/placements/{placement['id']}"
            self.ask("referrals", one.council, "POST", f"{path}/{move}", body, at=path)

    def look(self, pick: Pick) -> None:
        """Everybody tries every door; what comes back is searched like all else."""
        one, by = pick(self.all_sought), pick((*COUNCILS, *AGENCIES, CONSORTIUM))
        for service, path in (
            ("referrals", f"/referrals/{one.id}"),
            ("referrals", f"/referrals/{one.id}/preview"),
            ("referrals", f"/placements?referral={one.id}"),
            ("matching", f"/opportunities/{one.id}"),
            ("matching", f"/referrals/{one.id}/options"),
            ("matching", f"/referrals/{one.id}/decision"),
            ("matching", "/offers"),
            *(("referrals", f"/children/{child}{more}") for child in one.children for more in ("", "/disclosures")),
        ):
            self.ask(service, by, "GET", path)
        for placement in self._placements(one):
            told = self.ask("referrals", by, "GET", f"/placements/{placement['id']}/child")
            assert not told.accepted or by in (one.council, placement["provider"]), f"{by} {told.asked}"

    def some_news(self, pick: Pick) -> None:
        """One event arrives out of its turn, perhaps twice."""
        if self.all.waiting:
            self.run(self.all.carry(pick(range(len(self.all.waiting))), twice=pick((False, True))))

    def then(self, news: str) -> None:
        """What arrives after a step."""
        if news == "all":
            self.run(self.all.carry_all())
        elif news == "one":
            self.run(self.all.collect())
            if self.all.waiting:
                self.run(self.all.carry(len(self.all.waiting) - 1))

    def _home(self, agency: str, beds: int) -> Home:
        reference, postcode = f"H{len(self.all_homes) + 1}", CARERS_LIVE[len(self.all_homes)]
        household = bodies.household(postcode=postcode, places=beds)
        self.run(self.all.must("providers", agency, "PUT", f"/households/{reference}", household))
        vacancy = bodies.vacancy(household=reference, free_beds=beds, available_from=clock.today().isoformat())
        made = self.run(self.all.must("providers", agency, "PUT", f"/vacancies/{reference}", vacancy))
        home = Home(agency, reference, made["id"], beds, postcode)
        self.all_homes.append(home)
        self.then("all")
        return home

    def _refer(self, council: str, children: int, *, sent: bool) -> Sought:
        known = []
        for _ in range(children):
            number = len(self.children) + 1
            identity = identity_of(number, date(2014, 1, 3) + timedelta(days=37 * number), LIVES[council])
            child = self.run(self.all.must("referrals", council, "POST", "/children", identity))["id"]
            self.children[child] = Known(council, identity)
            known.append(child)
        body = {
            "lot": LOT,
            "kind": "short_term",
            "urgency": "planned",
            "planned": True,
            "needed_by": (clock.today() + timedelta(days=10)).isoformat(),
            "siblings": "only_child" if children == 1 else "together",
            "children": [{"child": child, "essential_needs": ["autism"]} for child in known],
            "near": [{"what": "school", "district": "SO15"}],
        }
        referral = self.run(self.all.must("referrals", council, "POST", "/referrals", body))["id"]
        one = Sought(council, referral, tuple(known))
        self.all_sought.append(one)
        if sent:
            self._send(one)
            self.then("all")
        return one

    def _send(self, one: Sought) -> None:
        no_match = {"outcome": "no_match", "reason": "no_carer_with_vacancy"}
        for step, body in (("in-house", {}), ("in-house-decision", no_match), ("broadcast", SENT_ALL_THE_SAME)):
            self.ask("referrals", one.council, "POST", f"/referrals/{one.id}/{step}", body)

    def _offer(self, one: Sought, home: Home, agency: str) -> None:
        terms = {
            "referral": one.id,
            "vacancy": home.id,
            "pounds_per_week": "812.50",
            "available_on": clock.today().isoformat(),
            "needs": [{"need": "autism", "met": True}],
        }
        told = self.ask("matching", agency, "POST", "/offers", terms)
        if told.accepted:
            assert agency == home.agency, "nobody offers another's home"
            self.all_offers.append(Offered(one, home, told.said["offer"]))

    # --- what always holds ---

    @invariant()
    def nobody_was_told_who_a_child_is_or_where_a_carer_lives_without_a_right(self) -> None:
        self.run(self.all.collect())
        self._who_may_know()
        for told in self.all.told[self.read :]:
            for child in self.children.values():
                if told.organisation != child.council and told.organisation not in child.may_know:
                    found = [secret for secret in secrets_of(child.identity) if secret in told.body]
                    assert not found, f"{told.organisation} was told {found} by {told.asked}"
            for home in self.all_homes:
                assert told.organisation == home.agency or home.postcode.encode() not in told.body, f"a carer's postcode by {told.asked}"
        self.read = len(self.all.told)
        for envelope in self.all.events[self.events_read :]:
            said = envelope.model_dump_json().encode()
            for child in self.children.values():
                assert not [secret for secret in secrets_of(child.identity) if secret in said], envelope.type
            assert not [home for home in self.all_homes if home.postcode.encode() in said], envelope.type
        self.events_read = len(self.all.events)

    @invariant()
    def no_bed_is_taken_twice(self) -> None:
        for home in self.all_homes:
            vacancy = self.run(self.all.must("providers", home.agency, "GET", f"/vacancies/{home.reference}"))
            taken = sum(hold["beds"] for hold in vacancy["holds"] if hold["state"] in ("held", "filled"))
            assert taken + vacancy["free_beds"] == home.beds, vacancy
            askers = [hold["asked_by"] for hold in vacancy["holds"] if hold["state"] != "freed"]
            assert len(askers) == len(set(askers)), vacancy

    @invariant()
    def the_ledger_is_whole_and_only_grows(self) -> None:
        for council in COUNCILS:
            proof = self.ask("referrals", council, "GET", "/ledger/verification", None, Role.ADMINISTRATOR).said
            assert proof["whole"], proof
            assert proof["lines"] >= self.ledger_lines[council]
            self.ledger_lines[council] = proof["lines"]

    def _placements(self, one: Sought) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run(self.all.must("referrals", one.council, "GET", f"/placements?referral={one.id}"))["items"]
        assert len([each for each in found if each["state"] != "cancelled"]) <= 1, "one referral, one home"
        return found

    def _who_may_know(self) -> None:
        for one in self.all_sought:
            for placement in self._placements(one):
                for child in one.children:
                    self.children[child].may_know.add(placement["provider"])

    def teardown(self) -> None:
        """When all news has arrived each offer stands on an open referral or has ended, and each bed held has a placement."""
        try:
            self.run(self.all.carry_all())
            self.nobody_was_told_who_a_child_is_or_where_a_carer_lives_without_a_right()
            self.no_bed_is_taken_twice()
            self._every_offer_has_ended_or_can_still_be_chosen()
            self._every_hold_belongs_to_one_placement()
            self._every_offer_ends_when_nobody_does_anything_any_more()
        finally:
            self.run(self.all.close())
            self.loop.close()

    def _every_offer_has_ended_or_can_still_be_chosen(self) -> None:
        open_ones = {
            one.id
            for one in self.all_sought
            if self.run(self.all.must("referrals", one.council, "GET", f"/referrals/{one.id}"))["state"] == "broadcast"
        }
        for agency in AGENCIES:
            for offer in self.run(self.all.must("matching", agency, "GET", "/offers?limit=200"))["items"]:
                if offer["referral"] in open_ones:
                    assert offer["state"] in (*OVER, "made", "shortlisted"), offer
                else:
                    assert offer["state"] in OVER, offer

    def _every_offer_ends_when_nobody_does_anything_any_more(self) -> None:
        for _ in range(3):
            self.run(self.all.move_on(timedelta(days=40)))
            self.run(self.all.carry_all())
        for agency in AGENCIES:
            for offer in self.run(self.all.must("matching", agency, "GET", "/offers?limit=200"))["items"]:
                assert offer["state"] in OVER, offer

    def _every_hold_belongs_to_one_placement(self) -> None:
        live = {}
        for one in self.all_sought:
            for placement in self._placements(one):
                if placement["state"] in ("agreed", "started"):
                    live[placement["hold"]] = placement["id"]
        for home in self.all_homes:
            for hold in self.run(self.all.must("providers", home.agency, "GET", f"/vacancies/{home.reference}"))["holds"]:
                assert hold["state"] == "freed" or hold["id"] in live, hold
                # A bed held for a stay that does not come is free again after a while, though nobody has cancelled the placement.
                assert hold["state"] != "freed" or hold["id"] not in live or self.all.clock.moved, hold


JOURNEYS = int(os.environ.get("HEARTH_JOURNEYS", "10"))
"""How many runs of forty steps; HEARTH_JOURNEYS=500 plays for an hour."""
PHASES = tuple(phase for phase in Phase if phase is not Phase.shrink or "HEARTH_JOURNEYS" in os.environ)
"""A failing run is told as it happened; it is made as short as can be, which takes minutes, only where somebody asked for the runs."""


def test_whatever_is_done_in_whatever_order_nothing_leaks_no_bed_goes_twice_and_every_offer_ends(
    databases_of_tests: TestDatabases, signing_key: SigningKey
) -> None:
    machine = type("Machine", (Journeys,), {"databases": databases_of_tests, "key": signing_key})
    how = settings(max_examples=JOURNEYS, stateful_step_count=40, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=how)
