"""PostgreSQL's functions and operators as far as the services call them, and the two of matching's own."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.postgres.values import key_of


def _strict(work: Callable[..., Any]) -> Callable[..., Any]:
    """As most functions: NULL in, NULL out."""
    return lambda *values: None if None in values else work(*values)


def _add(one: Any, other: Any) -> Any:
    if isinstance(one, date) and not isinstance(one, datetime) and isinstance(other, int):
        return one + timedelta(days=other)
    return one + other


def _subtract(one: Any, other: Any) -> Any:
    if isinstance(one, date) and not isinstance(one, datetime):
        if isinstance(other, int):
            return one - timedelta(days=other)
        if isinstance(other, date) and not isinstance(other, datetime):
            return (one - other).days
    if isinstance(one, dict) and isinstance(other, str):
        return {name: value for name, value in one.items() if name != other}
    return one - other


def _divide(one: Any, other: Any) -> Any:
    if isinstance(one, int) and isinstance(other, int):
        return int(Decimal(one) / Decimal(other))
    return one / other


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, list) or isinstance(other, list):
        return [*(one if isinstance(one, list) else [one]), *(other if isinstance(other, list) else [other])]
    if isinstance(one, dict):
        return {**one, **other}
    return str(one) + str(other)


def _like(text: str, pattern: str) -> bool:
    import re

    return re.fullmatch(re.escape(pattern).replace("%", ".*").replace("_", "."), text, re.DOTALL) is not None


def _member(value: Any, name: Any) -> Any:
    if isinstance(value, dict):
        return value.get(str(name))
    if isinstance(value, list) and isinstance(name, int):
        return value[name] if -len(value) <= name < len(value) else None
    return None


def _as_text(value: Any) -> str | None:
    import json

    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _contains(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return isinstance(other, dict) and all(name in one and _contains(one[name], value) for name, value in other.items())
    if isinstance(one, list):
        return all(value in one for value in (other if isinstance(other, list) else [other]))
    return bool(one == other)


def _compared(work: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda one, other: bool(work(key_of(one), key_of(other)))


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": _compared(operator.lt),
    "<=": _compared(operator.le),
    ">": _compared(operator.gt),
    ">=": _compared(operator.ge),
    "+": _add,
    "-": _subtract,
    "*": operator.mul,
    "/": _divide,
    "%": operator.mod,
    "||": _joined,
    "~~": _like,
    "!~~": lambda text, pattern: not _like(text, pattern),
    "->": _member,
    "->>": lambda value, name: _as_text(_member(value, name)),
    "@>": _contains,
    "<@": lambda one, other: _contains(other, one),
    "&&": lambda one, other: bool(set(one) & set(other)),
    "?": lambda value, name: name in value,
}


def _hash(text: str, seed: int = 0) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/{text}".encode()).digest()[:8], "big", signed=True)


def _truncated(part: str, moment: datetime | date) -> Any:
    whole = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    day = whole.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[part]


def _extracted(part: str, moment: Any) -> Any:
    if part == "epoch":
        return Decimal(str(moment.total_seconds() if isinstance(moment, timedelta) else moment.timestamp()))
    return Decimal({"year": moment.year, "month": moment.month, "day": moment.day}[part])


def _at_zone(zone: str, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _rounded(value: Any, places: int = 0) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "lower": _strict(lambda text: text.lower()),
    "upper": _strict(lambda text: text.upper()),
    "length": _strict(len),
    "cardinality": _strict(len),
    "array_length": _strict(lambda values, _: len(values) or None),
    "hashtextextended": _strict(_hash),
    "hashtext": _strict(_hash),
    "date_trunc": _strict(_truncated),
    "date_part": _strict(_extracted),
    "extract": _strict(_extracted),
    "timezone": _strict(_at_zone),
    "round": _strict(_rounded),
    "string_to_array": _strict(lambda text, mark: text.split(mark) if text else []),
    "array_to_string": _strict(lambda values, mark: mark.join(str(value) for value in values if value is not None)),
    "jsonb_array_length": _strict(len),
    "array_remove": lambda values, gone: None if values is None else [value for value in values if value != gone],
    "array_append": lambda values, value: [*(values or []), value],
    "array_position": lambda values, value: None if not values or value not in values else values.index(value) + 1,
    "make_interval": lambda **parts: timedelta(**parts),
    "concat": lambda *values: "".join(str(value) for value in values if value is not None),
    "nullif": lambda one, other: None if one == other else one,
    "abs": _strict(abs),
}
"""Functions of their arguments alone."""


def _sum(values: list[Any]) -> Any:
    return sum(values[1:], values[0]) if values else None


AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "sum": _sum,
    "min": lambda values: min(values, key=key_of) if values else None,
    "max": lambda values: max(values, key=key_of) if values else None,
    "array_agg": lambda values: values or None,
    "bool_or": lambda values: any(values) if values else None,
    "bool_and": lambda values: all(values) if values else None,
    "avg": lambda values: Decimal(_sum(values)) / len(values) if values else None,
    "jsonb_agg": lambda values: values or None,
    "string_agg": lambda values: "".join(values) if values else None,
}
"""Over a group's values; all but array_agg and jsonb_agg pass over NULL."""
