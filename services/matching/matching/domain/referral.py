"""A referral as providers may see it, and how it stands with its council."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex, Siblings, Urgency


class ReferralState(StrEnum):
    """How a referral stands with its council, as far as matching has heard."""

    IN_HOUSE = "in_house"
    """Only the council's own carers are looked at."""
    MATCHED_IN_HOUSE = "matched_in_house"
    """One of the council's own carers was taken; the bed is being asked for."""
    OPEN = "open"
    """Every provider on the lot's list may offer."""
    CHOOSING = "choosing"
    """An offer was chosen; its bed is being asked for."""
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """Nothing was decided in time: its offers are released. A later closing time, or a broadcast, opens it again."""


@dataclass(frozen=True, slots=True)
class Child:
    """One child as providers see it."""

    number: int
    age: int
    sex: Sex
    languages: tuple[str, ...] = ("en",)
    religion: Religion | None = None
    essential_needs: frozenset[Need] = frozenset()
    preferred_needs: frozenset[Need] = frozenset()
    risks_to_child: frozenset[RiskToChild] = frozenset()
    risks_to_others: frozenset[RiskToOthers] = frozenset()
    months: int | None = None
    """Age in whole months, only under two years."""
    age_to: int | None = None
    """Where the age is told as a band: the child is aged from ``age`` to this, both included."""

    @property
    def oldest(self) -> int:
        """The highest age in years the child may have."""
        return self.age if self.age_to is None else self.age_to

    @property
    def aged(self) -> str:
        """The age in years as it is told: ``8``, or ``5 to 9``."""
        return str(self.age) if self.oldest == self.age else f"{self.age} to {self.oldest}"


@dataclass(frozen=True, slots=True)
class Referral:
    """What is asked for: one or more children, for one home."""

    referral: UUID
    reference: str
    council: str
    lot: str
    urgency: Urgency
    kind: PlacementKind
    needed_by: date
    closes_at: datetime
    siblings: Siblings
    children: tuple[Child, ...]
    home_district: str | None = None
    near: tuple[tuple[str, str], ...] = ()
    """What the home should be near, and its postcode district: ``("school", "SO14")``."""
    avoid_districts: frozenset[str] = frozenset()
    preferred_miles: int | None = None
    expected_weeks: int | None = None
    """How long the stay is expected to be, None when that is not said."""
    visits: tuple[Decimal | None, ...] = ()
    """Visits a week to each of ``near`` in order, None where not said; empty when none is."""

    @property
    def beds(self) -> int:
        """Beds asked for: one for each child, since a referral is placed in one home."""
        return len(self.children)

    @property
    def youngest(self) -> int:
        """Lowest age in years of the youngest child."""
        return min(child.age for child in self.children)

    @property
    def oldest(self) -> int:
        """Highest age in years of the oldest child."""
        return max(child.oldest for child in self.children)

    @property
    def essential_needs(self) -> frozenset[Need]:
        """What the home must bring, for any of the children."""
        return frozenset().union(*(child.essential_needs for child in self.children))

    @property
    def preferred_needs(self) -> frozenset[Need]:
        """What would help, for any of the children, beyond what is essential."""
        return frozenset().union(*(child.preferred_needs for child in self.children)) - self.essential_needs

    @property
    def risks_to_child(self) -> frozenset[RiskToChild]:
        """Risks to any of the children that the home must be able to hold."""
        return frozenset().union(*(child.risks_to_child for child in self.children))

    @property
    def risks_to_others(self) -> frozenset[RiskToOthers]:
        """Risks any of the children may bring."""
        return frozenset().union(*(child.risks_to_others for child in self.children))

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Places the home should be near, the child's home first: what it is, and its postcode district."""
        home = (("home", self.home_district),) if self.home_district else ()
        return home + self.near


@dataclass(frozen=True, slots=True)
class KnownReferral:
    """A referral as matching follows it for its council: its state, and what is asked for as last heard.

    ``view`` is None for a referral of which only the withdrawal has been heard. ``version`` counts matching's own changes.
    """

    council: str
    referral: UUID
    state: ReferralState
    view: Referral | None
    sent_at: datetime
    broadcast_at: datetime | None
    decision: UUID | None
    chosen: UUID | None
    in_house_match: UUID | None
    version: int
    aged_on: date
    """The day on which the ages in ``view`` were told."""
