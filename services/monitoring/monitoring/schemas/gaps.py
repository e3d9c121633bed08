"""Gap analysis as it is shown."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from monitoring.domain.gaps import analysis
from monitoring.domain.gaps.analysis import GapBy, Gaps, Looked
from monitoring.domain.gaps.need import Gap
from monitoring.domain.scope import Scope
from monitoring.schemas.figures import Asked


class Row(BaseModel):
    """How many needs, and what was missing. A need with two gaps is counted in both, and once in ``missed``."""

    needs: Annotated[int, Field(description="chains of a referral and its re-referrals: one child or group of siblings counted once")]
    no_offer: int
    late: Annotated[int, Field(description="the first offer came after the closing time")]
    far: Annotated[int, Field(description="offers, and none from within 20 miles of home")]
    missed: Annotated[int, Field(description="with any of these")]
    recruit: Annotated[int, Field(description="of those, without one suitable free bed within 20 miles at that time")]

    @classmethod
    def of(cls, given: analysis.Row) -> Self:
        """As counted."""
        return cls(needs=given.needs, no_offer=given.no_offer, late=given.late, far=given.far, missed=given.missed, recruit=given.recruit)


class KeyedRow(Row):
    """One need, age band, area, council or lot."""

    key: str

    @classmethod
    def row(cls, given: analysis.Row) -> Self:
        """Named."""
        return cls(key=given.key, **Row.of(given).model_dump())


class Cell(BaseModel):
    """Where to recruit: carers for a lot and age band in an area."""

    lot: str
    age_band: str
    area: Annotated[str, Field(description="postcode district of the children's homes")]
    recruit: int
    missed: int
    needs: int
    most_often_needed: list[str]


class GapsReply(BaseModel):
    """The needs of a period by one dimension, and where to recruit first. By need and age band one need can stand in several rows."""

    asked: Asked
    by: GapBy
    total: Row
    rows: list[KeyedRow]
    recruit_first: list[Cell]
    distance_unknown: int

    @classmethod
    def of(cls, scope: Scope, by: GapBy, found: Gaps) -> Self:
        """All of it."""
        return cls(
            asked=Asked.of(scope),
            by=by,
            total=Row.of(found.total),
            rows=[KeyedRow.row(row) for row in found.rows],
            recruit_first=[
                Cell(
                    lot=cell.lot,
                    age_band=cell.band,
                    area=cell.area,
                    recruit=cell.recruit,
                    missed=cell.missed,
                    needs=cell.needs,
                    most_often_needed=list(cell.most_often),
                )
                for cell in found.cells[:50]
            ],
            distance_unknown=found.distance_unknown,
        )


class NeedBehind(BaseModel):
    """One need: what every provider of the lot could see of it, and what came of it. Ids alone say which referrals."""

    referrals: list[UUID]
    council: str
    lot: str
    urgency: str | None
    age_bands: list[str]
    area: str | None
    needs: list[str]
    broadcast_at: datetime
    closed_at: datetime | None
    first_offer_at: datetime | None
    offers: int
    nearest_offer_miles: Decimal | None
    gaps: list[Gap]
    free_beds: Annotated[int | None, Field(description="suitable free beds then; null where nothing was missing")]
    free_beds_near: Annotated[int | None, Field(description="of those, within 20 miles; null also where home's district is not known")]
    recruit: bool

    @classmethod
    def of(cls, given: Looked) -> Self:
        """As it was."""
        need = given.need
        return cls(
            referrals=list(need.referrals),
            council=need.first.council,
            lot=need.first.lot,
            urgency=need.first.urgency,
            age_bands=list(given.bands),
            area=need.first.district,
            needs=list(need.needs),
            broadcast_at=need.first.broadcast_at,
            closed_at=need.first.closes_at,
            first_offer_at=need.first_offer_at,
            offers=need.offers,
            nearest_offer_miles=need.nearest,
            gaps=sorted(need.gaps),
            free_beds=given.free.anywhere if given.free else None,
            free_beds_near=given.free.near if given.free else None,
            recruit=given.recruit,
        )
