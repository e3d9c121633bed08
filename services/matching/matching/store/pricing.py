"""What an offer states of its price, as one JSON value: pounds and dates as text, so that none is rounded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from matching.domain.decision import plain
from matching.domain.pricing import BandPrice, Discount, DiscountWhat, Extra, ExtraWhat, Pricing, Uplift


def kept(pricing: Pricing) -> dict[str, Any]:
    """As it is kept; what is not stated is left out."""
    return {name: value for name, value in plain(pricing).items() if value}


def read(row: Mapping[str, Any]) -> Pricing:
    """From what was kept; an offer made before prices had parts states none."""
    uplift = row.get("uplift")
    return Pricing(
        extras=tuple(
            Extra(
                ExtraWhat(one["what"]),
                _pounds(one["pounds_per_week"]),
                _pounds(one["pounds_once"]),
                _day(one["begins"]),
                _day(one["ends"]),
            )
            for one in row.get("extras", ())
        ),
        discounts=tuple(
            Discount(DiscountWhat(one["what"]), _pounds(one["per_cent"]), _pounds(one["pounds_per_week"]), one["after_weeks"])
            for one in row.get("discounts", ())
        ),
        price_by_band=tuple(BandPrice(one["band"], Decimal(one["pounds_per_week"])) for one in row.get("price_by_band", ())),
        uplift=None if uplift is None else Uplift(date.fromisoformat(uplift["on"]), Decimal(uplift["per_cent"])),
    )


def _pounds(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
