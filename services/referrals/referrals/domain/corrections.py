"""Correcting what was recorded wrongly of a child's time in care: refused where the record would contradict itself.

A correction says what a record should have said all along, or that there never was such a thing. Afterwards the whole record must read as
if it had been recorded so: a legal status from the first day of care, nothing outside a time in care, no two at once, codes of the year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from referrals.domain.care import Review, holding, review_broken_rules, status_broken_rules
from referrals.domain.episodes import CONTINUES, CarePeriod, StatusFrom, Stay
from referrals.domain.ssda903 import good_code, refusal_words
from shared.refusals import Reason


class CorrectionReason(StrEnum):
    """Why a record said something else."""

    TYPED_WRONGLY = "typed_wrongly"
    LEARNED_LATER = "learned_later"
    COURT_SAID_OTHERWISE = "court_said_otherwise"
    RECORDED_TWICE = "recorded_twice"
    ANOTHER_CHILD = "another_child"
    NEVER_HAPPENED = "never_happened"


class RecordKind(StrEnum):
    """What can be corrected."""

    LEGAL_STATUS = "legal_status"
    REVIEW = "review"
    CARE_PERIOD = "care_period"
    OUTSIDE_PLACEMENT = "outside_placement"


@dataclass(frozen=True)
class Correction:
    """One correction as kept: what the record said, who had recorded that and when, and what it says since (None: it was taken out)."""

    id: UUID
    child: UUID
    record: RecordKind
    reason: CorrectionReason
    before: dict[str, Any]
    after: dict[str, Any] | None
    by: str
    at: datetime


UNCHANGED = Reason("body", "changes_something", "This is what the record says already. Say what it should say instead.")


def status_correction_broken_rules(
    periods: Sequence[CarePeriod], statuses: Sequence[StatusFrom], wrong: StatusFrom, right: StatusFrom | None, today: date
) -> tuple[Reason, ...]:
    """Why a legal status cannot be corrected so: nothing changes, care would begin without one, or what it becomes cannot be."""
    found: list[Reason] = []
    if right == wrong:
        found.append(UNCHANGED)
    if (right is None or right.from_on != wrong.from_on) and any(period.began_on == wrong.from_on for period in periods):
        words = "Care begins under this legal status. Correct its code, or the day on which care began: the status moves with it."
        found.append(Reason("from_on", "first_of_its_care", words))
    if right is not None:
        found += status_broken_rules(periods, [each for each in statuses if each != wrong], right, today)
    return tuple(found)


def review_correction_broken_rules(
    periods: Sequence[CarePeriod], reviews: Sequence[Review], wrong: Review, right: Review | None, born: date, today: date
) -> tuple[Reason, ...]:
    """Why a review cannot be corrected so: nothing changes, another is recorded on that day, or what it becomes cannot be."""
    if right is None:
        return ()
    found = [UNCHANGED] if right == wrong else []
    found += review_broken_rules(periods, right, born, today)
    if any(each.held_on == right.held_on for each in reviews if each != wrong):
        found.append(Reason("held_on", "one_a_day", "A review of this child on this day is recorded already."))
    return tuple(found)


@dataclass(frozen=True, repr=False)
class Recorded:
    """A child's time in care as it is recorded, and when the child was born."""

    born: date
    periods: Sequence[CarePeriod]
    statuses: Sequence[StatusFrom]
    reviews: Sequence[Review]
    stays: Sequence[Stay]


def statuses_in(period: CarePeriod, statuses: Sequence[StatusFrom]) -> list[StatusFrom]:
    """The legal statuses of a time in care, oldest first."""
    mine = [each for each in statuses if period.began_on <= each.from_on and (period.ended_on is None or each.from_on <= period.ended_on)]
    return sorted(mine, key=lambda status: status.from_on)


def period_correction_broken_rules(recorded: Recorded, wrong: CarePeriod, right: CarePeriod | None, today: date) -> tuple[Reason, ...]:
    """Why a time in care cannot be corrected so, every reason at once; ``right`` None takes it out with its legal statuses."""
    reviews = [each for each in recorded.reviews if holding([wrong], each.held_on)]
    stays = [each for each in recorded.stays if _overlap(each, wrong)]
    if right is None:
        if reviews or stays:
            words = "Reviews or placements are recorded in this time in care: take those out first."
            return (Reason("began_on", "nothing_in_it", words),)
        return ()
    found = [UNCHANGED] if _said(right) == _said(wrong) else []
    found += _dates(recorded, wrong, right, today)
    mine = statuses_in(wrong, recorded.statuses)
    if mine and not good_code("LS", mine[0].legal_status, right.began_on):
        found.append(Reason("began_on", "ssda903_code", refusal_words("LS", right.began_on)))
    if any(not _inside(each.from_on, right) or each.from_on == right.began_on for each in mine[1:]):
        words = "A legal status recorded later would lie outside this time in care, or on its first day. Correct that status first."
        found.append(Reason("began_on", "statuses_inside", words))
    if any(holding([right], each.held_on) is None for each in reviews):
        found.append(
            Reason("began_on", "reviews_inside", "A review recorded would lie outside this time in care. Correct that review first.")
        )
    if any(_falls_out(each, wrong, right) for each in stays):
        words = "A placement recorded would lie outside this time in care. Correct that placement first."
        found.append(Reason("began_on", "placements_inside", words))
    return tuple(found)


def _said(period: CarePeriod) -> tuple[object, ...]:
    return period.began_on, period.category_of_need, period.ended_on, period.ending_reason


def _dates(recorded: Recorded, wrong: CarePeriod, right: CarePeriod, today: date) -> Iterator[Reason]:
    if right.began_on > today:
        yield Reason("began_on", "not_in_the_future", "Care cannot have begun on a day that is to come.")
    if right.began_on < recorded.born:
        yield Reason("began_on", "not_before_birth", "A child cannot be looked after before it was born.")
    if not good_code("CIN", right.category_of_need, right.began_on):
        yield Reason("category_of_need", "ssda903_code", refusal_words("CIN", right.began_on))
    if (right.ended_on is None) != (right.ending_reason is None):
        yield Reason("ended_on", "with_its_reason", "Give the day care ended and the reason together, or null for both: care goes on.")
    if right.ended_on is not None:
        if right.ended_on > today:
            yield Reason("ended_on", "not_in_the_future", "Care cannot have ended on a day that is to come.")
        if right.ended_on < right.began_on:
            yield Reason("ended_on", "not_before_start", "Care cannot end before it began.")
        if right.ending_reason == CONTINUES:
            yield Reason("ending_reason", "care_ended", "X1 says that care goes on. Give the reason why the child left care.")
        elif right.ending_reason is not None and not good_code("REC", right.ending_reason, right.ended_on):
            yield Reason("ending_reason", "ssda903_code", refusal_words("REC", right.ended_on))
    if any(_meet(each, right) for each in recorded.periods if each != wrong):
        yield Reason("began_on", "one_care_at_a_time", "The record says that the child was looked after in some of these days already.")


def _meet(one: CarePeriod, other: CarePeriod) -> bool:
    return (one.ended_on is None or other.began_on <= one.ended_on) and (other.ended_on is None or one.began_on <= other.ended_on)


def _inside(day: date, period: CarePeriod) -> bool:
    return period.began_on <= day and (period.ended_on is None or day < period.ended_on)


def _overlap(stay: Stay, period: CarePeriod) -> bool:
    return (period.ended_on is None or stay.began_on < period.ended_on) and (stay.ended_on is None or stay.ended_on > period.began_on)


def _falls_out(stay: Stay, wrong: CarePeriod, right: CarePeriod) -> bool:
    """A stay that lay inside what was recorded and would not lie inside what is now said."""
    too_early = wrong.began_on <= stay.began_on < right.began_on
    if right.ended_on is None:
        return too_early
    began_after = stay.began_on >= right.ended_on
    outlasts = stay.ended_on is None or stay.ended_on > right.ended_on
    lay_inside = wrong.ended_on is None or (stay.ended_on is not None and stay.ended_on <= wrong.ended_on)
    return too_early or began_after or (outlasts and lay_inside)


def moved_homes(homes: Sequence[tuple[date, str]], began_on: date, moved_to: date) -> tuple[tuple[date, str], ...]:
    """Home postcodes, each with its day: that of the first day of care moves with it."""
    if not homes:
        return ()
    (first, postcode), *rest = homes
    return ((min(first, moved_to) if first != began_on else moved_to, postcode), *rest)
