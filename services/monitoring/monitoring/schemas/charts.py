"""Charts, funnels and league tables as they are shown, and a decision about limits."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from monitoring.actions.chart_sentences import chart_sentence
from monitoring.actions.charts import Chart
from monitoring.domain.control_chart import Limits, Phase, moving_ranges
from monitoring.domain.definition import Direction, Unit
from monitoring.domain.figure import PENNY, rounded
from monitoring.domain.short_words import MOST, NEVER_A_CHILD
from monitoring.domain.special_cause import Reading, Rule, Way, in_words, reading_of
from monitoring.schemas.figures import Asked
from monitoring.store.limits import LimitsDecision
from shared.written import Day, YesOrNo


class LimitsReason(StrEnum):
    """Why limits are recalculated."""

    PROCESS_CHANGED = "process_changed"
    NEW_DEFINITION = "new_definition"
    NEW_RECORDING = "new_recording"
    NEW_LEVEL = "new_level"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


class NewLimits(BaseModel):
    """A decision about one chart's limits."""

    model_config = ConfigDict(extra="forbid")

    from_month: Day = Field(description="first day of the month from which on limits are recalculated")
    reason: LimitsReason
    words: str = Field(max_length=4 * MOST, description=NEVER_A_CHILD)
    council: str | None = Field(default=None, pattern=r"^E[0-9]{8}$", description="for one council's chart")
    agency: str | None = Field(default=None, pattern=r"^(SC[0-9]{6}|[0-9]{7})$", description="for one agency's chart")
    recalculated: YesOrNo = Field(default=True, description="false: the decision made before for that month no longer holds")


class LimitsDecided(BaseModel):
    """One decision, as recorded."""

    from_month: date
    recalculated: bool
    reason: str
    words: str
    decided_by: str
    decided_at: datetime

    @classmethod
    def of(cls, given: LimitsDecision) -> Self:
        """As kept."""
        return cls(
            from_month=given.from_month,
            recalculated=given.recalculated,
            reason=given.reason,
            words=given.words,
            decided_by=given.decided_by,
            decided_at=given.decided_at,
        )


class LimitsHistory(BaseModel):
    """Every decision about one chart, the first first."""

    items: list[LimitsDecided]


class ChartPoint(BaseModel):
    """One month. A null value is a month without records: a gap and not nought."""

    month: date
    value: Decimal | None
    moving_range: Decimal | None
    denominator: Decimal | None
    few_records: bool = Field(description="fewer than twenty records: it moves much by chance")


class ChartLimits(BaseModel):
    """The limits of a phase, and the span they come from."""

    model_config = ConfigDict(populate_by_name=True)

    mean: Decimal
    lower: Decimal
    upper: Decimal
    mean_moving_range: Decimal
    range_upper: Decimal
    from_: date = Field(alias="from")
    to: date
    points: int

    @classmethod
    def of(cls, given: Limits | None) -> Self | None:
        """Rounded to pennies; the rules use the exact ones."""
        if given is None:
            return None
        return cls(
            mean=_shown(given.centre),
            lower=_shown(given.lower),
            upper=_shown(given.upper),
            mean_moving_range=_shown(given.mean_range),
            range_upper=_shown(given.range_upper),
            from_=given.first,
            to=given.last,
            points=given.points,
        )


class ChartPhase(BaseModel):
    """The months between two decisions. Without limits ``why`` says why, and there is no signal."""

    points: list[ChartPoint]
    limits: ChartLimits | None
    why: str

    @classmethod
    def of(cls, given: Phase) -> Self:
        """As worked out."""
        ranges = moving_ranges(given.points)
        points = [
            ChartPoint(
                month=p.month,
                value=None if p.value is None else _shown(p.value),
                moving_range=None if step is None else _shown(step),
                denominator=None if p.denominator is None else _shown(p.denominator),
                few_records=p.small,
            )
            for p, step in zip(given.points, ranges, strict=True)
        ]
        return cls(points=points, limits=ChartLimits.of(given.limits), why=given.why)


class ChartSignal(BaseModel):
    """A special cause."""

    rule: Rule
    way: Way
    reading: Reading
    since: date
    until: date
    points: int
    how_unlikely: float
    approximate: bool
    words: str


class ChartReply(BaseModel):
    """An XmR chart."""

    asked: Asked
    name: str
    title: str
    unit: Unit
    direction: Direction
    run: int
    trend: int
    span: int
    phases: list[ChartPhase]
    signals: list[ChartSignal]
    decisions: list[LimitsDecided]
    words: str

    @classmethod
    def of(cls, given: Chart) -> Self:
        """As worked out."""
        definition = given.definition
        readings = [(each, reading_of(each.way, definition.direction)) for each in given.signals]
        return cls(
            asked=Asked.of(given.scope),
            name=definition.name,
            title=definition.title,
            unit=definition.unit,
            direction=definition.direction,
            run=given.rules.run,
            trend=given.rules.trend,
            span=given.span,
            phases=[ChartPhase.of(each) for each in given.phases],
            signals=[
                ChartSignal(
                    rule=each.rule,
                    way=each.way,
                    reading=reading,
                    since=each.first,
                    until=each.last,
                    points=each.points,
                    how_unlikely=float(each.chance),
                    approximate=each.approximate,
                    words=in_words(each, reading),
                )
                for each, reading in readings
            ],
            decisions=[LimitsDecided.of(each) for each in given.decisions],
            words=chart_sentence(given),
        )


def _shown(value: Fraction) -> Decimal:
    return rounded(value, PENNY)
