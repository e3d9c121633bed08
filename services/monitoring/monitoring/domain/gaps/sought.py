"""A broadcast referral as every provider of the lot could see it, the offers on it, and how far from home they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol
from uuid import UUID

NEAR_MILES = Decimal(20)
"""Beyond it a placement needs a named approval: near is what does not."""


class Miles(Protocol):
    """About how many miles lie between two postcode districts; None where either is unknown."""

    def __call__(self, district_a: str, district_b: str, /) -> Decimal | None: ...


class Sought(NamedTuple):
    """One broadcast referral as every provider of the lot could see it."""

    id: UUID
    council: str
    lot: str
    urgency: str | None
    broadcast_at: datetime
    closes_at: datetime | None
    district: str | None
    ages: tuple[int, ...]
    needs: tuple[str, ...]


class Answered(NamedTuple):
    """One offer: on which referral, when, and in which district the home lay then; None where that is not known."""

    referral: UUID
    made_at: datetime
    district: str | None


class Offers(NamedTuple):
    """The offers on one referral."""

    many: int = 0
    placed: int = 0
    """Of how many the miles from home are known."""
    first_at: datetime | None = None
    nearest: Decimal | None = None
    """Miles from home to the nearest whose place is known."""


class Free(NamedTuple):
    """Beds free for a referral when it was broadcast: in its lot, for the ages of all its children, enough of them in one home."""

    anywhere: int
    near: int | None
    """Within 20 miles of home, by the middles of postcode districts; None where the home's district is not known."""


def offers_on(sought: Sought, answers: Sequence[Answered], miles: Miles) -> Offers:
    """What was offered on a referral, with the distances from the home that it says."""
    distances = [_distance(sought.district, answer.district, miles) for answer in answers]
    known = [distance for distance in distances if distance is not None]
    first = min((answer.made_at for answer in answers), default=None)
    return Offers(len(answers), len(known), first, min(known, default=None))


def _distance(home: str | None, place: str | None, miles: Miles) -> Decimal | None:
    return None if home is None or place is None else miles(home, place)
