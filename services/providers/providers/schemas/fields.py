"""Kinds of field that several bodies share."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

T = TypeVar("T", bound=Hashable)


class Body(BaseModel):
    """A request body: a field it does not have is refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """A reply body, read from a domain value of the same field names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _once_each(values: tuple[T, ...]) -> tuple[T, ...]:
    """The same word twice says no more than once; the order is kept."""
    return tuple(dict.fromkeys(values))


OnceEach = AfterValidator(_once_each)
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""A code of the framework's own making: ``general``, ``parent_child``."""
BandCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]{0,19}$")]
"""A price band's or question's code: ``0-4``, ``16_18``, ``q1``."""
OwnReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A reference of the caller's own: letters, digits, full stop, underscore and hyphen, at most 64."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line of text."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000, pattern=r"^[^\x00]+$")]
"""Text of several lines."""
Pounds = Annotated[Decimal, Field(gt=0, max_digits=7, decimal_places=2, description="pounds and pence, as in 812.50")]
PoundsShown = Annotated[Decimal, PlainSerializer(lambda pounds: f"{pounds:.2f}", return_type=str)]
"""Pounds as people write them: 850.00, never 850."""
Points = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Age = Annotated[int, Field(ge=0, le=25, strict=True)]
Count = Annotated[int, Field(ge=0, le=100, strict=True)]
