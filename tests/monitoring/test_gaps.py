"""Gap analysis over HTTP, from the news itself: needs counted once, beds as they stood, referrals behind, each reader its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared import clock, ids
from shared.contracts.matching import OfferMade
from shared.contracts.providers import VacancyFacts, VacancyHeld, VacancyOpened
from shared.contracts.referrals import ChildView, ReferralBroadcast, ReferralCreated, ReferralView
from shared.contracts.words import PlacementKind, Siblings, Urgency
from tests.monitoring.conftest import OAK, SLOUGH, SOUTHAMPTON
from tests.running.services import RunningService

NOW = clock.now()


def ago(**time: int) -> datetime:
    return NOW - timedelta(**time)


async def a_need(
    service: RunningService, council: str = SOUTHAMPTON, *, days: int, district: str = "SO14", age: int = 7, needs: tuple[str, ...] = (),
    again: UUID | None = None,
) -> UUID:  # fmt: skip
    """Begun and broadcast so many days ago, closing four hours later."""
    referral, at = ids.new_id(), ago(days=days)
    common = {"referral": referral, "council": council, "lot": "general", "urgency": Urgency.SAME_DAY, "planned": False}
    common |= {"kind": PlacementKind.SHORT_TERM, "needed_by": at.date(), "re_referral_of": again}
    created = ReferralCreated(**common, ages=(age,))
    child = ChildView(child_number=1, age_years=age, sex="F", essential_needs=needs)
    view = ReferralView(
        **common, reference="ABCD2345", closes_at=at + timedelta(hours=4), siblings=Siblings.ONLY_CHILD, children=(child,),
        home_district=district,
    )  # fmt: skip
    organisation = f"council:{council}"
    subject = str(referral)
    broadcast = ReferralBroadcast(view=view, in_house_reason="no_vacancy")
    await service.deliver(broadcast, subject=subject, version=2, organisation=organisation, council=council, time=at)
    await service.deliver(created, subject=subject, version=1, organisation=organisation, council=council, time=at)
    return referral


async def a_vacancy(service: RunningService, *, days: int, district: str, beds: int = 1, vacancy: UUID | None = None) -> UUID:
    vacancy = vacancy or ids.new_id()
    facts = VacancyFacts(
        vacancy=vacancy, household=ids.new_id(), provider=f"agency:{OAK}", lots=("general",), district=district, free_beds=beds,
        available_from=NOW.date(), from_age=0, to_age=17, sexes=("M", "F"), kinds=(PlacementKind.SHORT_TERM,), siblings_welcome=True,
    )  # fmt: skip
    await service.deliver(VacancyOpened(facts=facts), subject=str(vacancy), organisation=f"agency:{OAK}", time=ago(days=days))
    return vacancy


async def an_offer(service: RunningService, referral: UUID, vacancy: UUID, *, at: datetime, council: str = SOUTHAMPTON) -> None:
    offer = ids.new_id()
    event = OfferMade(
        offer=offer, referral=referral, council=council, provider=f"agency:{OAK}", vacancy=vacancy, household=ids.new_id(), lot="general",
        tier=1, suitable=True, made_at=at,
    )  # fmt: skip
    await service.deliver(event, subject=str(offer), organisation=f"agency:{OAK}", council=council, time=at)


async def gaps(service: RunningService, organisation: str = "consortium", path: str = "/gaps", **asked: str) -> dict[str, Any]:
    reply = await service.as_(organisation).get(path, params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_needs_are_counted_once_and_held_against_the_beds_free_when_they_were_broadcast(monitoring: RunningService) -> None:
    oxford = await a_vacancy(monitoring, days=60, district="OX1")
    first = await a_need(monitoring, days=50, needs=("autism",))
    again = await a_need(monitoring, days=40, again=first, needs=("autism",))
    far = await a_need(monitoring, days=30)
    await an_offer(monitoring, far, oxford, at=ago(days=30) + timedelta(hours=1))
    near = await a_vacancy(monitoring, days=20, district="SO15")
    late = await a_need(monitoring, days=10)
    await an_offer(monitoring, late, near, at=ago(days=9))
    good = await a_need(monitoring, days=5)
    await an_offer(monitoring, good, near, at=ago(days=5) + timedelta(hours=1))
    found = await gaps(monitoring, f"council:{SOUTHAMPTON}")
    assert found["total"] == {"needs": 4, "no_offer": 1, "late": 1, "far": 1, "missed": 3, "recruit": 2}
    assert [(row["key"], row["needs"], row["recruit"]) for row in found["rows"]] == [("nothing special", 3, 1), ("autism", 1, 1)]
    assert found["recruit_first"] == [
        {"lot": "general", "age_band": "5-10", "area": "SO14", "recruit": 2, "missed": 3, "needs": 4, "most_often_needed": ["autism"]}
    ]
    behind = (await gaps(monitoring, f"council:{SOUTHAMPTON}", "/gaps/needs", recruit="true"))["items"]
    assert [each["referrals"] for each in behind] == [[str(first), str(again)], [str(far)]]
    assert [(each["free_beds"], each["free_beds_near"]) for each in behind] == [(1, 0), (1, 0)]
    assert float(behind[1]["nearest_offer_miles"]) > 20
    [one] = (await gaps(monitoring, "consortium", "/gaps/needs", gap="late"))["items"]
    assert (one["referrals"], one["free_beds_near"], one["recruit"]) == ([str(late)], 1, False)


async def test_a_bed_held_before_the_broadcast_was_not_free(monitoring: RunningService) -> None:
    vacancy = await a_vacancy(monitoring, days=20, district="SO15")
    held = VacancyHeld(
        vacancy=vacancy, provider=f"agency:{OAK}", household=ids.new_id(), hold=ids.new_id(), held_for="offer", asked_by=ids.new_id(),
        referral=ids.new_id(), council=SLOUGH, beds=1, free_beds=0,
    )  # fmt: skip
    await monitoring.deliver(held, subject=str(vacancy), version=2, organisation=f"agency:{OAK}", council=SLOUGH, time=ago(days=15))
    await a_need(monitoring, days=18)
    await a_need(monitoring, days=10)
    found = await gaps(monitoring)
    assert (found["total"]["missed"], found["total"]["recruit"]) == (2, 1)


async def test_a_council_finds_its_own_needs_the_consortium_all_and_an_agency_none(monitoring: RunningService) -> None:
    await a_need(monitoring, SOUTHAMPTON, days=3)
    await a_need(monitoring, SLOUGH, days=3, district="SL1")
    assert (await gaps(monitoring, f"council:{SOUTHAMPTON}"))["total"]["needs"] == 1
    by_council = await gaps(monitoring, by="council")
    assert {row["key"]: row["needs"] for row in by_council["rows"]} == {SOUTHAMPTON: 1, SLOUGH: 1}
    for path in ("/gaps", "/gaps/needs"):
        assert (await monitoring.as_(f"agency:{OAK}").get(path)).status_code == 403
        assert (await monitoring.as_(f"council:{SLOUGH}").get(path, params={"council": SOUTHAMPTON})).status_code == 403
    assert (await monitoring.as_("consortium").get("/gaps", params={"agency": OAK})).status_code == 422


async def test_needs_behind_are_read_a_page_at_a_time_and_none_is_no_figure(monitoring: RunningService) -> None:
    assert (await gaps(monitoring))["rows"] == []
    made = [await a_need(monitoring, days=days) for days in (9, 8, 7)]
    seen, cursor = [], ""
    while True:
        asked = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = await gaps(monitoring, "consortium", "/gaps/needs", **asked)
        seen += [each["referrals"][0] for each in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == [str(id) for id in made]
