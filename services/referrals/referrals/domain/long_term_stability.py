"""Stability 2 of the national statistics: children looked after for long who live where they lived two years ago.

Of the children under 16 on a day who have been looked after without a break for two and a half years or more, those who have lived in
the same placement for two years or more. A child placed for adoption counts its adoptive placement and the one before together. Source:
the Department for Education's definition of the indicator (domain §7: 68 % in England 2024).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from referrals.domain.episodes import CarePeriod, Stay

UNDER = relativedelta(years=16)
LOOKED_AFTER = relativedelta(years=2, months=6)
SAME_PLACEMENT = relativedelta(years=2)
FOR_ADOPTION = ("A3", "A4", "A5", "A6")
"""Placement codes of children placed for adoption."""


@dataclass(frozen=True)
class LongTerm:
    """One child's part: whether it is one of the children the indicator is about, and whether it stayed."""

    counts: bool
    stayed: bool = False


@dataclass(frozen=True)
class StabilityCount:
    """The indicator of one council on one day, its two numbers."""

    as_of: date
    looked_after_long: int
    same_placement: int


def long_term(born: date, periods: Iterable[CarePeriod], stays: Sequence[Stay], as_of: date) -> LongTerm:
    """One child on the day ``as_of``. A stay's last day is not a day in it, and the same carer in a row is one placement."""
    looked_after = any(each.began_on + LOOKED_AFTER <= as_of and (each.ended_on is None or each.ended_on > as_of) for each in periods)
    if not looked_after or born + UNDER <= as_of:
        return LongTerm(counts=False)
    began = _here_since(stays, as_of)
    return LongTerm(counts=True, stayed=began is not None and began + SAME_PLACEMENT <= as_of)


def counted(children: Iterable[LongTerm], as_of: date) -> StabilityCount:
    """All of a council's children added up."""
    those = [each for each in children if each.counts]
    return StabilityCount(as_of, len(those), sum(each.stayed for each in those))


def _here_since(stays: Sequence[Stay], as_of: date) -> date | None:
    lived = sorted((each for each in stays if each.began_on <= as_of), key=lambda each: each.began_on)
    if not lived or (lived[-1].ended_on is not None and lived[-1].ended_on <= as_of):
        return None
    here = lived[-1]
    for before in reversed(lived[:-1]):
        if before.ended_on is None or before.ended_on != here.began_on or not _one_placement(before, here):
            break
        here = before
    return here.began_on


def _one_placement(before: Stay, after: Stay) -> bool:
    same = after.same_carer or (after.carer is not None and before.carer == after.carer)
    return same or (after.place in FOR_ADOPTION and before.place not in FOR_ADOPTION)
