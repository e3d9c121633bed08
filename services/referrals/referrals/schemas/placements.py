"""Bodies about placements."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from referrals.actions.placements import Named
from referrals.domain.placement import Ending
from referrals.domain.price import nights, total_to_date
from referrals.domain.reasons import CANCELLATION_SIDE, CancellationReason
from referrals.schemas.body import Body
from shared import clock
from shared.contracts.referrals import WithinTwentyMiles
from shared.contracts.words import PlaceChangeReason, PlacementKind
from shared.written import Day, YesOrNo


class Start(Body):
    """The child moved in."""

    started_on: Day
    earlier_than_agreed: YesOrNo = Field(default=False, description="say so when the child moved in before the agreed day")


class End(Body):
    """The child moved out. ``planned`` only if the ending and its timing were in the child's plan."""

    ended_on: Day
    planned: YesOrNo
    reason: PlaceChangeReason = Field(description="SSDA903 REASON_PLACE_CHANGE")
    episode_ceased: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=4)] | None = Field(
        default=None, description="SSDA903 REC, when the child also left care"
    )

    def ending(self) -> Ending:
        """As the rules take it."""
        return Ending(self.ended_on, self.planned, self.reason, self.episode_ceased)


class Cancellation(Body):
    """Why the placement will not begin."""

    reason: CancellationReason


class PlacementBody(BaseModel):
    """A placement as its two parties see it. Who the child is, is read at ``/placements/{id}/child``."""

    id: UUID
    version: int
    state: str
    council: str
    provider: str
    provider_name: str | None
    referral: UUID
    reference: str
    offer: UUID | None
    vacancy: UUID
    household: UUID
    hold: UUID
    lot: str
    kind: PlacementKind
    place: str
    children: int
    ages: tuple[int, ...]
    tier: int | None
    pounds_per_week: Decimal = Field(description="for all the children of the placement together")
    nights: int = Field(description="nights charged so far: the day of arrival counts, the day of leaving does not")
    total_to_date: Decimal = Field(description="pounds: nights × weekly price / 7, rounded once, half up, to the penny")
    starts_on: date
    started_on: date | None
    ended_on: date | None
    planned_ending: bool | None
    ending_reason: PlaceChangeReason | None
    episode_ceased: str | None
    cancellation_reason: CancellationReason | None
    cancellation_side: str | None
    within_20_miles: WithinTwentyMiles
    agreed_at: datetime

    @classmethod
    def of(cls, named: Named) -> Self:
        """The placement as shown today."""
        placement, today = named.placement, clock.today()
        ending, began = placement.ending, placement.started_on
        left = ending.ended_on if ending else None
        reason = placement.cancellation_reason
        return cls.model_validate(
            {
                **vars(placement),
                "provider_name": named.provider_name,
                "nights": nights(began, left or max(today, began)) if began else 0,
                "total_to_date": total_to_date(placement.pounds_per_week, began, left, today),
                "ended_on": left,
                "planned_ending": ending.planned if ending else None,
                "ending_reason": ending.reason if ending else None,
                "episode_ceased": ending.episode_ceased if ending else None,
                "cancellation_side": CANCELLATION_SIDE[reason] if reason else None,
            }
        )


class DisclosedRelative(BaseModel):
    """A relative of the child, for the council alone."""

    name: str
    relationship: str


class DisclosedChild(BaseModel):
    """Who a child is, as far as the asking organisation may know; the rest is left out of the reply altogether."""

    id: UUID
    given_names: str
    family_name: str
    date_of_birth: date
    sex: str
    ethnicity: str | None = None
    nhs_number: str | None = None
    school: str | None = None
    legal_status: str | None = None
    child_id: str | None = None
    upn: str | None = None
    home_address: str | None = None
    home_postcode: str | None = None
    mother: bool | None = None
    mother_child_date_of_birth: date | None = None
    unaccompanied: bool | None = None
    unaccompanied_until: date | None = None
    category_of_need: str | None = None
    relatives: tuple[DisclosedRelative, ...] | None = None


class PlacementChildren(BaseModel):
    """Who lives there."""

    placement: UUID
    children: list[DisclosedChild]

    @classmethod
    def of(cls, placement: UUID, children: list[dict[str, Any]]) -> Self:
        """The children, each with the fields that were disclosed."""
        return cls(placement=placement, children=[DisclosedChild.model_validate(child) for child in children])
