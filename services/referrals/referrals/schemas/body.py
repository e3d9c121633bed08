"""What every body sent in has in common, and the written forms that several share."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.refusals import Reason, invalid


class Body(BaseModel):
    """A request body: a field it does not know is refused, because a misspelt one would otherwise be lost without a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Empty(Body):
    """A request that needs nothing said."""


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""One line of text: a name, an address."""

PoundsPerWeek = Annotated[Decimal, Field(ge=0, le=99_999, max_digits=7, decimal_places=2, description="pounds and pence, as in 812.50")]


def given(body: BaseModel, *, may_be_empty: Collection[str] = ()) -> dict[str, object]:
    """The fields of a change that the caller named, as values; those left out stay as they are and are not in it.

    Refused, every field at once, where null is given for one that cannot be empty.
    """
    named = {name: getattr(body, name) for name in body.model_fields_set}
    broken = [
        Reason(name, "not_empty", "This cannot be emptied: give a value, or leave the field out.")
        for name, value in sorted(named.items())
        if value is None and name not in may_be_empty
    ]
    if broken:
        raise invalid(*broken)
    return named
