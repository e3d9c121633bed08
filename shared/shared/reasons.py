"""What is wrong with a value, in an officer's words: a validation error as the field and the rule, never what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from shared.refusals import Reason, RefusalKind, Refused

MOST_REASONS = 100
"""Told at once. A body with more faults has one that was made again and again, and whoever reads them all reads none."""

_UNWRITABLE = ("writable", "This holds a character that cannot be kept (a null byte). Write it anew, or leave that character out.")
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("required", "This is needed."),
    "extra_forbidden": ("known_field", "There is a field here that this request does not have. Check its spelling, or leave it out."),
    "json_invalid": ("valid_json", "The body is not valid JSON."),
    "enum": ("known_code", "This is not one of the codes allowed here: {expected}."),
    "literal_error": ("known_code", "This is not one of the codes allowed here: {expected}."),
    "greater_than": ("greater_than", "This must be more than {gt}."),
    "greater_than_equal": ("at_least", "This must be at least {ge}."),
    "less_than": ("less_than", "This must be less than {lt}."),
    "less_than_equal": ("at_most", "This must be at most {le}."),
    "string_too_short": ("long_enough", "This must have at least {min_length} characters."),
    "string_too_long": ("short_enough", "This must have at most {max_length} characters."),
    "too_short": ("enough", "There must be at least {min_length} here."),
    "too_long": ("not_too_many", "There may be at most {max_length} here."),
    "string_pattern_mismatch": ("pattern", "This is not written in the form expected here."),
    "decimal_max_places": ("decimal_places", "This may have at most {decimal_places} decimal places."),
    "decimal_max_digits": ("digits", "This number is too long."),
    "decimal_whole_digits": ("digits", "This number is too large."),
    "finite_number": ("number", "This must be an ordinary number."),
    "unwritable": _UNWRITABLE,
    "timezone_aware": ("offset", "Give the time with its offset, as in 2026-11-02T17:00:00+00:00, so that its hour is not in doubt."),
}
_WORDS_BY_PREFIX: tuple[tuple[str, str, str], ...] = (
    ("date_from_datetime", "date", "This must be a date, as in 2026-11-02."),
    ("datetime_out_of_time", "year", "Give a year and an offset in which things here happen, as in 2026-11-02T17:00:00+00:00."),
    ("datetime", "date_and_time", "This must be a date and time with offset, as in 2026-11-02T17:00:00+00:00."),
    ("date", "date", "This must be a real date, as in 2026-11-02."),
    ("decimal", "number", "This must be a number, as in 812.50."),
    ("float", "number", "This must be a number."),
    ("int", "whole_number", "This must be a whole number."),
    ("bool", "yes_or_no", "This must be true or false."),
    ("uuid", "id", "This must be an id as another reply gave it."),
    ("string", "text", "This must be text."),
    ("list", "list", "This must be a list."),
    ("tuple", "list", "This must be a list."),
    ("set", "list", "This must be a list."),
    ("dict", "object", "This must be an object with named fields."),
    ("model", "object", "This must be an object with named fields."),
)


def _reason(error: dict[str, Any], known: frozenset[str]) -> Reason:
    """One validation error in an officer's words: rule and field, never the value."""
    kind = str(error["type"])
    path = list(error["loc"])
    if kind == "extra_forbidden":
        path = path[:-1]
    if kind == "json_invalid":  # its place is a position in the text, which is no field
        path = path[:1]
    field = named(path[1:], known) or str(path[0] if path else "body")
    if kind in _WORDS:
        rule, words = _WORDS[kind]
        return Reason(field, rule, words.format_map(_Limits(error.get("ctx") or {})))
    if kind in ("value_error", "assertion_error"):
        return Reason(field, "rule", str(error["msg"]).partition(", ")[2] or "This is not allowed here.")
    for prefix, rule, words in _WORDS_BY_PREFIX:
        if kind.startswith(prefix):
            return Reason(field, rule, words)
    return Reason(field, re.sub(r"[^a-z_]", "", kind), "This is not in the form expected here.")


def named(path: Iterable[str | int], known: frozenset[str]) -> str:
    """A place in a body as an officer and a program read it: children.0.age_years; what the caller made up is left out of it."""
    return ".".join(str(part) for part in path if isinstance(part, int) or part in known)


class _Limits(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "the limit"


def reasons_of(errors: Sequence[Any], known: frozenset[str]) -> tuple[Reason, ...]:
    """Validation errors as reasons, in the order found, so many at most; a rule broken twice at one field is said once."""
    found: dict[Reason, None] = {}
    for error in errors:
        found[_reason(dict(error), known)] = None
        if len(found) == MOST_REASONS:
            break
    return tuple(found)


def reasons_of_model(error: Any, model: type[BaseModel], *, prefix: str = "") -> tuple[Reason, ...]:
    """The reasons in a pydantic ValidationError raised outside a request body, as for a row of a file."""
    names = frozenset(model.model_json_schema().get("properties", {}))
    errors = [{**each, "loc": (prefix or "row", *each["loc"])} for each in error.errors(include_url=False, include_input=False)]
    return reasons_of(errors, names)


def in_all(reasons: Sequence[Reason]) -> str:
    """One sentence for what needs mending."""
    if len(reasons) == 1:
        return reasons[0].message
    if len(reasons) >= MOST_REASONS:
        return f"Much needs mending; the first {len(reasons)} things are listed under errors."
    return f"{len(reasons)} things need mending; each is listed under errors."


def unwritable(*fields: str) -> Refused:
    """The refusal of texts that PostgreSQL keeps in no column, in these fields; of the body where none is named."""
    reasons = tuple(Reason(field, *_UNWRITABLE) for field in dict.fromkeys(fields or ("body",)))
    return Refused(RefusalKind.INVALID, in_all(reasons), reasons)
