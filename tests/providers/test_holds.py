"""Beds taken by councils' choices: held, refused, filled, freed, and never taken twice."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from providers.handlers import sweep
from shared import clock, ids, tenancy
from shared.contracts import Envelope
from shared.contracts.matching import OfferConfirmed, OfferMade, OfferReleased, OfferSelected, OfferWithdrawn
from shared.contracts.referrals import (
    InHouseMatchTaken,
    PlacementAgreed,
    PlacementCancelled,
    PlacementEnded,
    PlacementStarted,
    WithinTwentyMiles,
)
from shared.contracts.words import PlaceChangeReason, PlacementKind
from shared.handed_over import HandOver, location_of
from shared.organisation import Organisation
from tests.providers import bodies
from tests.providers.bodies import AGENCY, COUNCIL, HAMPSHIRE, OTHER_AGENCY, OTHER_COUNCIL, SOUTHAMPTON
from tests.providers.conftest import Clock, good
from tests.running.services import RunningService


@dataclass
class Home:
    """One agency's vacancy, and councils that choose it."""

    service: RunningService
    vacancy: UUID
    household: UUID

    def selected(self, council: str = SOUTHAMPTON, **changes: Any) -> OfferSelected:
        """A council chose an offer of this vacancy."""
        return OfferSelected(
            **{
                "offer": ids.new_id(),
                "referral": ids.new_id(),
                "council": council,
                "provider": AGENCY,
                "vacancy": self.vacancy,
                "beds": 1,
                "decision": ids.new_id(),
            }
            | changes
        )

    async def choose(self, event: OfferSelected) -> Envelope:
        """Bring the news of the choice."""
        return await self.service.deliver(event, subject=str(event.offer), organisation=f"council:{event.council}", council=event.council)

    async def held(self, council: str = SOUTHAMPTON, **changes: Any) -> tuple[OfferSelected, UUID]:
        """Choose, and be given the bed: the choice and the hold."""
        event = self.selected(council, **changes)
        await self.choose(event)
        [held] = [each for each in await self.service.published("vacancy.held") if each.data["asked_by"] == str(event.offer)]
        return event, UUID(held.data["hold"])

    async def free_beds(self) -> int:
        """What the vacancy has left."""
        async with tenancy.transaction(self.service.databases, Organisation.parse(AGENCY)) as transaction:
            return int(await transaction.scalar(text("SELECT free_beds FROM vacancies WHERE id = :id"), {"id": self.vacancy}))


@pytest.fixture
async def home(lot: RunningService) -> Home:
    """A household of two places with one bed on offer."""
    async with lot.as_(AGENCY) as agency:
        household = good(await agency.put("/households/H1", json=bodies.household(places=2)))
        vacancy = good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
    return Home(lot, UUID(vacancy["id"]), UUID(household["id"]))


async def test_two_councils_choosing_one_bed_one_gets_it_and_the_other_is_told_why_not(home: Home) -> None:
    first, second = home.selected(SOUTHAMPTON), home.selected(HAMPSHIRE)
    await asyncio.gather(home.choose(first), home.choose(second))
    [held] = await home.service.published("vacancy.held")
    [refused] = await home.service.published("vacancy.refused")
    assert {held.council, refused.council} == {SOUTHAMPTON, HAMPSHIRE}
    assert (held.data["free_beds"], held.data["district"]) == (0, "SO14")
    assert refused.data["reasons"] == ["bed_taken"]
    assert await home.free_beds() == 0


async def test_the_same_news_twice_takes_one_bed(home: Home) -> None:
    event = home.selected()
    envelope = await home.choose(event)
    await home.service.deliver_again(envelope)
    await home.choose(event)  # the same decision in another envelope
    assert len(await home.service.published("vacancy.held")) == 1
    assert await home.service.published("vacancy.refused") == []


@pytest.mark.slow
async def test_sixteen_workers_race_for_each_of_forty_beds_and_none_is_taken_twice(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        for number in range(20):
            good(await agency.put(f"/households/H{number}", json=bodies.household(places=2)))
        rows = [bodies.vacancy(reference=f"V{number}", household=f"H{number // 2}") for number in range(40)]
        done = good(await agency.post("/vacancies/bulk", json={"rows": rows}))
    assert done["opened"] == 40
    councils = [f"E060000{number}" for number in range(36, 52)]

    async def worker(number: int, council: str) -> None:
        # Each in an order of its own, so that everybody is first at some bed and they meet at the others.
        for row in random.Random(number).sample(done["rows"], 40):
            event = Home(lot, UUID(row["id"]), UUID(int=0)).selected(council)
            await lot.deliver(event, subject=str(event.offer), organisation=f"council:{council}", council=council)

    await asyncio.gather(*(worker(number, council) for number, council in enumerate(councils)))
    held = await lot.published("vacancy.held")
    assert len(held) == 40
    assert len({each.subject for each in held}) == 40
    assert len(await lot.published("vacancy.refused")) == 40 * 15
    assert len({each.council for each in held}) > 1, "the race was none: one worker took every bed"
    async with tenancy.transaction(lot.databases, Organisation.parse(AGENCY)) as transaction:
        assert await transaction.scalar(text("SELECT sum(free_beds) FROM vacancies")) == 0
        assert await transaction.scalar(text("SELECT count(*) FROM holds WHERE state = 'held'")) == 40


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"beds": 2}, "too_few_beds"),
        ({"vacancy": UUID(int=1)}, "vacancy_unknown"),
        ({"provider": OTHER_AGENCY}, "vacancy_unknown"),
    ],
)
async def test_a_bed_that_cannot_be_had_is_refused_with_its_reason(home: Home, changes: dict[str, Any], reason: str) -> None:
    await home.choose(home.selected(**changes))
    [refused] = await home.service.published("vacancy.refused")
    assert refused.data["reasons"] == [reason]
    assert await home.free_beds() == 1


async def test_a_closed_vacancy_is_not_taken(home: Home) -> None:
    async with home.service.as_(AGENCY) as agency:
        good(await agency.post("/vacancies/V1/closing", json={"reason": "carer_unavailable"}))
    await home.choose(home.selected())
    [refused] = await home.service.published("vacancy.refused")
    assert refused.data["reasons"] == ["vacancy_closed"]


async def test_sending_the_vacancy_again_does_not_put_a_taken_bed_back_on_the_list(home: Home) -> None:
    await home.held()
    async with home.service.as_(AGENCY) as agency:
        same = good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
        assert same["free_beds"] == 0
        more = await agency.put("/vacancies/V1", json=bodies.vacancy(free_beds=2))
        assert [error["rule"] for error in more.json()["errors"]] == ["more_beds_than_free"]
        [hold] = good(await agency.get("/vacancies/V1"))["holds"]
        assert (hold["state"], hold["council"]) == ("held", COUNCIL)
    assert await home.free_beds() == 0


async def test_an_in_house_match_takes_the_councils_own_bed_and_nobody_elses(home: Home) -> None:
    async with home.service.as_(COUNCIL) as in_house:
        good(await in_house.put("/households/H1", json=bodies.household()))
        own = good(await in_house.put("/vacancies/V1", json=bodies.vacancy()))
    for vacancy in (UUID(own["id"]), home.vacancy):
        match = InHouseMatchTaken(match=ids.new_id(), referral=ids.new_id(), council=SOUTHAMPTON, vacancy=vacancy, beds=1)
        await home.service.deliver(match, subject=str(match.referral), organisation=COUNCIL, council=SOUTHAMPTON)
    [held] = await home.service.published("vacancy.held")
    assert (held.data["held_for"], held.data["provider"]) == ("in_house_match", COUNCIL)
    [refused] = await home.service.published("vacancy.refused")
    assert refused.data["reasons"] == ["vacancy_unknown"]


def placement(event: OfferSelected, hold: UUID) -> dict[str, Any]:
    """What every placement event says."""
    return {
        "placement": ids.new_id(),
        "referral": event.referral,
        "council": event.council,
        "provider": event.provider,
        "vacancy": event.vacancy,
        "hold": hold,
    }


async def test_a_held_bed_is_filled_when_the_child_moves_in_and_freed_when_it_moves_out(home: Home) -> None:
    event, hold = await home.held()
    facts = placement(event, hold)
    started = PlacementStarted(**facts, started_on=date(2026, 12, 1), numbers_in_year=(1,))
    # The agency reports the start, the council the end.
    await home.service.deliver(started, subject=str(facts["placement"]), organisation=AGENCY, council=SOUTHAMPTON)
    [filled] = await home.service.published("vacancy.filled")
    assert filled.data["free_beds"] == 0
    ended = PlacementEnded(
        **facts,
        started_on=date(2026, 12, 1),
        ended_on=date(2026, 12, 9),
        planned=True,
        reason=PlaceChangeReason.CARE_PLAN,
        children=1,
    )
    await home.service.deliver(ended, subject=str(facts["placement"]), organisation=COUNCIL, council=SOUTHAMPTON, version=2)
    [freed] = await home.service.published("vacancy.freed")
    assert freed.data["free_beds"] == await home.free_beds() == 1
    versions = [each.version for each in await home.service.published() if each.subject == str(home.vacancy)]
    assert versions == [1, 2, 3, 4]


async def test_news_of_the_end_before_news_of_the_start_frees_the_bed_once(home: Home) -> None:
    event, hold = await home.held()
    facts = placement(event, hold)
    days = {"started_on": date(2026, 12, 1), "ended_on": date(2026, 12, 9)}
    ended = PlacementEnded(**facts, **days, planned=False, reason=PlaceChangeReason.OTHER, children=1)
    await home.service.deliver(ended, subject=str(facts["placement"]), organisation=COUNCIL, version=2)
    started = PlacementStarted(**facts, started_on=date(2026, 12, 1), numbers_in_year=(1,))
    await home.service.deliver(started, subject=str(facts["placement"]), organisation=COUNCIL)
    assert await home.service.published("vacancy.filled") == []
    assert await home.free_beds() == 1


async def test_a_cancelled_placement_frees_the_bed(home: Home) -> None:
    event, hold = await home.held()
    facts = placement(event, hold)
    cancelled = PlacementCancelled(**facts, reason="plan_changed")
    for _ in range(2):
        await home.service.deliver(cancelled, subject=str(facts["placement"]), organisation=COUNCIL, version=2)
    assert len(await home.service.published("vacancy.freed")) == 1
    assert await home.free_beds() == 1


async def test_a_bed_freed_on_a_closed_vacancy_is_not_offered_again(home: Home) -> None:
    event, hold = await home.held()
    async with home.service.as_(AGENCY) as agency:
        good(await agency.post("/vacancies/V1/closing", json={"reason": "carer_resting"}))
    cancelled = PlacementCancelled(**placement(event, hold), reason="plan_changed")
    await home.service.deliver(cancelled, subject="p", organisation=COUNCIL)
    assert await home.free_beds() == 0


@pytest.mark.parametrize("by", [AGENCY, COUNCIL])
async def test_an_offer_taken_back_or_released_frees_the_bed_held_for_it_and_can_be_chosen_anew(home: Home, by: str) -> None:
    event, _ = await home.held()
    facts = {"offer": event.offer, "referral": event.referral, "council": event.council, "provider": event.provider}
    over = OfferWithdrawn(**facts, reason="carer_ill", side="provider") if by == AGENCY else OfferReleased(**facts, reason="chose_another")
    await home.service.deliver(over, subject=str(event.offer), organisation=by, council=SOUTHAMPTON, version=3)
    assert await home.free_beds() == 1
    await home.choose(event)  # the old decision, told again, takes nothing
    assert await home.free_beds() == 1
    await home.choose(home.selected(offer=event.offer, referral=event.referral))
    assert await home.free_beds() == 0


async def test_choosing_an_offer_again_while_its_bed_is_held_says_so_once_more_and_takes_no_second_bed(home: Home) -> None:
    event, hold = await home.held()
    await home.choose(home.selected(offer=event.offer, referral=event.referral))
    held = await home.service.published("vacancy.held")
    assert [each.data["hold"] for each in held] == [str(hold)] * 2
    assert await home.service.published("vacancy.refused") == []


async def test_a_filled_bed_is_not_freed_by_late_news_of_its_offer(home: Home) -> None:
    event, hold = await home.held()
    started = PlacementStarted(**placement(event, hold), started_on=date(2026, 12, 1), numbers_in_year=(1,))
    await home.service.deliver(started, subject="p", organisation=COUNCIL)
    released = OfferReleased(
        offer=event.offer, referral=event.referral, council=event.council, provider=event.provider, reason="chose_another"
    )
    await home.service.deliver(released, subject=str(event.offer), organisation=COUNCIL, version=9)
    assert await home.free_beds() == 0


async def test_a_confirmed_offer_is_noted_on_its_hold(home: Home) -> None:
    event, hold = await home.held()
    confirmed = OfferConfirmed(
        offer=event.offer,
        referral=event.referral,
        council=event.council,
        provider=event.provider,
        vacancy=event.vacancy,
        household=home.household,
        hold=hold,
        lot="general",
        tier=1,
        pounds_per_week="812.50",
        available_on=date(2026, 12, 1),
        decision=event.decision,
        confirmed_at=clock.now(),
    )
    await home.service.deliver(confirmed, subject=str(event.offer), organisation=COUNCIL, version=4)
    async with tenancy.transaction(home.service.databases, Organisation.parse(COUNCIL)) as transaction:
        assert await transaction.scalar(text("SELECT confirmed_at IS NOT NULL FROM holds"))


async def test_a_hold_is_seen_by_its_council_and_its_provider_alone(home: Home) -> None:
    await home.held()
    seen = {}
    for organisation in ("consortium", COUNCIL, OTHER_COUNCIL, AGENCY, OTHER_AGENCY):
        async with tenancy.transaction(home.service.databases, Organisation.parse(organisation)) as transaction:
            seen[organisation] = await transaction.scalar(text("SELECT count(*) FROM holds"))
    assert seen == {"consortium": 0, COUNCIL: 1, OTHER_COUNCIL: 0, AGENCY: 1, OTHER_AGENCY: 0}


def made(home: Home, **changes: Any) -> OfferMade:
    """The agency offered the household to Southampton."""
    return OfferMade(
        **{
            "offer": ids.new_id(),
            "referral": ids.new_id(),
            "council": SOUTHAMPTON,
            "provider": AGENCY,
            "vacancy": home.vacancy,
            "household": home.household,
            "lot": "general",
            "tier": 1,
            "suitable": True,
            "made_at": clock.now(),
        }
        | changes
    )


def where(place: dict[str, Any]) -> tuple[int, int]:
    """What referrals reads, which holds the same key."""
    opened = HandOver("", development=True).opened(place["sealed"], bound_to=location_of(COUNCIL, place["household"]))
    easting, _, northing = opened.partition(",")
    return int(easting), int(northing)


async def test_a_council_learns_where_a_household_is_only_while_it_is_offered_to_it(home: Home) -> None:
    async with home.service.as_(COUNCIL) as council, home.service.as_(OTHER_COUNCIL) as other, home.service.as_(AGENCY) as agency:
        asked = {"households": [str(home.household), str(UUID(int=7))]}

        async def located(by: Any) -> tuple[list[Any], list[str]]:
            reply = good(await by.post("/household-locations", json=asked))
            return reply["items"], reply["not_offered_to_you"]

        assert await located(council) == ([], asked["households"])
        offer = made(home)
        await home.service.deliver(offer, subject=str(offer.offer), organisation=AGENCY, council=SOUTHAMPTON)
        [place], unknown = await located(council)
        assert place["household"] == str(home.household)
        easting, northing = where(place)
        assert (easting // 1000, northing // 1000) == (441, 112)
        assert set(place) == {"household", "sealed"}, "whoever asks reads no address, and nothing to work one out from"
        assert str(easting) not in str(place)
        assert unknown == [str(UUID(int=7))]
        assert await located(other) == ([], asked["households"])

        good(await agency.put("/households/H1", json=bodies.household(postcode="RG1 1AF")))
        [moved], _ = await located(council)
        assert where(moved)[0] // 10_000 == 47

        withdrawn = OfferWithdrawn(
            offer=offer.offer, referral=offer.referral, council=SOUTHAMPTON, provider=AGENCY, reason="carer_ill", side="provider"
        )
        await home.service.deliver(withdrawn, subject=str(offer.offer), organisation=AGENCY, version=2)
        assert await located(council) == ([], asked["households"])
        await home.service.deliver(offer, subject=str(offer.offer), organisation=AGENCY, version=1)  # late news
        assert await located(council) == ([], asked["households"])


async def test_an_agency_cannot_offer_a_household_that_is_not_its_own_to_have_it_located(home: Home) -> None:
    offer = made(home, provider=OTHER_AGENCY)
    await home.service.deliver(offer, subject=str(offer.offer), organisation=OTHER_AGENCY)
    async with home.service.as_(COUNCIL) as council:
        reply = good(await council.post("/household-locations", json={"households": [str(home.household)]}))
    assert reply["items"] == []


def agreed(event: OfferSelected, hold: UUID, starts_on: date) -> PlacementAgreed:
    """The chosen offer became a placement."""
    return PlacementAgreed(
        placement=ids.new_id(),
        referral=event.referral,
        council=event.council,
        provider=event.provider,
        vacancy=event.vacancy,
        hold=hold,
        offer=event.offer,
        lot="general",
        kind=PlacementKind.SHORT_TERM,
        children=1,
        ages=(8,),
        tier=1,
        pounds_per_week=Decimal("800.00"),
        starts_on=starts_on,
        within_20_miles=WithinTwentyMiles.UNDECIDED,
        agreed_at=clock.now(),
    )


async def registered(home: Home) -> None:
    """The two councils are members of the consortium."""
    async with home.service.as_(bodies.CONSORTIUM) as consortium:
        for code in (SOUTHAMPTON, HAMPSHIRE):
            good(await consortium.put(f"/councils/{code}", json=bodies.council(name=code)))


async def test_a_held_bed_for_which_no_placement_is_agreed_is_free_again_after_a_week(home: Home, time: Clock) -> None:
    await registered(home)
    await home.held()
    start = clock.now()
    time.at(start + timedelta(days=7, seconds=-60))
    assert (await sweep(home.service.databases), await home.free_beds()) == (0, 0)
    time.at(start + timedelta(days=7, seconds=60))
    done = await asyncio.gather(*(sweep(home.service.databases) for _ in range(3)))
    assert (sum(done), await home.free_beds()) == (1, 1), "several sweeps at once free it once"
    [freed] = await home.service.published("vacancy.freed")
    assert freed.data["free_beds"] == 1
    assert await sweep(home.service.databases) == 0


async def test_a_bed_held_for_a_stay_that_never_begins_is_free_four_weeks_after_its_first_day(home: Home, time: Clock) -> None:
    await registered(home)
    event, hold = await home.held()
    first_day = clock.today() + timedelta(days=5)
    news = agreed(event, hold, first_day)
    await home.service.deliver(news, subject=str(news.placement), organisation=COUNCIL, council=SOUTHAMPTON)
    start = clock.now()
    time.at(start + timedelta(days=32))
    assert (await sweep(home.service.databases), await home.free_beds()) == (0, 0)
    time.at(start + timedelta(days=33))
    assert (await sweep(home.service.databases), await home.free_beds()) == (1, 1)
    started = PlacementStarted(
        placement=news.placement,
        referral=event.referral,
        council=event.council,
        provider=event.provider,
        vacancy=event.vacancy,
        hold=hold,
        started_on=first_day,
        numbers_in_year=(1,),
    )
    await home.service.deliver(started, subject=str(news.placement), organisation=COUNCIL, council=SOUTHAMPTON, version=2)
    assert await home.free_beds() == 0, "told late that the child lives there, the bed is taken again"
    [filled] = await home.service.published("vacancy.filled")
    assert filled.data["hold"] == str(hold)


async def test_a_late_start_takes_no_bed_that_another_child_has_got_meanwhile(home: Home, time: Clock) -> None:
    await registered(home)
    event, hold = await home.held()
    time.at(clock.now() + timedelta(days=8))
    await sweep(home.service.databases)
    await home.choose(home.selected(HAMPSHIRE))
    started = PlacementStarted(
        placement=ids.new_id(),
        referral=event.referral,
        council=event.council,
        provider=event.provider,
        vacancy=event.vacancy,
        hold=hold,
        started_on=clock.today(),
        numbers_in_year=(1,),
    )
    await home.service.deliver(started, subject=str(started.placement), organisation=COUNCIL, council=SOUTHAMPTON)
    assert await home.free_beds() == 0
    assert await home.service.published("vacancy.filled") == []
