"""Bodies of suspensions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from providers.domain.suspension import LiftReason, Terms
from providers.schemas.fields import Body, Reply
from providers.store.suspensions import Recorded
from shared.contracts.providers import SuspensionReason
from shared.written import Day


class SuspensionBody(Body):
    """Why an agency takes no new referrals, from when, and until when or when that is looked at again."""

    reason: SuspensionReason
    starts_on: Day
    review_on: Day | None = None
    ends_on: Annotated[Day | None, Field(description="the last day; without one the suspension stands until it is lifted")] = None

    def of(self) -> Terms:
        """As the domain knows it."""
        return Terms(self.reason, self.starts_on, self.review_on, self.ends_on)


class LiftingBody(Body):
    """Why a suspension is lifted."""

    reason: LiftReason


class Suspension(Reply):
    """A suspension as it was recorded, and how it ended. ``in_force``: today."""

    id: UUID
    agency: str
    reason: SuspensionReason
    starts_on: date
    review_on: date | None
    ends_on: date | None
    in_force: bool
    recorded_by: str
    recorded_at: datetime
    lifted_because: LiftReason | None
    lifted_by: str | None
    lifted_at: datetime | None

    @classmethod
    def of(cls, recorded: Recorded, *, today: date, with_names: bool) -> Self:
        """From the store's value; who recorded and lifted it is for councils and the consortium."""
        terms = recorded.terms
        return cls(
            id=recorded.id,
            agency=recorded.agency,
            reason=terms.reason,
            starts_on=terms.starts_on,
            review_on=terms.review_on,
            ends_on=terms.ends_on,
            in_force=recorded.lifted_at is None and terms.in_force(today),
            recorded_by=recorded.recorded_by if with_names else "the consortium",
            recorded_at=recorded.recorded_at,
            lifted_because=recorded.lifted_because,
            lifted_by=recorded.lifted_by if with_names or recorded.lifted_by is None else "the consortium",
            lifted_at=recorded.lifted_at,
        )


class Suspensions(Reply):
    """Every suspension of one agency, the last first."""

    items: tuple[Suspension, ...]
