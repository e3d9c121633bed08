"""A carer household: what it is approved for, what it can offer, and which part of its address others may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.fault import Fault
from providers.domain.park import Park, ParkClass
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
    FOSTERED_ABOVE_AT_HOME = "fostered_above_children_at_home"
    LIVES_IN_CONTRADICTS = "lives_in_contradicts_postcode"
    EXEMPTION_OF_ANOTHER_COUNCIL = "exemption_of_another_council"
    EXEMPTION_BACKWARDS = "exemption_backwards"
    EXEMPTION_NAMES_TOO_MANY = "exemption_names_too_many"
    EXEMPTION_NEEDS_AREA = "exemption_needs_area"
    PREFERENCE_BACKWARDS = "preference_backwards"
    PREFERENCE_OUTSIDE_APPROVAL = "preference_outside_approval"


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

    Grid reference in whole metres; None where the postcode directory does not know the postcode. ``lives_in``: the council with
    social care duties there, by the directory, else as the provider states it; None: not known.
    """

    postcode: str
    district: str
    easting: int | None
    northing: int | None
    lives_in: str | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exemption from the usual fostering limit as the provider holds it in writing.

    So many fostered ``children`` may live there, ``named`` of them by name, by leave of the ``council`` where the carers live,
    from ``starts_on`` to ``ends_on`` (its last day; None: until it is taken back), under that council's ``reference``.
    """

    children: int
    named: int
    council: str
    starts_on: date
    ends_on: date | None
    reference: str


@dataclass(frozen=True, slots=True)
class SharedExemption:
    """What every provider of the lot may see of an exemption: no reference."""

    children: int
    named: int
    council: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Preferences:
    """Whom the carers would rather look after, inside their approval: ages in years, both inclusive, and sexes.

    A preference rules nobody out; it counts in fit. None or empty: they do not say.
    """

    from_age: int | None = None
    to_age: int | None = None
    sexes: tuple[Sex, ...] = ()


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
    fostered_children: int | None = None
    """Of the children at home, those fostered and not placed through Hearth; None: not stated."""
    fostered_are_siblings: bool | None = None
    """Whether all fostered children who live there now are brothers and sisters of each other; None: not stated."""
    exemptions: tuple[Exemption, ...] = ()
    preferences: Preferences = Preferences()

    @property
    def fostered_at_least(self) -> int:
        """Fostered children who live there without Hearth's having placed them, as far as is known: what is not stated counts nothing."""
        return self.fostered_children or 0


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
    fostered = household.fostered_at_least
    if approval.places < beds_in_use + beds_on_offer + fostered:
        others = f", {fostered} fostered children live there by your own word" if fostered else ""
        message = (
            f"{beds_in_use} of this household's beds are held or filled and {beds_on_offer} are on offer{others}: close or lower the"
            " vacancy first, or keep the number of places."
        )
        faults.append(Fault("places", HouseholdRule.PLACES_BELOW_TAKEN, message))
    if fostered > household.children_at_home:
        message = "Fostered children live there too: count them among children_at_home, or state fewer."
        faults.append(Fault("fostered_children", HouseholdRule.FOSTERED_ABOVE_AT_HOME, message))
    for place, exemption in enumerate(household.exemptions):
        faults.extend(_exemption_faults(f"exemptions.{place}", exemption, household.home.lives_in))
    faults.extend(_preference_faults(household.preferences, approval))
    return tuple(faults)


def _preference_faults(wished: Preferences, approval: ApprovalTerms) -> list[Fault]:
    """A preference lies inside the approval: outside it no child could be offered."""
    faults = []
    youngest = approval.from_age if wished.from_age is None else wished.from_age
    oldest = approval.to_age if wished.to_age is None else wished.to_age
    if oldest < youngest and (wished.from_age is not None or wished.to_age is not None):
        message = "The oldest age they would rather look after is below the youngest; swap them, or leave one out."
        faults.append(Fault("prefers_to_age", HouseholdRule.PREFERENCE_BACKWARDS, message))
    for field, age in (("prefers_from_age", wished.from_age), ("prefers_to_age", wished.to_age)):
        if age is not None and not approval.from_age <= age <= approval.to_age:
            message = "A preferred age must lie inside the ages the carers are approved for."
            faults.append(Fault(field, HouseholdRule.PREFERENCE_OUTSIDE_APPROVAL, message))
    if set(wished.sexes) - set(approval.sexes):
        message = "They can only prefer sexes they are approved for."
        faults.append(Fault("prefers_sexes", HouseholdRule.PREFERENCE_OUTSIDE_APPROVAL, message))
    return faults


def _exemption_faults(field: str, exemption: Exemption, lives_in: str | None) -> list[Fault]:
    """Only the council where the carers live can exempt them (Children Act 1989, Schedule 7, paragraph 4)."""
    faults = []
    if lives_in is None:
        message = "State the council where the carers live (lives_in): only that council can exempt them from the usual fostering limit."
        faults.append(Fault(f"{field}.council", HouseholdRule.EXEMPTION_NEEDS_AREA, message))
    elif exemption.council != lives_in:
        message = "Only the council where the carers live can exempt them, and this is another council's."
        faults.append(Fault(f"{field}.council", HouseholdRule.EXEMPTION_OF_ANOTHER_COUNCIL, message))
    if exemption.ends_on is not None and exemption.ends_on < exemption.starts_on:
        faults.append(Fault(f"{field}.ends_on", HouseholdRule.EXEMPTION_BACKWARDS, "The last day is before the first; swap them."))
    if exemption.named > exemption.children:
        message = "It names more children than may live there under it; check both numbers."
        faults.append(Fault(f"{field}.named", HouseholdRule.EXEMPTION_NAMES_TOO_MANY, message))
    return faults


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
    approved_places: int | None = None
    fostered_children: int | None = None
    fostered_are_siblings: bool | None = None
    lives_in: str | None = None
    exemptions: tuple[SharedExemption, ...] = ()
    prefers_from_age: int | None = None
    prefers_to_age: int | None = None
    prefers_sexes: tuple[Sex, ...] = ()
    parked_until: date | None = None
    """The day on which a parked household is available again; one that has come or passed means nothing."""
    parked_because: ParkClass | None = None


def shared_facts(household: Household, park: Park | None = None) -> SharedFacts:
    """The part of a household's record that goes with its vacancies: the district stands for the postcode, a class for why it is parked."""
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
        approved_places=approval.places,
        # Where no child lives, no fostered child does: that much is stated.
        fostered_children=0 if household.children_at_home == 0 else household.fostered_children,
        fostered_are_siblings=household.fostered_are_siblings,
        lives_in=household.home.lives_in,
        exemptions=tuple(SharedExemption(x.children, x.named, x.council, x.starts_on, x.ends_on) for x in household.exemptions),
        prefers_from_age=household.preferences.from_age,
        prefers_to_age=household.preferences.to_age,
        prefers_sexes=household.preferences.sexes,
        parked_until=None if park is None else park.until,
        parked_because=None if park is None else park.shown_as,
    )
