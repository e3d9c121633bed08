"""What the other services would say, for tests of matching: plainly fictional agencies, referrals without a child behind them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared import clock, ids
from shared.contracts import providers, referrals
from shared.contracts.words import Need, OfstedRating, PlacementKind, Sector, Sex, Siblings, Urgency

SOUTHAMPTON = "council:E06000045"
SURREY = "council:E10000030"
OAK = "agency:SC900001"
ELM = "agency:SC900002"
ASH = "agency:SC900003"
LOT = "general"


def soon(days: int = 7) -> date:
    """A day that has not passed."""
    return clock.today() + timedelta(days=days)


def child(number: int = 1, **changes: Any) -> referrals.ChildView:
    """A child of eight, as providers see one."""
    return referrals.ChildView(**{"child_number": number, "age_years": 8, "sex": Sex.FEMALE} | changes)


def view(council: str = SOUTHAMPTON, **changes: Any) -> referrals.ReferralView:
    """A planned referral of one child of eight, to close in two days."""
    told: dict[str, Any] = {
        "referral": ids.new_id(),
        "reference": ids.readable_reference(),
        "council": council.removeprefix("council:"),
        "lot": LOT,
        "urgency": Urgency.PLANNED,
        "kind": PlacementKind.SHORT_TERM,
        "needed_by": soon(14),
        "planned": True,
        "closes_at": clock.now() + timedelta(days=2),
        "siblings": Siblings.ONLY_CHILD,
        "children": (child(essential_needs=(Need.AUTISM,)),),
        "home_district": "SO14",
    }
    return referrals.ReferralView(**told | changes)


def facts(provider: str = OAK, **changes: Any) -> providers.VacancyFacts:
    """A vacancy that could take the child of ``view()``."""
    told: dict[str, Any] = {
        "vacancy": ids.new_id(),
        "household": ids.new_id(),
        "provider": provider,
        "lots": (LOT,),
        "district": "SO15",
        "free_beds": 1,
        "available_from": soon(0),
        "from_age": 5,
        "to_age": 12,
        "sexes": (Sex.MALE, Sex.FEMALE),
        "kinds": (PlacementKind.SHORT_TERM, PlacementKind.LONG_TERM),
        "siblings_welcome": True,
        "skills": (Need.AUTISM,),
        "approved_places": 4,
        "fostered_children": 0,
        "lives_in": SOUTHAMPTON.removeprefix("council:"),
    }
    return providers.VacancyFacts(**told | changes)


def lot() -> providers.LotRecorded:
    """The general lot."""
    return providers.LotRecorded(
        framework="fw1",
        lot=LOT,
        title="General placements",
        kinds=(PlacementKind.SHORT_TERM,),
        price_bands=(),
        starts_on=soon(-100),
        ends_on=soon(1000),
    )


def tiers(
    *agencies: str, published_at: datetime | None = None, lot: str = LOT, tier: dict[str, int] | None = None
) -> providers.TiersPublished:
    """A published list with one agency a tier, in this order, unless ``tier`` says otherwise."""
    lines = tuple(
        providers.TierLine(agency=agency.removeprefix("agency:"), rank=rank, tier=(tier or {}).get(agency, rank))
        for rank, agency in enumerate(agencies, start=1)
    )
    published_at = published_at or clock.now() - timedelta(days=30)
    return providers.TiersPublished(framework="fw1", lot=lot, round=ids.new_id(), published_at=published_at, tiers=3, lines=lines)


def agency(urn: str, name: str) -> providers.AgencyRecorded:
    """An agency that Ofsted judged good."""
    return providers.AgencyRecorded(
        agency=urn.removeprefix("agency:"), name=name, rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE
    )


def council(ons_code: str, name: str) -> providers.CouncilRecorded:
    """A council of the consortium."""
    return providers.CouncilRecorded(council=ons_code.removeprefix("council:"), name=name, joined_on=date(2012, 4, 1))


def held(offer: dict[str, Any], council: str, *, free_beds: int = 0, provider: str = OAK) -> providers.VacancyHeld:
    """The bed of a chosen offer was taken."""
    return providers.VacancyHeld(
        vacancy=UUID(offer["vacancy"]),
        provider=provider,
        household=UUID(offer["household"]),
        hold=ids.new_id(),
        held_for=providers.HoldFor.OFFER,
        asked_by=UUID(offer["offer"]),
        referral=UUID(offer["referral"]),
        council=council.removeprefix("council:"),
        beds=1,
        free_beds=free_beds,
        district="SO15",
    )


def refused(offer: dict[str, Any], council: str, *, provider: str = OAK) -> providers.VacancyRefused:
    """The bed of a chosen offer was gone."""
    return providers.VacancyRefused(
        vacancy=UUID(offer["vacancy"]),
        provider=provider,
        held_for=providers.HoldFor.OFFER,
        asked_by=UUID(offer["offer"]),
        referral=UUID(offer["referral"]),
        council=council.removeprefix("council:"),
        reasons=("no_free_bed",),
    )


def agreed(offer: dict[str, Any], council: str, *, provider: str = OAK) -> referrals.PlacementAgreed:
    """A placement was agreed on a confirmed offer."""
    return referrals.PlacementAgreed(
        placement=ids.new_id(),
        referral=UUID(offer["referral"]),
        council=council.removeprefix("council:"),
        provider=provider,
        vacancy=UUID(offer["vacancy"]),
        hold=ids.new_id(),
        offer=UUID(offer["offer"]),
        lot=LOT,
        kind=PlacementKind.SHORT_TERM,
        children=1,
        ages=(8,),
        tier=1,
        pounds_per_week=Decimal("800.00"),
        starts_on=soon(),
        within_20_miles=referrals.WithinTwentyMiles.UNDECIDED,
        agreed_at=clock.now(),
    )


def settings(council: str, weights: dict[str, str]) -> referrals.CouncilSettingsChanged:
    """A council's administrator set what counts towards fit."""
    return referrals.CouncilSettingsChanged(
        council=council.removeprefix("council:"),
        weights={part: Decimal(weight) for part, weight in weights.items()},
        approval_miles=20,
        effective_from=clock.now(),
    )


def broadcast_of(sent: referrals.ReferralView) -> referrals.ReferralBroadcast:
    """The broadcast of a referral that was looked at in-house first."""
    return referrals.ReferralBroadcast(view=sent, in_house_reason="no_carer_available")
