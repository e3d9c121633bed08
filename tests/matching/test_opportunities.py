"""A referral reaches every provider of the lot at once, and each answers for itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared import clock
from shared.contracts.referrals import ReferralAmended, ReferralBroadcast, ReferralWithdrawn
from shared.uk_time import in_uk_words
from tests.matching import events
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def seen_by(scene: Scene, agency: str) -> list[dict[str, object]]:
    reply = await scene.ask(agency, "GET", "/opportunities")
    assert reply.status_code == 200, reply.text
    found: list[dict[str, object]] = reply.json()["items"]
    return found


async def test_every_provider_on_the_list_sees_it_in_the_same_moment_whatever_its_tier(scene: Scene) -> None:
    view = await scene.broadcast()
    shown = [await seen_by(scene, agency) for agency in (OAK, ELM, ASH)]
    assert [[one["referral"] for one in found] for found in shown] == [[str(view.referral)]] * 3
    assert len({found[0]["opened_at"] for found in shown}) == 1
    assert [found[0]["tier"] for found in shown] == [1, 2, 3]
    assert shown[0][0]["council_name"] == "Southampton City"
    assert shown[0][0]["closes_at_words"] == in_uk_words(datetime.fromisoformat(str(shown[0][0]["closes_at"])))
    assert await seen_by(scene, "agency:SC999999") == []


async def test_a_broadcast_heard_twice_reaches_each_provider_once(scene: Scene) -> None:
    view = events.view()
    heard = await scene.service.deliver(
        ReferralBroadcast(view=view, in_house_reason="none"), subject=str(view.referral), organisation=SOUTHAMPTON, version=2
    )
    await scene.service.deliver_again(heard)
    await scene.service.deliver(heard.event(), subject=str(view.referral), organisation=SOUTHAMPTON, version=2)
    assert len(await seen_by(scene, OAK)) == 1


async def test_an_agency_that_joins_the_list_later_does_not_get_referrals_broadcast_before(scene: Scene) -> None:
    view = await scene.broadcast()
    published = events.tiers(OAK, "agency:SC900004", published_at=clock.now())
    await scene.service.deliver(published, subject=events.LOT, organisation="consortium", version=2)
    assert await seen_by(scene, "agency:SC900004") == []
    later = await scene.broadcast()
    assert [one["referral"] for one in await seen_by(scene, "agency:SC900004")] == [str(later.referral)]
    assert {one["referral"] for one in await seen_by(scene, OAK)} == {str(view.referral), str(later.referral)}
    assert {one["referral"] for one in await seen_by(scene, ELM)} == {str(view.referral)}


async def test_a_list_published_before_the_broadcast_but_heard_after_it_still_reaches_its_providers(scene: Scene) -> None:
    view = await scene.broadcast(lot="disabled")
    assert await seen_by(scene, OAK) == []
    late = events.tiers(OAK, lot="disabled", published_at=clock.now() - timedelta(hours=1))
    await scene.service.deliver(late, subject="disabled", organisation="consortium")
    assert [one["referral"] for one in await seen_by(scene, OAK)] == [str(view.referral)]


async def test_an_older_list_heard_late_replaces_nothing(scene: Scene) -> None:
    await scene.service.deliver(events.tiers(ELM), subject=events.LOT, organisation="consortium", version=3)
    await scene.service.deliver(events.tiers(OAK), subject=events.LOT, organisation="consortium", version=2)
    await scene.broadcast()
    assert (await seen_by(scene, OAK), len(await seen_by(scene, ELM))) == ([], 1)


async def test_an_amendment_replaces_what_providers_see_also_when_it_is_heard_before_the_broadcast(scene: Scene) -> None:
    view = await scene.broadcast()
    amended = view.model_copy(update={"home_district": "GU1", "closes_at": view.closes_at + timedelta(hours=3)})
    for version in (4, 3):  # the second is late news with the first's place taken
        event = ReferralAmended(view=amended if version == 4 else view, changed=("home_district",))
        await scene.service.deliver(event, subject=str(view.referral), organisation=SOUTHAMPTON, version=version)
    [seen] = await seen_by(scene, OAK)
    assert seen["view"]["home_district"] == "GU1"  # type: ignore[index]

    early = events.view()
    changed = ReferralAmended(view=early.model_copy(update={"home_district": "GU1"}), changed=("home_district",))
    await scene.service.deliver(changed, subject=str(early.referral), organisation=SOUTHAMPTON, version=3)
    await scene.service.deliver(
        ReferralBroadcast(view=early, in_house_reason="none"), subject=str(early.referral), organisation=SOUTHAMPTON, version=2
    )
    shown = (await scene.ask(OAK, "GET", f"/opportunities/{early.referral}")).json()
    assert (shown["state"], shown["view"]["home_district"]) == ("open", "GU1")


async def test_a_withdrawn_referral_releases_its_offers_and_shows_providers_no_more_of_the_child(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    withdrawn = ReferralWithdrawn(referral=view.referral, council=view.council, reason="child_stays_home", side="child")
    await scene.service.deliver(withdrawn, subject=str(view.referral), organisation=SOUTHAMPTON, version=3)
    assert await seen_by(scene, OAK) == []
    shown = (await scene.ask(OAK, "GET", f"/opportunities/{view.referral}")).json()
    assert (shown["state"], shown["view"]) == ("withdrawn", None)
    assert (await scene.own_offer(offer))["reason"] == "referral_withdrawn"
    [released] = await scene.service.published("offer.released")
    assert released.data["reason"] == "referral_withdrawn"


async def test_a_withdrawal_heard_before_the_broadcast_keeps_it_from_going_out(scene: Scene) -> None:
    view = events.view()
    withdrawn = ReferralWithdrawn(referral=view.referral, council=view.council, reason="made_in_error", side="council")
    await scene.service.deliver(withdrawn, subject=str(view.referral), organisation=SOUTHAMPTON, version=3)
    await scene.service.deliver(
        ReferralBroadcast(view=view, in_house_reason="none"), subject=str(view.referral), organisation=SOUTHAMPTON, version=2
    )
    assert await seen_by(scene, OAK) == []


async def test_a_decline_is_coded_says_whose_side_it_is_on_and_may_be_taken_back_by_offering(scene: Scene) -> None:
    view = await scene.broadcast()
    path = f"/opportunities/{view.referral}/decline"
    declined = await scene.ask(OAK, "POST", path, {"reason": "too_little_notice"})
    assert (declined.status_code, declined.json()["declined"]) == (200, "too_little_notice")
    [said] = await scene.service.published("opportunity.declined")
    assert (said.data["reason"], said.data["side"], said.data["provider"]) == ("too_little_notice", "council", OAK)
    assert await seen_by(scene, OAK) == []
    assert (await scene.ask(OAK, "POST", path, {"reason": "too_far"})).status_code == 409
    assert (await scene.ask(SOUTHAMPTON, "GET", "/referrals")).json()["items"][0]["providers_declined"] == 1
    await scene.offer(view, await scene.vacancy(OAK))
    assert (await scene.ask(SOUTHAMPTON, "GET", "/referrals")).json()["items"][0]["providers_declined"] == 0
    after_offer = await scene.ask(OAK, "POST", path, {"reason": "too_far"})
    assert (after_offer.status_code, after_offer.json()["errors"][0]["rule"]) == (409, "no_offer_standing")


async def test_lists_go_on_from_their_cursor_without_losing_or_repeating_one(scene: Scene) -> None:
    views = [await scene.broadcast(SOUTHAMPTON if n % 2 else SURREY) for n in range(5)]
    seen: list[str] = []
    path = "/opportunities?limit=2"
    while path:
        page = (await scene.ask(OAK, "GET", path)).json()
        seen += [one["referral"] for one in page["items"]]
        path = f"/opportunities?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == [str(view.referral) for view in sorted(views, key=lambda view: view.closes_at)]
    page = (await scene.ask(SOUTHAMPTON, "GET", "/referrals?limit=1")).json()
    rest = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals?limit=5&cursor={page['next_cursor']}")).json()
    assert [one["referral"] for one in page["items"] + rest["items"]] == [str(views[3].referral), str(views[1].referral)]
