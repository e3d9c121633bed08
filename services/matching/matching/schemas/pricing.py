"""What an offer may state of its price beside the weekly fee; all of it may be left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from matching.domain import pricing as domain
from matching.domain.pricing import DiscountWhat, ExtraWhat
from shared.written import Day, Whole

Pounds = Annotated[Decimal, Field(gt=0, le=Decimal("20000"), max_digits=10, decimal_places=2)]
_PerCent = Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Extra(_Body):
    """Paid beside the fee: each week, or once. ``from``: the first night; ``until``: the day whose night is no longer charged."""

    what: ExtraWhat
    pounds_per_week: Pounds | None = None
    pounds_once: Pounds | None = None
    begins: Annotated[Day | None, Field(alias="from", description="from arrival when left out")] = None
    ends: Annotated[Day | None, Field(alias="until", description="to the end of the stay when left out")] = None


class Discount(_Body):
    """Taken off the fee, in per cent or in pounds a week, once the stay has lasted ``after_weeks``."""

    what: DiscountWhat
    per_cent: _PerCent | None = None
    pounds_per_week: Pounds | None = None
    after_weeks: Annotated[Whole, Field(ge=0, le=1000)] = 0


class BandPrice(_Body):
    """The weekly price for one child in an age band of the lot: what the fee becomes by at a birthday into it."""

    band: Annotated[str, Field(min_length=1, max_length=40)]
    pounds_per_week: Pounds


class Uplift(_Body):
    """The fee grows by so many per cent from this day."""

    on: Day
    per_cent: _PerCent


class Pricing(_Body):
    """What an offer states of its price beside the weekly fee."""

    extras: Annotated[list[Extra], Field(max_length=12)] = []
    discounts: Annotated[list[Discount], Field(max_length=6)] = []
    price_by_band: Annotated[list[BandPrice], Field(max_length=30)] = []
    uplift: Uplift | None = None

    def pricing(self) -> domain.Pricing:
        """As the domain holds it; pounds to the penny."""
        return domain.Pricing(
            extras=tuple(domain.Extra(x.what, _penny(x.pounds_per_week), _penny(x.pounds_once), x.begins, x.ends) for x in self.extras),
            discounts=tuple(domain.Discount(x.what, x.per_cent, _penny(x.pounds_per_week), x.after_weeks) for x in self.discounts),
            price_by_band=tuple(domain.BandPrice(x.band, x.pounds_per_week.quantize(_PENNY)) for x in self.price_by_band),
            uplift=None if self.uplift is None else domain.Uplift(self.uplift.on, self.uplift.per_cent),
        )


_PENNY = Decimal("0.01")


def _penny(pounds: Decimal | None) -> Decimal | None:
    return None if pounds is None else pounds.quantize(_PENNY)


def pricing_fields(stated: domain.Pricing) -> dict[str, Any]:
    """The fields of ``Pricing`` as a reply shows them."""
    shown = Pricing(
        extras=[
            Extra(what=x.what, pounds_per_week=x.pounds_per_week, pounds_once=x.pounds_once, begins=x.begins, ends=x.ends)
            for x in stated.extras
        ],
        discounts=[
            Discount(what=x.what, per_cent=x.per_cent, pounds_per_week=x.pounds_per_week, after_weeks=x.after_weeks)
            for x in stated.discounts
        ],
        price_by_band=[BandPrice(band=x.band, pounds_per_week=x.pounds_per_week) for x in stated.price_by_band],
        uplift=None if stated.uplift is None else Uplift(on=stated.uplift.on, per_cent=stated.uplift.per_cent),
    )
    return {name: getattr(shown, name) for name in Pricing.model_fields}
