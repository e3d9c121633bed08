"""A small consortium in running services: what sections about the journey begin from."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import httpx

from shared import clock, ids, transport
from shared.contracts import HEARD_BY, SERVICES, Envelope, Event
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, LotRecorded, PriceBand, TierLine, TiersPublished
from shared.contracts.words import OfstedRating, PlacementKind, Sector
from shared.organisation import CONSORTIUM, Organisation
from shared.transport import Message
from tests.bench.demand import CHILD, new_referral
from tests.bench.ground import Ground
from tests.bench.homes import agency

COUNCIL = Organisation.council("E06000045")


def council_news() -> tuple[Event, str]:
    """The council joined."""
    return CouncilRecorded(council=COUNCIL.code, name="Southampton", joined_on=clock.today() - timedelta(days=2000)), COUNCIL.code


def lot_news(lot: str) -> tuple[Event, str]:
    """A lot was set out."""
    dates = {"starts_on": clock.today() - timedelta(days=400), "ends_on": clock.today() + timedelta(days=1000)}
    bands = (PriceBand(code="0-17", from_age=0, to_age=17),)
    kinds = (PlacementKind.SHORT_TERM, PlacementKind.EMERGENCY)
    return LotRecorded(framework="south", lot=lot, title=lot.title(), kinds=kinds, price_bands=bands, **dates), lot


def agency_news(number: int) -> tuple[Event, str]:
    """An agency was registered."""
    urn = agency(number)
    recorded = AgencyRecorded(
        agency=urn, name=f"Agency {number}", rating=OfstedRating.GOOD, inspected_on=clock.today(), sector=Sector.PRIVATE
    )
    return recorded, urn


def tiers_news(lot: str, agencies: int) -> tuple[Event, str]:
    """A lot's list was published: the agencies in the order of their numbers, in three tiers."""
    lines = tuple(TierLine(agency=agency(n), rank=n + 1, tier=1 + 3 * n // agencies) for n in range(agencies))
    published = TiersPublished(framework="south", lot=lot, round=ids.new_id(), published_at=clock.now(), tiers=3, lines=lines)
    return published, lot


async def tell(ground: Ground, news: Sequence[tuple[Event, str]]) -> None:
    """Put the consortium's news on the bus, as providers' relay would."""
    bus = transport.connect(ground.amqp_url, prefix=ground.prefix)
    await bus.declare(HEARD_BY, SERVICES)
    messages = []
    for event, subject in news:
        envelope = Envelope.of(
            event,
            id=ids.new_id(),
            source="/providers",
            time=clock.now(),
            subject=subject,
            version=1,
            organisation=str(CONSORTIUM),
            council=None,
            requestid=None,
        )
        messages.append(Message(str(envelope.id), envelope.type, envelope.to_json()))
    await bus.publish(messages)
    await bus.close()


async def until(connection: asyncpg.Connection, query: str, *args: Any, what: str) -> None:
    """Until the query says true; RuntimeError naming ``what`` after a minute."""
    for _ in range(2000):
        if await connection.fetchval(query, *args):
            return
        await asyncio.sleep(0.03)
    raise RuntimeError(f"waited in vain for {what}")


async def until_answered(http: httpx.AsyncClient, path: str, headers: Mapping[str, str]) -> None:
    """Ask every 4 ms until the thing is there; RuntimeError after half a minute."""
    for _ in range(3000):
        if (await http.get(path, headers=headers)).status_code == 200:
            return
        await asyncio.sleep(0.004)
    raise RuntimeError(f"{path} did not come")


async def answered(reply: httpx.Response) -> Mapping[str, Any]:
    """The reply's body; RuntimeError with what was refused."""
    if reply.is_error:
        raise RuntimeError(f"{reply.request.method} {reply.request.url.path}: {reply.status_code} {reply.text[:500]}")
    body: Mapping[str, Any] = reply.json()
    return body


async def decided_referral(referrals: httpx.AsyncClient, officer: Mapping[str, str], child: int, lot: str) -> str:
    """An emergency's referral, ready to be broadcast; its id."""
    body = new_referral(
        CHILD.format(child), lot=lot, urgency="emergency", planned=False, needed_by=(clock.today() + timedelta(days=1)).isoformat()
    )
    referral = str((await answered(await referrals.post("/referrals", json=body, headers=officer)))["id"])
    decision = {"outcome": "no_match", "reason": "out_of_hours_emergency"}
    await answered(await referrals.post(f"/referrals/{referral}/in-house-decision", json=decision, headers=officer))
    return referral
