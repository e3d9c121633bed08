"""A council sees which published vacancies could take the child and, for the rest, every reason why not."""

from __future__ import annotations

from typing import Any

from shared import ids
from shared.contracts.providers import HoldFor, VacancyChanged, VacancyFreed, VacancyHeld, VacancyOpened, VacancyRefused
from shared.contracts.referrals import InHouseMatchTaken, ReferralSentInHouse, ReferralView
from tests.matching import events
from tests.matching.events import ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def candidates(scene: Scene, view: ReferralView, council: str = SOUTHAMPTON, query: str = "") -> dict[str, Any]:
    reply = await scene.ask(council, "GET", f"/referrals/{view.referral}/candidates{query}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def sent_in_house(scene: Scene) -> ReferralView:
    view = events.view()
    await scene.service.deliver(ReferralSentInHouse(view=view), subject=str(view.referral), organisation=SOUTHAMPTON, version=1)
    return view


async def test_in_house_the_council_sees_its_own_carers_and_after_broadcast_everybodys(scene: Scene) -> None:
    own, theirs = await scene.vacancy(SOUTHAMPTON), await scene.vacancy(OAK)
    other_council = await scene.vacancy(SURREY)
    view = await sent_in_house(scene)
    shown = await candidates(scene, view)
    assert [(one["vacancy"], one["in_house"], one["suitable"]) for one in shown["items"]] == [(str(own.vacancy), True, True)]
    await scene.service.deliver(
        events.broadcast_of(view), subject=str(view.referral), organisation=SOUTHAMPTON, version=2, council=view.council
    )
    shown = await candidates(scene, view)
    assert [one["vacancy"] for one in shown["items"]] == [str(own.vacancy), str(theirs.vacancy), str(other_council.vacancy)]
    assert [one["tier"] for one in shown["items"]] == [None, 1, None]
    assert [one["reason"] for one in shown["items"][2]["reasons"]] == ["another_councils_carers"]
    assert (shown["considered"], shown["suitable"]) == (3, 2)


async def test_every_reason_why_not_is_told_in_words_and_counted(scene: Scene) -> None:
    view = await scene.broadcast(avoid_districts=("RG1",))
    await scene.vacancy(OAK, from_age=10, free_beds=0, skills=(), district="RG1")
    await scene.vacancy("agency:SC900009", from_age=10)
    shown = await candidates(scene, view)
    assert (shown["considered"], shown["suitable"]) == (2, 0)
    assert [[one["reason"] for one in home["reasons"]] for home in shown["items"]] == [
        ["provider_not_on_list", "age_below_approval"],
        ["age_below_approval", "beds", "district_to_avoid", "essential_need_not_met"],
    ]
    assert shown["items"][1]["reasons"][0]["words"] == "The child is aged 8; the carer is approved from 10 to 12."
    assert {"reason": "age_below_approval", "which": None, "homes": 2} in shown["why_not"]


async def test_the_columns_follow_every_change_of_a_vacancy(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    assert (await candidates(scene, view))["suitable"] == 1

    async def after(event: Any, version: int) -> int:
        await scene.service.deliver(event, subject=str(facts.vacancy), organisation=OAK, version=version)
        found: int = (await candidates(scene, view))["suitable"]
        return found

    assert await after(VacancyChanged(facts=facts.model_copy(update={"to_age": 6})), 2) == 0
    assert await after(VacancyChanged(facts=facts), 3) == 1
    told = {"vacancy": facts.vacancy, "provider": OAK, "hold": facts.vacancy, "council": "E10000030", "beds": 1}
    assert await after(VacancyFreed(**told, free_beds=0), 4) == 0
    assert await after(VacancyFreed(**told, free_beds=1), 6) == 1
    assert await after(VacancyFreed(**told, free_beds=0), 5) == 1, "late news of beds changes nothing"
    assert await after(VacancyChanged(facts=facts.model_copy(update={"to_age": 6, "free_beds": 0})), 5) == 0
    [seen] = (await candidates(scene, view))["items"]
    assert seen["free_beds"] == 1, "terms heard late keep the newer beds"
    await scene.service.deliver(VacancyOpened(facts=facts), subject=str(facts.vacancy), organisation=OAK, version=1)
    assert (await candidates(scene, view))["suitable"] == 0, "an opening heard after a change changes nothing"


async def test_beds_heard_before_the_opening_are_kept(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = events.facts(OAK, free_beds=2)
    held = VacancyFreed(vacancy=facts.vacancy, provider=OAK, hold=facts.vacancy, council="E10000030", beds=1, free_beds=1)
    await scene.service.deliver(held, subject=str(facts.vacancy), organisation=OAK, version=2)
    assert (await candidates(scene, view))["considered"] == 0
    await scene.service.deliver(VacancyOpened(facts=facts), subject=str(facts.vacancy), organisation=OAK, version=1)
    assert [one["free_beds"] for one in (await candidates(scene, view))["items"]] == [1]


async def test_offers_of_the_same_bed_to_other_councils_are_shown_as_a_count_and_no_more(scene: Scene) -> None:
    facts = await scene.vacancy(OAK)
    mine, theirs = await scene.broadcast(SOUTHAMPTON), await scene.broadcast(SURREY)
    assert [one["offers_elsewhere"] for one in (await candidates(scene, mine))["items"]] == [0]
    offer = await scene.offer(theirs, facts)
    await scene.offer(mine, facts)
    assert [one["offers_elsewhere"] for one in (await candidates(scene, mine))["items"]] == [1]
    await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "made_by_mistake"})
    assert [one["offers_elsewhere"] for one in (await candidates(scene, mine))["items"]] == [0]
    assert "SURREY" not in str(await candidates(scene, mine)).upper()


async def test_the_list_of_candidates_goes_on_from_its_cursor(scene: Scene) -> None:
    view = await scene.broadcast()
    for n in range(7):
        await scene.vacancy(OAK if n % 2 else ELM, to_age=6 if n % 3 else 12)
    whole = [one["vacancy"] for one in (await candidates(scene, view))["items"]]
    seen: list[str] = []
    query = "?limit=2"
    while query:
        page = await candidates(scene, view, query=query)
        seen += [one["vacancy"] for one in page["items"]]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len(whole) == 7
    assert seen == whole


async def test_an_in_house_match_places_the_referral_or_leaves_it_in_house(scene: Scene) -> None:
    own = await scene.vacancy(SOUTHAMPTON)

    async def state_after(settled: Any) -> str:
        view = await sent_in_house(scene)
        match = ids.new_id()
        common = {"referral": view.referral, "council": view.council, "vacancy": own.vacancy}
        await scene.service.deliver(
            InHouseMatchTaken(match=match, beds=1, **common), subject=str(view.referral), organisation=SOUTHAMPTON, version=2
        )
        assert (await candidates(scene, view))["state"] == "matched_in_house"
        told = common | {"provider": SOUTHAMPTON, "held_for": HoldFor.IN_HOUSE_MATCH, "asked_by": match}
        await scene.service.deliver(settled(told), subject=str(own.vacancy), organisation=SOUTHAMPTON, version=9)
        found: str = (await candidates(scene, view))["state"]
        return found

    held = await state_after(lambda told: VacancyHeld(**told, household=own.household, hold=own.household, beds=1, free_beds=0))
    refused = await state_after(lambda told: VacancyRefused(**told, reasons=("no_free_bed",)))
    assert (held, refused) == ("placed", "in_house")
