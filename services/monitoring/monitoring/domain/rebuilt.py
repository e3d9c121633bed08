"""Facts as the log of events leaves them, beside the facts as they are kept: what differs, row by row and column by column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]


class Kind(StrEnum):
    """How a kept row and the log disagree."""

    MISSING = "missing"
    """The log teaches it, and it is not kept."""
    ALTERED = "altered"
    NOT_IN_THE_LOG = "not_in_the_log"
    """It is kept, and no event teaches it: heard before there was a log, or put in by hand."""
    COUNTED_OTHERWISE = "counted_otherwise"
    """The facts give other records for this KPI and month than are kept."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as it should be. ``columns`` name what differs, never what it says."""

    kind: Kind
    reader: str
    table: str
    key: str
    columns: tuple[str, ...] = ()


def differences(reader: str, table: str, key: Sequence[str], kept: Iterable[Row], told: Iterable[Row]) -> list[Difference]:
    """Compare one reader's rows of one table: as kept, and as the log leaves them. A column the log is silent about must be empty."""
    by_key = {name_of(row, key): row for row in told}
    found = []
    for row in kept:
        name = name_of(row, key)
        if (should := by_key.pop(name, None)) is None:
            found.append(Difference(Kind.NOT_IN_THE_LOG, reader, table, name))
            continue
        wrong = tuple(column for column, value in row.items() if plain(value) != plain(should.get(column)))
        if wrong:
            found.append(Difference(Kind.ALTERED, reader, table, name, wrong))
    return found + [Difference(Kind.MISSING, reader, table, name) for name in by_key]


def plain(value: Any) -> Any:
    """A value as it can be compared whoever wrote it: money without trailing noughts, moments in UTC, the rest as text."""
    match value:
        case bool() | None:
            return value
        case int() | Decimal():
            return f"{Decimal(value).normalize():f}"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case list() | tuple():
            return [plain(each) for each in value]
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case _:
            return str(value)


def name_of(row: Row, key: Sequence[str]) -> str:
    """A row by the values of its key."""
    return json.dumps([plain(row[column]) for column in key])
