"""Values as PostgreSQL keeps them: what a column or a cast makes of what it is given, and how values are compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Json:
    """A value bound as JSON, so that a text in it is a JSON string and not JSON's text."""

    value: Any


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value.value) if hasattr(value, "value") else str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value)


def _uuid(value: Any) -> UUID:
    return value if type(value) is UUID else UUID(str(value))


def _whole(value: Any) -> int:
    if isinstance(value, Decimal):
        return int(value.quantize(Decimal(1), ROUND_HALF_UP))
    return int(value)


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _day(value: Any) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    if not isinstance(value, datetime):
        return value
    return (value.astimezone(UTC) if value.tzinfo else value).date()


def _json(value: Any) -> Any:
    if isinstance(value, Json):
        return json.loads(json.dumps(value.value))
    return json.loads(value) if isinstance(value, str) else json.loads(json.dumps(value))


def _bool(value: Any) -> bool:
    return value in ("t", "true", "TRUE") if isinstance(value, str) else bool(value)


def _interval(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    number, unit = str(value).split()
    return timedelta(**{unit if unit.endswith("s") else unit + "s": int(number)})


COERCIONS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "varchar": _text,
    "name": _text,
    "uuid": _uuid,
    "int2": _whole,
    "int4": _whole,
    "int8": _whole,
    "numeric": lambda value: value if type(value) is Decimal else Decimal(str(value)),
    "float8": float,
    "bool": _bool,
    "timestamptz": _moment,
    "date": _day,
    "jsonb": _json,
    "json": _json,
    "bytea": lambda value: value.encode() if isinstance(value, str) else bytes(value),
    "interval": _interval,
}


def coercion(kind: str, scale: int | None = None) -> Callable[[Any], Any]:
    """What a column of this type, or a cast to it, makes of a value that is not NULL."""
    if kind.endswith("[]"):
        each = COERCIONS[kind[:-2]]
        return lambda value: [None if one is None else each(one) for one in _listed(value)]
    if kind == "numeric" and scale is not None:
        unit = Decimal(1).scaleb(-scale)
        return lambda value: Decimal(str(value)).quantize(unit, ROUND_HALF_UP)
    return COERCIONS[kind]


def _listed(value: Any) -> Any:
    if isinstance(value, str):  # '{a,b}', as a column's default is written
        inside = value.strip("{}")
        return inside.split(",") if inside else []
    return value


def key_of(value: Any) -> Any:
    """A value as part of a key in memory: lists and JSON are compared by what is in them."""
    if isinstance(value, (list, tuple)):
        return tuple(key_of(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    return value


class Ordered:
    """A value in the order ORDER BY gives it: NULL last unless said otherwise, texts by their letters' numbers (C.UTF-8)."""

    __slots__ = ("descending", "nulls_first", "value")

    def __init__(self, value: Any, descending: bool, nulls_first: bool) -> None:
        self.value, self.descending, self.nulls_first = value, descending, nulls_first

    def __lt__(self, other: Ordered) -> bool:
        if self.value is None or other.value is None:
            if self.value is other.value:
                return False
            return (self.value is None) == self.nulls_first
        mine, theirs = key_of(self.value), key_of(other.value)
        return bool(theirs < mine if self.descending else mine < theirs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ordered) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]
