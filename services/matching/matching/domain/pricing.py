"""What an offer's price is made of beside its weekly fee: extras, discounts, prices by age band, and the yearly uplift.

None of it is a rule of ours: no source was read for how agencies price, so each is what the offer states and nothing else is
assumed. What a thing is called comes from closed lists, because free text is where identity leaks (domain §8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from matching.domain.faults import Fault


class ExtraWhat(StrEnum):
    """What is paid for beside the fee."""

    CLOTHING = "clothing"
    EQUIPMENT = "equipment"
    HOME_ADAPTATION = "home_adaptation"
    ADDITIONAL_CARER_HOURS = "additional_carer_hours"
    WAKING_NIGHT = "waking_night"
    SOLO_PLACEMENT = "solo_placement"
    RESPITE = "respite"
    THERAPY = "therapy"
    EDUCATION_SUPPORT = "education_support"
    ACTIVITIES = "activities"
    INTRODUCTIONS = "introductions"
    RETAINER = "retainer"
    CONTACT_TRAVEL = "contact_travel"
    """Replaces the mileage that is otherwise assumed."""
    SCHOOL_TRANSPORT = "school_transport"
    """Replaces the school transport that is otherwise assumed."""
    OTHER = "other"


class DiscountWhat(StrEnum):
    """Why less is charged."""

    SIBLING = "sibling"
    LONG_TERM = "long_term"
    VOLUME = "volume"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Extra:
    """Paid beside the fee, each week or once (one of the two): the first night from ``begins``, none from ``ends`` on; None: the stay's."""

    what: ExtraWhat
    pounds_per_week: Decimal | None = None
    pounds_once: Decimal | None = None
    begins: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """Taken off the fee, in per cent or in pounds a week (one of the two), from the night after so many whole weeks."""

    what: DiscountWhat
    per_cent: Decimal | None = None
    pounds_per_week: Decimal | None = None
    after_weeks: int = 0


@dataclass(frozen=True, slots=True)
class BandPrice:
    """The weekly price for one child in an age band of the lot."""

    band: str
    pounds_per_week: Decimal


@dataclass(frozen=True, slots=True)
class Uplift:
    """The fee grows by so many per cent from the night of a day."""

    on: date
    per_cent: Decimal


@dataclass(frozen=True, slots=True)
class Pricing:
    """All that an offer states of its price beside the weekly fee; empty when it states nothing."""

    extras: tuple[Extra, ...] = ()
    discounts: tuple[Discount, ...] = ()
    price_by_band: tuple[BandPrice, ...] = ()
    uplift: Uplift | None = None


def faults_in_pricing(
    pricing: Pricing, pounds_per_week: Decimal, available_on: date, *, children: int, bands: Collection[str]
) -> tuple[Fault, ...]:
    """Every rule the pricing breaks; empty when it states nothing. ``bands``: the codes of the lot's price bands.

    Refused: a line with both or neither of its two prices, an end before its beginning, discounts of more than the fee, a
    sibling discount for one child, a band that is not the lot's or is priced twice, an uplift before the home is available.
    """
    return (
        *_in_extras(pricing.extras),
        *_in_discounts(pricing.discounts, pounds_per_week, children),
        *_in_bands([price.band for price in pricing.price_by_band], bands),
        *_in_uplift(pricing.uplift, available_on),
    )


def _in_extras(extras: tuple[Extra, ...]) -> Iterable[Fault]:
    for position, extra in enumerate(extras):
        field = f"extras.{position}"
        if (extra.pounds_per_week is None) == (extra.pounds_once is None):
            yield Fault(field, "one_price", "Give pounds_per_week for what is paid each week, or pounds_once for what is paid once.")
        elif extra.pounds_once is not None and extra.ends is not None:
            yield Fault(f"{field}.until", "once_has_no_end", "What is paid once has no end; leave out until.")
        if extra.begins and extra.ends and extra.ends <= extra.begins:
            yield Fault(f"{field}.until", "until_after_from", "Give a day after from: the night of until is no longer charged.")


def _in_discounts(discounts: tuple[Discount, ...], pounds_per_week: Decimal, children: int) -> Iterable[Fault]:
    for position, discount in enumerate(discounts):
        field = f"discounts.{position}"
        if (discount.per_cent is None) == (discount.pounds_per_week is None):
            yield Fault(field, "one_discount", "Give either per_cent or pounds_per_week.")
        if discount.what is DiscountWhat.SIBLING and children == 1:
            yield Fault(field, "sibling_discount_for_siblings", "One child is referred, so a sibling discount cannot apply; take it off.")
    if sum(discount.pounds_per_week or Decimal(0) for discount in discounts) > pounds_per_week:
        yield Fault("discounts", "discounts_within_fee", "The discounts are more than the weekly fee. Correct the one or the other.")
    if sum(discount.per_cent or Decimal(0) for discount in discounts) > 100:
        yield Fault("discounts", "discounts_within_fee", "The discounts add up to more than 100 per cent.")


def _in_bands(given: list[str], bands: Collection[str]) -> Iterable[Fault]:
    for position, band in enumerate(given):
        if band not in bands:
            told = ", ".join(bands) or "none are recorded yet"
            message = f"This is not a price band of the lot. Its bands: {told}."
            yield Fault(f"price_by_band.{position}.band", "band_of_the_lot", message)
        elif band in given[:position]:
            yield Fault(f"price_by_band.{position}.band", "each_band_once", "This band is priced twice.")


def _in_uplift(uplift: Uplift | None, available_on: date) -> Iterable[Fault]:
    if uplift is not None and uplift.on <= available_on:
        message = "Give an uplift date after the home is available; state the fee as it will be on the first day."
        yield Fault("uplift.on", "after_available", message)
