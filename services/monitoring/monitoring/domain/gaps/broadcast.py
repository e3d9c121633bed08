"""Each broadcast referral with what was offered on it and what was free for it then: what is kept, and what needs are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from monitoring.domain.gaps.open_beds import OpenBeds
from monitoring.domain.gaps.sought import Answered, Free, Miles, Offers, Sought, offers_on


class Broadcast(NamedTuple):
    """One referral as it was broadcast, every offer on it up to now, and the beds that were free for it at that moment."""

    sought: Sought
    offers: Offers
    free: Free


def broadcasts(sought: Iterable[Sought], answers: Iterable[Answered], beds: OpenBeds, miles: Miles) -> tuple[Broadcast, ...]:
    """These referrals by the moment of their broadcast, each looked at on its own: none of them changes what is told of another."""
    on: dict[UUID, list[Answered]] = {}
    for answer in answers:
        on.setdefault(answer.referral, []).append(answer)
    in_order = sorted(sought, key=lambda one: (one.broadcast_at, str(one.id)))
    return tuple(Broadcast(each, offers_on(each, on.get(each.id, ()), miles), beds.free_for(each)) for each in in_order)
