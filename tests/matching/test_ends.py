"""Nothing stays open for ever: every state that waits for somebody ends at its moment, with a coded reason, by a sweep."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import text

from matching.domain.ends import FINAL_OFFERS, FINAL_OPPORTUNITIES, FINAL_REFERRALS, decide_by
from matching.domain.offer import OfferState
from matching.domain.opportunity import OpportunityState
from matching.domain.referral import ReferralState
from shared import clock, ids, tenancy
from shared.contracts.referrals import InHouseMatchTaken, ReferralAmended, ReferralSentInHouse
from shared.contracts.words import Urgency
from shared.organisation import Organisation
from tests.matching import events
from tests.matching.conftest import Time
from tests.matching.events import ELM, OAK, SOUTHAMPTON
from tests.matching.scene import Scene

FINAL: dict[str, frozenset[StrEnum]] = {"referrals": FINAL_REFERRALS, "opportunities": FINAL_OPPORTUNITIES, "offers": FINAL_OFFERS}
EVERY: dict[str, type[StrEnum]] = {"referrals": ReferralState, "opportunities": OpportunityState, "offers": OfferState}


async def in_house(scene: Scene) -> UUID:
    """A council looks at its own carers and never says what came of it."""
    view = events.view(needed_by=events.soon(3))
    heard = ReferralSentInHouse(view=view)
    await scene.service.deliver(heard, subject=str(view.referral), organisation=SOUTHAMPTON, version=1, council=view.council)
    return view.referral


async def matched_in_house(scene: Scene) -> UUID:
    """A council takes its own carer, and the answer about the bed never comes."""
    referral = await in_house(scene)
    taken = InHouseMatchTaken(match=ids.new_id(), referral=referral, council=SOUTHAMPTON[8:], vacancy=ids.new_id(), beds=1)
    await scene.service.deliver(taken, subject=str(referral), organisation=SOUTHAMPTON, version=2, council=SOUTHAMPTON[8:])
    return referral


async def offered(scene: Scene) -> UUID:
    """Offers stand and nobody decides."""
    view = await scene.broadcast()
    await scene.offer(view, await scene.vacancy(OAK))
    return view.referral


async def shortlisted(scene: Scene) -> UUID:
    """A shortlist is made and nobody decides."""
    view = await scene.broadcast()
    await scene.shortlist(view, await scene.offer(view, await scene.vacancy(OAK)))
    return view.referral


async def chosen(scene: Scene) -> UUID:
    """An offer is chosen and the answer about its bed never comes."""
    view = await scene.broadcast()
    await scene.choose(view, await scene.offer(view, await scene.vacancy(OAK)))
    return view.referral


WAITING: dict[tuple[str, str], Callable[[Scene], Awaitable[UUID]]] = {
    ("referrals", "in_house"): in_house,
    ("referrals", "matched_in_house"): matched_in_house,
    ("referrals", "open"): offered,
    ("referrals", "choosing"): chosen,
    ("opportunities", "open"): offered,
    ("offers", "made"): offered,
    ("offers", "shortlisted"): shortlisted,
    ("offers", "selected"): chosen,
}


async def states(scene: Scene, table: str, referral: UUID) -> set[str]:
    async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
        return set((await transaction.execute(text(f"SELECT state FROM {table} WHERE referral = :r"), {"r": referral})).scalars())


async def unconfirmed(scene: Scene) -> UUID:
    """A referral is amended so that an offer no longer fits, and its agency never says whether it stands."""
    view = await scene.broadcast()
    await scene.offer(view, await scene.vacancy(OAK))
    child = view.children[0].model_copy(update={"age_years": 14})
    heard = ReferralAmended(view=view.model_copy(update={"children": (child,)}), changed=("children",))
    await scene.service.deliver(heard, subject=str(view.referral), organisation=SOUTHAMPTON, version=3, council=view.council)
    return view.referral


async def test_an_offer_that_is_asked_about_again_ends_by_itself_before_the_council_must_decide(scene: Scene, time: Time) -> None:
    referral = await unconfirmed(scene)
    assert await time.sweep() == 0
    time.passes(days=8)
    assert await time.sweep() == 1
    assert (await states(scene, "offers", referral), await states(scene, "referrals", referral)) == ({"withdrawn"}, {"open"})
    [said] = await scene.service.published("offer.withdrawn")
    assert (said.data["reason"], said.data["side"]) == ("not_confirmed_in_time", "provider")
    assert await time.sweep() == 0


def test_every_state_that_is_not_final_is_tried() -> None:
    waiting = {(table, str(state)) for table, kind in EVERY.items() for state in kind if state not in FINAL[table]}
    assert waiting == set(WAITING)


@pytest.mark.parametrize(("table", "state"), WAITING)
async def test_with_time_moved_on_a_sweep_ends_every_state_that_waits(scene: Scene, time: Time, table: str, state: str) -> None:
    referral = await WAITING[table, state](scene)
    assert state in await states(scene, table, referral)
    assert await time.sweep() == 0, "nothing ends before its moment"
    time.passes(days=60)
    assert await time.sweep() >= 1
    for one, final in FINAL.items():
        assert await states(scene, one, referral) <= {str(state) for state in final}
    before = await scene.service.published()
    assert await time.sweep() == 0, "a second sweep finds nothing to do"
    assert await scene.service.published() == before


async def test_a_choice_without_an_answer_is_refused_with_its_reason_and_the_other_offers_stand(scene: Scene, time: Time) -> None:
    view = await scene.broadcast()
    offer, other = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(ELM))
    await scene.choose(view, offer)
    time.passes(hours=2, microseconds=-1)
    assert await time.sweep() == 0
    time.passes(microseconds=1)
    assert await time.sweep() == 1
    told = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/choice")).json()
    assert (told["state"], told["reasons"]) == ("refused", ["no_answer_in_time"])
    assert [one["offer"] for one in (await scene.options(view))["options"]] == [other["offer"]]
    await scene.hold(offer)  # the answer comes after all: the bed is given back
    assert [e.data["reason"] for e in await scene.service.published("offer.released")] == ["no_longer_chosen"]
    assert (await scene.choose(view, other)).status_code == 202


async def test_offers_nobody_decided_on_are_released_the_words_about_the_child_go_and_both_sides_are_told(scene: Scene, time: Time) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    end = decide_by(Urgency.PLANNED, view.closes_at)
    time.at(end - timedelta(microseconds=1))
    assert await time.sweep() == 0
    time.at(end)
    assert await asyncio.gather(time.sweep(), time.sweep(), time.sweep()) in ([1, 0, 0], [0, 1, 0], [0, 0, 1])
    [released] = await scene.service.published("offer.released")
    assert released.data["reason"] == "council_did_not_decide_in_time"
    shown = await scene.own_offer(offer)
    assert (shown["state"], shown["reason"]) == ("released", "council_did_not_decide_in_time")
    seen = (await scene.ask(ELM, "GET", f"/opportunities/{view.referral}")).json()
    assert (seen["state"], seen["view"]) == ("lapsed", None)
    assert (await scene.options(view))["state"] == "lapsed"
    reply = await scene.choose(view, offer)
    assert reply.status_code == 409
    assert "new closing time" in reply.json()["detail"]
    late = await scene.ask(ELM, "POST", "/offers", scene.terms(view, await scene.vacancy(ELM)))
    assert (late.status_code, late.json()["errors"][0]["rule"]) == (409, "referral_still_open")


async def test_a_later_closing_time_opens_again_what_had_lapsed(scene: Scene, time: Time) -> None:
    view = await scene.broadcast()
    time.at(decide_by(Urgency.PLANNED, view.closes_at))
    await time.sweep()
    later = view.model_copy(update={"closes_at": clock.now() + timedelta(days=2), "needed_by": clock.today() + timedelta(days=9)})
    amended = ReferralAmended(view=later, changed=("closes_at", "needed_by"))
    await scene.service.deliver(amended, subject=str(view.referral), organisation=SOUTHAMPTON, version=3, council=view.council)
    seen = (await scene.ask(OAK, "GET", f"/opportunities/{view.referral}")).json()
    assert (seen["state"], seen["view"]["referral"]) == ("open", str(view.referral))
    facts = await scene.vacancy(OAK, available_from=clock.today())
    offer = await scene.offer(later, facts, available_on=str(clock.today()))
    assert (await scene.choose(later, offer)).status_code == 202


async def test_a_decision_in_the_instant_its_time_is_over_is_made_or_lapses_but_never_both(scene: Scene, time: Time) -> None:
    for _ in range(6):
        view = await scene.broadcast(closes_at=clock.now() + timedelta(days=2))
        offer = await scene.offer(view, await scene.vacancy(OAK, available_from=clock.today()), available_on=str(clock.today()))
        time.at(decide_by(Urgency.PLANNED, view.closes_at))
        chose, _ = await asyncio.gather(scene.choose(view, offer), time.sweep())
        referral, state = (await scene.options(view))["state"], (await scene.own_offer(offer))["state"]
        assert (chose.status_code, referral, state) in {(202, "choosing", "selected"), (409, "lapsed", "released")}
        time.passes(hours=3)
        await time.sweep()
