"""Bodies of councils, agencies, frameworks and lots."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from providers.domain.agency import Agency as AgencyRecord
from providers.domain.framework import Framework as FrameworkRecord
from providers.domain.lot import Gate, LotTerms, PriceBand, QualityQuestion
from providers.domain.lot import Lot as LotRecord
from providers.domain.membership import Council as CouncilRecord
from providers.domain.tiers import CutBy, TierRule
from providers.schemas.fields import Age, BandCode, Body, Code, Count, Line, OnceEach, Points, Pounds, Reply
from providers.store.lots import RecordedLot
from shared.contracts.providers import BelowGate
from shared.contracts.words import OfstedRating, PlacementKind, Sector
from shared.written import Day, YesOrNo

BedWeeks = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
Score = Annotated[Decimal, Field(gt=0, max_digits=6, decimal_places=2)]
Weight = Annotated[Decimal, Field(gt=0, max_digits=6, decimal_places=2)]


class CouncilBody(Body):
    """A council's record: the day it joined, and the work streams it leads."""

    name: Line
    joined_on: Day
    lead_roles: Annotated[tuple[Code, ...], Field(max_length=20, description="procurement, specification, communication …")] = ()

    def of(self, ons_code: str) -> CouncilRecord:
        """As the domain knows it."""
        return CouncilRecord(ons_code, self.name, self.joined_on, self.lead_roles)


class Council(Reply):
    """A council of the consortium."""

    ons_code: str
    name: str
    joined_on: date
    lead_roles: tuple[str, ...]
    version: int

    @classmethod
    def of(cls, council: CouncilRecord, version: int) -> Self:
        """From the domain's value."""
        return cls(
            ons_code=council.ons_code, name=council.name, joined_on=council.joined_on, lead_roles=council.lead_roles, version=version
        )


class AgencyBody(Body):
    """An agency's record."""

    name: Line
    sector: Sector
    ofsted_rating: OfstedRating
    inspected_on: Day | None = None
    companies_house_number: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8}$")] | None = None

    def of(self, urn: str) -> AgencyRecord:
        """As the domain knows it."""
        return AgencyRecord(urn, self.name, self.sector, self.ofsted_rating, self.inspected_on, self.companies_house_number)


class Agency(Reply):
    """A registered agency."""

    urn: str
    name: str
    sector: Sector
    ofsted_rating: OfstedRating
    inspected_on: date | None
    companies_house_number: str | None
    version: int

    @classmethod
    def of(cls, agency: AgencyRecord, version: int) -> Self:
        """From the domain's value."""
        return cls(
            urn=agency.urn,
            name=agency.name,
            sector=agency.sector,
            ofsted_rating=agency.rating,
            inspected_on=agency.inspected_on,
            companies_house_number=agency.companies_house_number,
            version=version,
        )


class FrameworkBody(Body):
    """A framework agreement's title and dates."""

    title: Line
    established_on: Day = Field(description="the consortium model's first day; no further council may join for three years from it")
    starts_on: Day
    ends_on: Day
    standstill_days: Count = 10

    def of(self, code: str) -> FrameworkRecord:
        """As the domain knows it."""
        return FrameworkRecord(code, self.title, self.established_on, self.starts_on, self.ends_on, self.standstill_days)


class Framework(Reply):
    """A framework agreement. ``further_councils_from`` is the first day on which another council may join."""

    code: str
    title: str
    established_on: date
    starts_on: date
    ends_on: date
    standstill_days: int
    further_councils_from: date
    version: int

    @classmethod
    def of(cls, framework: FrameworkRecord, version: int, further_councils_from: date) -> Self:
        """From the domain's value."""
        return cls(
            code=framework.code,
            title=framework.title,
            established_on=framework.established_on,
            starts_on=framework.starts_on,
            ends_on=framework.ends_on,
            standstill_days=framework.standstill_days,
            further_councils_from=further_councils_from,
            version=version,
        )


class BandBody(Body):
    """A price band: ages inclusive, in years."""

    code: BandCode
    from_age: Age
    to_age: Age
    expected_bed_weeks: BedWeeks
    ceiling: Pounds | None = Field(default=None, description="published highest price in pounds a week")


class QuestionBody(Body):
    """A question on quality; ``weight`` is relative to the other questions' weights."""

    code: BandCode
    title: Line
    max_score: Score
    weight: Weight


class TierRuleBody(Body):
    """Where tiers are cut: one cut for two tiers, two for three."""

    by: CutBy
    cuts: Annotated[tuple[Points, ...], Field(max_length=10)]


class GateBody(Body):
    """What stage one asks of an agency."""

    accepted_ratings: Annotated[tuple[OfstedRating, ...], OnceEach] = (OfstedRating.OUTSTANDING, OfstedRating.GOOD)
    accepts_not_yet_inspected: YesOrNo = False
    inspected_within_years: Annotated[int, Field(ge=1, le=20, strict=True)] | None = None
    below_gate: BelowGate = Field(
        default=BelowGate.NAMED_DECISION, description="what a rating that falls below the gate after the tender means for new placements"
    )


class TermsBody(Body):
    """The terms a lot is tendered on."""

    price_weight: Points
    quality_weight: Points
    formula: Code
    tier_rule: TierRuleBody
    price_bands: Annotated[tuple[BandBody, ...], Field(max_length=30)]
    quality_questions: Annotated[tuple[QuestionBody, ...], Field(max_length=50)]
    gate: GateBody = GateBody()
    evaluators_needed: Annotated[int, Field(ge=1, le=11, strict=True)] = 2

    @property
    def terms(self) -> LotTerms:
        """As the domain knows them."""
        return LotTerms(
            price_weight=self.price_weight,
            quality_weight=self.quality_weight,
            formula=self.formula,
            tier_rule=TierRule(self.tier_rule.by, self.tier_rule.cuts),
            price_bands=tuple(
                PriceBand(band.code, band.from_age, band.to_age, band.expected_bed_weeks, band.ceiling) for band in self.price_bands
            ),
            quality_questions=tuple(
                QualityQuestion(question.code, question.title, question.max_score, question.weight) for question in self.quality_questions
            ),
            gate=Gate(
                self.gate.accepted_ratings, self.gate.accepts_not_yet_inspected, self.gate.inspected_within_years, self.gate.below_gate
            ),
            evaluators_needed=self.evaluators_needed,
        )


class LotBody(TermsBody):
    """A lot: what it buys, and the terms it is tendered on."""

    title: Line
    kinds: Annotated[tuple[PlacementKind, ...], Field(min_length=1), OnceEach]

    def of(self, framework: str, code: str) -> LotRecord:
        """As the domain knows it."""
        return LotRecord(code, framework, self.title, self.kinds, self.terms)


class Band(Reply):
    """A price band."""

    code: str
    from_age: int
    to_age: int
    expected_bed_weeks: Decimal
    ceiling: Decimal | None


class Question(Reply):
    """A question on quality."""

    code: str
    title: str
    max_score: Decimal
    weight: Decimal


class TierRuleReply(Reply):
    """Where tiers are cut."""

    by: CutBy
    cuts: tuple[Decimal, ...]


class GateReply(Reply):
    """What stage one asks."""

    accepted_ratings: tuple[OfstedRating, ...]
    accepts_not_yet_inspected: bool
    inspected_within_years: int | None
    below_gate: BelowGate


class Terms(Reply):
    """The terms a lot, or a round of it, is tendered on."""

    price_weight: Decimal
    quality_weight: Decimal
    formula: str
    tier_rule: TierRuleReply
    price_bands: tuple[Band, ...]
    quality_questions: tuple[Question, ...]
    gate: GateReply
    evaluators_needed: int


class Lot(Terms):
    """A lot of a framework. ``listed_agencies``: how many its published list holds, 0 before publication."""

    framework: str
    code: str
    title: str
    kinds: tuple[PlacementKind, ...]
    listed_agencies: int
    version: int

    @classmethod
    def of(cls, recorded: RecordedLot) -> Self:
        """From the store's value."""
        lot = recorded.lot
        return cls(
            **Terms.model_validate(lot.terms).model_dump(),
            framework=lot.framework,
            code=lot.code,
            title=lot.title,
            kinds=lot.kinds,
            listed_agencies=recorded.listed_agencies,
            version=recorded.version,
        )
