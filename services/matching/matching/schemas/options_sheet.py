"""The options sheet as it is shown: two or three offers and the council's best own carer side by side, with their true cost."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from matching.actions.options_sheet import PricedInHouse, PricedOffer, Sheet
from matching.domain import birthdays, cost, options_sheet, travel
from matching.domain.cost import LineKind
from matching.domain.offer import OfferState
from matching.domain.options_sheet import Compared
from matching.domain.plain_words import dated
from matching.domain.referral import Referral, ReferralState
from matching.schemas.assumptions import Assumptions, assumption_words, weeks_words
from matching.schemas.judged import Check, Fit, ReasonAgainst, code
from matching.schemas.panels_shown import Share
from matching.schemas.pricing import BandPrice, Discount, Extra, Uplift, pricing_fields
from matching.schemas.requests import NeedAnswer

_PENNY = Decimal("0.01")


class Line(BaseModel):
    """One line of a cost; below nought for what is taken off."""

    kind: LineKind
    what: str
    pounds: Decimal
    to_be_agreed: bool


class Cost(BaseModel):
    """A stay and what it costs; the lines add up to the total to the penny."""

    weeks: int
    nights: int
    leaves_on: Annotated[date, Field(description="the night of this day is not charged")]
    lines: list[Line]
    total: Decimal
    average_per_week: Decimal

    @classmethod
    def of(cls, one: cost.Cost) -> Self:
        """As it is shown."""
        return cls(
            weeks=one.weeks,
            nights=one.nights,
            leaves_on=one.leaves_on,
            lines=[Line(kind=line.kind, what=line.what, pounds=line.pounds, to_be_agreed=line.to_be_agreed) for line in one.lines],
            total=one.total,
            average_per_week=(one.total / one.weeks).quantize(_PENNY, ROUND_HALF_UP),
        )


class BandChange(BaseModel):
    """A birthday into another price band, on some day from ``earliest`` to ``latest``: no birth date is known here."""

    child: int
    age: int
    band_before: str | None
    band_after: str | None
    earliest: date
    latest: date
    pounds_per_week_more: Annotated[
        Decimal | None, Field(description="as the offer states it; null: to be agreed, the fee is counted unchanged")
    ]
    words: str

    @classmethod
    def of(cls, one: birthdays.BandChange) -> Self:
        """As it is shown."""
        into = f"into band {one.band_after}" if one.band_after else "past the lot's last band"
        if one.difference is None:
            price = "the price after that is to be agreed"
        elif one.difference < 0:
            price = f"£{-one.difference:,.2f} a week less after that"
        else:
            price = f"£{one.difference:,.2f} a week more after that"
        when = f"between {dated(one.earliest)} and {dated(one.latest)}" if one.earliest < one.latest else f"on {dated(one.latest)}"
        return cls(
            child=one.child,
            age=one.age,
            band_before=one.band_before,
            band_after=one.band_after,
            earliest=one.earliest,
            latest=one.latest,
            pounds_per_week_more=one.difference,
            words=f"Child {one.child} turns {one.age} {when} and passes {into}: {price}.",
        )


class SheetOption(BaseModel):
    """One column of the sheet: an offer, or the council's best own carer (then without rank, offer, tier and stated price)."""

    in_house: bool
    rank: int | None
    offer: UUID | None
    offer_version: int | None
    state: OfferState | None
    provider: str
    provider_name: str | None
    tier: int | None
    vacancy: UUID
    household: UUID
    district: str
    about_miles: Decimal | None
    distance_words: str
    suitable: bool
    reasons: list[ReasonAgainst]
    checks: list[Check]
    needs: list[NeedAnswer]
    fit: Fit
    pounds_per_week: Decimal | None
    extras: list[Extra]
    discounts: list[Discount]
    price_by_band: list[BandPrice]
    uplift: Uplift | None
    arrives_on: date
    least: Cost
    most: Cost
    price_to_be_agreed: Annotated[
        bool, Field(description="some price inside the stay is stated by nobody; the fee is counted unchanged there")
    ]
    cost_words: str
    band_changes: list[BandChange]
    distances_not_known: Annotated[list[str], Field(description="travel to these is not in the total")]

    @classmethod
    def of_offer(cls, one: PricedOffer, names: dict[str, str]) -> Self:
        """An offer as it is shown."""
        option, offer = one.place.option, one.place.option.offer
        return cls(
            in_house=False,
            rank=one.place.rank,
            offer=offer.offer,
            offer_version=offer.version,
            state=offer.state,
            provider=code(offer.provider),
            provider_name=names.get(offer.provider),
            tier=offer.tier,
            vacancy=offer.terms.vacancy,
            household=offer.household,
            district=one.home.district,
            about_miles=option.miles,
            distance_words=_distance(option.miles),
            suitable=option.suitable,
            reasons=[ReasonAgainst.of(reason) for reason in option.reasons],
            checks=[Check.of(check) for check in option.checks],
            needs=[NeedAnswer(need=answer.need, met=answer.met, note=answer.note) for answer in offer.terms.answers],
            fit=Fit.of(option.fit),
            pounds_per_week=offer.terms.pounds_per_week,
            **pricing_fields(offer.terms.pricing),
            **_costs(one.priced),
        )

    @classmethod
    def of_own_carer(cls, one: PricedInHouse, referral: Referral, names: dict[str, str]) -> Self:
        """The council's own carer as it is shown."""
        home, miles = one.candidate.home, one.miles
        return cls(
            in_house=True,
            rank=None,
            offer=None,
            offer_version=None,
            state=None,
            provider=code(home.provider),
            provider_name=names.get(home.provider),
            tier=None,
            vacancy=home.vacancy,
            household=home.household,
            district=home.district,
            about_miles=miles,
            distance_words=_distance(miles),
            suitable=True,
            reasons=[],
            checks=[Check.of(check) for check in one.checks],
            needs=[NeedAnswer(need=need, met=True) for need in sorted(referral.essential_needs)],
            fit=Fit.of(one.fit),
            pounds_per_week=None,
            extras=[],
            discounts=[],
            price_by_band=[],
            uplift=None,
            **_costs(one.priced),
        )


def _costs(priced: options_sheet.Priced) -> dict[str, Any]:
    low, high = priced.least.total, priced.most.total
    words = money(low, high)
    if priced.to_be_agreed:
        words += ", and a price to be agreed after a birthday"
    return {
        "arrives_on": priced.least.arrives_on,
        "least": Cost.of(priced.least),
        "most": Cost.of(priced.most),
        "price_to_be_agreed": priced.to_be_agreed,
        "cost_words": words,
        "band_changes": [BandChange.of(change) for change in priced.changes],
        "distances_not_known": list(priced.distances_not_known),
    }


class PanelDecided(BaseModel):
    """What the complex needs panel decided; ``offer`` null: none of those offered. The pounds are of the fee as it now stands."""

    offer: UUID | None
    split: list[Share] | None
    decided_at: AwareDatetime

    @classmethod
    def of(cls, sheet: Sheet) -> Self | None:
        """As it is shown; None where no panel has decided."""
        outcome = sheet.panel
        if outcome is None:
            return None
        fees = {option.offer.offer: option.offer.terms.pounds_per_week for option in sheet.judged.options}
        fee = fees.get(outcome.offer) if outcome.offer else None
        return cls(offer=outcome.offer, split=Share.all_of(outcome.split, fee), decided_at=outcome.decided_at)


class OptionsSheet(BaseModel):
    """The two or three side by side, in-house included, each with its true cost."""

    referral: UUID
    reference: str
    state: ReferralState
    lot: str
    lot_title: str | None
    shown_on: date
    ages: list[int]
    needed_by: date
    weeks_from: int
    weeks_to: int
    weeks_words: str
    compared: Compared
    offers_to_decide_on: int
    in_house_suitable: int
    panel: PanelDecided | None
    options: list[SheetOption]
    assumptions: Assumptions
    assumption_words: list[str]

    @classmethod
    def of(cls, sheet: Sheet) -> Self:
        """As it is shown."""
        view, assumed = sheet.basis.referral, sheet.basis.assumed
        shortest, longest = travel.weeks_of(view, assumed)
        names = dict(sheet.names)
        own = [] if sheet.in_house is None else [SheetOption.of_own_carer(sheet.in_house, view, names)]
        return cls(
            referral=view.referral,
            reference=view.reference,
            state=sheet.judged.known.state,
            lot=view.lot,
            lot_title=sheet.lot_title,
            shown_on=sheet.shown_on,
            ages=[child.age for child in view.children],
            needed_by=view.needed_by,
            weeks_from=shortest,
            weeks_to=longest,
            weeks_words=weeks_words(shortest, longest, view, assumed),
            compared=sheet.compared,
            offers_to_decide_on=len(sheet.judged.ranking),
            in_house_suitable=sheet.in_house_suitable,
            panel=PanelDecided.of(sheet),
            options=[SheetOption.of_offer(one, names) for one in sheet.offers] + own,
            assumptions=Assumptions(**{name: getattr(assumed, name) for name in Assumptions.model_fields}),
            assumption_words=assumption_words(assumed),
        )


def _distance(miles: Decimal | None) -> str:
    if miles is None:
        return "Not known"
    whole = miles.quantize(Decimal(1))
    return f"About {whole} mile{'' if whole == 1 else 's'}"


def money(low: Decimal, high: Decimal) -> str:
    """A range of pounds in words; one figure where both ends are the same."""
    first, last = (f"−£{-pounds:,.2f}" if pounds < 0 else f"£{pounds:,.2f}" for pounds in (low, high))
    return first if low == high else f"{first} to {last}"
