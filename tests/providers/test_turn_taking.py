"""Two at once: a last bid and the closing, a vacancy sent and a bed taken, two councils recorded for one role."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import event, text

from providers.domain.bid import BandPrice, Bid
from providers.store import bids, rounds
from shared import clock, ids, tenancy
from shared.contracts.matching import OfferSelected
from shared.organisation import Organisation
from tests.providers import bodies
from tests.providers.bodies import AGENCY, CONSORTIUM, COUNCIL, HAMPSHIRE, SOUTHAMPTON, URNS
from tests.providers.conftest import Tender, good
from tests.running.services import RunningService


async def test_a_bid_under_way_at_the_closing_is_waited_for_and_counts(tender: Tender) -> None:
    id, databases = UUID(tender.id), tender.service.databases
    bid = Bid((BandPrice("0-4", Decimal(800)), BandPrice("5-10", Decimal(850))))
    async with tenancy.transaction(databases, Organisation.parse(AGENCY)) as transaction:
        await rounds.take_turn(transaction, id, alone=False)
        await bids.seal(transaction, id, bid, at=clock.now())
        await tender.closing_time_passes()
        closing = asyncio.create_task(tender.consortium.post(f"{tender.path}/closing"))
        await asyncio.sleep(0.3)
        assert not closing.done(), "the closing did not wait for the bid"
    good(await closing)
    assert [each["agency"] for each in good(await tender.consortium.get(f"{tender.path}/bids"))["items"]] == [URNS[0]]


async def test_sending_a_vacancy_while_its_bed_is_taken_never_promises_the_bed_twice(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        for number in range(12):
            reference = f"H{number}"
            good(await agency.put(f"/households/{reference}", json=bodies.household(places=1)))
            body = bodies.vacancy(household=reference)
            vacancy = good(await agency.put(f"/vacancies/V{number}", json=body))
            chosen = OfferSelected(
                offer=ids.new_id(),
                referral=ids.new_id(),
                council=SOUTHAMPTON,
                provider=AGENCY,
                vacancy=UUID(vacancy["id"]),
                beds=1,
                decision=ids.new_id(),
            )
            await asyncio.gather(
                lot.deliver(chosen, subject=str(chosen.offer), organisation=COUNCIL, council=SOUTHAMPTON),
                agency.put(f"/vacancies/V{number}", json=body | {"available_from": "2027-01-01"}),
            )
    async with tenancy.transaction(lot.databases, Organisation.parse(AGENCY)) as transaction:
        promised = await transaction.execute(
            text(
                "SELECT v.free_beds + coalesce((SELECT sum(beds) FROM holds WHERE vacancy = v.id AND state <> 'freed'), 0) AS beds"
                " FROM vacancies v"
            )
        )
        assert set(promised.scalars()) == {1}


async def test_two_councils_recorded_at_once_for_one_lead_role_one_is_refused(providers: RunningService) -> None:
    async with providers.as_(CONSORTIUM) as consortium:
        replies = await asyncio.gather(
            *(consortium.put(f"/councils/{code}", json=bodies.council(lead_roles=["procurement"])) for code in (SOUTHAMPTON, HAMPSHIRE))
        )
    assert sorted(reply.status_code for reply in replies) == [201, 409]


async def test_the_same_new_vacancy_sent_twice_at_once_is_opened_once(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household()))
        replies = await asyncio.gather(*(agency.put("/vacancies/V1", json=bodies.vacancy()) for _ in range(5)))
    assert sorted(reply.status_code for reply in replies) == [200, 200, 200, 200, 201]
    assert len({reply.json()["id"] for reply in replies}) == 1
    assert len(await lot.published("vacancy.opened")) == 1


@contextmanager
def statements(service: RunningService) -> Iterator[list[str]]:
    """What the service sends to its database meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    engine = service.databases.shared.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_an_upload_sends_as_many_statements_for_two_hundred_rows_as_for_two(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        for number in range(20):
            good(await agency.put(f"/households/H{number}", json=bodies.household(places=12)))
        sent = []
        for rows in (2, 200):
            upload = [bodies.vacancy(reference=f"V{rows}-{number}", household=f"H{number % 20}") for number in range(rows)]
            with statements(lot) as counted:
                assert good(await agency.post("/vacancies/bulk", json={"rows": upload}))["opened"] == rows
            sent.append(len(counted))
    assert sent[0] == sent[1] <= 10


async def test_a_later_round_replaces_the_lots_published_tiers_under_a_higher_version(tender: Tender) -> None:
    first, second = URNS[0], URNS[1]
    for urn in (first, second):
        good(await tender.agencies[urn].put(f"{tender.path}/bid", json=bodies.bid()))
    await tender.closed()
    await tender.scored({first: ("5", "5"), second: ("1", "1")})
    for step in ("evaluation", "publication"):
        good(await tender.consortium.post(f"{tender.path}/{step}"))
    opens_at = tender.closes_at
    closes_at = opens_at + timedelta(minutes=5)
    times = {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
    again = {"reference": "R2", "framework": "fostering", "lot": "general"} | times
    old_path = tender.path
    tender.id, tender.closes_at = good(await tender.consortium.post("/tender-rounds", json=again))["id"], closes_at
    good(await tender.agencies[second].put(f"{tender.path}/bid", json=bodies.bid()))
    await tender.closed()
    await tender.scored({second: ("3", "3")})
    for step in ("evaluation", "publication"):
        good(await tender.consortium.post(f"{tender.path}/{step}"))
    published = await tender.service.published("tiers.published")
    assert [[line["agency"] for line in each.data["lines"]] for each in published] == [[first, second], [second]]
    assert published[0].version < published[1].version
    assert [line["agency"] for line in good(await tender.agencies[first].get(f"{tender.path}/ranked-list"))["lines"]] == [second]
    assert good(await tender.consortium.get(f"{old_path}/ranked-list"))["lines"][0]["agency"] == first
    assert (await tender.agencies[first].get(f"{old_path}/ranked-list")).status_code == 410
    assert good(await tender.consortium.get("/frameworks/fostering/lots/general"))["listed_agencies"] == 1
