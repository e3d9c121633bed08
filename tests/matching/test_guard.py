"""The law's checks at offer and at choosing: each blocks or routes to a named decision, all at once, none silently."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from matching.domain.working_days import last_permitted_day
from shared import clock, ids, tenancy
from shared.contracts import providers
from shared.contracts.words import OfstedRating, PlacementKind, Sector, Siblings, Urgency
from shared.organisation import Organisation
from tests.matching import events
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene, approval

AREA, FAR, TERMS = "approval_for_out_of_area", "approval_for_over_20_miles", "approval_for_outside_terms_emergency"


def recorded(urn: str = OAK, rating: OfstedRating = OfstedRating.GOOD, **suspension: Any) -> providers.AgencyRecorded:
    """The agency's record as it now reads."""
    told = {"reason": "safeguarding_stop", "starts_on": events.soon(0)} | suspension if suspension else None
    return providers.AgencyRecorded(
        agency=urn.removeprefix("agency:"),
        name="Oak Fostering",
        rating=rating,
        inspected_on=None,
        sector=Sector.PRIVATE,
        suspension=told and providers.Suspension.model_validate(told),
    )


async def record(scene: Scene, event: providers.AgencyRecorded, version: int = 2) -> None:
    await scene.service.deliver(event, subject=event.agency, organisation="consortium", version=version)


def outcomes(shown: dict[str, Any]) -> dict[str, str]:
    """Each check that is not clear."""
    return {check["question"]: check["outcome"] for check in shown["checks"] if check["outcome"] != "clear"}


def rules(reply: Any) -> set[tuple[str, str]]:
    return {(error["field"], error["rule"]) for error in reply.json()["errors"]}


async def decision(scene: Scene, referral: UUID, council: str = SOUTHAMPTON) -> dict[str, Any]:
    found: dict[str, Any] = (await scene.ask(council, "GET", f"/referrals/{referral}/decision")).json()["items"][0]
    return found


async def test_an_offer_that_the_law_blocks_is_refused_with_every_reason_and_none_is_written(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(fostered_children=3, from_age=9, approved_places=3)
    await record(scene, recorded(review_on=events.soon(9)))
    refused = await scene.ask(OAK, "POST", "/offers", scene.terms(view, facts) | {"needs": []})
    assert refused.status_code == 422
    assert rules(refused) == {
        ("needs", "each_essential_need_answered"),
        ("vacancy", "within_usual_fostering_limit"),
        ("vacancy", "within_terms_of_approval"),
        ("vacancy", "agency_not_suspended"),
    }
    assert all("What would clear it:" in error["message"] for error in refused.json()["errors"] if error["field"] == "vacancy")
    assert (await scene.options(view))["options"] == []


async def test_what_a_named_officer_may_decide_is_accepted_at_the_offer_and_both_are_told(scene: Scene) -> None:
    view = await scene.broadcast(urgency=Urgency.EMERGENCY, kind=PlacementKind.SHORT_TERM)
    facts = await scene.vacancy(from_age=9, lives_in="E10000014", district="OX1", fostered_children=None, children_at_home=3)
    made = await scene.offer(view, facts)
    flagged = {
        "usual_fostering_limit": "needs_decision",
        "terms_of_approval": "needs_decision",
        "area": "needs_decision",
        "distance": "needs_decision",
    }
    assert outcomes(made) == flagged
    assert outcomes(await scene.own_offer(made)) == flagged
    [option] = (await scene.options(view))["options"]
    assert outcomes(option) == flagged
    area = next(check for check in option["checks"] if check["question"] == "area")
    assert (area["approval"], area["offices"]) == ("out_of_area", ["nominated_officer", "director_of_childrens_services"])
    assert "regulations 11 and 12" in area["source"]


async def test_a_choice_names_every_approval_it_waits_for_and_goes_through_with_all_of_them(scene: Scene) -> None:
    view = await scene.broadcast(urgency=Urgency.EMERGENCY)
    offer = await scene.offer(view, await scene.vacancy(from_age=9, lives_in="E10000014", district="OX1"))
    refused = await scene.choose(view, offer, reason_code="nothing_else_in_time", considerations={})
    assert {rule for _, rule in rules(refused)} == {"each_consideration_answered", AREA, FAR, TERMS}
    before = approval("out_of_area", office="director_of_childrens_services") | {"offer": offer["offer"]}
    kept = await scene.ask(SOUTHAMPTON, "POST", f"/referrals/{view.referral}/approvals", before)
    assert kept.status_code == 201, kept.text
    assert kept.json()["recorded_by"]
    refused = await scene.choose(view, offer, reason_code="nothing_else_in_time", approvals=[approval("over_20_miles")])
    assert rules(refused) == {("approvals", TERMS)}
    now = [approval("over_20_miles"), approval("outside_terms_emergency", reason="nothing_else_in_time")]
    made = await scene.choose(view, offer, reason_code="nothing_else_in_time", approvals=now)
    assert made.status_code == 202, made.text
    stood = (await decision(scene, view.referral))["record"]
    assert [one["given"]["approved_for"] for one in stood["approvals"]] == ["out_of_area", "over_20_miles", "outside_terms_emergency"]
    assert all(one["recorded_by"] and one["given"]["officer"] for one in stood["approvals"])
    assert outcomes(stood["offers"][0]) == {"terms_of_approval": "needs_decision", "area": "needs_decision", "distance": "needs_decision"}
    listed = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/approvals")).json()["items"]
    assert len(listed) == 3, "the refused choice left none behind"


async def test_an_approval_is_for_its_offer_alone_and_for_its_council_alone(scene: Scene) -> None:
    view = await scene.broadcast()
    first = await scene.offer(view, await scene.vacancy(lives_in="E10000014"))
    other = await scene.offer(view, await scene.vacancy(lives_in="E10000014"))
    body = approval("out_of_area") | {"offer": first["offer"]}
    assert (await scene.ask(SURREY, "POST", f"/referrals/{view.referral}/approvals", body)).status_code == 404
    assert (await scene.ask(SOUTHAMPTON, "POST", f"/referrals/{view.referral}/approvals", body)).status_code == 201
    assert (await scene.ask(SURREY, "GET", f"/referrals/{view.referral}/approvals")).status_code == 404
    assert (await scene.ask(OAK, "GET", f"/referrals/{view.referral}/approvals")).status_code == 403
    assert rules(await scene.choose(view, other)) == {("approvals", AREA)}
    assert (await scene.choose(view, first)).status_code == 202


async def test_no_approval_clears_what_is_blocked(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(fostered_children=2)
    offer = await scene.offer(view, facts)
    await scene.service.deliver(
        providers.VacancyChanged(facts=facts.model_copy(update={"fostered_children": 3})),
        subject=str(facts.vacancy),
        organisation=OAK,
        version=2,
    )
    everything = ["out_of_area", "over_20_miles", "outside_terms_emergency", "rating_changed", "all_siblings", "limit_kept"]
    refused = await scene.choose(view, offer, reason_code="known_carer", approvals=[approval(one) for one in everything])
    assert rules(refused) == {("offer", "within_usual_fostering_limit")}
    [option] = (await scene.options(view))["options"]
    assert not option["suitable"]
    assert [reason["reason"] for reason in option["reasons"]] == ["usual_fostering_limit"]


async def test_children_placed_through_hearth_count_towards_the_limit_in_every_vacancy_of_the_household(scene: Scene) -> None:
    household = ids.new_id()
    first = await scene.vacancy(household=household, fostered_children=2, free_beds=2)
    second = await scene.vacancy(household=household, fostered_children=2, free_beds=2)
    view = await scene.broadcast()
    path = f"/referrals/{view.referral}/candidates"

    async def suitable() -> int:
        return int((await scene.ask(SOUTHAMPTON, "GET", path)).json()["suitable"])

    assert await suitable() == 2
    held = events.held(
        {"vacancy": str(first.vacancy), "household": str(household), "offer": str(ids.new_id()), "referral": str(ids.new_id())}, SURREY
    )
    await scene.service.deliver(held, subject=str(first.vacancy), organisation=SURREY, version=2)
    assert await suitable() == 0
    refused = await scene.ask(OAK, "POST", "/offers", scene.terms(view, second))
    assert rules(refused) == {("vacancy", "within_usual_fostering_limit")}
    freed = providers.VacancyFreed(vacancy=first.vacancy, provider=OAK, hold=held.hold, council="E10000030", beds=1, free_beds=2)
    await scene.service.deliver(freed, subject=str(first.vacancy), organisation=SURREY, version=3)
    assert await suitable() == 2
    # A hold that is heard after its own end, as may be, brings nobody back.
    again = held.model_copy(update={"hold": ids.new_id()})
    over = freed.model_copy(update={"hold": again.hold})
    await scene.service.deliver(over, subject=str(first.vacancy), organisation=SURREY, version=5)
    await scene.service.deliver(again, subject=str(first.vacancy), organisation=SURREY, version=4)
    assert await suitable() == 2


async def test_siblings_of_those_there_need_a_named_officers_word_which_the_bed_is_asked_for_with(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(fostered_children=3, fostered_are_siblings=True))
    assert rules(await scene.choose(view, offer)) == {("approvals", "approval_for_all_siblings")}
    assert (await scene.choose(view, offer, approvals=[approval("all_siblings", reason="siblings_together")])).status_code == 202
    [selected] = await scene.service.published("offer.selected")
    assert (selected.data["limit_confirmed"], selected.data["arrives_on"]) == (True, str(view.needed_by))


async def test_an_emergency_outside_the_terms_says_to_all_until_which_day_it_may_last(scene: Scene) -> None:
    view = await scene.broadcast(urgency=Urgency.EMERGENCY, needed_by=events.soon(0))
    offer = await scene.offer(view, await scene.vacancy(from_age=9), available_on=str(events.soon(0)))
    made = await scene.choose(view, offer, reason_code="nothing_else_in_time", approvals=[approval("outside_terms_emergency")])
    until = str(last_permitted_day(clock.today()))
    assert made.json()["must_be_regularised_by"] == until
    await scene.hold(offer)
    [confirmed] = await scene.service.published("offer.confirmed")
    assert confirmed.data["must_be_regularised_by"] == until
    assert (await scene.own_offer(offer))["must_be_regularised_by"] == until
    assert (await decision(scene, view.referral))["record"]["must_be_regularised_by"] == until
    other = await scene.broadcast()
    path = "/referrals?to_regularise=true"
    listed = (await scene.ask(SOUTHAMPTON, "GET", path)).json()["items"]
    assert [(one["referral"], one["must_be_regularised_by"]) for one in listed] == [(str(view.referral), until)]
    everything = (await scene.ask(SOUTHAMPTON, "GET", "/referrals")).json()["items"]
    assert {one["referral"]: one["must_be_regularised_by"] for one in everything} == {str(view.referral): until, str(other.referral): None}
    assert (await scene.ask(SURREY, "GET", path)).json()["items"] == []


@pytest.mark.parametrize(("starts", "ends", "reached"), [(0, None, False), (-9, 0, False), (-9, -1, True), (1, None, True)])
async def test_a_suspended_agency_gets_no_new_referral_from_its_first_day_to_its_last(
    scene: Scene, starts: int, ends: int | None, reached: bool
) -> None:
    await record(scene, recorded(starts_on=events.soon(starts), ends_on=None if ends is None else events.soon(ends)))
    view = await scene.broadcast()
    seen = (await scene.ask(OAK, "GET", f"/opportunities/{view.referral}")).status_code
    assert seen == (200 if reached else 404)
    assert (await scene.ask(ELM, "GET", f"/opportunities/{view.referral}")).status_code == 200


async def test_a_list_heard_late_reaches_no_suspended_agency_either(scene: Scene) -> None:
    await record(scene, recorded(review_on=events.soon(9)))
    view = await scene.broadcast(lot="late")
    heard = events.tiers(OAK, ELM, lot="late", published_at=clock.now() - timedelta(hours=1))
    await scene.service.deliver(heard, subject="late", organisation="consortium")
    assert (await scene.ask(OAK, "GET", f"/opportunities/{view.referral}")).status_code == 404
    assert (await scene.ask(ELM, "GET", f"/opportunities/{view.referral}")).status_code == 200


async def test_an_agency_suspended_after_its_offer_is_not_chosen_until_that_is_lifted(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy())
    other = await scene.offer(view, await scene.vacancy(ELM))
    await record(scene, recorded(review_on=events.soon(9)))
    refused = await scene.choose(view, offer, reason_code="known_carer")
    assert rules(refused) == {("offer", "agency_not_suspended")}
    assert "safeguarding stop" in refused.json()["errors"][0]["message"]
    ranked = (await scene.options(view))["options"]
    assert [(one["offer"], one["suitable"]) for one in ranked] == [(other["offer"], True), (offer["offer"], False)]
    assert [check["question"] for check in ranked[1]["checks"] if check["outcome"] == "blocked"] == ["agency_suspension"]
    why = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/why-not/{offer['vacancy']}")).json()
    assert [change["change"] for change in why["smallest_set"]] == ["suspension_lifted"]
    assert outcomes(why) == {"agency_suspension": "blocked"}
    counted = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/candidates")).json()["why_not"]
    assert counted == [{"reason": "agency_suspended", "which": None, "homes": 1}]
    await record(scene, recorded(), version=3)
    assert (await scene.choose(view, offer)).status_code == 202


async def test_a_rating_that_fell_since_the_tender_is_shown_then_decided_or_blocked_as_the_lot_says(scene: Scene) -> None:
    rated = events.tiers(OAK, ELM, ASH)
    lines = tuple(line.model_copy(update={"rating": OfstedRating.OUTSTANDING}) for line in rated.lines)
    await scene.service.deliver(rated.model_copy(update={"lines": lines}), subject=events.LOT, organisation="consortium", version=2)
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy())

    async def rating() -> dict[str, Any]:
        [option] = (await scene.options(view))["options"]
        return next(dict(check) for check in option["checks"] if check["question"] == "agency_rating")

    shown = await rating()
    assert (shown["outcome"], "good; at the tender it was outstanding" in shown["words"]) == ("clear", True)
    await record(scene, recorded(rating=OfstedRating.REQUIRES_IMPROVEMENT))
    assert (await rating())["outcome"] == "needs_decision"
    assert rules(await scene.choose(view, offer)) == {("approvals", "approval_for_rating_changed")}
    blocking = events.lot().model_copy(update={"below_gate": providers.BelowGate.BLOCKED})
    await scene.service.deliver(blocking, subject=events.LOT, organisation="consortium", version=2)
    assert (await rating())["outcome"] == "blocked"
    lead = approval("rating_changed", office="commissioning_lead")
    assert rules(await scene.choose(view, offer, reason_code="known_carer", approvals=[lead])) == {("offer", "rating_not_below_gate")}
    await scene.service.deliver(events.lot(), subject=events.LOT, organisation="consortium", version=3)
    assert (await scene.choose(view, offer, approvals=[lead])).status_code == 202


async def test_a_council_that_asks_for_approval_sooner_is_obeyed(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(district="PO15"))
    assert outcomes((await scene.options(view))["options"][0]) == {}
    sooner = events.settings(SOUTHAMPTON, {"distance": "100"}).model_copy(update={"approval_miles": 5})
    await scene.service.deliver(sooner, subject=SOUTHAMPTON, organisation=SOUTHAMPTON)
    assert outcomes((await scene.options(view))["options"][0]) == {"distance": "needs_decision"}
    assert rules(await scene.choose(view, offer)) == {("approvals", FAR)}


async def test_the_sheet_shows_each_check_and_its_page_what_is_not_clear(scene: Scene) -> None:
    view = await scene.broadcast()
    await scene.offer(view, await scene.vacancy(lives_in="E10000030"))
    await scene.vacancy(SOUTHAMPTON, fostered_children=None, children_at_home=3)
    path = f"/referrals/{view.referral}/options-sheet"
    offered, own = (await scene.ask(SOUTHAMPTON, "GET", path)).json()["options"]
    assert outcomes(offered) == {"area": "needs_decision"}
    assert "Surrey County" in next(check["words"] for check in offered["checks"] if check["question"] == "area")
    assert outcomes(own) == {"usual_fostering_limit": "needs_decision"}
    page = (await scene.ask(SOUTHAMPTON, "GET", path, Accept="text/html")).text
    assert "To be approved by a named officer: out of area." in page
    assert "To be approved by a named officer: limit kept." in page


async def test_nobody_changes_or_removes_an_approval(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(lives_in="E10000014"))
    await scene.ask(SOUTHAMPTON, "POST", f"/referrals/{view.referral}/approvals", approval("out_of_area") | {"offer": offer["offer"]})
    for statement in ("UPDATE approvals SET officer = 'another'", "DELETE FROM approvals"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
                await transaction.execute(text(statement))


BAD = [
    ({"office": "commissioning_lead"}, {("office", "office_may_approve")}),
    ({"approved_on": str(events.soon(1))}, {("approved_on", "not_in_the_future")}),
    ({"approved_on": str(events.soon(-30))}, {("approved_on", "not_before_referral")}),
    (
        {"office": "commissioning_lead", "approved_on": str(events.soon(-30))},
        {("office", "office_may_approve"), ("approved_on", "not_before_referral")},
    ),
    ({"approved_for": "usual_fostering_limit"}, {("approved_for", "known_code")}),
    ({"reason": "because Jemima asked"}, {("reason", "known_code")}),
    ({"officer": " "}, {("officer", "*")}),
    ({"officer": "a\nb"}, {("officer", "*")}),
    ({"note": "Jemima"}, set()),
]


async def test_bad_approvals_are_refused_with_every_reason_before_and_at_the_choice_and_echo_nothing(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(lives_in="E10000014"))
    path = f"/referrals/{view.referral}/approvals"
    for changes, errors in BAD:
        bad = approval("out_of_area", **changes)
        for reply, at in (
            (await scene.ask(SOUTHAMPTON, "POST", path, bad | {"offer": offer["offer"]}), ""),
            (await scene.choose(view, offer, approvals=[bad]), "approvals.0."),
        ):
            assert reply.status_code == 422, (changes, reply.text)
            found = rules(reply)
            assert {field for field, _ in errors} <= {field.removeprefix(at) for field, _ in found}, (changes, reply.text)
            for field, rule in errors:
                assert rule == "*" or (at + field, rule) in found, (changes, found)
            assert "Jemima" not in reply.text
    assert (await scene.ask(SOUTHAMPTON, "GET", path)).json()["items"] == []
    stranger = approval("out_of_area") | {"offer": str(ids.new_id())}
    assert (await scene.ask(SOUTHAMPTON, "POST", path, stranger)).status_code == 404


async def test_four_siblings_fill_an_empty_home_and_a_stranger_may_not_join_them(scene: Scene) -> None:
    four = tuple(events.child(number) for number in range(1, 5))
    facts = await scene.vacancy(free_beds=4, approved_places=5)
    view = await scene.broadcast(children=four, siblings=Siblings.TOGETHER)
    offer = await scene.offer(view, facts)
    assert (await scene.choose(view, offer)).status_code == 202
    held = events.held(offer, SOUTHAMPTON, free_beds=1).model_copy(update={"beds": 4})
    await scene.service.deliver(held, subject=offer["vacancy"], organisation=SOUTHAMPTON, version=2)
    fifth = await scene.broadcast()
    refused = await scene.ask(OAK, "POST", "/offers", scene.terms(fifth, facts))
    assert rules(refused) == {("vacancy", "within_usual_fostering_limit")}
