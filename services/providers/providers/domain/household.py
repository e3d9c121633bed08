"""A carer household: what it is approved for, what it can offer, and which part of its address others may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.fault import Fault
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex

ADULT = 18
MOST_PLACES = 12
"""More places than any fostering home has: catches a slip, decides nothing. The usual fostering limit is another rule."""


class HouseholdRule(StrEnum):
    """Why a household cannot be recorded as sent."""

    POSTCODE_IMPOSSIBLE = "postcode_impossible"
    POSTCODE_UNKNOWN = "postcode_unknown"
    AGES_BACKWARDS = "ages_backwards"
    APPROVED_IN_FUTURE = "approved_in_future"
    PLACES_BELOW_TAKEN = "places_below_taken"


@dataclass(frozen=True, slots=True)
class ApprovalTerms:
    """Terms of approval: ages in years, both inclusive; the sexes, places and kinds of fostering the carers are approved for."""

    from_age: int
    to_age: int
    sexes: tuple[Sex, ...]
    places: int
    kinds: tuple[PlacementKind, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a household lives: the full postcode stays with its provider, the district is all that others see.

    Grid reference in whole metres; None where the postcode directory does not know the postcode.
    """

    postcode: str
    district: str
    easting: int | None
    northing: int | None


@dataclass(frozen=True, slots=True)
class Household:
    """One carer household by its provider's own reference."""

    reference: str
    home: Home
    approval: ApprovalTerms
    approved_on: date
    skills: tuple[Need, ...] = ()
    risks_to_child: tuple[RiskToChild, ...] = ()
    risks_to_others: tuple[RiskToOthers, ...] = ()
    languages: tuple[str, ...] = ("en",)
    religions: tuple[Religion, ...] = ()
    siblings_welcome: bool = False
    children_at_home: int = 0


def household_faults(household: Household, *, today: date, beds_in_use: int, beds_on_offer: int) -> tuple[Fault, ...]:
    """Whether the household can be recorded so: every reason why not.

    ``beds_in_use`` are held or filled, ``beds_on_offer`` are free beds of its open vacancies: an approval for fewer places
    than both together would promise a bed that is not there.
    """
    approval = household.approval
    faults = []
    if approval.to_age < approval.from_age:
        faults.append(Fault("to_age", HouseholdRule.AGES_BACKWARDS, "The oldest age of the approval is not below the youngest."))
    if household.approved_on > today:
        message = "Give the day the carers were approved; it cannot be in the future."
        faults.append(Fault("approved_on", HouseholdRule.APPROVED_IN_FUTURE, message))
    if approval.places < beds_in_use + beds_on_offer:
        message = (
            f"{beds_in_use} of this household's beds are held or filled and {beds_on_offer} are on offer: close or lower the vacancy"
            " first, or keep the number of places."
        )
        faults.append(Fault("places", HouseholdRule.PLACES_BELOW_TAKEN, message))
    return tuple(faults)


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """What every provider of the lot may see of a household with a vacancy: never a name, an address or a full postcode."""

    district: str
    from_age: int
    to_age: int
    sexes: tuple[Sex, ...]
    kinds: tuple[PlacementKind, ...]
    siblings_welcome: bool
    skills: tuple[Need, ...]
    risks_to_child: tuple[RiskToChild, ...]
    risks_to_others: tuple[RiskToOthers, ...]
    languages: tuple[str, ...]
    religions: tuple[Religion, ...]
    children_at_home: int


def shared_facts(household: Household) -> SharedFacts:
    """The part of a household's record that goes with its vacancies: the district stands for the postcode."""
    approval = household.approval
    return SharedFacts(
        district=household.home.district,
        from_age=approval.from_age,
        to_age=approval.to_age,
        sexes=approval.sexes,
        kinds=approval.kinds,
        siblings_welcome=household.siblings_welcome,
        skills=household.skills,
        risks_to_child=household.risks_to_child,
        risks_to_others=household.risks_to_others,
        languages=household.languages,
        religions=household.religions,
        children_at_home=household.children_at_home,
    )
