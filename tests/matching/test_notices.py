"""What agencies and councils are told, and that no feed ever skips a notice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from matching.domain.notice import ABOUT, News, NoticeType, types_for
from matching.store import notices
from shared import clock, ids, tenancy
from shared.contracts.referrals import PlacementCancelled, ReferralAmended, ReferralWithdrawn
from shared.organisation import Kind, Organisation
from tests.matching import events
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def feed(scene: Scene, organisation: str, after: str | None = None, limit: int = 100) -> dict[str, Any]:
    """One reply of an organisation's feed."""
    reply = await scene.ask(organisation, "GET", f"/notices?limit={limit}" + (f"&after={after}" if after else ""))
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


async def types(scene: Scene, organisation: str) -> list[str]:
    """What an organisation was told, in order."""
    return [one["type"] for one in (await feed(scene, organisation))["items"]]


async def test_each_side_is_told_of_what_the_other_did_and_of_nothing_else(scene: Scene) -> None:
    view = await scene.broadcast()
    mine, theirs = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(ELM))
    await scene.ask(ASH, "POST", f"/opportunities/{view.referral}/decline", {"reason": "too_far"})
    changed = scene.terms(view, await scene.vacancy(OAK)) | {"vacancy": mine["vacancy"], "pounds_per_week": "790.00"}
    del changed["referral"]
    assert (await scene.ask(OAK, "PUT", f"/offers/{mine['offer']}", changed, If_Match='"1"')).status_code == 200
    options = await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/options")
    listed = {"offers": [mine["offer"], theirs["offer"]]}
    shortlisted = await scene.ask(SOUTHAMPTON, "PUT", f"/referrals/{view.referral}/shortlist", listed, If_Match=options.headers["ETag"])
    assert shortlisted.status_code == 200, shortlisted.text
    assert (await scene.choose(view, mine)).status_code in (200, 201, 202)
    await scene.hold(mine)
    agreed = events.agreed(mine, SOUTHAMPTON)
    await scene.service.deliver(agreed, subject=str(agreed.placement), organisation=SOUTHAMPTON, council=agreed.council)
    assert await types(scene, OAK) == [
        "opportunity.sent", "offer.shortlisted", "offer.selected", "offer.confirmed", "placement.agreed", "opportunity.closed",
    ]  # fmt: skip
    assert await types(scene, ELM) == ["opportunity.sent", "offer.shortlisted", "offer.released", "opportunity.closed"]
    assert await types(scene, ASH) == ["opportunity.sent", "opportunity.closed"]
    assert await types(scene, SOUTHAMPTON) == [
        "offer.made", "offer.made", "opportunity.declined", "offer.changed", "choice.confirmed", "placement.agreed",
    ]  # fmt: skip
    assert await types(scene, SURREY) == []


async def test_a_refused_bed_an_amendment_a_withdrawn_offer_and_a_withdrawn_referral_are_told(scene: Scene) -> None:
    view = await scene.broadcast()
    gone, back = await scene.offer(view, await scene.vacancy(OAK)), await scene.offer(view, await scene.vacancy(ELM))
    await scene.choose(view, gone)
    await scene.refuse(gone)
    await scene.ask(ELM, "POST", f"/offers/{back['offer']}/withdrawal", {"reason": "made_by_mistake"})
    later = view.model_copy(update={"closes_at": clock.now() + timedelta(days=3)})
    amended = ReferralAmended(view=later, changed=("closes_at",))
    withdrawn = ReferralWithdrawn(referral=view.referral, council=view.council, reason="x", side="council")
    for version, event in ((4, amended), (5, withdrawn)):
        await scene.service.deliver(event, subject=str(view.referral), organisation=SOUTHAMPTON, council=view.council, version=version)
    assert await types(scene, OAK) == [
        "opportunity.sent", "offer.selected", "offer.refused", "opportunity.amended", "opportunity.withdrawn",
    ]  # fmt: skip
    assert (await types(scene, SOUTHAMPTON))[-2:] == ["choice.refused", "offer.withdrawn"]


async def test_both_sides_hear_how_a_placement_goes_on_and_a_council_with_its_own_carer_hears_it_once(scene: Scene) -> None:
    ending = {"placement": ids.new_id(), "referral": ids.new_id(), "council": "E06000045", "vacancy": ids.new_id(), "hold": ids.new_id()}
    for provider in (OAK, SOUTHAMPTON):
        event = PlacementCancelled(**ending, provider=provider, reason="x")
        await scene.service.deliver(event, subject=str(event.placement), organisation=SOUTHAMPTON, council="E06000045")
    assert await types(scene, OAK) == ["placement.cancelled"]
    [first, second] = (await feed(scene, SOUTHAMPTON))["items"]
    assert (first["service"], first["path"]) == ("referrals", f"/placements/{ending['placement']}")
    assert second["type"] == "placement.cancelled"


async def test_a_notice_says_what_where_and_when_and_nothing_of_the_child(scene: Scene) -> None:
    view = await scene.broadcast()
    [notice] = (await feed(scene, OAK))["items"]
    assert notice.pop("id")
    assert notice.pop("happened_at")
    assert notice == {
        "type": "opportunity.sent",
        "council": "E06000045",
        "referral": str(view.referral),
        "reference": view.reference,
        "offer": None,
        "subject": None,
        "service": "matching",
        "path": f"/opportunities/{view.referral}",
    }
    assert (await scene.ask(OAK, "GET", notice["path"])).status_code == 200


async def test_news_heard_twice_is_told_once(scene: Scene) -> None:
    view = events.view()
    heard = await scene.service.deliver(
        events.broadcast_of(view), subject=str(view.referral), organisation=SOUTHAMPTON, council=view.council, version=2
    )
    await scene.service.deliver_again(heard)
    assert await types(scene, OAK) == ["opportunity.sent"]


async def test_what_is_rolled_back_was_never_told(scene: Scene) -> None:
    with pytest.raises(ZeroDivisionError):
        async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
            await notices.tell(transaction, clock.now(), News(OAK, NoticeType.OFFER_RELEASED))
            raise ZeroDivisionError
    assert await types(scene, OAK) == []


async def test_a_feed_is_read_a_page_at_a_time_and_its_cursor_goes_on_for_ever(scene: Scene) -> None:
    sent = [str((await scene.broadcast()).referral) for _ in range(5)]
    first = await feed(scene, OAK, limit=2)
    second = await feed(scene, OAK, first["cursor"], limit=3)
    assert [one["referral"] for one in (*first["items"], *second["items"])] == sent
    assert (first["more"], second["more"]) == (True, False)
    nothing = await feed(scene, OAK, second["cursor"])
    assert (nothing["items"], nothing["more"], nothing["cursor"]) == ([], False, second["cursor"])
    one_more = await scene.broadcast()
    assert [one["referral"] for one in (await feed(scene, OAK, nothing["cursor"]))["items"]] == [str(one_more.referral)]


async def test_a_notice_written_first_and_committed_last_is_not_skipped(scene: Scene) -> None:
    """The reader has already seen the later one when the earlier one commits."""
    databases, moment = scene.service.databases, clock.now()
    early, late = ids.new_id(), ids.new_id()
    async with tenancy.transaction(databases, Organisation.parse(SOUTHAMPTON)) as slow:
        await notices.tell(slow, moment, News(OAK, NoticeType.OFFER_RELEASED, offer=early))
        async with tenancy.transaction(databases, Organisation.parse(SURREY)) as quick:
            await notices.tell(quick, moment + timedelta(seconds=1), News(OAK, NoticeType.OFFER_RELEASED, offer=late))
        seen = await feed(scene, OAK)
        assert [one["offer"] for one in seen["items"]] == [str(late)]
    assert [one["offer"] for one in (await feed(scene, OAK, seen["cursor"]))["items"]] == [str(early)]


async def test_many_writers_and_many_readers_at_once_each_reader_gets_each_notice_once_and_in_one_order(scene: Scene) -> None:
    databases, writing = scene.service.databases, asyncio.Event()

    async def write(number: int) -> list[str]:
        offers = [ids.new_id() for _ in range(5)]
        for offer in offers:
            async with tenancy.transaction(databases, Organisation.parse(SOUTHAMPTON if number % 2 else SURREY)) as transaction:
                await notices.tell(transaction, clock.now(), News(OAK, NoticeType.OFFER_RELEASED, offer=offer))
                await transaction.execute(text("SELECT pg_sleep(:wait)"), {"wait": (number * 7 % 5) / 400})
        return [str(offer) for offer in offers]

    async def read() -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            last_look = writing.is_set()
            said = await feed(scene, OAK, cursor, limit=3)
            found += [one["offer"] for one in said["items"]]
            cursor = said["cursor"]
            if last_look and not said["more"]:
                return found

    async def write_all() -> list[str]:
        written = await asyncio.gather(*(write(number) for number in range(8)))
        writing.set()
        return [offer for each in written for offer in each]

    written, *readers = await asyncio.gather(write_all(), *(read() for _ in range(4)))
    assert len(written) == 40
    for found in readers:
        assert sorted(found) == sorted(written)
        assert found == readers[0]


async def test_old_notices_are_cleared_away_and_a_cursor_older_than_that_is_told_so(scene: Scene) -> None:
    for days in (40, 35, 2):
        async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
            await notices.tell(transaction, clock.now() - timedelta(days=days), News(OAK, NoticeType.OFFER_RELEASED, offer=ids.new_id()))
    early = await feed(scene, OAK, limit=1)
    async with tenancy.transaction(scene.service.databases, Organisation.parse(OAK)) as transaction:
        assert await notices.prune(transaction, OAK, clock.now() - timedelta(days=30)) == 2
    reply = await scene.ask(OAK, "GET", f"/notices?after={early['cursor']}")
    assert reply.status_code == 410
    assert reply.json()["errors"][0]["rule"] == "cursor_not_too_old"
    anew = await feed(scene, OAK)
    assert len(anew["items"]) == 1
    await scene.broadcast()
    assert len((await feed(scene, OAK, anew["cursor"]))["items"]) == 1, "numbers go on where they were"


async def test_a_cursor_the_feed_did_not_give_is_refused(scene: Scene) -> None:
    for cursor in ("nonsense", "WyI5OTk5Il0", "WyItMSJd", "WyIxIiwiMiJd", "W10", "WyLCsiJd"):
        reply = await scene.ask(OAK, "GET", f"/notices?after={cursor}")
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["rule"] == "cursor_from_a_page"


async def test_no_organisation_reads_another_ones_notices_not_even_in_the_database(scene: Scene) -> None:
    await scene.broadcast()
    for organisation, own in ((OAK, 1), (SOUTHAMPTON, 0), ("consortium", 0)):
        async with tenancy.transaction(scene.service.databases, Organisation.parse(organisation)) as transaction:
            assert await transaction.scalar(text("SELECT count(*) FROM notices")) == own, organisation
            assert (await transaction.execute(text("UPDATE notices SET number = 7"))).rowcount == own
            await transaction.execute(text("DELETE FROM notices WHERE organisation = :elm"), {"elm": ELM})
    assert await types(scene, ELM) == ["opportunity.sent"]


def test_every_type_has_its_readers_its_path_and_its_meaning() -> None:
    assert set(ABOUT) == set(NoticeType)
    known: Mapping[str, str] = dict.fromkeys(("referral", "offer", "subject"), "x")
    assert all(about.path.format(**known).count("x") == 1 or "x" in about.path for about in ABOUT.values())
    assert types_for(Kind.AGENCY) | types_for(Kind.COUNCIL) == set(NoticeType)
    assert types_for(Kind.CONSORTIUM) == frozenset()


@dataclass
class _Writer:
    """A transaction that has told one thing and waits to be ended."""

    offer: str
    end: asyncio.Future[bool]
    done: asyncio.Task[None]


async def test_whatever_order_transactions_end_in_a_reader_gets_each_committed_notice_once(scene: Scene) -> None:
    """Two hundred steps at random: up to five writers at once begin, commit or roll back; a reader goes on from its cursor in between."""
    chance = random.Random(517)
    writers: list[_Writer] = []
    committed: list[str] = []
    read: list[str] = []
    cursor: str | None = None

    async def write(offer: UUID, told: asyncio.Event, end: asyncio.Future[bool]) -> None:
        with suppress(ZeroDivisionError):
            async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
                await notices.tell(transaction, clock.now(), News(OAK, NoticeType.OFFER_RELEASED, offer=offer))
                told.set()
                if not await end:
                    raise ZeroDivisionError

    async def begin() -> None:
        offer, told, end = ids.new_id(), asyncio.Event(), asyncio.get_running_loop().create_future()
        writers.append(_Writer(str(offer), end, asyncio.create_task(write(offer, told, end))))
        await told.wait()

    async def finish(writer: _Writer, commits: bool) -> None:
        writers.remove(writer)
        writer.end.set_result(commits)
        await writer.done
        committed.extend([writer.offer] if commits else [])

    for _ in range(200):
        step = chance.choice(["begin", "commit", "commit", "roll back", "read"])
        if step == "begin" and len(writers) < 5:
            await begin()
        elif step in ("commit", "roll back") and writers:
            await finish(chance.choice(writers), step == "commit")
        elif step == "read":
            said = await feed(scene, OAK, cursor, limit=chance.randint(1, 4))
            cursor = said["cursor"]
            read += [one["offer"] for one in said["items"]]
            assert set(read) <= set(committed)
    for writer in list(writers):
        await finish(writer, True)
    read += [one["offer"] for one in (await feed(scene, OAK, cursor, limit=200))["items"]]
    assert len(committed) >= 20
    assert sorted(read) == sorted(committed)
