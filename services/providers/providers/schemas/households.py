"""Bodies of carer households."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from providers.domain.household import MOST_PLACES, ApprovalTerms, Home
from providers.domain.household import Household as HouseholdValue
from providers.schemas.fields import Age, Body, Count, Day, OnceEach, Reply
from providers.store.households import RecordedHousehold
from shared.contracts.words import LanguageCode, Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex


class HouseholdBody(Body):
    """A carer household: terms of approval, what it can offer, and where it is."""

    postcode: Annotated[str, StringConstraints(max_length=12)]
    from_age: Age
    to_age: Age
    sexes: Annotated[tuple[Sex, ...], Field(min_length=1), OnceEach]
    places: Annotated[int, Field(ge=1, le=MOST_PLACES, strict=True)]
    kinds: Annotated[tuple[PlacementKind, ...], Field(min_length=1), OnceEach]
    skills: Annotated[tuple[Need, ...], OnceEach] = ()
    risks_to_child: Annotated[tuple[RiskToChild, ...], OnceEach] = Field(default=(), description="risks to a child that the home can hold")
    risks_to_others: Annotated[tuple[RiskToOthers, ...], OnceEach] = ()
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1, max_length=30), OnceEach] = ("en",)
    religions: Annotated[tuple[Religion, ...], OnceEach] = ()
    siblings_welcome: bool = False
    children_at_home: Count = 0
    approved_on: Day

    def of(self, reference: str, home: Home) -> HouseholdValue:
        """As the domain knows it."""
        return HouseholdValue(
            reference=reference,
            home=home,
            approval=ApprovalTerms(self.from_age, self.to_age, self.sexes, self.places, self.kinds),
            approved_on=self.approved_on,
            skills=self.skills,
            risks_to_child=self.risks_to_child,
            risks_to_others=self.risks_to_others,
            languages=self.languages,
            religions=self.religions,
            siblings_welcome=self.siblings_welcome,
            children_at_home=self.children_at_home,
        )


class Household(Reply):
    """One of the asking provider's own households, full postcode and all."""

    id: UUID
    reference: str
    postcode: str
    district: str = Field(description="the part of the postcode that others see")
    from_age: int
    to_age: int
    sexes: tuple[Sex, ...]
    places: int
    kinds: tuple[PlacementKind, ...]
    skills: tuple[Need, ...]
    risks_to_child: tuple[RiskToChild, ...]
    risks_to_others: tuple[RiskToOthers, ...]
    languages: tuple[str, ...]
    religions: tuple[Religion, ...]
    siblings_welcome: bool
    children_at_home: int
    approved_on: date
    recorded_at: datetime
    version: int

    @classmethod
    def of(cls, recorded: RecordedHousehold) -> Self:
        """From the store's value."""
        household, approval = recorded.household, recorded.household.approval
        return cls(
            id=recorded.id,
            reference=household.reference,
            postcode=household.home.postcode,
            district=household.home.district,
            from_age=approval.from_age,
            to_age=approval.to_age,
            sexes=approval.sexes,
            places=approval.places,
            kinds=approval.kinds,
            skills=household.skills,
            risks_to_child=household.risks_to_child,
            risks_to_others=household.risks_to_others,
            languages=household.languages,
            religions=household.religions,
            siblings_welcome=household.siblings_welcome,
            children_at_home=household.children_at_home,
            approved_on=household.approved_on,
            recorded_at=recorded.recorded_at,
            version=recorded.version,
        )


class LocationsBody(Body):
    """Households whose distance a council wants to measure."""

    households: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class Location(Reply):
    """Where a household is, on the Ordnance Survey grid, in metres; null where its postcode is not in the directory."""

    household: UUID
    easting: int | None
    northing: int | None


class Locations(Reply):
    """Locations of households offered to the asking council; of the others not even whether they exist."""

    items: tuple[Location, ...]
    not_offered_to_you: tuple[UUID, ...]
