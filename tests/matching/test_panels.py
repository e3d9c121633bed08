"""A complex needs panel over HTTP: convened, voted in, reminded, settled, and followed by the choice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from matching.handlers.time_passes import sweep
from shared import clock, tenancy
from shared.contracts.referrals import ReferralView, ReferralWithdrawn
from shared.contracts.words import Urgency
from shared.organisation import Organisation
from tests.matching import events
from tests.matching.events import ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import CONSIDERED, Scene

SPLIT = {"education": "20", "health": "30.50", "social_care": "49.50"}
SEATS = [
    {"role": "social_care", "office": "Head of placements", "subject": "chair", "chair": True},
    {"role": "education", "office": "virtual school head", "subject": "education"},
    {"role": "health", "office": "designated nurse", "subject": "health"},
]
PEOPLE = ("chair", "education", "health", "stranger")


@dataclass
class Sitting:
    """A referral of Southampton with two offers, people signed in, and a clock that the test moves."""

    scene: Scene
    monkeypatch: pytest.MonkeyPatch
    view: ReferralView
    first: dict[str, Any]
    second: dict[str, Any]
    people: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    panel: str = ""
    closes_at: datetime | None = None

    def at(self, moment: datetime) -> None:
        self.monkeypatch.setattr(clock, "now", lambda: moment)

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "offers": [self.first["offer"], self.second["offer"]],
            "proposal": {"offer": self.first["offer"], "split": SPLIT},
            "members": SEATS,
            "quorum": {"members": 2},
        } | changes

    async def convene(self, **changes: Any) -> dict[str, Any]:
        reply = await self.people["officer"].post(f"/referrals/{self.view.referral}/panels", json=self.body(**changes))
        assert reply.status_code == 201, reply.text
        shown: dict[str, Any] = reply.json()
        self.panel, self.closes_at = shown["panel"], datetime.fromisoformat(shown["closes_at"])
        assert reply.headers["location"] == f"/panels/{self.panel}"
        return shown

    def closed(self) -> None:
        assert self.closes_at
        self.at(self.closes_at)

    async def vote(self, who: str, vote: str = "consent", *, version: int | None = None, **changes: Any) -> httpx.Response:
        body = {"vote": vote, "reason": "meets_needs", "words": "the home fits what this child needs"} | changes
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.people[who].put(f"/panels/{self.panel}/vote", json=body, headers=headers)

    async def chair(self, offer: str | None, split: dict[str, str] | None = None, who: str = "chair") -> httpx.Response:
        body = {"offer": offer, "split": split, "reason": "needs_outweigh", "words": "the nurse's point weighs most"}
        return await self.people[who].post(f"/panels/{self.panel}/chair-decision", json=body)

    async def seen(self, who: str = "officer") -> dict[str, Any]:
        reply = await self.people[who].get(f"/panels/{self.panel}")
        assert reply.status_code == 200, reply.text
        shown: dict[str, Any] = reply.json()
        return shown

    async def choose(self, offer: dict[str, Any], **changes: Any) -> httpx.Response:
        body = {"offer": offer["offer"], "considerations": CONSIDERED, "wishes": "followed"} | changes
        return await self.people["officer"].post(f"/referrals/{self.view.referral}/choice", json=body)

    async def reminded(self) -> set[tuple[str, str]]:
        return {(member["office"], one["reminder"]) for member in (await self.seen())["members"] for one in member["reminded"]}

    async def remind(self) -> list[tuple[str, str]]:
        """Whom one sweep reminds."""
        before = await self.reminded()
        await sweep(self.scene.service.databases)
        return sorted(await self.reminded() - before)


@pytest.fixture
async def sitting(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Sitting:
    """Two suitable offers of one tier, so that either may be chosen without a reason; everybody signed in by the real clock."""
    view = await scene.broadcast()
    one, other = await scene.vacancy(OAK), await scene.vacancy(OAK)
    sat = Sitting(scene, monkeypatch, view, await scene.offer(view, one, "801.01"), await scene.offer(view, other))
    sat.people = {who: scene.service.as_(SOUTHAMPTON, "panel_member", sub=who) for who in PEOPLE}
    sat.people["officer"] = scene.service.as_(SOUTHAMPTON, "placements_officer", sub="officer")
    sat.people["administrator"] = scene.service.as_(SOUTHAMPTON, "administrator", sub="administrator")
    sat.people["oak"] = scene.service.as_(OAK)
    return sat


def rules(reply: httpx.Response) -> set[str]:
    return {error["rule"] for error in reply.json()["errors"]}


async def test_a_panel_that_consents_decides_placement_and_split_and_only_then_the_offer_is_chosen(sitting: Sitting) -> None:
    shown = await sitting.convene()
    assert (shown["state"], shown["quorum_members"], shown["voted"]) == ("open", 2, 0)
    assert "Head of placements, virtual school head, designated nurse" in shown["words"]
    early = await sitting.choose(sitting.first)
    assert (early.status_code, rules(early)) == (409, {"panel_decided"})

    for who in ("chair", "education"):
        assert (await sitting.vote(who)).json()["state"] == "open"
    done = (await sitting.vote("health")).json()
    assert (done["state"], done["outcome"]["how"], done["outcome"]["offer"]) == ("decided", "agreed", sitting.first["offer"])
    assert [(one["funder"], one["per_cent"], one["pounds_per_week"]) for one in done["outcome"]["split"]] == [
        ("education", "20.00", "160.20"),
        ("health", "30.50", "244.31"),
        ("social_care", "49.50", "396.50"),
    ]
    assert (await sitting.vote("health", "object", version=1)).status_code == 409

    assert (await sitting.choose(sitting.first)).status_code == 202
    [decision] = (await sitting.people["officer"].get(f"/referrals/{sitting.view.referral}/decision")).json()["items"]
    [kept] = decision["record"]["panels"]
    assert kept["recorded"]["split"]["shares"] == [["education", "20.00"], ["health", "30.50"], ["social_care", "49.50"]]
    assert {(seat["role"], seat["office"], seat["subject"]) for seat in kept["members"]} == {
        (seat["role"], seat["office"], seat["subject"]) for seat in SEATS
    }
    assert len(kept["votes"]) == 3
    assert decision["record"]["panel_departure"] is None


async def test_the_options_sheet_shows_who_pays_what_once_the_panel_has_decided(sitting: Sitting) -> None:
    path, page = f"/referrals/{sitting.view.referral}/options-sheet", {"Accept": "text/html"}
    await sitting.convene()
    assert (await sitting.people["officer"].get(path)).json()["panel"] is None
    assert "Who pays" not in (await sitting.people["officer"].get(path, headers=page)).text
    for who in ("chair", "education", "health"):
        await sitting.vote(who)
    shown = (await sitting.people["officer"].get(path)).json()["panel"]
    assert (shown["offer"], [one["pounds_per_week"] for one in shown["split"]]) == (sitting.first["offer"], ["160.20", "244.31", "396.50"])
    printed = (await sitting.people["officer"].get(path, headers=page)).text
    assert "education 20 % (£160.20), health 30.5 % (£244.31), social care 49.5 % (£396.50)" in printed
    assert printed.count("not decided for") == 1


async def test_a_vote_may_change_until_closing_and_closing_takes_effect_on_reading_without_any_sweep(sitting: Sitting) -> None:
    await sitting.convene()
    assert (await sitting.vote("education", "object")).status_code == 200
    assert (await sitting.vote("education")).status_code == 428
    assert (await sitting.vote("education", version=9)).status_code == 412
    assert (await sitting.vote("education", version=1)).status_code == 200
    assert (await sitting.vote("chair")).status_code == 200
    assert (await sitting.seen())["state"] == "open"
    sitting.closed()
    late = await sitting.vote("health", "object")
    assert (late.status_code, rules(late)) == (409, {"before_closing_time"})
    shown = await sitting.seen()
    assert (shown["state"], shown["closed_at"], shown["voted"]) == ("decided", shown["closes_at"], 2)
    assert shown["closes_at_words"].endswith(" UTC)")
    assert (await sitting.choose(sitting.first)).status_code == 202


async def test_on_disagreement_the_chair_decides_with_a_reason_and_nobody_else_does(sitting: Sitting) -> None:
    await sitting.convene()
    await sitting.vote("chair")
    await sitting.vote("education", "for_offer", offer=sitting.second["offer"], split={"social_care": "100"})
    assert rules(await sitting.chair(sitting.second["offer"], {"health": "100"})) == {"closed"}
    shown = (await sitting.vote("health", "object", reason="risk_not_held")).json()
    assert (shown["state"], shown["unsettled"]) == ("with_chair", "not_agreed_on_offer")
    assert rules(await sitting.choose(sitting.first)) == {"panel_decided"}

    assert (await sitting.chair(sitting.second["offer"], {"health": "100"}, who="health")).status_code == 403
    assert rules(await sitting.chair(sitting.second["offer"])) == {"split_needed"}
    assert rules(await sitting.chair(None, {"health": "100"})) == {"only_for_an_offer"}
    assert rules(await sitting.chair(sitting.second["offer"], {"health": "99.99"})) == {"adds_up_to_100"}
    decided = await sitting.chair(sitting.second["offer"], {"health": "60", "social_care": "40"})
    outcome = decided.json()["outcome"]
    assert (outcome["how"], outcome["offer"], outcome["decided_by"], outcome["reason"]) == (
        "chair_decided",
        sitting.second["offer"],
        "chair",
        "needs_outweigh",
    )
    assert rules(await sitting.chair(sitting.first["offer"], {"health": "100"})) == {"not_decided"}


async def test_a_choice_that_departs_from_the_panel_owes_a_coded_reason_and_one_that_follows_owes_none(sitting: Sitting) -> None:
    assert rules(await sitting.choose(sitting.first, panel_departure="offer_gone")) == {"only_when_departing"}
    await sitting.convene()
    for who in ("chair", "education", "health"):
        await sitting.vote(who, "none_of_these")
    refused = await sitting.choose(sitting.second)
    assert (refused.status_code, rules(refused)) == (422, {"follows_the_panel"})
    assert (await sitting.choose(sitting.second, panel_departure="child_cannot_wait")).status_code == 202
    [decision] = (await sitting.people["officer"].get(f"/referrals/{sitting.view.referral}/decision")).json()["items"]
    assert decision["record"]["panel_departure"] == "child_cannot_wait"


async def test_an_offer_changed_after_it_was_put_to_the_panel_is_not_what_the_panel_decided(sitting: Sitting) -> None:
    await sitting.convene()
    for who in ("chair", "education", "health"):
        await sitting.vote(who)
    terms = {
        "vacancy": sitting.first["vacancy"],
        "pounds_per_week": "1200.00",
        "available_on": str(events.soon(3)),
        "needs": [{"need": "autism", "met": True}],
    }
    path = f"/offers/{sitting.first['offer']}"
    assert (await sitting.people["oak"].put(path, json=terms, headers={"If-Match": '"1"'})).status_code == 200
    [asked, _] = (await sitting.seen())["asked"]
    assert (asked["changed_since_asked"], asked["pounds_per_week_when_asked"], asked["pounds_per_week"]) == (True, "801.01", "1200.00")
    assert rules(await sitting.choose(sitting.first)) == {"follows_the_panel"}
    assert (await sitting.choose(sitting.first, panel_departure="terms_changed_since")).status_code == 202


async def test_without_quorum_the_chair_is_told_and_gives_more_time_which_stays_on_record(sitting: Sitting) -> None:
    await sitting.convene()
    await sitting.vote("health")
    later = {"closes_at": (clock.now() + timedelta(days=3)).isoformat(), "reason": "members_away"}
    path = f"/panels/{sitting.panel}/extension"
    assert rules(await sitting.people["chair"].post(path, json=later)) == {"only_without_quorum"}
    sitting.closed()
    assert ((await sitting.seen())["state"], (await sitting.seen())["unsettled"]) == ("with_chair", "no_quorum")
    [line] = (await sitting.people["chair"].get("/panels")).json()["items"]
    assert line["asked_of_you"] == "decide_as_chair"
    assert await sitting.remind() == [("Head of placements", "chair_to_decide")]
    assert rules(await sitting.chair(sitting.first["offer"], SPLIT)) == {"quorum_first"}
    assert (await sitting.people["health"].post(path, json=later)).status_code == 403
    assert rules(await sitting.people["chair"].post(path, json=later | {"closes_at": "2020-01-01T00:00:00Z"})) == {"in_the_future"}
    given = (await sitting.people["chair"].post(path, json=later)).json()
    assert (given["state"], given["extensions"][0]["reason"], given["extensions"][0]["extended_by"]) == ("open", "members_away", "chair")
    assert (await sitting.vote("education")).status_code == 200
    assert (await sitting.vote("chair")).json()["state"] == "decided"


async def test_where_the_urgency_allows_it_the_chair_decides_without_quorum(sitting: Sitting) -> None:
    view = await sitting.scene.broadcast(urgency=Urgency.EMERGENCY)
    offer = await sitting.scene.offer(view, await sitting.scene.vacancy(OAK))
    sitting.view = view
    shown = await sitting.convene(offers=[offer["offer"]], proposal=None)
    assert shown["chair_may_decide_without_quorum"]
    assert sitting.closes_at == datetime.fromisoformat(shown["opened_at"]) + timedelta(hours=1)
    sitting.closed()
    assert (await sitting.chair(offer["offer"], {"social_care": "100"})).status_code == 200


async def test_late_members_are_reminded_once_at_half_time_and_once_an_hour_before_closing(sitting: Sitting) -> None:
    shown = await sitting.convene()
    assert await sitting.remind() == []
    await sitting.vote("health")
    half, last = (datetime.fromisoformat(one["at"]) for one in shown["reminders"])
    sitting.at(half)
    both = ("Head of placements", "virtual school head")
    written = await asyncio.gather(*(sweep(sitting.scene.service.databases) for _ in range(4)))
    assert sum(written) == 2, "sweeps at once remind each of the two once"
    assert await sitting.reminded() == {(office, "half_time") for office in both}
    assert await sitting.remind() == []
    members = {member["office"]: member for member in (await sitting.seen("health"))["members"]}
    assert {office: member["late"] for office, member in members.items()} == dict.fromkeys(both, True) | {"designated nurse": False}
    assert [datetime.fromisoformat(members[office]["reminded_at"]) for office in both] == [half, half]
    told = [one for one in (await sitting.people["officer"].get("/notices")).json()["items"] if one["type"] == "panel.reminder"]
    assert [one["path"] for one in told] == [f"/panels/{sitting.panel}"], "one notice a panel, however many are late"
    sitting.at(last)
    assert await sitting.remind() == [(office, "last_hour") for office in both]
    assert await sitting.remind() == []


async def test_a_sweep_writes_down_what_a_closed_panel_decided_and_changes_nothing_of_it(sitting: Sitting) -> None:
    await sitting.convene()
    await sitting.vote("health")
    await sitting.vote("chair")
    sitting.closed()
    before = (await sitting.seen())["outcome"]
    await sitting.remind()
    async with tenancy.transaction(sitting.scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM panel_outcomes")) == 1
    assert (await sitting.seen())["outcome"] == before


async def test_an_officer_may_dissolve_a_panel_with_a_reason_so_that_no_referral_waits_for_good(sitting: Sitting) -> None:
    await sitting.convene()
    path = f"/panels/{sitting.panel}/dissolution"
    assert (await sitting.people["health"].post(path, json={"reason": "child_cannot_wait"})).status_code == 403
    assert (await sitting.people["officer"].post(path, json={"reason": "child_cannot_wait"})).json()["state"] == "dissolved"
    assert rules(await sitting.people["officer"].post(path, json={"reason": "child_cannot_wait"})) == {"not_decided"}
    assert (await sitting.vote("health")).status_code == 409
    second = await sitting.convene()
    assert second["state"] == "open"
    for who in ("chair", "education", "health"):
        await sitting.vote(who)
    assert (await sitting.choose(sitting.first)).status_code == 202
    [decision] = (await sitting.people["officer"].get(f"/referrals/{sitting.view.referral}/decision")).json()["items"]
    assert [one["recorded"]["how"] for one in decision["record"]["panels"]] == ["agreed", "dissolved"]


async def test_a_panel_on_a_withdrawn_referral_waits_for_nobody(sitting: Sitting) -> None:
    await sitting.convene()
    gone = ReferralWithdrawn(referral=sitting.view.referral, council=sitting.view.council, reason="child_stays_home", side="child")
    await sitting.scene.service.deliver(gone, subject=str(sitting.view.referral), organisation=SOUTHAMPTON, version=3)
    assert (await sitting.seen())["state"] == "lapsed"
    assert (await sitting.vote("health")).status_code == 409
    assert (await sitting.people["health"].get("/panels")).json()["items"] == []
    sitting.closed()
    assert await sitting.remind() == []


async def test_who_only_sits_on_panels_sees_those_and_nothing_else_of_the_council(sitting: Sitting) -> None:
    await sitting.convene()
    assert (await sitting.seen("health"))["panel"] == sitting.panel
    assert (await sitting.people["stranger"].get(f"/panels/{sitting.panel}")).status_code == 404
    assert (await sitting.vote("stranger")).status_code == 404
    assert (await sitting.people["stranger"].get("/panels")).json()["items"] == []
    [mine] = (await sitting.people["health"].get("/panels")).json()["items"]
    assert mine["asked_of_you"] == "vote"
    for path in ("/referrals", f"/referrals/{sitting.view.referral}/options", f"/referrals/{sitting.view.referral}/panels"):
        assert (await sitting.people["health"].get(path)).status_code == 403


async def test_no_agency_and_no_other_council_learns_of_a_panel(sitting: Sitting) -> None:
    await sitting.convene()
    await sitting.vote("health")
    tables = ("panels", "panel_members", "panel_votes", "panel_extensions", "panel_reminders", "panel_outcomes", "panel_settings")
    for wrong in (OAK, ELM, SURREY, "consortium"):
        async with tenancy.transaction(sitting.scene.service.databases, Organisation.parse(wrong)) as transaction:
            for table in tables:
                assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    assert [envelope.type for envelope in await sitting.scene.service.published()] == ["offer.made", "offer.made"]


BY_HAND = [
    "UPDATE panel_votes SET kind = 'object'",
    "DELETE FROM panel_votes",
    "UPDATE panel_outcomes SET offer = NULL",
    "DELETE FROM panel_outcomes",
    "DELETE FROM panels",
    "UPDATE panels SET quorum_members = 0",
    "UPDATE panel_members SET subject = 'me'",
    "DELETE FROM panel_extensions",
]


async def test_what_was_said_in_a_panel_cannot_be_changed_or_removed_by_the_application(sitting: Sitting) -> None:
    await sitting.convene()
    await sitting.vote("health")
    for statement in BY_HAND:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with tenancy.transaction(sitting.scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
                await transaction.execute(text(statement))


async def test_of_the_same_members_two_votes_at_once_one_is_kept_and_the_other_is_told_to_look(sitting: Sitting) -> None:
    await sitting.convene()
    replies = await asyncio.gather(*(sitting.vote("health", vote) for vote in ("consent", "object") * 3))
    assert sorted(reply.status_code for reply in replies) == [200] + [428] * 5
    shown = await sitting.seen()
    assert shown["voted"] == 1
    async with tenancy.transaction(sitting.scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM panel_votes")) == 1


async def test_of_the_last_two_members_voting_at_once_both_count_and_the_panel_closes(sitting: Sitting) -> None:
    for _ in range(3):
        await sitting.convene()
        await sitting.vote("chair")
        replies = await asyncio.gather(sitting.vote("health"), sitting.vote("education"))
        assert [reply.status_code for reply in replies] == [200, 200]
        shown = await sitting.seen()
        assert (shown["state"], shown["voted"]) == ("decided", 3)


async def test_of_two_members_voting_as_the_panel_closes_who_is_late_is_refused_and_the_outcome_stands(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock on which each look is a little later: the closing moment falls somewhere among the two votes and a reading of the panel."""
    for start in range(1, 12, 2):
        await sitting.convene(closes_at=(clock.now() + timedelta(days=2)).isoformat(), quorum={"members": 1})
        assert sitting.closes_at
        with monkeypatch.context() as moved:
            moved.setattr(clock, "now", ticking(sitting.closes_at - timedelta(microseconds=start)))
            health, education, _ = await asyncio.gather(sitting.vote("health"), sitting.vote("education", "object"), sitting.seen())
            statuses = {"health": health.status_code, "education": education.status_code}
            moved.setattr(clock, "now", lambda: sitting.closes_at)
            shown = await sitting.seen()
        voted = {member["subject"]: member["vote"] for member in shown["members"]}
        assert {who: voted[who] is not None for who in statuses} == {who: status == 200 for who, status in statuses.items()}
        assert all(vote is None or datetime.fromisoformat(vote["voted_at"]) < sitting.closes_at for vote in voted.values())
        expected = {(200, 200): "with_chair", (200, 409): "decided", (409, 200): "with_chair", (409, 409): "with_chair"}
        assert shown["state"] == expected[statuses["health"], statuses["education"]]
        await sitting.people["officer"].post(f"/panels/{sitting.panel}/dissolution", json={"reason": "members_changed"})


def ticking(start: datetime) -> Callable[[], datetime]:
    looks = iter(range(1_000_000))
    return lambda: start + timedelta(microseconds=next(looks))


async def test_of_a_choice_and_a_convening_at_once_exactly_one_is_done(sitting: Sitting) -> None:
    chosen, convened = await asyncio.gather(
        sitting.choose(sitting.first), sitting.people["officer"].post(f"/referrals/{sitting.view.referral}/panels", json=sitting.body())
    )
    assert (chosen.status_code, convened.status_code) in {(202, 409), (409, 201)}


async def test_of_two_convenings_at_once_one_panel_sits(sitting: Sitting) -> None:
    path = f"/referrals/{sitting.view.referral}/panels"
    replies = await asyncio.gather(*(sitting.people["officer"].post(path, json=sitting.body()) for _ in range(4)))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]
    assert len((await sitting.people["officer"].get(path)).json()["items"]) == 1


async def test_the_administrator_sets_how_long_panels_sit_by_urgency(sitting: Sitting) -> None:
    administrator = sitting.people["administrator"]
    now = await administrator.get("/panel-settings")
    assert (now.json()["planned"], now.headers["etag"]) == (24, '"0"')
    wanted = {"emergency": 1, "same_day": 3, "planned": 5, "long_term": 48}
    assert (await administrator.put("/panel-settings", json=wanted)).status_code == 428
    assert (await administrator.put("/panel-settings", json=wanted, headers={"If-Match": '"0"'})).headers["etag"] == '"1"'
    assert (await administrator.put("/panel-settings", json=wanted, headers={"If-Match": '"0"'})).status_code == 412
    assert (await sitting.people["officer"].put("/panel-settings", json=wanted, headers={"If-Match": '"1"'})).status_code == 403
    shown = await sitting.convene()
    assert sitting.closes_at == datetime.fromisoformat(shown["opened_at"]) + timedelta(hours=5)


SECRET = "Jemima Puddleduck"
TWICE = [*SEATS, {**SEATS[1], "office": "another office"}]


BAD_PANELS: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    ({"offers": []}, {("offers", "enough")}),
    ({"offers": ["{unknown}"], "proposal": None}, {("offers.0", "offer_stands")}),
    ({"offers": ["{first}", "{first}"]}, {("offers.1", "each_offer_once")}),
    ({"offers": ["{second}"]}, {("proposal.offer", "among_the_offers")}),
    ({"members": TWICE}, {("members.3.subject", "each_person_once")}),
    ({"members": SEATS[:1]}, {("members", "two_or_more"), ("quorum.members", "can_be_reached")}),
    ({"members": SEATS[1:]}, {("members", "one_chair")}),
    ({"members": [SEATS[0], {**SEATS[1], "chair": True}]}, {("members", "one_chair")}),
    ({"members": [SEATS[0], {**SEATS[1], "office": f"{SECRET} 7"}]}, {("members.1.office", "pattern")}),
    ({"members": [SEATS[0], {**SEATS[1], "role": SECRET}]}, {("members.1.role", "known_code")}),
    ({"quorum": {"members": 4}}, {("quorum.members", "can_be_reached")}),
    ({"quorum": {"roles": ["commissioning"]}}, {("quorum.roles", "can_be_reached")}),
    ({"closes_at": "2020-01-01T00:00:00Z"}, {("closes_at", "in_the_future")}),
    ({"closes_at": "2090-01-01T00:00:00Z"}, {("closes_at", "within_30_days")}),
    ({"closes_at": "2026-12-01T12:00:00"}, {("closes_at", "offset")}),
    ({"proposal": {"offer": "{first}", "split": {"health": "99.99"}}}, {("proposal.split", "adds_up_to_100")}),
    ({"proposal": {"offer": "{first}", "split": {"health": "33.333", "education": "66.667"}}}, {("proposal.split", "decimal_places")}),
    ({"proposal": {"offer": "{first}", "split": {SECRET: "100"}}}, {("proposal.split", "known_code")}),
    ({"childs_name": SECRET}, {("body", "known_field")}),
]  # fmt: skip


async def test_a_bad_panel_is_refused_with_every_rule_it_breaks(sitting: Sitting) -> None:
    for changes, expected in BAD_PANELS:
        body = filled(sitting, sitting.body(**changes))
        reply = await sitting.people["officer"].post(f"/referrals/{sitting.view.referral}/panels", json=body)
        assert reply.status_code == 422, (changes, reply.text)
        assert {(error["field"], error["rule"]) for error in reply.json()["errors"]} == expected, changes
        assert SECRET not in reply.text
    async with tenancy.transaction(sitting.scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM panels")) == 0


def filled(sitting: Sitting, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: filled(sitting, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(sitting, inner) for inner in value]
    known = {"{first}": sitting.first["offer"], "{second}": sitting.second["offer"], "{unknown}": str(sitting.view.referral)}
    return known.get(value, value) if isinstance(value, str) else value


async def test_a_bad_vote_is_refused_with_every_rule_it_breaks_and_counts_for_nothing(sitting: Sitting) -> None:
    await sitting.convene(offers=[sitting.first["offer"]], proposal=None)
    first, second = sitting.first["offer"], sitting.second["offer"]
    whole = {"social_care": "100"}
    bad: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
        ({"vote": "consent"}, {("vote", "something_proposed"), ("split", "split_needed")}),
        ({"vote": "for_offer"}, {("offer", "among_the_offers"), ("split", "split_needed")}),
        ({"vote": "for_offer", "offer": second, "split": whole}, {("offer", "among_the_offers")}),
        ({"vote": "for_offer", "offer": first, "split": {"health": "50"}}, {("split", "adds_up_to_100")}),
        ({"vote": "for_offer", "offer": first, "split": {"health": "-1"}}, {("split", "greater_than")}),
        (
            {"vote": "none_of_these", "offer": first, "split": whole},
            {("offer", "only_when_voting_for_one"), ("split", "only_for_an_offer")},
        ),
        ({"vote": "object", "words": f"because {SECRET} of 12 said so"}, {("words", "no_names"), ("words", "no_numbers")}),
        ({"vote": "object", "words": ""}, {("words", "long_enough")}),
        ({"vote": "object", "reason": SECRET}, {("reason", "known_code")}),
        ({"vote": SECRET}, {("vote", "known_code")}),
    ]
    for changes, expected in bad:
        reply = await sitting.vote("health", **{"vote": "object"} | changes)
        assert reply.status_code == 422, (changes, reply.text)
        assert {(error["field"], error["rule"]) for error in reply.json()["errors"]} == expected, changes
        assert SECRET not in reply.text
    assert (await sitting.seen())["voted"] == 0
    assert (await sitting.vote("health", "for_offer", offer=first, split=whole)).status_code == 200


async def test_a_panel_is_only_convened_on_an_open_referral_of_ones_own(sitting: Sitting) -> None:
    body, path = sitting.body(), f"/referrals/{sitting.view.referral}/panels"
    assert (await sitting.scene.ask(SURREY, "POST", path, body)).status_code == 404
    await sitting.choose(sitting.first)
    assert rules(await sitting.people["officer"].post(path, json=body)) == {"referral_open"}
