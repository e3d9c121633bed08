"""What a sheet of options counts with where nobody has stated it: asked for in the address, told on the sheet."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from matching.domain import travel
from matching.domain.referral import Referral

_Weeks = Annotated[int | None, Field(ge=1, le=940)]
_Price = Annotated[Decimal, Field(ge=0, le=20000, max_digits=7, decimal_places=2)]


class Assumptions(BaseModel):
    """What the sheet counts with where nobody has stated it; each may be changed in the address. Every one is printed on the sheet."""

    model_config = ConfigDict(extra="forbid")

    weeks_from: Annotated[_Weeks, Field(description="shortest stay; when left out as the referral says, else 12")] = None
    weeks_to: Annotated[_Weeks, Field(description="longest stay; when left out as the referral says, else 52")] = None
    pounds_per_mile: Annotated[_Price, Field(description="carers' mileage")] = Decimal("0.45")
    contact_visits_per_week: Annotated[Decimal, Field(ge=0, le=50, decimal_places=2)] = Decimal(1)
    school_transport_beyond_miles: Annotated[Decimal, Field(ge=0, le=999, decimal_places=1)] = Decimal(3)
    school_transport_pounds_per_mile: _Price = Decimal("2.00")
    school_days_per_week: Annotated[int, Field(ge=0, le=7)] = 5
    school_weeks_per_year: Annotated[int, Field(ge=0, le=52)] = 39
    in_house_pounds_per_week_from: Annotated[_Price, Field(description="one child with your own carers, the least")] = Decimal("213.00")
    in_house_pounds_per_week_to: Annotated[_Price, Field(description="one child with your own carers, the most")] = Decimal("489.00")

    def assumed(self) -> travel.Assumptions:
        """As the domain holds it."""
        return travel.Assumptions(**self.model_dump())


def assumption_words(assumed: travel.Assumptions) -> list[str]:
    """Every assumption in words, for the foot of the sheet."""
    return [
        "Birth dates are not known here: a birthday falls on some day of the year after the age was told, so costs are ranges.",
        "Where a price after a birthday is to be agreed, the fee is counted unchanged.",
        f"Mileage £{assumed.pounds_per_mile} a mile, there and back; contact visits a week where the referral does not "
        f"say: {assumed.contact_visits_per_week.normalize():f}.",
        f"School transport beyond {assumed.school_transport_beyond_miles.normalize():f} miles, £{assumed.school_transport_pounds_per_mile} "
        f"a mile twice a day, {assumed.school_days_per_week} days a week, {assumed.school_weeks_per_year} weeks a year.",
        f"Own carers £{assumed.in_house_pounds_per_week_from:,.2f} to £{assumed.in_house_pounds_per_week_to:,.2f} a week for each child.",
        "Distances are straight lines between postcode districts.",
        "Charged by night: the day of arrival counts, the day of leaving does not.",
    ]


def weeks_words(shortest: int, longest: int, view: Referral, assumed: travel.Assumptions) -> str:
    """The length that is counted, and who says so."""
    length = f"{shortest} weeks" if shortest == longest else f"{shortest} to {longest} weeks"
    if assumed.weeks_from or assumed.weeks_to:
        return f"{length}, as asked for this sheet"
    return f"{length}, as the referral says" if view.expected_weeks else f"{length}; the referral does not say"
