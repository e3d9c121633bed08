"""Open referrals of different councils that could be joined up: each council is told of its own, and of the other not a byte."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from matching.handlers.referrals import on_referral_broadcast
from shared import clock, ids, tenancy
from shared.contracts import Envelope
from shared.contracts.referrals import NearPlace, ReferralAmended, ReferralBroadcast, ReferralView, ReferralWithdrawn
from shared.contracts.words import Religion
from shared.delivery import Heard
from shared.organisation import Organisation
from tests.matching import events
from tests.matching.events import OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene

HERE: dict[str, Any] = {
    "home_district": "GU1",
    "children": (events.child(languages=("so",), religion=Religion.SIKH),),
    "near": (NearPlace(what="school", district="GU4"),),
}
THERE: dict[str, Any] = {
    "home_district": "GU2",
    "children": (events.child(age_years=5, sex="M", languages=("so", "ti"), religion=Religion.MUSLIM),),
    "near": (NearPlace(what="contact", district="KT22"),),
    "avoid_districts": ("RH19",),
}


async def lookalikes(scene: Scene, council: str, view: ReferralView) -> dict[str, Any]:
    reply = await scene.ask(council, "GET", f"/referrals/{view.referral}/lookalikes")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def both(scene: Scene) -> tuple[ReferralView, ReferralView]:
    return await scene.broadcast(SOUTHAMPTON, **HERE), await scene.broadcast(SURREY, **THERE)


async def told(scene: Scene, *views: ReferralView) -> list[bool]:
    councils = [(SOUTHAMPTON if f"council:{view.council}" == SOUTHAMPTON else SURREY, view) for view in views]
    return [(await lookalikes(scene, council, view))["could_be_joined_up"] for council, view in councils]


async def test_each_council_is_told_what_of_its_own_referral_coincides(scene: Scene) -> None:
    mine = await scene.broadcast(SOUTHAMPTON, **HERE)
    assert (await lookalikes(scene, SOUTHAMPTON, mine))["coinciding"] == []
    theirs = await scene.broadcast(SURREY, **THERE)
    for council, view in ((SOUTHAMPTON, mine), (SURREY, theirs)):
        found = await lookalikes(scene, council, view)
        assert found["could_be_joined_up"] is True
        assert [each["what"] for each in found["coinciding"]] == ["neighbouring_homes", "same_language", "one_familys_ages", "close_dates"]
        assert [each["blur"] for each in found["coinciding"]] == ["home_district", "languages", "age_band", None]
        assert "project manager" in found["words"]
        assert found["since"] == clock.today().isoformat()


async def test_not_a_byte_of_the_other_councils_referral_is_in_the_reply(scene: Scene) -> None:
    mine, theirs = await both(scene)
    for council, view, other, districts in (
        (SOUTHAMPTON, mine, theirs, ("GU2", "KT22", "RH19")),
        (SURREY, theirs, mine, ("GU1", "GU4")),
    ):
        reply = await scene.ask(council, "GET", f"/referrals/{view.referral}/lookalikes")
        assert reply.json()["could_be_joined_up"] is True, "the test proves nothing about an empty reply"
        names = ("Surrey", "Southampton")
        secret = {str(other.referral), other.reference, other.council, *names, *districts, "sikh", "muslim", '"ti"', "Somali", '"so"'}
        for part in (reply.text, str(reply.headers)):
            assert not {each for each in secret if each.lower() in part.lower()}
        pairs = await of_pairs(scene, council)
        assert not [pair for pair in pairs if pair in reply.text]


async def of_pairs(scene: Scene, council: str) -> list[str]:
    async with tenancy.transaction(scene.service.databases, Organisation.parse(council)) as transaction:
        rows = (await transaction.execute(text("SELECT council, pair FROM lookalikes"))).all()
    assert {row.council for row in rows} == {council}, "row security shows a council its own rows alone"
    return [str(row.pair) for row in rows]


async def test_other_organisations_find_no_lookalikes_of_a_referral_that_is_not_theirs(scene: Scene) -> None:
    mine, theirs = await both(scene)
    assert (await scene.ask(SURREY, "GET", f"/referrals/{mine.referral}/lookalikes")).status_code == 404
    assert (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{theirs.referral}/lookalikes")).status_code == 404
    assert (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{ids.new_id()}/lookalikes")).status_code == 404
    assert (await scene.ask(OAK, "GET", f"/referrals/{mine.referral}/lookalikes")).status_code == 403
    bad: httpx.Response = await scene.ask(SOUTHAMPTON, "GET", "/referrals/not-an-id/lookalikes")
    assert (bad.status_code, bad.headers["content-type"]) == (422, "application/problem+json")


async def test_two_referrals_of_one_council_and_two_that_share_little_are_not_told_of(scene: Scene) -> None:
    first, second = await scene.broadcast(SOUTHAMPTON, **HERE), await scene.broadcast(SOUTHAMPTON, **THERE)
    assert await told(scene, first, second) == [False, False]
    far = await scene.broadcast(SURREY, home_district="GU1", children=(events.child(age_years=14),))
    assert await told(scene, first, far) == [False, False]


@pytest.mark.parametrize("which", [0, 1])
async def test_it_is_closed_for_both_when_either_is_withdrawn(scene: Scene, which: int) -> None:
    views = await both(scene)
    assert await told(scene, *views) == [True, True]
    over = views[which]
    gone = ReferralWithdrawn(referral=over.referral, council=over.council, reason="returned_home", side="child")
    await scene.service.deliver(gone, subject=str(over.referral), organisation=f"council:{over.council}", version=3, council=over.council)
    assert await told(scene, *views) == [False, False]
    again = await scene.broadcast(SURREY if which == 0 else SOUTHAMPTON, **(THERE if which == 0 else HERE))
    assert await told(scene, again) == [False], "a referral that is over is found no more"


async def test_it_is_closed_when_one_is_placed(scene: Scene) -> None:
    views = await both(scene)
    facts = await scene.vacancy(skills=(), district="GU1")
    offer = await scene.offer(views[0], facts)
    agreed = events.agreed(offer, SOUTHAMPTON)
    await scene.service.deliver(agreed, subject=str(agreed.placement), organisation=SOUTHAMPTON, council=views[0].council)
    assert await told(scene, *views) == [False, False]


async def test_a_blur_parts_them_and_an_amendment_joins_them_again(scene: Scene) -> None:
    mine, theirs = await both(scene)
    blurred = mine.model_copy(update={"children": (events.child(languages=()),)})
    for version, view, joined in ((3, blurred, False), (4, mine, True)):
        amended = ReferralAmended(view=view, changed=("children",))
        await scene.service.deliver(amended, subject=str(view.referral), organisation=SOUTHAMPTON, version=version, council=view.council)
        assert await told(scene, mine, theirs) == [joined, joined]


def heard(council: str, view: ReferralView) -> Heard[ReferralBroadcast]:
    event = events.broadcast_of(view)
    envelope = Envelope.of(
        event, id=ids.new_id(), source="/test", time=clock.now(), subject=str(view.referral), version=2,
        organisation=council, council=view.council, requestid=None,
    )  # fmt: skip
    return Heard(event, envelope)


async def test_of_two_sent_in_one_moment_the_second_waits_and_finds_the_first(scene: Scene) -> None:
    mine, theirs = events.view(SOUTHAMPTON, **HERE), events.view(SURREY, **THERE)
    async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as first:
        await on_referral_broadcast(first, heard(SOUTHAMPTON, mine))
        second = asyncio.create_task(scene.service.deliver_again(heard(SURREY, theirs).envelope))
        done, _ = await asyncio.wait({second}, timeout=0.3)
        assert not done, "neither transaction sees the other's row before it commits, so the second waits for the first"
    await second
    assert await told(scene, mine, theirs) == [True, True]


async def test_many_sent_at_once_are_all_found(scene: Scene) -> None:
    pairs = [(events.view(SOUTHAMPTON, **HERE), events.view(SURREY, **THERE)) for _ in range(4)]
    messages = [heard(council, view) for pair in pairs for council, view in zip((SOUTHAMPTON, SURREY), pair, strict=True)]
    await asyncio.gather(*(scene.service.deliver_again(message.envelope) for message in messages))
    assert await told(scene, *(view for pair in pairs for view in pair)) == [True] * 8
