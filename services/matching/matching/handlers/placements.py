"""Placements, which are kept elsewhere: their council and their provider are told how each goes on."""

from __future__ import annotations

from datetime import datetime

from matching.domain.notice import News, NoticeType
from matching.handlers.owners import as_owner, council_of
from matching.store import notices
from shared.contracts.referrals import PlacementAgreed, PlacementCancelled, PlacementEnded, PlacementStarted
from shared.delivery import Heard
from shared.tenancy import Transaction

_Placement = PlacementAgreed | PlacementStarted | PlacementEnded | PlacementCancelled


async def on_placement_started(transaction: Transaction, heard: Heard[PlacementStarted]) -> None:
    """The child moved in."""
    await _tell(transaction, NoticeType.PLACEMENT_STARTED, heard.event, heard.envelope.time)


async def on_placement_ended(transaction: Transaction, heard: Heard[PlacementEnded]) -> None:
    """The child moved out."""
    await _tell(transaction, NoticeType.PLACEMENT_ENDED, heard.event, heard.envelope.time)


async def on_placement_cancelled(transaction: Transaction, heard: Heard[PlacementCancelled]) -> None:
    """An agreed placement will not begin."""
    await _tell(transaction, NoticeType.PLACEMENT_CANCELLED, heard.event, heard.envelope.time)


async def _tell(transaction: Transaction, type: NoticeType, event: _Placement, at: datetime) -> None:
    _, owner = council_of(event.council)
    async with as_owner(transaction, owner):
        await tell_of_placement(transaction, type, event, at)


async def tell_of_placement(transaction: Transaction, type: NoticeType, event: _Placement, at: datetime) -> None:
    """Both sides, once each: with a carer of its own the council is both."""
    council, _ = council_of(event.council)
    sides = dict.fromkeys((council, event.provider))
    told = (News(to, type, council=event.council, referral=event.referral, subject=event.placement) for to in sides)
    await notices.tell(transaction, at, *told)
