"""Baseline prices as a council sends them, JSON or CSV, and as they are shown."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from monitoring.domain.baseline import MOST_ROWS, BaselineList, Row
from monitoring.domain.facts import BaselinePrice
from monitoring.schemas.csv_rows import separator, text_of
from shared.refusals import Reason, RefusalKind, Refused, invalid

COLUMNS = ("lot", "band", "from_date", "pounds_per_week")


class NewPrice(BaseModel):
    """One price of the list. Text, so that every fault of every row can be named at once in the same words as for a file."""

    model_config = ConfigDict(extra="forbid")

    lot: str = Field(max_length=100, examples=["general"])
    band: str = Field(max_length=100, examples=["5-10"])
    from_date: str = Field(max_length=40, examples=["2012-04-01"], description="the first day the price held")
    pounds_per_week: str = Field(max_length=40, examples=["812.50"])


class NewBaseline(BaseModel):
    """A council's whole list; it replaces the one before it."""

    model_config = ConfigDict(extra="forbid")

    prices: list[NewPrice] = Field(max_length=MOST_ROWS)

    def rows(self) -> list[Row]:
        """Each price with its place in the list, from 1."""
        return [
            Row(place, price.lot, price.band, price.from_date, price.pounds_per_week) for place, price in enumerate(self.prices, start=1)
        ]


class BaselineHead(BaseModel):
    """Which version of a council's list is in force."""

    council: str
    version: int
    uploaded_at: datetime
    prices: int

    @classmethod
    def of(cls, found: BaselineList) -> Self:
        """As kept."""
        return cls(council=found.council, version=found.version, uploaded_at=found.uploaded_at, prices=found.price_count)


class Price(BaseModel):
    """One price in force before the framework, from a day on."""

    council: str
    lot: str
    band: str
    from_date: date
    pounds_per_week: Decimal

    @classmethod
    def of(cls, found: BaselinePrice) -> Self:
        """As kept."""
        return cls(council=found.council, lot=found.lot, band=found.band, from_date=found.from_date, pounds_per_week=found.pounds_per_week)


def rows_of_csv(content: bytes) -> list[Row]:
    """The rows of a file with the columns lot, band, from_date and pounds_per_week, in any order; lines are counted as an editor does.

    Refused: a file that is not text in UTF-8, or whose columns are not these four.
    """
    try:
        text = text_of(content)
        reader = csv.reader(text, delimiter=separator(text), strict=True)
        header = [name.strip() for name in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            message = "The first line must name exactly these columns: lot,band,from_date,pounds_per_week."
            raise invalid(Reason("prices", "columns_as_named", message))
        rows = []
        for values in reader:
            if any(value.strip() for value in values):
                cells = dict(zip(header, (value.strip() for value in values), strict=False))
                lot, band, from_date, pounds = (cells.get(name, "") for name in COLUMNS)
                rows.append(Row(reader.line_num, lot, band, from_date, pounds, surplus=len(values) > len(header)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(RefusalKind.MALFORMED, "The file cannot be read as CSV in UTF-8. Save it again as “CSV UTF-8”.") from error
    return rows
