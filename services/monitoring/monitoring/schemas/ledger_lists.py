"""The ledger's uploaded lists as they are sent, JSON or CSV, and as they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from monitoring.domain.ledger.baseline_period import CellNights
from monitoring.domain.ledger.pence import pounds
from monitoring.domain.ledger.uploaded import MOST_CELLS, MOST_MONTHS, Avoidable, ListHead, Row, UnitCost

INDEX_COLUMNS = ("month", "value")
NIGHTS_COLUMNS = ("lot", "band", "nights")
COSTS_COLUMNS = ("event", "unit_cost", "per_1000_nights", "source")


class NewMonth(BaseModel):
    """The index of one month. Text, so that every fault of every row can be named at once."""

    model_config = ConfigDict(extra="forbid")

    month: str = Field(max_length=40, examples=["2012-04"])
    value: str = Field(max_length=40, examples=["121.7"])


class NewIndex(BaseModel):
    """A whole price index; it replaces the one before it."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=400, description="which index, and where it is published", examples=["ONS CPI, series D7BT"])
    months: list[NewMonth] = Field(max_length=MOST_MONTHS + 1)

    def rows(self) -> list[Row]:
        """Each month with its place in the list, from 1."""
        return [Row(place, each.model_dump()) for place, each in enumerate(self.months, 1)]


class NewCell(BaseModel):
    """The nights of one lot and band in the baseline period, each child's night counted."""

    model_config = ConfigDict(extra="forbid")

    lot: str = Field(max_length=100, examples=["general"])
    band: str = Field(max_length=100, examples=["5-10"])
    nights: str = Field(max_length=40, examples=["21900"])


class NewNights(BaseModel):
    """A council's baseline period: its days, and the nights of each lot and band over all of them."""

    model_config = ConfigDict(extra="forbid")

    first: str = Field(max_length=40, examples=["2011-04-01"])
    last: str = Field(max_length=40, examples=["2012-03-31"])
    cells: list[NewCell] = Field(max_length=MOST_CELLS + 1)

    def rows(self) -> list[Row]:
        """Each cell with its place in the list, from 1."""
        return [Row(place, each.model_dump()) for place, each in enumerate(self.cells, 1)]


class NewUnitCost(BaseModel):
    """What one event costs and how often it happened in the baseline."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(max_length=40, examples=list(Avoidable))
    unit_cost: str = Field(max_length=40, examples=["5000.00"], description="pounds")
    per_1000_nights: str = Field(max_length=40, examples=["1.9"], description="how many for 1,000 nights in the baseline")
    source: str = Field(max_length=400, description="where both figures are from; never about a child", examples=["finance return 2011-12"])


class NewUnitCosts(BaseModel):
    """All unit costs of their author; they replace those before."""

    model_config = ConfigDict(extra="forbid")

    costs: list[NewUnitCost] = Field(max_length=len(Avoidable) + 1)

    def rows(self) -> list[Row]:
        """Each cost with its place in the list, from 1."""
        return [Row(place, each.model_dump()) for place, each in enumerate(self.costs, 1)]


class Head(BaseModel):
    """Which version of a list is in force."""

    author: str = Field(description="a council's ONS code, or consortium")
    version: int
    uploaded_at: datetime
    rows: int
    first: date | None = None
    last: date | None = None
    source: str | None = None

    @classmethod
    def of(cls, found: ListHead) -> Self:
        """As kept."""
        given = {"first": found.first, "last": found.last, "source": found.source or None}
        return cls(author=found.author, version=found.version, uploaded_at=found.uploaded_at, rows=found.rows, **given)


class Month(BaseModel):
    """The index of one month."""

    month: str
    value: Decimal


class Index(BaseModel):
    """The index in force; null and nothing where none was uploaded."""

    head: Head | None
    months: list[Month]

    @classmethod
    def of(cls, found: tuple[ListHead, Mapping[date, Decimal]] | None) -> Self:
        """By month."""
        if found is None:
            return cls(head=None, months=[])
        head, values = found
        return cls(head=Head.of(head), months=[Month(month=f"{month:%Y-%m}", value=value) for month, value in values.items()])


class Cell(BaseModel):
    """Nights of one lot and band in one council's baseline period."""

    council: str
    lot: str
    band: str
    nights: int


class Nights(BaseModel):
    """The baseline periods in force that the reader may see."""

    periods: list[Head]
    cells: list[Cell]

    @classmethod
    def of(cls, heads: list[ListHead], cells: list[CellNights]) -> Self:
        """By council, lot and band."""
        return cls(
            periods=[Head.of(each) for each in heads],
            cells=[Cell(council=each.council, lot=each.lot, band=each.band, nights=each.nights) for each in cells],
        )


class DeclaredCost(BaseModel):
    """One declared unit cost and baseline rate."""

    author: str
    event: Avoidable
    unit_cost: Decimal
    per_1000_nights: Decimal
    source: str

    @classmethod
    def of(cls, author: str, found: UnitCost) -> Self:
        """In pounds."""
        rate = (Decimal(found.per_1000_nights.numerator) / Decimal(found.per_1000_nights.denominator)).normalize()
        return cls(author=author, event=found.event, unit_cost=pounds(found.pence), per_1000_nights=rate, source=found.source)


class DeclaredCosts(BaseModel):
    """The unit costs in force that the reader may see; a council's own come before the consortium's."""

    costs: list[DeclaredCost]

    @classmethod
    def of(cls, found: Mapping[str, Mapping[Avoidable, UnitCost]]) -> Self:
        """By author and event."""
        return cls(costs=[DeclaredCost.of(author, cost) for author, costs in sorted(found.items()) for cost in costs.values()])
