"""What monitoring has heard, one value a noun: bare facts about referrals, offers, placements and beds.

Events about one subject may come in any order, so whatever an event brings may still be missing: such a
field is None until its event is heard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from monitoring.domain.period import Period

Worked = TypeVar("Worked")

IN_HOUSE = "council:"
"""How the code of a council's own fostering service begins."""


def agency_of(provider: str) -> str | None:
    """The agency a provider is; None for a council's own fostering service."""
    return None if provider.startswith(IN_HOUSE) else provider.removeprefix("agency:")


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral of a council: when it began and when every provider of the lot could see it."""

    id: UUID
    council: str
    lot: str | None = None
    urgency: str | None = None
    created_at: datetime | None = None
    broadcast_at: datetime | None = None
    re_referral_of: UUID | None = None
    closes_at: datetime | None = None
    """The exact moment by which providers were to answer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer of a provider on a referral."""

    id: UUID
    referral: UUID
    council: str
    provider: str
    tier: int | None = None
    made_at: datetime | None = None
    confirmed_at: datetime | None = None
    lot: str | None = None
    shortlisted_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """A provider's no to a referral, and whose side its reason is on."""

    referral: UUID
    council: str
    provider: str
    side: str
    declined_at: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """One placement: as agreed, as started, as ended. The price is for the placement, all its children together."""

    id: UUID
    referral: UUID
    council: str
    provider: str
    lot: str | None = None
    tier: int | None = None
    ages: tuple[int, ...] = ()
    pounds_per_week: Decimal | None = None
    within_20_miles: str | None = None
    agreed_at: datetime | None = None
    starts_on: date | None = None
    """The day agreed for moving in; ``started_on`` is the day it was."""
    started_on: date | None = None
    numbers_in_year: tuple[int, ...] = ()
    ended_on: date | None = None
    ended_as_planned: bool | None = None
    cancelled: bool = False
    hold: UUID | None = None
    """Of the bed it is in: the request it was granted by says where the home is."""
    ended_reason: str | None = None
    """The national return's code."""

    @property
    def in_house(self) -> bool:
        """Whether the council's own fostering service provides it."""
        return self.provider.startswith(IN_HOUSE)


@dataclass(frozen=True, slots=True)
class Notice:
    """One side gave notice in a placement; why does not travel."""

    id: UUID
    placement: UUID
    council: str
    provider: str
    by: str
    """council or provider"""
    given_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class StabilityCount:
    """Stability 2 as one council counted it of its own children on a day."""

    council: str
    as_of: date
    looked_after_long: int
    same_placement: int


class VacancyEvent(StrEnum):
    """What can happen to a published vacancy."""

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"
    HELD = "held"
    FILLED = "filled"
    FREED = "freed"


@dataclass(frozen=True, slots=True)
class VacancyChange:
    """One thing that happened to a vacancy. ``free_beds`` is how many were left; ``beds`` and ``hold`` belong to a hold."""

    vacancy: UUID
    version: int
    provider: str
    event: VacancyEvent
    happened_at: datetime
    lots: tuple[str, ...] = ()
    free_beds: int | None = None
    hold: UUID | None = None
    beds: int | None = None


@dataclass(frozen=True, slots=True)
class PlacesCount:
    """The approved places of a provider, as it last told them."""

    provider: str
    version: int
    counted_at: datetime
    approved_places: int
    households: int = 0


@dataclass(frozen=True, slots=True)
class BedRequest:
    """A council asked for a bed: it got it, or it was gone."""

    id: UUID
    council: str
    provider: str
    granted: bool
    answered_at: datetime
    hold: UUID | None = None
    lives_in: str | None = None
    """The council in whose area the home is, where it was granted and is known."""


@dataclass(frozen=True, slots=True)
class Returned:
    """One return that an agency owed: when it was due, when it first came, and what its version in force says, line by line.

    A line is named by its field and, where the field is broken down, its part: a code, a council, a placement.
    """

    form: str
    begins: date
    ends: date
    agency: str
    due_on: date
    received_on: date | None = None
    values: Mapping[tuple[str, str], Decimal | date | str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How it is named as a record: ``quarterly:2012-07-01:SC012345``."""
        return f"{self.form}:{self.begins}:{self.agency}"

    def number(self, name: str, part: str = "") -> Decimal | None:
        """A figure; None where the return has no such line."""
        value = self.values.get((name, part))
        return value if isinstance(value, Decimal) else None

    def parts(self, *names: str) -> tuple[str, ...]:
        """Every part for which any of these fields has a line, in order."""
        return tuple(sorted({part for name, part in self.values if name in names}))

    def total(self, name: str) -> Decimal | None:
        """A figure added up over its parts; None where the return has no such line at all."""
        found = [value for (field_name, _), value in self.values.items() if field_name == name and isinstance(value, Decimal)]
        return sum(found, Decimal(0)) if found else None


@dataclass(frozen=True, slots=True)
class PriceBand:
    """One age band of a lot, both ages counted, in years."""

    code: str
    from_age: int
    to_age: int


@dataclass(frozen=True, slots=True)
class BaselinePrice:
    """What a council paid for a week in a lot and age band before the framework, from a day on."""

    council: str
    lot: str
    band: str
    from_date: date
    pounds_per_week: Decimal


@dataclass(frozen=True, slots=True)
class Records:
    """Everything the formulas may look at: the facts one reader may see, within the council, agency and lot asked for."""

    today: date
    """The UK day of asking: nights after it have not been slept yet."""
    referrals: tuple[Referral, ...] = ()
    re_referrals: Mapping[UUID, UUID] = field(default_factory=dict)
    """Every known re-referral and the referral it repeats, whenever it was made: the links of the chains."""
    offers: tuple[Offer, ...] = ()
    declines: tuple[Decline, ...] = ()
    placements: tuple[Placement, ...] = ()
    vacancy_changes: tuple[VacancyChange, ...] = ()
    places_counts: tuple[PlacesCount, ...] = ()
    bed_requests: tuple[BedRequest, ...] = ()
    notices: tuple[Notice, ...] = ()
    """Those that were not taken back."""
    stability_counts: tuple[StabilityCount, ...] = ()
    returns: tuple[Returned, ...] = ()
    """Those of periods that ended, or that were due, in the period asked for."""
    baseline: tuple[BaselinePrice, ...] = ()
    bands: Mapping[str, tuple[PriceBand, ...]] = field(default_factory=dict)
    _worked_out: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, work: Callable[[Records, Period], Worked], period: Period) -> Worked:
        """What ``work``, a pure function, gives of these facts for a period: worked out once, however many figures are counted from it.

        It lives as long as these facts, which are one question's; facts replaced by others begin with nothing worked out.
        """
        key = work, period
        if key not in self._worked_out:
            self._worked_out[key] = work(self, period)
        found: Worked = self._worked_out[key]
        return found
