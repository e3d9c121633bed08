"""What lies behind a figure, as it is shown: records, months, parts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from monitoring.domain.counted import LEFT_OUT, Counted
from monitoring.domain.definition import Definition
from monitoring.domain.scope import Scope
from monitoring.domain.shown import Shown
from monitoring.schemas.figures import Asked, KpiDefinition


class RecordBehind(BaseModel):
    """One record that a figure counts, and what it adds. Ids are those of referrals, offers and placements: no child's."""

    kind: str = Field(description="referral, offer, placement, vacancy, provider …")
    id: str
    on: date = Field(description="the UK day it counts on")
    numerator: Decimal
    denominator: Decimal | None
    council: str | None
    agency: str | None
    lot: str | None
    part: str
    left_out: str | None = Field(description="why it is stated and not counted, if so")

    @classmethod
    def of(cls, row: Counted) -> Self:
        """As counted."""
        return cls(
            kind=row.kind,
            id=row.id,
            on=row.on,
            numerator=row.numerator,
            denominator=row.denominator,
            council=row.council,
            agency=row.agency,
            lot=row.lot,
            part="" if row.left_out else row.part,
            left_out=row.part.removeprefix(LEFT_OUT) if row.left_out else None,
        )


class Measured(BaseModel):
    """A value with what it was divided by; all null where it is hidden because the numbers are too small to be shown."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    records: int | None
    hidden: bool


class InTime(Measured):
    """One month or quarter."""

    begins: date


class OfPart(Measured):
    """One council, agency, lot or part."""

    code: str | None


class Series(BaseModel):
    """A figure over time. A month without a record has no entry."""

    asked: Asked
    kpi: KpiDefinition
    points: list[InTime]

    @classmethod
    def of(cls, definition: Definition, scope: Scope, points: list[Shown]) -> Self:
        """In the order of time."""
        shown = [InTime(begins=point.name, **_numbers(point)) for point in points if isinstance(point.name, date)]
        return cls(asked=Asked.of(scope), kpi=KpiDefinition.defining(definition), points=shown)


class Divided(BaseModel):
    """A figure by council, agency, lot or part."""

    asked: Asked
    kpi: KpiDefinition
    parts: list[OfPart]

    @classmethod
    def of(cls, definition: Definition, scope: Scope, parts: list[Shown]) -> Self:
        """In the order of their codes."""
        shown = [OfPart(code=part.name, **_numbers(part)) for part in parts if not isinstance(part.name, date)]
        return cls(asked=Asked.of(scope), kpi=KpiDefinition.defining(definition), parts=shown)


def _numbers(line: Shown) -> dict[str, Decimal | int | bool | None]:
    return {
        "value": line.value,
        "numerator": line.numerator,
        "denominator": line.denominator,
        "records": line.records,
        "hidden": line.hidden,
    }
