"""A figure with everything needed to trust it: what it counts, over how many records, and what was left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from monitoring.actions.figures import CouncilFigures, Savings, SavingsLine, Summary, TierUse
from monitoring.domain import figure as figures
from monitoring.domain.answer import Answer
from monitoring.domain.consortium import Expectation
from monitoring.domain.definition import Definition, Dimension, Direction, Owner, Reader, Unit
from monitoring.domain.money import Saving
from monitoring.domain.scope import Scope


class Part(BaseModel):
    """One slice of a figure."""

    label: str
    value: Decimal


class LeftOut(BaseModel):
    """Records that could not be counted, and why."""

    count: int
    why: str


class KpiDefinition(BaseModel):
    """What a KPI counts, declared once."""

    name: str
    title: str
    question: str
    numerator_is: str
    denominator_is: str | None
    unit: Unit
    direction: Direction
    who_may_see: list[Reader]
    can_be_divided_by: list[Dimension]
    owner: Owner
    target: Decimal | None = Field(description="what the consortium wants it to be, if it has said so")
    sources: list[str] = Field(description="the events and fields it is counted from")

    @classmethod
    def defining(cls, given: Definition) -> Self:
        """As people read it."""
        return cls(
            name=given.name,
            title=given.title,
            question=given.question,
            numerator_is=given.numerator,
            denominator_is=given.denominator,
            unit=given.unit,
            direction=given.direction,
            who_may_see=sorted(given.seen_by),
            can_be_divided_by=sorted(given.divided_by),
            owner=given.owner,
            target=given.target,
            sources=list(given.sources),
        )


class KpiFigure(BaseModel):
    """The figure. ``value`` is null where there was no record to count: never 0 per cent."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    records: int = Field(description="how many records the figure was counted over")
    words: str = Field(description="the figure as a sentence")
    parts: list[Part]
    left_out: list[LeftOut]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """As people read it."""
        found = answer.figure
        return cls(
            value=found.value,
            numerator=found.numerator,
            denominator=found.denominator,
            records=found.records,
            words=answer.words,
            parts=[Part(label=part.label, value=part.value) for part in found.parts],
            left_out=_left_out(found.left_out),
        )


class Kpi(KpiDefinition, KpiFigure):
    """A KPI: its definition and its figure."""

    @classmethod
    def answering(cls, answer: Answer) -> Self:
        """Both together."""
        return cls(**KpiDefinition.defining(answer.definition).model_dump(), **KpiFigure.of(answer).model_dump())


class Asked(BaseModel):
    """What the figures are about; null filters mean all that the reader may see."""

    model_config = ConfigDict(populate_by_name=True)

    council: str | None
    agency: str | None
    lot: str | None
    from_: date = Field(alias="from")
    to: date

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """As asked, defaults filled in."""
        return cls(council=scope.council, agency=scope.agency, lot=scope.lot, from_=scope.period.first, to=scope.period.last)


class Kpis(BaseModel):
    """Every figure the reader may see, over one scope."""

    asked: Asked
    kpis: list[Kpi]


class OneKpi(BaseModel):
    """One figure over one scope."""

    asked: Asked
    kpi: Kpi


class SavingFigure(BaseModel):
    """Pounds and per cent saved against the baseline, with the placements counted and those that could not be."""

    pounds: Decimal | None
    per_cent: Decimal | None
    cost_at_baseline: Decimal | None
    cost_paid: Decimal | None
    placements: int
    nights: int
    left_out: list[LeftOut]

    @classmethod
    def of(cls, found: Saving) -> Self:
        """No placement, no figure."""
        return cls(
            pounds=found.pounds,
            per_cent=found.per_cent,
            cost_at_baseline=found.at_baseline if found.placements else None,
            cost_paid=found.paid if found.placements else None,
            placements=found.placements,
            nights=found.nights,
            left_out=_left_out(found.left_out),
        )


class SavingInQuarter(SavingFigure):
    """One lot in one quarter of the financial year."""

    model_config = ConfigDict(populate_by_name=True)

    lot: str
    quarter: str
    from_: date = Field(alias="from")
    to: date
    whole_quarter: bool

    @classmethod
    def line(cls, given: SavingsLine) -> Self:
        """One line of the table."""
        quarter = given.quarter
        return cls(
            **SavingFigure.of(given.saving).model_dump(),
            lot=given.lot,
            quarter=quarter.label,
            from_=quarter.period.first,
            to=quarter.period.last,
            whole_quarter=quarter.whole,
        )


class Expected(BaseModel):
    """What the consortium expects, in its own words."""

    per_cent: Decimal
    words: str

    @classmethod
    def of(cls, given: Expectation | None) -> Self | None:
        """None where nothing is expected."""
        return cls(per_cent=given.value.normalize(), words=given.words) if given else None


class SavingsReply(BaseModel):
    """Savings by lot and quarter, in all, and beside what was expected."""

    asked: Asked
    lines: list[SavingInQuarter]
    total: SavingFigure
    expected: Expected | None

    @classmethod
    def of(cls, scope: Scope, found: Savings) -> Self:
        """The whole table."""
        return cls(
            asked=Asked.of(scope),
            lines=[SavingInQuarter.line(line) for line in found.lines],
            total=SavingFigure.of(found.total),
            expected=Expected.of(found.expected),
        )


class CouncilRow(BaseModel):
    """One council beside the others; never a child, never a placement."""

    council: str
    name: str
    figures: dict[str, KpiFigure]

    @classmethod
    def of(cls, given: CouncilFigures) -> Self:
        """By name of the figure."""
        return cls(council=given.council, name=given.name, figures={each.definition.name: KpiFigure.of(each) for each in given.answers})


class TierRow(BaseModel):
    """How a tier of a lot is used."""

    lot: str
    tier: int
    agencies: int
    placements: int

    @classmethod
    def of(cls, given: TierUse) -> Self:
        """As counted."""
        return cls(lot=given.lot, tier=given.tier, agencies=given.agencies, placements=given.placements)


class SummaryReply(BaseModel):
    """The project manager's figures on one page."""

    asked: Asked
    figures: dict[str, KpiFigure]
    councils: list[CouncilRow]
    tiers: list[TierRow]
    expected_saving: Expected | None

    @classmethod
    def of(cls, scope: Scope, found: Summary) -> Self:
        """The whole page."""
        return cls(
            asked=Asked.of(scope),
            figures={each.definition.name: KpiFigure.of(each) for each in found.answers},
            councils=[CouncilRow.of(row) for row in found.councils],
            tiers=[TierRow.of(row) for row in found.tiers],
            expected_saving=Expected.of(found.expected),
        )


def _left_out(given: tuple[figures.LeftOut, ...]) -> list[LeftOut]:
    return [LeftOut(count=each.count, why=each.why) for each in given]
