"""Bodies of carer households."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from providers.domain.household import MOST_PLACES, ApprovalTerms, Exemption, Home, Preferences
from providers.domain.household import Household as HouseholdValue
from providers.schemas.fields import Age, Body, Count, OnceEach, OwnReference, Reply
from providers.store.households import RecordedHousehold
from shared.contracts.words import AreaCode, LanguageCode, Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex
from shared.written import Day, YesOrNo


class ExemptionBody(Body):
    """An exemption from the usual fostering limit, by the council where the carers live, as it was given in writing."""

    children: Annotated[int, Field(ge=4, le=MOST_PLACES, strict=True, description="how many fostered children may live there under it")]
    named: Annotated[int, Field(ge=0, le=MOST_PLACES, strict=True, description="how many children it names; never their names")] = 0
    council: AreaCode
    starts_on: Day
    ends_on: Annotated[Day | None, Field(description="its last day")] = None
    reference: OwnReference

    def of(self) -> Exemption:
        """As the domain knows it."""
        return Exemption(self.children, self.named, self.council, self.starts_on, self.ends_on, self.reference)


class ExemptionShown(Reply):
    """An exemption as its provider recorded it."""

    children: int
    named: int
    council: str
    starts_on: date
    ends_on: date | None
    reference: str


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
    siblings_welcome: YesOrNo = False
    children_at_home: Count = 0
    approved_on: Day
    lives_in: AreaCode | None = Field(
        default=None, description="ONS code of the council where the carers live; only needed where the postcode directory does not know"
    )
    fostered_children: Count | None = Field(
        default=None, description="of the children at home, those fostered and not placed through Hearth; without it the law's checks ask"
    )
    fostered_are_siblings: YesOrNo | None = Field(
        default=None, description="whether all fostered children there now are brothers and sisters of each other"
    )
    exemptions: Annotated[tuple[ExemptionBody, ...], Field(max_length=5)] = ()
    prefers_from_age: Age | None = Field(default=None, description="the youngest age the carers would rather look after")
    prefers_to_age: Age | None = Field(default=None, description="the oldest age the carers would rather look after")
    prefers_sexes: Annotated[tuple[Sex, ...], OnceEach] = Field(default=(), description="a preference counts in fit and rules nobody out")

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
            fostered_children=self.fostered_children,
            fostered_are_siblings=self.fostered_are_siblings,
            exemptions=tuple(each.of() for each in self.exemptions),
            preferences=Preferences(self.prefers_from_age, self.prefers_to_age, self.prefers_sexes),
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
    lives_in: str | None
    fostered_children: int | None
    fostered_are_siblings: bool | None
    exemptions: tuple[ExemptionShown, ...]
    prefers_from_age: int | None
    prefers_to_age: int | None
    prefers_sexes: tuple[Sex, ...]
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
            lives_in=household.home.lives_in,
            fostered_children=household.fostered_children,
            fostered_are_siblings=household.fostered_are_siblings,
            exemptions=tuple(ExemptionShown.model_validate(each) for each in household.exemptions),
            prefers_from_age=household.preferences.from_age,
            prefers_to_age=household.preferences.to_age,
            prefers_sexes=household.preferences.sexes,
            recorded_at=recorded.recorded_at,
            version=recorded.version,
        )


class LocationsBody(Body):
    """Households whose distance a council wants to measure."""

    households: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class Location(Reply):
    """Where a household is, sealed for ``referrals``, which keeps the miles alone; null where its postcode is not in the directory."""

    household: UUID
    sealed: str | None


class Locations(Reply):
    """Locations of households offered to the asking council; of the others not even whether they exist."""

    items: tuple[Location, ...]
    not_offered_to_you: tuple[UUID, ...]
