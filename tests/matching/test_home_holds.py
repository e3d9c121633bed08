"""A home offered to several children: one council holds it while it decides, for a while, and then it is the others' turn."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shared import clock, tenancy
from shared.contracts.providers import VacancyChanged, VacancyFacts, VacancyFilled
from shared.contracts.referrals import ReferralView
from shared.contracts.words import Urgency
from shared.organisation import CONSORTIUM
from shared.uk_time import in_uk_words
from tests.matching import events
from tests.matching.conftest import Time
from tests.matching.events import ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def shortlisted(scene: Scene, facts: VacancyFacts, council: str, **changes: Any) -> tuple[ReferralView, dict[str, Any]]:
    """A council's emergency with this home on its shortlist."""
    view = await scene.broadcast(council, **{"urgency": Urgency.EMERGENCY} | changes)
    offer = await scene.offer(view, facts)
    await scene.shortlist(view, offer, council=council)
    return view, offer


async def home_of(scene: Scene, view: ReferralView, council: str) -> dict[str, Any]:
    """How the only option's home stands with this council."""
    [option] = (await scene.options(view, council))["options"]
    seen: dict[str, Any] = option["home"]
    return seen


def rules(reply: Any) -> list[str]:
    return [error["rule"] for error in reply.json()["errors"]]


async def test_a_held_home_cannot_be_chosen_by_another_council_until_the_moment_it_is_told(scene: Scene, time: Time) -> None:
    facts = await scene.vacancy(OAK)
    (mine, my_offer), (theirs, their_offer) = await shortlisted(scene, facts, SOUTHAMPTON), await shortlisted(scene, facts, SURREY)
    held = await scene.keep(mine, my_offer)
    assert held.status_code == 201, held.text
    assert (await home_of(scene, mine, SOUTHAMPTON))["state"] == "yours"
    seen = await home_of(scene, theirs, SURREY)
    assert (seen["state"], seen["until"]) == ("another_council", held.json()["expires_at"])
    refused = await scene.choose(theirs, their_offer, SURREY)
    assert (refused.status_code, rules(refused)) == (409, ["home_not_held_for_another"])
    assert in_uk_words(time.now + timedelta(hours=1)) in refused.json()["detail"]
    assert SOUTHAMPTON.removeprefix("council:") not in refused.text + str(seen)
    assert rules(await scene.keep(theirs, their_offer, SURREY)) == ["home_not_held_for_another"]

    time.passes(minutes=60)  # no sweep runs
    assert (await home_of(scene, theirs, SURREY))["state"] == "free"
    assert (await scene.choose(theirs, their_offer, SURREY)).status_code == 202


async def test_the_council_that_holds_a_home_chooses_it_and_the_hold_ends_as_chosen(scene: Scene) -> None:
    facts = await scene.vacancy(OAK)
    mine, offer = await shortlisted(scene, facts, SOUTHAMPTON)
    await scene.keep(mine, offer)
    assert (await scene.choose(mine, offer)).status_code == 202
    await scene.hold(offer)
    told = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{mine.referral}/hold")).json()
    assert (told["running"], told["end_reason"]) == (False, "chosen")
    assert (await scene.own_offer(offer))["state"] == "confirmed"


async def test_of_two_councils_that_hold_one_home_at_once_exactly_one_gets_it(scene: Scene) -> None:
    for _ in range(5):
        facts = await scene.vacancy(OAK)
        (mine, my_offer), (theirs, their_offer) = await shortlisted(scene, facts, SOUTHAMPTON), await shortlisted(scene, facts, SURREY)
        replies = await asyncio.gather(
            *(scene.keep(mine, my_offer) for _ in range(3)), *(scene.keep(theirs, their_offer, SURREY) for _ in range(3))
        )
        assert sorted(reply.status_code for reply in replies) == [201] + [409] * 5


async def test_a_home_with_two_beds_is_held_by_two_councils_and_not_by_a_third_referral(scene: Scene) -> None:
    facts = await scene.vacancy(OAK, free_beds=2)
    played = [await shortlisted(scene, facts, council) for council in (SOUTHAMPTON, SURREY)]
    assert [
        (await scene.keep(view, offer, council)).status_code for (view, offer), council in zip(played, (SOUTHAMPTON, SURREY), strict=True)
    ] == [201, 201]
    more, offer = await shortlisted(scene, facts, SURREY)
    assert set(rules(await scene.keep(more, offer, SURREY))) == {"one_hold_a_home"}


async def test_a_choice_in_the_instant_a_hold_ends_is_decided_by_that_instant_and_one_bed_is_asked_for(scene: Scene, time: Time) -> None:
    facts = await scene.vacancy(OAK)
    (mine, my_offer), (theirs, their_offer) = await shortlisted(scene, facts, SOUTHAMPTON), await shortlisted(scene, facts, SURREY)
    await scene.keep(mine, my_offer)
    time.passes(hours=1, microseconds=-1)
    replies = await asyncio.gather(scene.choose(mine, my_offer), scene.choose(theirs, their_offer, SURREY))
    assert [reply.status_code for reply in replies] == [202, 409]
    time.passes(microseconds=1)  # the hold's own moment: the choice made within it keeps the home until its bed is answered for
    assert rules(await scene.choose(theirs, their_offer, SURREY)) == ["home_not_held_for_another"]
    await time.sweep()
    assert rules(await scene.choose(theirs, their_offer, SURREY)) == ["home_not_held_for_another"]
    assert len(await scene.service.published("offer.selected")) == 1


async def test_at_the_very_moment_a_hold_ends_the_home_is_anybodys(scene: Scene, time: Time) -> None:
    facts = await scene.vacancy(OAK)
    (mine, my_offer), (theirs, their_offer) = await shortlisted(scene, facts, SOUTHAMPTON), await shortlisted(scene, facts, SURREY)
    await scene.keep(mine, my_offer)
    time.passes(hours=1)
    replies = await asyncio.gather(scene.keep(theirs, their_offer, SURREY), scene.choose(mine, my_offer), time.sweep())
    assert (replies[0].status_code, replies[1].status_code) in {(201, 409), (201, 202), (409, 202)}
    held = (await scene.ask(SURREY, "GET", f"/referrals/{theirs.referral}/hold")).json()
    assert (replies[0].status_code == 201) == (held.get("running") is True)


async def test_after_a_hold_without_a_choice_the_others_come_first_for_as_long_as_it_lasted(scene: Scene, time: Time) -> None:
    facts = await scene.vacancy(OAK)
    (mine, my_offer), (theirs, their_offer) = await shortlisted(scene, facts, SOUTHAMPTON), await shortlisted(scene, facts, SURREY)
    await scene.keep(mine, my_offer)
    time.passes(hours=1)
    assert rules(await scene.keep(mine, my_offer)) == ["others_have_their_turn"]
    assert (await home_of(scene, mine, SOUTHAMPTON))["state"] == "others_turn"
    assert (await scene.keep(theirs, their_offer, SURREY)).status_code == 201
    time.passes(minutes=59)
    given = await scene.ask(SURREY, "DELETE", f"/referrals/{theirs.referral}/hold")
    assert (given.status_code, given.json()["end_reason"]) == (200, "given_back")
    time.passes(minutes=1)
    assert (await scene.keep(mine, my_offer)).status_code == 201, "its cooling time is over"
    await scene.ask(SOUTHAMPTON, "DELETE", f"/referrals/{mine.referral}/hold")
    assert rules(await scene.keep(theirs, their_offer, SURREY)) == ["others_have_their_turn"]


async def test_nobody_waits_for_others_who_are_not_there_and_giving_back_at_once_saves_no_turn(scene: Scene, time: Time) -> None:
    facts = await scene.vacancy(OAK)
    mine, my_offer = await shortlisted(scene, facts, SOUTHAMPTON)
    await scene.keep(mine, my_offer)
    await scene.ask(SOUTHAMPTON, "DELETE", f"/referrals/{mine.referral}/hold")
    assert (await scene.keep(mine, my_offer)).status_code == 201, "nobody else is interested"
    await shortlisted(scene, facts, SURREY)
    await scene.ask(SOUTHAMPTON, "DELETE", f"/referrals/{mine.referral}/hold")
    other, other_offer = await shortlisted(scene, facts, SOUTHAMPTON)
    assert rules(await scene.keep(mine, my_offer)) == ["others_have_their_turn"]
    assert rules(await scene.keep(other, other_offer)) == ["others_have_their_turn"], "the turn is the council's, not the referral's"


async def test_all_who_are_interested_see_a_home_free_again_since_the_same_moment_swept_or_not(scene: Scene, time: Time) -> None:
    facts = await scene.vacancy(OAK)
    (mine, my_offer), (theirs, _) = await shortlisted(scene, facts, SOUTHAMPTON), await shortlisted(scene, facts, SURREY)
    another, _ = await shortlisted(scene, facts, SURREY)
    held = (await scene.keep(mine, my_offer)).json()
    time.passes(minutes=75)
    before = [(await home_of(scene, view, SURREY))["free_again_since"] for view in (theirs, another)]
    assert await time.sweep() == 1
    assert await time.sweep() == 0, "a second sweep finds nothing to do"
    after = [(await home_of(scene, view, SURREY))["free_again_since"] for view in (theirs, another)]
    assert before == after == [held["expires_at"]] * 2
    told = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{mine.referral}/hold")).json()
    assert (told["end_reason"], told["ended_at"]) == ("expired", held["expires_at"])
    for council, whose in ((SURREY, {str(theirs.referral), str(another.referral)}), (SOUTHAMPTON, set())):
        feed = (await scene.ask(council, "GET", "/notices")).json()["items"]
        free = [notice for notice in feed if notice["type"] == "home.free_again"]
        assert {notice["referral"] for notice in free} == whose
        assert {notice["happened_at"] for notice in free} <= {held["expires_at"]}


async def test_interest_is_shown_as_counts_only(scene: Scene) -> None:
    facts = await scene.vacancy(OAK)
    (mine, my_offer), (theirs, their_offer) = await shortlisted(scene, facts, SOUTHAMPTON), await shortlisted(scene, facts, SURREY)
    third = await scene.broadcast(SURREY)
    await scene.offer(third, facts)
    assert (await home_of(scene, mine, SOUTHAMPTON))["offered_for_others"] == 2
    shown = await scene.own_offer(my_offer)
    assert (shown["councils_looking"], shown["held_until"]) == (2, None)
    held = (await scene.keep(theirs, their_offer, SURREY)).json()
    shown = await scene.own_offer(my_offer)
    assert (shown["held_until"], shown["held_until_words"]) == (held["expires_at"], held["expires_at_words"])
    text_of_mine = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{mine.referral}/options")).text
    for secret in (theirs, third):
        assert str(secret.referral) not in text_of_mine
        assert secret.reference not in text_of_mine
    assert SURREY.removeprefix("council:") not in text_of_mine + str(shown)


async def test_a_hold_ends_with_its_offer_and_with_the_last_bed(scene: Scene) -> None:
    facts = await scene.vacancy(OAK)
    mine, offer = await shortlisted(scene, facts, SOUTHAMPTON)
    await shortlisted(scene, facts, SURREY)
    await scene.keep(mine, offer)
    await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "carer_changed_their_mind"})
    assert (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{mine.referral}/hold")).json()["end_reason"] == "offer_ended"
    assert [one["type"] for one in (await scene.ask(SURREY, "GET", "/notices")).json()["items"]].count("home.free_again") == 1

    for closes in (False, True):
        facts = await scene.vacancy(OAK)
        mine, offer = await shortlisted(scene, facts, SOUTHAMPTON)
        await scene.keep(mine, offer)
        if closes:
            gone = VacancyChanged(facts=facts.model_copy(update={"free_beds": 0}))
            await scene.service.deliver(gone, subject=str(facts.vacancy), organisation=OAK, version=5)
        else:
            filled = VacancyFilled(
                vacancy=facts.vacancy,
                provider=OAK,
                hold=facts.household,
                placement=facts.household,
                council="E10000030",
                beds=1,
                free_beds=0,
            )
            await scene.service.deliver(filled, subject=str(facts.vacancy), organisation=SURREY, version=5)
        assert (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{mine.referral}/hold")).json()["end_reason"] == "bed_gone"


async def test_a_hold_is_for_a_shortlisted_offer_and_one_a_referral(scene: Scene) -> None:
    view = await scene.broadcast()
    one, other = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(ELM))
    assert rules(await scene.keep(view, one)) == ["from_the_shortlist"]
    await scene.shortlist(view, one, other)
    assert (await scene.keep(view, one)).status_code == 201
    assert rules(await scene.keep(view, other)) == ["one_hold_a_referral"]
    assert rules(await scene.keep(view, one)) == ["one_hold_a_referral"]


async def test_the_consortium_sets_how_long_a_hold_lasts_and_everybody_reads_it(scene: Scene, time: Time) -> None:
    read = await scene.ask(OAK, "GET", "/hold-lengths")
    assert (read.headers["etag"], read.json()["emergency_minutes"], read.json()["longest_days"]) == ('"0"', 60, 7)
    wanted = {"emergency_minutes": 30, "same_day_minutes": 45, "planned_working_days": 2, "long_term_working_days": 2}
    assert (await scene.ask("consortium", "PUT", "/hold-lengths", wanted)).status_code == 428
    done = await scene.ask("consortium", "PUT", "/hold-lengths", wanted, If_Match='"0"')
    assert (done.status_code, done.headers["etag"]) == (200, '"1"')
    assert (await scene.ask("consortium", "PUT", "/hold-lengths", wanted, If_Match='"0"')).status_code == 412
    mine, offer = await shortlisted(scene, await scene.vacancy(OAK), SOUTHAMPTON)
    held = (await scene.keep(mine, offer)).json()
    time.passes(minutes=30)
    assert clock.now().isoformat() == held["expires_at"].replace("Z", "+00:00")
    endless = wanted | {"emergency_minutes": 100_000, "planned_working_days": 40, "same_day_minutes": 1}
    refused = await scene.ask("consortium", "PUT", "/hold-lengths", endless, If_Match='"1"')
    fields = [error["field"] for error in refused.json()["errors"]]
    assert (refused.status_code, fields.count("same_day_minutes"), "planned_working_days" in fields) == (422, 2, True)


MOVES = ("hold", "give_back", "choose", "answer", "sweep", "minutes")
move = st.tuples(st.sampled_from(MOVES), st.integers(0, 2), st.sampled_from([1, 20, 59, 60, 61, 120, 200]))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(beds=st.integers(1, 2), moves=st.lists(move, min_size=4, max_size=14))
async def test_whatever_the_order_no_bed_is_held_twice_and_every_hold_has_an_end(
    scene: Scene, time: Time, beds: int, moves: list[tuple[str, int, int]]
) -> None:
    facts = await scene.vacancy(OAK, free_beds=beds)
    councils = (SOUTHAMPTON, SURREY, SURREY)
    played = [await shortlisted(scene, facts, council) for council in councils]
    free, version, told = beds, 1, {envelope.id for envelope in await scene.service.published("offer.selected")}

    async def answer() -> None:
        """What providers would say to every choice it has not answered yet: a bed while there is one."""
        nonlocal free, version
        for envelope in await scene.service.published("offer.selected"):
            if envelope.id in told:
                continue
            told.add(envelope.id)
            which = next(place for place, (_, offer) in enumerate(played) if offer["offer"] == envelope.data["offer"])
            version += 1
            if free:
                free -= 1
                held = events.held(played[which][1], councils[which], free_beds=free)
                await scene.service.deliver(held, subject=str(facts.vacancy), organisation=councils[which], version=version)
            else:
                await scene.refuse(played[which][1], councils[which])

    for kind, which, minutes in moves:
        (view, offer), council = played[which], councils[which]
        match kind:
            case "hold":
                await scene.keep(view, offer, council)
            case "give_back":
                await scene.ask(council, "DELETE", f"/referrals/{view.referral}/hold")
            case "choose":
                await scene.choose(view, offer, council)
            case "answer":
                await answer()
            case "sweep":
                await time.sweep()
            case _:
                time.passes(minutes=minutes)
        await _no_bed_twice(scene, facts, beds)

    await answer()
    time.passes(days=30)
    await time.sweep()
    async with tenancy.transaction(scene.service.databases, CONSORTIUM) as transaction:
        rows = (await transaction.execute(text("SELECT * FROM home_holds WHERE vacancy = :v"), {"v": facts.vacancy})).all()
    assert all(row.ended_at is not None and row.taken_at <= row.ended_at <= row.expires_at and row.end_reason for row in rows)


async def _no_bed_twice(scene: Scene, facts: VacancyFacts, beds: int) -> None:
    async with tenancy.transaction(scene.service.databases, CONSORTIUM) as transaction:
        held = await transaction.scalar(
            text("SELECT coalesce(sum(beds), 0) FROM home_holds WHERE vacancy = :v AND ended_at IS NULL AND expires_at > :now"),
            {"v": facts.vacancy, "now": clock.now()},
        )
        free = await transaction.scalar(text("SELECT free_beds FROM vacancies WHERE vacancy = :v"), {"v": facts.vacancy})
    confirmed = [e for e in await scene.service.published("offer.confirmed") if e.data["vacancy"] == str(facts.vacancy)]
    assert held <= free, "more beds are kept than there are"
    assert len(confirmed) + free <= beds, "a bed was given twice"
