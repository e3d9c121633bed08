"""A council asks why one home cannot take the child, and what would change that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared import ids
from shared.contracts.providers import VacancyClosed
from shared.contracts.referrals import ReferralSentInHouse, ReferralView, ReferralWithdrawn
from tests.matching import events
from tests.matching.events import OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def why_not(scene: Scene, view: ReferralView, vacancy: UUID, council: str = SOUTHAMPTON) -> dict[str, Any]:
    reply = await scene.ask(council, "GET", f"/referrals/{view.referral}/why-not/{vacancy}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def test_every_reason_comes_with_its_change_and_the_smallest_set_of_all(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK, to_age=7, free_beds=0, available_from=events.soon(16), skills=())
    told = await why_not(scene, view, facts.vacancy)
    assert (told["suitable"], told["provider_name"], told["judged_by_offer"]) == (False, "Oak Fostering", None)
    assert told["words"] == "This home cannot take the referral as it stands. Four changes together would make it possible."
    assert [one["reason"] for one in told["reasons"]] == ["age_above_approval", "beds", "not_free_in_time", "essential_need_not_met"]
    assert [(one["change"], one["whose"], one["amount"], one["unit"]) for one in told["smallest_set"]] == [
        ("approval_for_older", "reviewing_panel", 1, "years"),
        ("more_beds", "agency", 1, "beds"),
        ("start_later", "council", 2, "days"),
        ("need_met", "agency", None, None),
    ]
    assert [one["whose"] for one in told["reasons"][2]["changes"]] == ["council", "agency"]
    assert told["smallest_set"][0]["words"] == "The carer is approved to age 7; the child is 8: approval one year higher."


async def test_a_suitable_home_is_said_to_be_suitable(scene: Scene) -> None:
    view = await scene.broadcast()
    told = await why_not(scene, view, (await scene.vacancy(OAK)).vacancy)
    assert (told["suitable"], told["reasons"], told["smallest_set"]) == (True, [], [])
    assert told["words"] == "This home can take the referral: nothing stands in the way."


async def test_where_the_home_was_offered_the_offers_own_word_counts_as_among_the_options(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    offer = await scene.offer(view, facts, available_on=str(events.soon(20)), needs=[{"need": "autism", "met": False}])
    told = await why_not(scene, view, facts.vacancy)
    assert told["judged_by_offer"] == offer["offer"]
    [option] = (await scene.options(view))["options"]
    assert [one["words"] for one in told["reasons"]] == [one["words"] for one in option["reasons"]]
    assert told["smallest_set"][0]["amount"] == 6
    await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "made_by_mistake"})
    assert (await why_not(scene, view, facts.vacancy))["suitable"] is True


async def test_before_the_broadcast_own_carers_and_the_list_as_it_is_count(scene: Scene) -> None:
    view = events.view()
    await scene.service.deliver(ReferralSentInHouse(view=view), subject=str(view.referral), organisation=SOUTHAMPTON, version=1)
    own, listed = await scene.vacancy(SOUTHAMPTON), await scene.vacancy(OAK)
    unlisted, others = await scene.vacancy("agency:SC900009"), await scene.vacancy(SURREY)
    suitable = [(await why_not(scene, view, one.vacancy))["suitable"] for one in (own, listed, unlisted, others)]
    assert suitable == [True, True, False, False]
    [change] = (await why_not(scene, view, unlisted.vacancy))["smallest_set"]
    assert (change["change"], change["whose"], change["outside_hearth"]) == ("agency_joins_list", "consortium", True)
    [change] = (await why_not(scene, view, others.vacancy))["smallest_set"]
    assert (change["change"], change["whose"]) == ("other_council_lends_carer", "other_council")


async def test_a_closed_vacancy_is_still_explained(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    closed = VacancyClosed(vacancy=facts.vacancy, provider=OAK, reason="carer_unwell")
    await scene.service.deliver(closed, subject=str(facts.vacancy), organisation=OAK, version=2)
    assert [one["change"] for one in (await why_not(scene, view, facts.vacancy))["smallest_set"]] == ["vacancy_opened"]


async def test_another_councils_referral_an_unknown_one_and_an_unknown_vacancy_are_not_found(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    gone = ids.new_id()
    withdrawn = ReferralWithdrawn(referral=gone, council=view.council, reason="made_in_error", side="council")
    await scene.service.deliver(withdrawn, subject=str(gone), organisation=SOUTHAMPTON, version=3)
    for who, referral, vacancy in (
        (SURREY, view.referral, facts.vacancy),
        (SOUTHAMPTON, ids.new_id(), facts.vacancy),
        (SOUTHAMPTON, gone, facts.vacancy),
        (SOUTHAMPTON, view.referral, ids.new_id()),
    ):
        reply = await scene.ask(who, "GET", f"/referrals/{referral}/why-not/{vacancy}")
        assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
    assert (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/why-not/jemima")).status_code == 422
    assert (await scene.ask(OAK, "GET", f"/referrals/{view.referral}/why-not/{facts.vacancy}")).status_code == 403
