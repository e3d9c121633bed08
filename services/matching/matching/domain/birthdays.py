"""When a child passes from one price band of the lot to the next.

matching never knows a birth date: it knows an age in years (in months under two) on the day the referral was told. So a birthday
is a window of days, a year long or a month, and what depends on it is a range.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from matching.domain.pricing import BandPrice
from matching.domain.referral import Child


@dataclass(frozen=True, slots=True)
class Band:
    """An age band of a lot: both ages inclusive, in years."""

    code: str
    from_age: int
    to_age: int


@dataclass(frozen=True, slots=True)
class BandChange:
    """A child's birthday into another band, on some day from ``earliest`` to ``latest``.

    ``difference``: what a week costs more (or less) from then on as the offer states it; None: to be agreed. ``band_after`` is
    None past the lot's last band.
    """

    child: int
    age: int
    band_before: str | None
    band_after: str | None
    earliest: date
    latest: date
    difference: Decimal | None


def band_changes(
    children: Iterable[Child], bands: Sequence[Band], aged_on: date, prices: Sequence[BandPrice], *, arrives_on: date, leaves_on: date
) -> tuple[BandChange, ...]:
    """Every change of band that may fall inside a stay, the earliest first.

    ``aged_on``: the day on which the children's ages were told. The weekly fee is the fee on the day of arrival, so a birthday
    that is past by then changes nothing, and one in a window over that day counts from the day after at the earliest.
    """
    stated = {price.band: price.pounds_per_week for price in prices}
    found = [
        BandChange(child.number, age, before, after, max(earliest, arrives_on + timedelta(1)), latest, _difference(stated, before, after))
        for child in children
        for age, earliest, latest in _birthdays(child, aged_on, leaves_on)
        for before, after in [(_band(bands, age - 1), _band(bands, age))]
        if before != after and latest > arrives_on
    ]
    return tuple(sorted((one for one in found if one.earliest < leaves_on), key=lambda one: (one.earliest, one.child)))


def _birthdays(child: Child, aged_on: date, until: date) -> Iterable[tuple[int, date, date]]:
    """Each birthday that may come before ``until``: the age reached, and the first and last day it may be."""
    age = child.age + 1
    while True:
        if child.months is None:
            before, latest = 12 * max(age - child.oldest - 1, 0), 12 * (age - child.age)
        else:
            before, latest = 12 * age - child.months - 1, 12 * age - child.months
        earliest = _months_after(aged_on, before) + timedelta(1)
        if earliest >= until:
            return
        yield age, earliest, _months_after(aged_on, latest)
        age += 1


def _months_after(day: date, months: int) -> date:
    """So many months after a day; the last day of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _band(bands: Sequence[Band], age: int) -> str | None:
    return next((band.code for band in bands if band.from_age <= age <= band.to_age), None)


def _difference(stated: dict[str, Decimal], before: str | None, after: str | None) -> Decimal | None:
    if before in stated and after in stated:
        return stated[str(after)] - stated[str(before)]
    return None
