"""Two sides making an agreement over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx

from tests.referrals.council import AGENCY, Council, days_from_today

DOCUMENTS = ["placement_plan", "delegated_authority", "medical_consent"]


async def started(council: Council, days: int = 0, *children: str, provider: str = AGENCY) -> str:
    """A placement with the agency whose child moved in so many days ago."""
    placement = await council.placement(*children, provider=provider)
    body = {"started_on": days_from_today(-days).isoformat(), "earlier_than_agreed": days > 0}
    reply = await council.client().post(f"/placements/{placement}/start", json=body)
    assert reply.status_code == 200, reply.text
    return placement


async def says(client: httpx.AsyncClient, placement: str, what: str, status: int = 200, /, **body: Any) -> dict[str, Any]:
    """Something about the agreement that must be answered so."""
    reply = await client.post(f"/placements/{placement}/agreement/{what}", json=body)
    assert reply.status_code == status, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


async def proposed(client: httpx.AsyncClient, placement: str, **body: Any) -> dict[str, Any]:
    """The newest version, proposed by this side."""
    answer = await says(client, placement, "versions", 201, **{"documents": DOCUMENTS, **body})
    version: dict[str, Any] = answer["versions"][-1]
    return version


async def signed(client: httpx.AsyncClient, placement: str, version: dict[str, Any]) -> dict[str, Any]:
    """The agreement after this side has signed the version."""
    return await says(client, placement, f"versions/{version['number']}/signature", content_hash=version["content_hash"])


async def agree(council: Council, placement: str, **body: Any) -> dict[str, Any]:
    """A version proposed by the council and signed by both."""
    version = await proposed(council.client(), placement, **body)
    await signed(council.client(), placement, version)
    return await signed(council.service.as_(AGENCY), placement, version)


def fee(pounds: str, from_on: date, until: date | None = None) -> dict[str, Any]:
    """A base fee."""
    return {
        "kind": "base_fee",
        "what": "weekly_fee",
        "from_on": from_on.isoformat(),
        "until": until.isoformat() if until else None,
        "pounds_per_week": pounds,
    }
