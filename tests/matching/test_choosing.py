"""A council chooses: one bed, one home, and everybody told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

from shared import failures
from shared.contracts.referrals import ReferralWithdrawn
from tests.matching import events
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def choice_of(scene: Scene, referral: object, council: str = SOUTHAMPTON) -> dict[str, object]:
    found: dict[str, object] = (await scene.ask(council, "GET", f"/referrals/{referral}/choice")).json()
    return found


async def test_a_choice_is_pending_until_the_bed_is_held_then_confirmed_and_the_others_are_released(scene: Scene) -> None:
    view = await scene.broadcast()
    oak, elm = await scene.vacancy(OAK), await scene.vacancy(ELM)
    chosen, other = await scene.offer(view, oak), await scene.offer(view, elm, "700.00")

    made = await scene.choose(view, chosen)
    assert made.status_code == 202, made.text
    assert made.json()["state"] == "pending"
    [selected] = await scene.service.published("offer.selected")
    assert (selected.data["offer"], selected.data["beds"]) == (chosen["offer"], 1)

    await scene.hold(chosen)
    assert (await choice_of(scene, view.referral))["state"] == "confirmed"
    [confirmed] = await scene.service.published("offer.confirmed")
    assert (confirmed.data["offer"], confirmed.data["pounds_per_week"], confirmed.organisation) == (chosen["offer"], "800.00", SOUTHAMPTON)
    [released] = await scene.service.published("offer.released")
    assert (released.data["offer"], released.data["reason"]) == (other["offer"], "higher_tier_chosen")
    told = await scene.own_offer(other, ELM)
    assert told["state"] == "released"
    assert "higher tier" in " ".join(told["words"])
    assert (await scene.own_offer(chosen))["state"] == "confirmed"


async def test_a_newer_releases_column_is_there_already_when_a_choice_is_confirmed_and_when_a_referral_is_withdrawn(scene: Scene) -> None:
    view, gone = await scene.broadcast(), await scene.broadcast()
    chosen, other = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(ELM))
    ended = await scene.offer(gone, await scene.vacancy(OAK))
    assert (await scene.choose(view, chosen)).status_code == 202
    async with a_column_more(scene, "offers", "referrals", "vacancies"):
        await once_prepared_anew(lambda: scene.hold(chosen))
        assert (await choice_of(scene, view.referral))["state"] == "confirmed"
        assert (await scene.own_offer(other, ELM))["state"] == "released"
        withdrawn = ReferralWithdrawn(referral=gone.referral, council=gone.council, reason="child_stays_home", side="child")
        await once_prepared_anew(lambda: scene.service.deliver(withdrawn, subject=str(gone.referral), organisation=SOUTHAMPTON, version=3))
        assert (await scene.own_offer(ended))["state"] != "made"


@asynccontextmanager
async def a_column_more(scene: Scene, *tables: str) -> AsyncIterator[None]:
    """A newer release's column in each of these tables; taken away again, since the next test is given the same database."""
    owner = await asyncpg.connect(scene.service.owner_urls[None])
    try:
        for table in tables:
            await owner.execute(f"ALTER TABLE {table} ADD COLUMN of_a_newer_release text")
        yield
    finally:
        for table in tables:
            await owner.execute(f"ALTER TABLE {table} DROP COLUMN IF EXISTS of_a_newer_release")
        await owner.close()


async def once_prepared_anew(hear: Callable[[], Awaitable[object]]) -> None:
    """As delivery does: what says that the database must be asked again is tried again, once for each connection; all else is a failure."""
    for _ in range(10):
        try:
            await hear()
            return
        except Exception as error:
            if not failures.is_outage(error):
                raise
    raise AssertionError("it is refused for ever")


async def test_a_refused_bed_is_told_with_its_reasons_and_the_other_options_stand(scene: Scene) -> None:
    view = await scene.broadcast()
    chosen, other = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(ELM))
    await scene.choose(view, chosen)
    await scene.refuse(chosen)
    told = await choice_of(scene, view.referral)
    assert (told["state"], told["reasons"]) == ("refused", ["no_free_bed"])
    shown = await scene.options(view)
    assert shown["state"] == "open"
    assert [one["offer"] for one in shown["options"]] == [other["offer"]]
    assert [(one["offer"], one["state"]) for one in shown["ended"]] == [(chosen["offer"], "refused")]
    assert (await scene.choose(view, other)).status_code == 202


async def test_two_councils_that_choose_one_bed_one_is_confirmed_and_the_other_keeps_its_options(scene: Scene) -> None:
    vacancy, spare = await scene.vacancy(OAK), await scene.vacancy(ELM)
    mine, theirs = await scene.broadcast(SOUTHAMPTON), await scene.broadcast(SURREY)
    my_offer, their_offer, their_other = (
        await scene.offer(mine, vacancy),
        await scene.offer(theirs, vacancy),
        await scene.offer(theirs, spare),
    )
    chosen = await asyncio.gather(scene.choose(mine, my_offer), scene.choose(theirs, their_offer, SURREY))
    assert [reply.status_code for reply in chosen] == [202, 202]
    await scene.hold(my_offer)
    await scene.refuse(their_offer, SURREY)
    assert (await choice_of(scene, mine.referral))["state"] == "confirmed"
    assert (await choice_of(scene, theirs.referral, SURREY))["state"] == "refused"
    assert [one["offer"] for one in (await scene.options(theirs, SURREY))["options"]] == [their_other["offer"]]


async def test_of_two_choices_at_once_on_one_referral_exactly_one_is_made(scene: Scene) -> None:
    view = await scene.broadcast()
    one, other = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(OAK))
    replies = await asyncio.gather(*(scene.choose(view, offer) for offer in (one, other) for _ in range(4)))
    assert sorted(reply.status_code for reply in replies) == [202] + [409] * 7
    assert len(await scene.service.published("offer.selected")) == 1
    assert sum(option["state"] == "selected" for option in (await scene.options(view))["options"]) == 1


async def test_of_a_choice_and_a_withdrawal_at_once_exactly_one_is_done(scene: Scene) -> None:
    outcomes = set()
    for _ in range(8):
        view = await scene.broadcast()
        offer = await scene.offer(view, await scene.vacancy(OAK))
        withdrawal = scene.ask(OAK, "POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "carer_changed_their_mind"})
        chosen, withdrawn = await asyncio.gather(scene.choose(view, offer), withdrawal)
        state = (await scene.own_offer(offer))["state"]
        assert (chosen.status_code == 202, withdrawn.status_code == 200, state) in {
            (True, False, "selected"),
            (False, True, "withdrawn"),
        }, (chosen.text, withdrawn.text)
        outcomes.add(state)
        referral = (await scene.options(view))["state"]
        assert referral == ("choosing" if state == "selected" else "open")
    said = [envelope.type for envelope in await scene.service.published()]
    assert said.count("offer.selected") + said.count("offer.withdrawn") == 8


async def test_a_hold_heard_twice_or_in_the_wrong_order_confirms_once(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await scene.choose(view, offer)
    await scene.hold(offer)
    await scene.hold(offer, version=3)
    await scene.refuse(offer)
    assert len(await scene.service.published("offer.confirmed")) == 1
    assert await scene.service.published("offer.released") == []
    assert await scene.service.published("offer.refused") == []
    assert (await scene.own_offer(offer))["state"] == "confirmed"


async def test_a_bed_held_for_an_offer_whose_referral_was_withdrawn_meanwhile_is_given_back(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await scene.choose(view, offer)
    await scene.service.deliver(
        ReferralWithdrawn(referral=view.referral, council=view.council, reason="child_stays_home", side="child"),
        subject=str(view.referral),
        organisation=SOUTHAMPTON,
        version=3,
    )
    assert (await choice_of(scene, view.referral))["reasons"] == ["referral_withdrawn"]
    await scene.hold(offer)
    said = await scene.service.published("offer.released")
    assert [(one.data["offer"], one.data["reason"]) for one in said] == [
        (offer["offer"], "referral_withdrawn"),
        (offer["offer"], "no_longer_chosen"),
    ]
    assert said[1].version > said[0].version
    assert await scene.service.published("offer.confirmed") == []
    assert (await scene.own_offer(offer))["state"] == "released"
    told = (await scene.ask(OAK, "GET", "/notices")).json()["items"]
    assert [one["type"] for one in told].count("offer.released") == 1, "its agency is told once"


async def test_choosing_past_a_suitable_tier_one_offer_needs_a_coded_reason_and_names_the_offer_passed(scene: Scene) -> None:
    view = await scene.broadcast()
    first, second = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(ELM), "500.00")
    refused = await scene.choose(view, second)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["field"], error["rule"]) == ("reason_code", "reason_for_passing_tier_one")
    assert first["offer"] in error["message"]
    assert (await scene.choose(view, second, reason_code="nearer_home")).status_code == 202
    [decision] = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/decision")).json()["items"]
    assert (decision["reason_code"], decision["record"]["passed_over"]) == ("nearer_home", [first["offer"]])
    await scene.hold(second, provider=ELM)
    told = await scene.own_offer(first)
    assert told["reason"] == "council_judged_otherwise"


async def test_the_decision_record_keeps_all_offers_as_they_stood_with_price_rank_and_derivation(scene: Scene) -> None:
    view = await scene.broadcast()
    dear = await scene.offer(view, await scene.vacancy(OAK), "900.00")
    cheap = await scene.offer(view, await scene.vacancy(OAK), "850.50")
    await scene.offer(view, await scene.vacancy(ASH, free_beds=0))
    await scene.choose(view, cheap)
    await scene.hold(cheap)
    [decision] = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/decision")).json()["items"]
    kept = decision["record"]["offers"]
    assert [(one["rank"], one["offer"]["terms"]["pounds_per_week"], one["suitable"]) for one in kept] == [
        (1, "850.50", True),
        (2, "900.00", True),
        (3, "800.00", False),
    ]
    assert (kept[1]["after_because"], kept[2]["after_because"]) == ("price", "suitability")
    assert kept[2]["reasons"][0]["barrier"] == "beds"
    assert decision["decided_by"] == f"person@{SOUTHAMPTON}"
    assert decision["record"]["considerations"]["near_home"] == "met"
    told = await scene.own_offer(dear)
    assert told["reason"] == "close_comparison"
    assert "850" not in str(told)


async def test_an_offer_that_changed_since_the_officer_read_it_is_not_chosen_unseen(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    offer = await scene.offer(view, facts)
    terms = {name: value for name, value in scene.terms(view, facts, "950.00").items() if name != "referral"}
    changed = await scene.ask(OAK, "PUT", f"/offers/{offer['offer']}", terms, If_Match='"1"')
    assert changed.status_code == 200, changed.text
    assert (await scene.choose(view, offer, offer_version=1)).status_code == 412
    assert (await scene.choose(view, offer, offer_version=2)).status_code == 202


async def test_a_shortlist_is_put_in_place_of_the_one_before_and_only_from_it_may_be_chosen(scene: Scene) -> None:
    view = await scene.broadcast()
    offers = [await scene.offer(view, await scene.vacancy(OAK)) for _ in range(3)]
    ids = [offer["offer"] for offer in offers]
    path = f"/referrals/{view.referral}/shortlist"
    etag = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/options")).headers["etag"]
    assert (await scene.ask(SOUTHAMPTON, "PUT", path, {"offers": ids[:2]})).status_code == 428
    one_alone = await scene.ask(SOUTHAMPTON, "PUT", path, {"offers": ids[:1]}, If_Match=etag)
    assert (one_alone.status_code, one_alone.json()["errors"][0]["rule"]) == (422, "two_or_three")
    first = await scene.ask(SOUTHAMPTON, "PUT", path, {"offers": ids[:2]}, If_Match=etag)
    assert first.status_code == 200, first.text
    assert (await scene.ask(SOUTHAMPTON, "PUT", path, {"offers": ids[1:]}, If_Match=etag)).status_code == 412
    second = await scene.ask(SOUTHAMPTON, "PUT", path, {"offers": ids[1:]}, If_Match=first.headers["etag"])
    assert {one["offer"]: one["state"] for one in second.json()["options"]} == {
        ids[0]: "made",
        ids[1]: "shortlisted",
        ids[2]: "shortlisted",
    }
    said = await scene.service.published("offer.shortlisted")
    assert sorted(one.data["offer"] for one in said) == sorted(ids)
    outside = await scene.choose(view, offers[0])
    assert (outside.status_code, outside.json()["errors"][0]["rule"]) == (422, "from_the_shortlist")
    assert (await scene.choose(view, offers[1])).status_code == 202


async def test_an_offer_that_came_in_after_the_choice_is_released_when_the_placement_is_agreed(scene: Scene) -> None:
    view = await scene.broadcast()
    chosen = await scene.offer(view, await scene.vacancy(OAK))
    await scene.choose(view, chosen)
    await scene.hold(chosen)
    late = await scene.offer(view, await scene.vacancy(ELM))
    await scene.service.deliver(events.agreed(chosen, SOUTHAMPTON), subject="placement", organisation=SOUTHAMPTON)
    assert (await scene.own_offer(late, ELM))["reason"] == "placed_elsewhere"
    assert (await scene.own_offer(chosen))["state"] == "confirmed"
    opportunity = (await scene.ask(ASH, "GET", f"/opportunities/{view.referral}")).json()
    assert (opportunity["state"], opportunity["view"]) == ("placed", None)


async def test_an_agency_cannot_withdraw_what_is_chosen_or_confirmed(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    path, body = f"/offers/{offer['offer']}/withdrawal", {"reason": "carer_changed_their_mind"}
    await scene.choose(view, offer)
    pending = await scene.ask(OAK, "POST", path, body)
    assert (pending.status_code, "bed is being asked for" in pending.json()["detail"]) == (409, True)
    await scene.hold(offer)
    assert (await scene.ask(OAK, "POST", path, body)).status_code == 409
    assert await scene.service.published("offer.withdrawn") == []


async def test_the_same_choice_sent_twice_with_one_key_is_made_once(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    body = {"offer": offer["offer"], "considerations": {}, "wishes": "followed"} | {
        "considerations": dict.fromkeys(
            ("near_home", "schooling_unbroken", "siblings_together", "disability_met", "inside_area"), "does_not_apply"
        )
    }
    path = f"/referrals/{view.referral}/choice"
    first = await scene.ask(SOUTHAMPTON, "POST", path, body, Idempotency_Key="one")
    again = await scene.ask(SOUTHAMPTON, "POST", path, body, Idempotency_Key="one")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert len(await scene.service.published("offer.selected")) == 1
