"""Facts for tests of the formulas, with as little said as each needs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from monitoring.domain.adding_up import figure
from monitoring.domain.catalogue import KPIS
from monitoring.domain.facts import Offer, Placement, PriceBand, Records, Referral
from monitoring.domain.figure import Figure
from monitoring.domain.period import Period

COUNCIL = "E06000045"
AGENCY = "agency:SC012345"
TODAY = date(2013, 3, 31)
YEAR = Period(date(2012, 4, 1), date(2013, 3, 31))
NOON = datetime(2012, 6, 1, 12, tzinfo=UTC)
BANDS = {"general": (PriceBand("0-4", 0, 4), PriceBand("5-10", 5, 10))}


def an_id(number: int) -> UUID:
    return UUID(int=number)


def referral(number: int, *, after: timedelta | None = None, broadcast: timedelta | None = None, again: int | None = None) -> Referral:
    """Begun at noon on 1 June 2012, or ``after`` that; broadcast so long after its beginning."""
    created_at = NOON + (after or timedelta(0))
    return Referral(
        an_id(number),
        COUNCIL,
        "general",
        "planned",
        created_at,
        created_at + broadcast if broadcast is not None else None,
        an_id(again) if again is not None else None,
    )


def offer(number: int, on: int, *, after: timedelta, tier: int | None = 1) -> Offer:
    """Made so long after noon on 1 June 2012."""
    return Offer(an_id(1000 + number), an_id(on), COUNCIL, AGENCY, tier, NOON + after)


def placement(
    number: int,
    *,
    provider: str = AGENCY,
    price: str | None = "700.00",
    started: date | None = None,
    ended: date | None = None,
    planned: bool = True,
    ages: tuple[int, ...] = (7,),
    numbers: tuple[int, ...] | None = None,
    agreed: datetime | None = NOON,
    tier: int | None = 1,
    near: str = "yes",
    on: int | None = None,
    cancelled: bool = False,
) -> Placement:
    """Agreed at noon on 1 June 2012 at £700 a week for one child of seven."""
    return Placement(
        id=an_id(2000 + number),
        referral=an_id(on if on is not None else 5000 + number),
        council=COUNCIL,
        provider=provider,
        lot="general",
        tier=tier,
        ages=ages,
        pounds_per_week=Decimal(price) if price is not None else None,
        within_20_miles=near,
        agreed_at=agreed,
        starts_on=started or date(2012, 6, 1),
        started_on=started,
        numbers_in_year=numbers if numbers is not None else tuple(1 for _ in ages),
        ended_on=ended,
        ended_as_planned=planned if ended else None,
        cancelled=cancelled,
    )


def found(kpi: str, facts: Records, period: Period) -> Figure:
    """The figure of one KPI over all facts given."""
    definition = KPIS[kpi]
    return figure(definition, definition.formula(facts, period))


def records(**facts: object) -> Records:
    """Facts as known on 31 March 2013."""
    return Records(**({"today": TODAY, "bands": BANDS} | facts))  # type: ignore[arg-type]
