"""Days, moments and whole numbers as requests write them: 2026-11-02, 3. A bare number is no day, ``false`` is no number, and 0 is no no.

The library behind the bodies takes a number for seconds since 1970, so that a date of birth sent as 0 was kept as 1 January 1970, true
and false for 1 and 0, and 0 and "off" for false. The OpenAPI documents promise neither.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Strict
from pydantic_core import PydanticCustomError


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int | float)


def _day(value: Any) -> Any:
    if _is_number(value):
        raise PydanticCustomError("date_from_number", "a number is no date")
    return value


def _moment(value: Any) -> Any:
    if _is_number(value):
        raise PydanticCustomError("datetime_from_number", "a number is no moment")
    return value


NO_NUMBER = BeforeValidator(_day)
"""For a day with limits of its own: behind them, or its description loses them."""
Day = Annotated[date, NO_NUMBER]
"""A day."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A moment with its offset."""
Whole = Annotated[int, Strict()]
"""A whole number."""
YesOrNo = Annotated[bool, Strict()]
"""True or false."""
