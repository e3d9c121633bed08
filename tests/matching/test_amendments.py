"""A referral is amended after sending: providers read what changed, and offers that no longer fit are confirmed, taken back, or lapse."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.contracts.referrals import ReferralAmended, ReferralView, ReferralWithdrawn
from shared.contracts.words import Need, Urgency
from shared.uk_time import in_uk_words
from tests.matching import events
from tests.matching.conftest import Time
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON
from tests.matching.scene import Scene


async def amend(scene: Scene, view: ReferralView, *, version: int = 3, **changes: Any) -> ReferralView:
    """The council changes what the referral says; ``child`` changes the first child."""
    if child := changes.pop("child", None):
        changes["children"] = (view.children[0].model_copy(update=child), *view.children[1:])
    after = view.model_copy(update=changes)
    heard = ReferralAmended(view=after, changed=tuple(changes))
    await scene.service.deliver(heard, subject=str(view.referral), organisation=SOUTHAMPTON, version=version, council=view.council)
    return after


async def changes_seen(scene: Scene, view: ReferralView, provider: str = OAK) -> list[dict[str, Any]]:
    reply = await scene.ask(provider, "GET", f"/opportunities/{view.referral}/changes")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


async def notices_of(scene: Scene, organisation: str) -> list[str]:
    return [notice["type"] for notice in (await scene.ask(organisation, "GET", "/notices")).json()["items"]]


def rules(reply: Any) -> list[str]:
    return [error["rule"] for error in reply.json()["errors"]]


async def test_every_provider_reads_which_fields_changed_when_and_from_what_to_what(scene: Scene) -> None:
    view = await scene.broadcast()
    once = await amend(scene, view, child={"age_years": 9}, preferred_miles=10)
    await amend(scene, once, version=4, needed_by=events.soon(20))
    last, first = await changes_seen(scene, view, ASH)
    assert first["fields"] == ["children.1.age_years", "preferred_miles"]
    assert first["changes"] == [
        {"field": "children.1.age_years", "before": 8, "after": 9},
        {"field": "preferred_miles", "before": None, "after": 10},
    ]
    assert last["changes"] == [{"field": "needed_by", "before": str(view.needed_by), "after": str(events.soon(20))}]
    assert in_uk_words(datetime.fromisoformat(last["changed_at"])) == last["changed_at_words"]
    assert (await notices_of(scene, ASH)).count("opportunity.amended") == 2


async def test_an_amendment_heard_twice_or_late_is_logged_once_and_one_that_changes_nothing_not_at_all(scene: Scene) -> None:
    view = await scene.broadcast()
    after = await amend(scene, view, version=4, preferred_miles=10)
    await amend(scene, view, version=4, preferred_miles=10)
    await amend(scene, view, version=3, preferred_miles=5)
    await amend(scene, after, version=5)
    assert [one["fields"] for one in await changes_seen(scene, view)] == [["preferred_miles"]]


async def test_providers_are_told_that_the_words_changed_and_never_what_they_say(scene: Scene) -> None:
    view = await scene.broadcast(has_words=True)
    assert (await scene.ask(OAK, "GET", f"/opportunities/{view.referral}")).json()["view"]["has_words"] is True
    heard = ReferralAmended(view=view, changed=("words",))
    await scene.service.deliver(heard, subject=str(view.referral), organisation=SOUTHAMPTON, version=3, council=view.council)
    [told] = await changes_seen(scene, view)
    assert (told["fields"], told["changes"]) == (["words"], [{"field": "words", "before": None, "after": None}])
    assert "opportunity.amended" in await notices_of(scene, OAK)


async def test_once_the_referral_is_closed_only_the_names_of_the_fields_are_kept(scene: Scene) -> None:
    view = await scene.broadcast()
    await amend(scene, view, child={"age_years": 9})
    gone = ReferralWithdrawn(referral=view.referral, council=view.council, reason="child_stays_home", side="child")
    await scene.service.deliver(gone, subject=str(view.referral), organisation=SOUTHAMPTON, version=9)
    [kept] = await changes_seen(scene, view)
    assert (kept["fields"], kept["changes"]) == (["children.1.age_years"], None)


async def test_an_offer_that_no_longer_fits_is_flagged_with_what_it_meets_anew_and_one_that_fits_stays(scene: Scene) -> None:
    view = await scene.broadcast()
    young, wide = await scene.vacancy(OAK), await scene.vacancy(ELM, to_age=17)
    unfit, fit = await scene.offer(view, young), await scene.offer(view, wide)
    await amend(scene, view, child={"age_years": 14})
    shown = await scene.own_offer(unfit)
    assert (shown["needs_confirmation"], shown["asked_again"]["about"]) == (True, [{"reason": "age_above_approval", "which": None}])
    assert shown["asked_again"]["confirm_by_words"] == in_uk_words(datetime.fromisoformat(shown["asked_again"]["confirm_by"]))
    assert "offer.confirmation_needed" in await notices_of(scene, OAK)
    kept = await scene.own_offer(fit, ELM)
    assert (kept["needs_confirmation"], kept["asked_again"], kept["state"], kept["version"]) == (False, None, "made", 1)
    assert "offer.confirmation_needed" not in await notices_of(scene, ELM)
    assert "opportunity.amended" in await notices_of(scene, ELM)
    seen = {option["offer"]: option for option in (await scene.options(view))["options"]}
    assert (seen[unfit["offer"]]["needs_confirmation"], seen[fit["offer"]]["needs_confirmation"]) == (True, False)


async def test_an_offer_that_never_fitted_is_not_asked_about_what_was_known(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK, free_beds=0))
    await amend(scene, view, preferred_miles=3)
    assert not (await scene.own_offer(offer))["needs_confirmation"]


async def test_a_flagged_offer_cannot_be_chosen_until_its_agency_confirms_with_new_answers(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await amend(scene, view, child={"essential_needs": (Need.AUTISM, Need.MEDICATION)})
    refused = await scene.choose(view, offer, reason_code="nothing_else_in_time")
    assert (refused.status_code, rules(refused)) == (422, ["confirmed_since_amended"])
    path = f"/offers/{offer['offer']}/confirmation"
    silent = await scene.ask(OAK, "POST", path, {})
    assert (silent.status_code, rules(silent)) == (422, ["each_essential_need_answered"])
    answers = [{"need": "autism", "met": True}, {"need": "medication", "met": True, "note": "with_training"}]
    done = await scene.ask(OAK, "POST", path, {"needs": answers})
    assert (done.status_code, done.json()["needs_confirmation"], done.json()["suitable"]) == (200, False, True)
    assert "offer.changed" in await notices_of(scene, SOUTHAMPTON)
    [option] = (await scene.options(view))["options"]
    assert option["asked_again"]["confirmed_at"] is not None, "the council sees who was asked and who answered"
    assert rules(await scene.ask(OAK, "POST", path, {})) == ["confirmation_asked"]
    assert (await scene.choose(view, offer)).status_code == 202


async def test_an_agency_may_stand_by_an_offer_that_still_does_not_fit_and_the_council_sees_both(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await amend(scene, view, child={"essential_needs": (Need.AUTISM, Need.MEDICATION)})
    answers = [{"need": "autism", "met": True}, {"need": "medication", "met": False}]
    assert (await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/confirmation", {"needs": answers})).status_code == 200
    [option] = (await scene.options(view))["options"]
    assert (option["suitable"], option["needs_confirmation"]) == (False, False)


async def test_no_agency_stands_by_an_offer_that_the_law_now_blocks(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await amend(scene, view, child={"age_years": 14})
    refused = await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/confirmation", {})
    assert (refused.status_code, rules(refused)) == (422, ["within_terms_of_approval"])
    assert (await scene.own_offer(offer))["needs_confirmation"]


async def test_a_second_amendment_that_makes_it_fit_again_takes_the_flag_away(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    flagged = await amend(scene, view, child={"age_years": 14})
    await amend(scene, flagged, version=4, preferred_miles=9)
    assert (await scene.own_offer(offer))["needs_confirmation"], "an unrelated change answers nothing"
    await amend(scene, flagged, version=5, child={"age_years": 9})
    shown = await scene.own_offer(offer)
    assert (shown["needs_confirmation"], shown["asked_again"]) == (False, None)
    assert (await scene.choose(view, offer)).status_code == 202


@pytest.mark.parametrize(
    ("urgency", "closes_in", "answer_in"),
    [
        (Urgency.EMERGENCY, timedelta(hours=2), timedelta(hours=1)),
        (Urgency.EMERGENCY, timedelta(minutes=50), timedelta(minutes=50)),
        (Urgency.EMERGENCY, timedelta(minutes=2), timedelta(minutes=30)),
        (Urgency.SAME_DAY, timedelta(minutes=-5), timedelta(hours=2)),
    ],
)
async def test_it_may_be_confirmed_until_a_stated_moment_before_the_closing_time_and_then_it_lapses(
    scene: Scene, time: Time, urgency: Urgency, closes_in: timedelta, answer_in: timedelta
) -> None:
    view = await scene.broadcast(urgency=urgency)
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await amend(scene, view, child={"age_years": 14}, closes_at=time.now + closes_in)
    until = time.now + answer_in
    assert datetime.fromisoformat((await scene.own_offer(offer))["asked_again"]["confirm_by"]) == until
    time.at(until - timedelta(microseconds=1))
    assert await time.sweep() == 0
    time.at(until)
    late = await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/confirmation", {})
    assert (late.status_code, rules(late)) == (409, ["before_confirm_by"])
    assert in_uk_words(until) in late.json()["detail"]
    assert rules(await scene.choose(view, offer, reason_code="nothing_else_in_time"))[0] == "confirmed_since_amended", "swept or not"
    assert await time.sweep() == 1
    shown = await scene.own_offer(offer)
    assert (shown["state"], shown["reason"]) == ("withdrawn", "not_confirmed_in_time")
    assert "offer.lapsed" in await notices_of(scene, OAK)
    assert "offer.withdrawn" in await notices_of(scene, SOUTHAMPTON)


async def test_of_a_confirmation_a_withdrawal_and_a_lapse_at_once_exactly_one_is_done(scene: Scene, time: Time) -> None:
    for moment in (timedelta(0), timedelta(microseconds=-1)):
        view = await scene.broadcast(urgency=Urgency.EMERGENCY, closes_at=clock.now() + timedelta(hours=3))
        offer = await scene.offer(view, await scene.vacancy(OAK, available_from=clock.today()))
        await amend(scene, view, child={"age_years": 14})
        time.at(datetime.fromisoformat((await scene.own_offer(offer))["asked_again"]["confirm_by"]) + moment)
        confirmed, withdrawn, lapsed = await asyncio.gather(
            scene.ask(OAK, "POST", f"/offers/{offer['offer']}/confirmation", {}),
            scene.ask(OAK, "POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "childs_needs_changed"}),
            time.sweep(),
        )
        assert [confirmed.status_code == 200, withdrawn.status_code == 200, lapsed == 1].count(True) == 1
        state = (await scene.own_offer(offer))["state"]
        assert state == ("made" if confirmed.status_code == 200 else "withdrawn")


async def test_new_terms_are_an_answer_too_and_another_agencys_changes_are_not_found(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    offer = await scene.offer(view, facts)
    after = await amend(scene, view, child={"essential_needs": (Need.AUTISM, Need.MEDICATION)})
    terms = {name: value for name, value in scene.terms(after, facts).items() if name != "referral"}
    changed = await scene.ask(OAK, "PUT", f"/offers/{offer['offer']}", terms, If_Match='"2"')
    assert (changed.status_code, changed.json()["needs_confirmation"]) == (200, False), changed.text
    assert (await scene.ask("agency:SC999999", "GET", f"/opportunities/{view.referral}/changes")).status_code == 404
