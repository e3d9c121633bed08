"""Unaccompanied asylum-seeking children in the national return: who stands in its UASC table, and whose home is not asked for.

Source: rules 104, 205A to 205D, 304, 392b and 406 of the sector's validator. DUC is the day the status ceased, from the first day of the
year to the eighteenth birthday; of a status that goes on it is that birthday, and a council may leave it blank in a child's first year.
The home of such a child is not asked for, nor told, in the years of its status and the two after: there is no distance from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Protocol

from referrals.domain.ages import ADULT
from referrals.domain.episodes import GapRule, TimeInCare
from referrals.domain.identity import Identity
from referrals.domain.ssda903 import return_year, year_end, year_start
from shared.refusals import Reason


class OfAChild(Protocol):
    """What of a child says whether it is unaccompanied: a record, or a child that an earlier return tells of."""

    @property
    def date_of_birth(self) -> date: ...
    @property
    def unaccompanied(self) -> bool | None: ...
    @property
    def unaccompanied_until(self) -> date | None: ...


YEARS_AFTER = 2
"""Return years after the one in which the status ceased for which a child counts as formerly unaccompanied."""


def eighteenth(born: date) -> date:
    """The eighteenth birthday as rule 304 reckons it: of a child born on 29 February, the 28th."""
    try:
        return born.replace(year=born.year + ADULT)
    except ValueError:
        return date(born.year + ADULT, 2, 28)


def in_uasc_table(who: OfAChild, year: int) -> bool:
    """Whether the child was unaccompanied on a day of the year, as far as its record says; it was so from the day it came into care."""
    return bool(who.unaccompanied) and (who.unaccompanied_until is None or who.unaccompanied_until >= year_start(year))


def ceased(who: OfAChild, year: int) -> date | None:
    """DUC as it stood on 31 March of the year: of a status that ceased later and before eighteen, the birthday it would have gone on to."""
    until = who.unaccompanied_until
    return eighteenth(who.date_of_birth) if until is not None and until > year_end(year) else until


def home_not_asked(who: OfAChild, year: int) -> bool:
    """Whether the return of that year leaves out where this child's home is."""
    until = who.unaccompanied_until
    return bool(who.unaccompanied) and (until is None or year <= return_year(until) + YEARS_AFTER)


def without_home(time: TimeInCare, who: OfAChild, year: int) -> TimeInCare:
    """A year of a time in care as the return tells it: where the home is not asked for, it is neither told nor lacking."""
    if not home_not_asked(who, year):
        return time
    gaps = tuple(gap for gap in time.gaps if gap.rule is not GapRule.NO_HOME_POSTCODE)
    return TimeInCare(tuple(replace(row, home_post=None) for row in time.episodes), gaps)


def as_asked(time: TimeInCare, who: OfAChild, today: date) -> TimeInCare:
    """A whole time in care as its last return tells each episode: without the homes that no return asks for, and not lacking them."""

    def hidden(until: date | None) -> bool:
        return home_not_asked(who, return_year(until or today))

    rows = (replace(row, home_post=None) if hidden(row.dec) else row for row in time.episodes)
    gaps = (gap for gap in time.gaps if gap.rule is not GapRule.NO_HOME_POSTCODE or not hidden(gap.until))
    return TimeInCare(tuple(rows), tuple(gaps))


def settled(who: Identity, before: Identity | None = None) -> Identity:
    """The record with the day until which its status goes on: until eighteen where no day is given; it moves with the date of birth.

    A day that came blank out of an earlier return stays blank until somebody says one.
    """
    was = before is not None and bool(before.unaccompanied)
    untouched = before is not None and who.unaccompanied_until == before.unaccompanied_until
    if not who.unaccompanied:
        return replace(who, unaccompanied_until=None) if was and untouched else who
    went_on = before is not None and before.unaccompanied_until == eighteenth(before.date_of_birth)
    not_given = who.unaccompanied_until is None and not (was and untouched)
    return replace(who, unaccompanied_until=eighteenth(who.date_of_birth)) if not_given or (was and untouched and went_on) else who


def may_take(record: OfAChild, told: OfAChild) -> bool:
    """Whether a record can be as an earlier return tells: it says the same, or says nothing of it. A day left blank is that of eighteen."""
    if not told.unaccompanied or record.unaccompanied is None:
        return True
    adult = eighteenth(record.date_of_birth)
    return record.unaccompanied and (record.unaccompanied_until or adult) == (told.unaccompanied_until or adult)


def broken_rules(who: OfAChild, today: date) -> Iterator[Reason]:
    """Why the status cannot have ceased on that day: not of such a child, before its birth, after eighteen, in the future but not then."""
    until, adult = who.unaccompanied_until, eighteenth(who.date_of_birth)
    if until is None:
        return
    if not who.unaccompanied:
        words = "Give the day on which the status ceased only for a child who is or was unaccompanied."
        yield Reason("unaccompanied_until", "only_for_unaccompanied", words)
    if not who.date_of_birth < until <= adult:
        words = "The status ceases after the child's birth, and on the eighteenth birthday at the latest."
        yield Reason("unaccompanied_until", "not_after_eighteen", words)
    elif until > today and until != adult:
        words = "This day is in the future. While the status goes on, leave it out: it then ends with the eighteenth birthday."
        yield Reason("unaccompanied_until", "not_in_the_future", words)
