"""What happens in the same moment: two real transactions, and one truth afterwards."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from matching.store import offers
from shared import clock, tenancy
from shared.contracts.providers import VacancyChanged
from shared.contracts.referrals import ReferralWithdrawn
from shared.organisation import Organisation
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON
from tests.matching.scene import Scene


async def test_an_offer_made_while_the_referral_is_withdrawn_never_stands_on_it(scene: Scene) -> None:
    for _ in range(6):
        view = await scene.broadcast()
        vacancies = [await scene.vacancy(agency) for agency in (OAK, ELM, ASH)]
        gone = ReferralWithdrawn(referral=view.referral, council=view.council, reason="child_stays_home", side="child")
        await asyncio.gather(
            *(scene.ask(facts.provider, "POST", "/offers", scene.terms(view, facts)) for facts in vacancies),
            scene.service.deliver(gone, subject=str(view.referral), organisation=SOUTHAMPTON, version=3),
        )
        shown = await scene.options(view)
        assert shown["options"] == []
        assert {one["state"] for one in shown["ended"]} <= {"released"}


async def test_terms_changed_after_the_council_read_them_are_not_chosen(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    made = await scene.offer(view, facts, "800.00")
    async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as choosing:
        [read] = await offers.of_referral(choosing, SOUTHAMPTON, view.referral)
        terms = {name: value for name, value in scene.terms(view, facts, "950.00").items() if name != "referral"}
        changed = await scene.ask(OAK, "PUT", f"/offers/{made['offer']}", terms, If_Match='"1"')
        assert changed.status_code == 200, changed.text
        assert await offers.select_offer(choosing, read, clock.now(), None) is None
    assert (await scene.own_offer(made))["state"] == "made"


async def test_an_offer_waits_for_a_withdrawal_under_way_and_is_then_refused(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as closing:
        stop = text("SELECT pg_advisory_xact_lock(hashtextextended('answers to ' || :referral, 0))")
        await closing.execute(stop, {"referral": str(view.referral)})
        offering = asyncio.create_task(scene.ask(OAK, "POST", "/offers", scene.terms(view, facts)))
        await asyncio.sleep(0.3)
        assert not offering.done()
        await closing.execute(text("UPDATE opportunities SET state = 'withdrawn', view = NULL"))
    reply = await offering
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (409, "referral_not_withdrawn")


async def test_a_vacancy_changed_by_a_transaction_that_was_still_running_at_the_last_look_is_seen_at_the_next(scene: Scene) -> None:
    view = await scene.broadcast()
    slow, quick = await scene.vacancy(OAK), await scene.vacancy(ELM)

    async def free_beds() -> dict[str, int]:
        reply = await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/candidates")
        return {one["vacancy"]: one["free_beds"] for one in reply.json()["items"]}

    change = text("UPDATE vacancies SET free_beds = 7, changed_in = pg_current_xact_id()::text::bigint WHERE vacancy = :vacancy")
    assert await free_beds() == {str(slow.vacancy): 1, str(quick.vacancy): 1}
    async with tenancy.transaction(scene.service.databases, Organisation.parse(OAK)) as running:
        await running.execute(change, {"vacancy": slow.vacancy})
        async with tenancy.transaction(scene.service.databases, Organisation.parse(ELM)) as overtaking:
            await overtaking.execute(change, {"vacancy": quick.vacancy})
        assert await free_beds() == {str(slow.vacancy): 1, str(quick.vacancy): 7}
    assert await free_beds() == {str(slow.vacancy): 7, str(quick.vacancy): 7}


async def test_many_looks_at_once_leave_the_columns_right(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK, free_beds=3)
    path = f"/referrals/{view.referral}/candidates"

    async def change(version: int) -> None:
        changed = VacancyChanged(facts=facts.model_copy(update={"free_beds": version}))
        await scene.service.deliver(changed, subject=str(facts.vacancy), organisation=OAK, version=version)

    for version in range(2, 10):
        await asyncio.gather(change(version), *(scene.ask(SOUTHAMPTON, "GET", path) for _ in range(4)))
    [seen] = (await scene.ask(SOUTHAMPTON, "GET", path)).json()["items"]
    assert seen["free_beds"] == 9
