"""Days, moments and whole numbers as requests write them: 2026-11-02, 3. A bare number is no day, ``false`` is no number, and 0 is no no.

The library behind the bodies takes a number for seconds since 1970, so that a date of birth sent as 0 was kept as 1 January 1970, true
and false for 1 and 0, and 0 and "off" for false. The OpenAPI documents promise neither.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, Strict
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


def is_kept(text: str) -> bool:
    """Whether a row could hold it: PostgreSQL keeps no null byte, and no half of a character."""
    return not any(mark == "\0" or "\ud800" <= mark <= "\udfff" for mark in text)


def _kept(text: str) -> str:
    if not is_kept(text):
        raise PydanticCustomError("unwritable", "a null byte")
    return text


def _of_our_time(moment: datetime) -> datetime:
    if not in_our_time(moment):
        raise PydanticCustomError("datetime_out_of_time", "no moment of anybody's life here")
    return moment


def in_our_time(moment: datetime) -> bool:
    """Whether a moment has the offset of a place on Earth and lies off the ends of the calendar, where the next day, or the same moment by
    another clock, is no moment any more. PostgreSQL reads no offset of sixteen hours.
    """
    offset = moment.utcoffset()
    return offset is not None and abs(offset) <= _FURTHEST and EARLIEST.year < moment.year < LATEST.year


_FURTHEST = timedelta(hours=14)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""No day of any row lies before or after."""
NO_NUMBER = BeforeValidator(_day)
"""For a day with limits of its own: behind them, or its description loses them."""
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST), NO_NUMBER]
"""A day."""
Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time), BeforeValidator(_moment)]
"""A moment with its offset."""
Whole = Annotated[int, Strict()]
"""A whole number."""
KEPT = AfterValidator(_kept)
"""For a text that comes by a form or a file: JSON is held to it as a whole when it arrives."""
YesOrNo = Annotated[bool, Strict()]
"""True or false."""
