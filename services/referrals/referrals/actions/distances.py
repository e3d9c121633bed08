"""Exact miles between the child's home and the households offered: asked for over HTTP, because where a carer lives is not for the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from referrals.domain import referral as rules
from referrals.domain.referral import Act
from referrals.store import distances
from referrals.store import referrals as store
from referrals.store.distances import Distance
from referrals.store.vault import Keyring
from shared import clock, logs, postcodes, tracing
from shared.handed_over import HandOver, location_of
from shared.organisation import Organisation
from shared.postcodes import UNKNOWN_MILES, Grid
from shared.refusals import Reason, conflict, invalid, not_allowed, not_found, unavailable
from shared.tenancy import Transaction

DEADLINE_SECONDS = 2.0

_log = logs.logger("referrals.distances")


async def homes(transaction: Transaction, ring: Keyring, referral: UUID) -> list[Grid]:
    """Where the children of a referral live, as grid references; none for a home whose postcode is unknown."""
    found = await store.get(transaction, referral)
    if found is None:
        raise not_found("referral")
    if words := rules.refusal(Act.MEASURE, found.state):
        raise conflict(words, Reason("state", "allows_this", words))
    known = await store.background(transaction, ring, found.terms)
    written = {identity.home_postcode for identity in known.identities.values() if identity.home_postcode}
    grids = (postcodes.grid(parsed) for text in sorted(written) if (parsed := postcodes.parse(text)))
    return [grid for grid in grids if grid is not None]


async def ask_providers(
    address: str, token: str, council: Organisation, households: Sequence[UUID], hand_over: HandOver
) -> dict[UUID, Grid | None]:
    """Where these households are, asked of ``providers`` under the caller's own rights; refused in words when it does not answer in 2 s.

    What it says is sealed past the officer whose token asks: until a child is placed, a council may know how far away a home is and not
    where. None for a household whose postcode it cannot place. Refused (422), each one named, for households that are not offered to the
    council, so that no distance to a home that is nobody's offer is ever worked out.
    """
    if not address:
        raise _no_answer()
    body = {"households": [str(household) for household in households]}
    try:
        with tracing.span("POST /household-locations", tracing.Kind.CLIENT, attributes={"http.request.method": "POST"}) as span:
            async with asyncio.timeout(DEADLINE_SECONDS), httpx.AsyncClient(trust_env=False) as client:
                reply = await client.post(
                    f"{address}/household-locations",
                    json=body,
                    headers={"Authorization": token, "X-Request-Id": logs.request_id.get() or "", **tracing.carried().headers()},
                )
            span.tell({"http.response.status_code": reply.status_code})
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        _log.warning("providers did not say where households are", kind=type(error).__name__)
        raise _no_answer() from error
    if reply.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise not_allowed("The providers service does not let you ask where households are. Ask your administrator for your roles there.")
    if reply.status_code != httpx.codes.OK:
        _log.warning("providers did not say where households are", status=reply.status_code)
        raise _no_answer()
    try:
        told = {UUID(item["household"]): _grid(hand_over, council, item) for item in reply.json()["items"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("what providers said of households cannot be read", kind=type(error).__name__)
        raise _no_answer() from error
    words = "This household is not offered to your council just now; measure to those on your referral's offers."
    broken = [
        Reason(f"households.{number}.household", "offered_to_you", words)
        for number, household in enumerate(households)
        if household not in told
    ]
    if broken:
        raise invalid(*broken)
    return {household: told[household] for household in households}


def _grid(hand_over: HandOver, council: Organisation, item: Mapping[str, Any]) -> Grid | None:
    if item["sealed"] is None:
        return None
    easting, _, northing = hand_over.opened(item["sealed"], bound_to=location_of(str(council), UUID(item["household"]))).partition(",")
    return Grid(int(easting), int(northing))


def _no_answer() -> Exception:
    return unavailable(
        "Exact distances cannot be measured just now, because the providers service does not answer. "
        "Nothing was changed; try again in a moment. Until then the options show about how far it is, from postcode districts."
    )


def farthest(children: Iterable[Grid], household: Grid | None) -> Decimal:
    """Miles to 0.1 from the farthest of the children's homes; 999.9 when the household's or every child's place is unknown."""
    if household is None:
        return UNKNOWN_MILES
    return max((postcodes.miles(home, household) for home in children), default=UNKNOWN_MILES)


async def keep(
    transaction: Transaction, referral: UUID, children: Sequence[Grid], households: Mapping[UUID, Grid | None]
) -> Sequence[Distance]:
    """Keep the miles alone, for every household asked about."""
    miles = {household: farthest(children, where) for household, where in households.items()}
    await distances.keep(transaction, referral, miles, now=clock.now())
    return [each for each in await distances.of_referral(transaction, referral) if each.household in miles]


async def measured(transaction: Transaction, referral: UUID) -> Sequence[Distance]:
    """All distances measured for a referral, nearest first."""
    if await store.get(transaction, referral) is None:
        raise not_found("referral")
    return await distances.of_referral(transaction, referral)
