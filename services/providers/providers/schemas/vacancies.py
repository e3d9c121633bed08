"""Bodies of vacancies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, SkipValidation

from providers.actions.vacancies import Done
from providers.domain.hold import HoldState
from providers.domain.household import MOST_PLACES
from providers.domain.park import ParkClass
from providers.domain.vacancy import CloseReason, Outcome, VacancyStatus, Wanted
from providers.schemas.fields import Body, Code, OnceEach, OwnReference, Reply
from providers.store.holds import Hold as HoldValue
from providers.store.vacancies import RecordedVacancy
from shared import clock
from shared.contracts.providers import HoldFor, LimitExemption
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex
from shared.problems import ProblemReason
from shared.refusals import Reason
from shared.written import Day


class VacancyBody(Body):
    """A vacancy of one of the provider's own households."""

    household: OwnReference = Field(description="your own reference of the household")
    lots: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20), OnceEach]
    free_beds: Annotated[int, Field(ge=0, le=MOST_PLACES, strict=True)]
    available_from: Day

    def of(self, reference: str) -> Wanted:
        """As the domain knows it."""
        return Wanted(reference, self.household, self.lots, self.free_beds, self.available_from)


class VacancyRow(VacancyBody):
    """One vacancy of an upload, under your own reference."""

    reference: OwnReference


class BulkBody(Body):
    """Up to a thousand vacancies; each row is checked for itself."""

    rows: Annotated[list[SkipValidation[VacancyRow]], Field(min_length=1, max_length=1_000)]


class Vacancy(Reply):
    """A vacancy. Of another provider's only what every provider of the lot may see: no reference, no postcode."""

    id: UUID
    provider: str
    reference: str | None
    household: UUID
    household_reference: str | None
    lots: tuple[str, ...]
    status: VacancyStatus
    close_reason: CloseReason | None
    free_beds: int
    available_from: date
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
    approved_places: int | None
    fostered_children: int | None
    fostered_are_siblings: bool | None
    lives_in: str | None
    exemptions: tuple[LimitExemption, ...]
    prefers_from_age: int | None
    prefers_to_age: int | None
    prefers_sexes: tuple[Sex, ...]
    not_available_until: date | None = Field(description="the home is parked until this day, and available again on it by itself")
    not_available_because: ParkClass | None
    opened_at: datetime
    changed_at: datetime
    version: int

    @classmethod
    def of(cls, vacancy: RecordedVacancy, *, seen_by: str) -> Self:
        """As ``seen_by`` may see it: references are the provider's own."""
        own = vacancy.provider == seen_by
        facts = vacancy.facts
        parked = facts.parked_until is not None and clock.today() < facts.parked_until
        return cls(
            id=vacancy.id,
            provider=vacancy.provider,
            reference=vacancy.reference if own else None,
            household=vacancy.household,
            household_reference=vacancy.household_reference if own else None,
            lots=vacancy.lots,
            status=vacancy.status,
            close_reason=vacancy.close_reason,
            free_beds=vacancy.free_beds,
            available_from=vacancy.available_from,
            district=facts.district,
            from_age=facts.from_age,
            to_age=facts.to_age,
            sexes=facts.sexes,
            kinds=facts.kinds,
            siblings_welcome=facts.siblings_welcome,
            skills=facts.skills,
            risks_to_child=facts.risks_to_child,
            risks_to_others=facts.risks_to_others,
            languages=facts.languages,
            religions=facts.religions,
            children_at_home=facts.children_at_home,
            approved_places=facts.approved_places,
            fostered_children=facts.fostered_children,
            fostered_are_siblings=facts.fostered_are_siblings,
            lives_in=facts.lives_in,
            exemptions=tuple(LimitExemption.model_validate(each, from_attributes=True) for each in facts.exemptions),
            prefers_from_age=facts.prefers_from_age,
            prefers_to_age=facts.prefers_to_age,
            prefers_sexes=facts.prefers_sexes,
            not_available_until=facts.parked_until if parked else None,
            not_available_because=facts.parked_because if parked else None,
            opened_at=vacancy.opened_at,
            changed_at=vacancy.changed_at,
            version=vacancy.version,
        )


class Hold(Reply):
    """Beds of a vacancy kept for one council."""

    id: UUID
    council: str
    held_for: HoldFor
    asked_by: UUID = Field(description="the offer, or the in-house match")
    beds: int
    state: HoldState
    held_at: datetime
    placement: UUID | None


class OwnVacancy(Vacancy):
    """One of the asking provider's own vacancies with the holds on it."""

    holds: tuple[Hold, ...]

    @classmethod
    def with_holds(cls, vacancy: RecordedVacancy, holds: tuple[HoldValue, ...]) -> Self:
        """From the store's values."""
        seen = Vacancy.of(vacancy, seen_by=vacancy.provider)
        return cls(**seen.model_dump(), holds=tuple(Hold.model_validate(hold) for hold in holds))


class ClosingBody(Body):
    """Why a vacancy is taken off the list."""

    reason: CloseReason


class RowOutcome(Reply):
    """What became of one row. ``row`` counts from 1."""

    row: int
    reference: str | None = Field(description="your reference, when the row had a well-formed one")
    outcome: Outcome
    id: UUID | None
    version: int | None
    errors: tuple[ProblemReason, ...] = ()

    @classmethod
    def done(cls, row: int, reference: str, done: Done) -> Self:
        """From what the action did."""
        vacancy = done.vacancy
        return cls(
            row=row,
            reference=reference,
            outcome=done.outcome,
            id=vacancy.id if vacancy else None,
            version=vacancy.version if vacancy else None,
            errors=_errors(done.refused_for),
        )

    @classmethod
    def unreadable(cls, row: int, reasons: tuple[Reason, ...]) -> Self:
        """A row that is no vacancy at all."""
        return cls(row=row, reference=None, outcome=Outcome.REFUSED, id=None, version=None, errors=_errors(reasons))


def _errors(reasons: tuple[Reason, ...]) -> tuple[ProblemReason, ...]:
    return tuple(ProblemReason(field=each.field, rule=each.rule, message=each.message) for each in reasons)


class BulkOutcome(Reply):
    """What became of an upload, row by row, in the order sent."""

    opened: int
    changed: int
    unchanged: int
    refused: int
    rows: tuple[RowOutcome, ...]

    @classmethod
    def of(cls, rows: tuple[RowOutcome, ...]) -> Self:
        """Count the outcomes."""
        counts = {outcome: sum(row.outcome is outcome for row in rows) for outcome in Outcome}
        return cls(
            opened=counts[Outcome.OPENED],
            changed=counts[Outcome.CHANGED],
            unchanged=counts[Outcome.UNCHANGED],
            refused=counts[Outcome.REFUSED],
            rows=rows,
        )
