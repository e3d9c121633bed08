"""A child's time in care as it is recorded: coming into care, legal statuses, reviews, placements made elsewhere, yearly outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referrals.domain.ages import age_on
from referrals.domain.episodes import CONTINUES, CarePeriod, StatusFrom
from referrals.domain.ssda903 import (
    NEVER_PUBLIC_BODY,
    PROVIDERS_OF,
    WITHOUT_PROVIDER,
    WITHOUT_URN,
    good_code,
    good_code_in,
    refusal_words,
    year_end,
    year_start,
)
from shared.refusals import Reason

SPEAKS_FROM_AGE = 4
"""From this age a review says how the child took part; before, the code is PN0."""
UNDER_FOUR = "PN0"


@dataclass(frozen=True)
class Review:
    """A statutory review and how the child took part (REVIEW_CODE)."""

    held_on: date
    participation: str


@dataclass(frozen=True)
class OutsidePlacement:
    """A placement that did not come about through Hearth. Field names are the return's columns in lower case."""

    began_on: date
    place: str
    place_provider: str | None
    urn: str | None
    same_carer: bool
    ended_on: date | None = None
    ending_reason: str | None = None
    id: UUID | None = None


def _not_future(field: str, day: date, today: date) -> Iterator[Reason]:
    if day > today:
        yield Reason(field, "not_in_the_future", "Record this on the day it happens, not before.")


def _code(field: str, name: str, code: str, day: date) -> Iterator[Reason]:
    if not good_code(name, code, day):
        yield Reason(field, "ssda903_code", refusal_words(name, day))


def holding(periods: Sequence[CarePeriod], day: date) -> CarePeriod | None:
    """The time of being looked after that this day belongs to, its last day included; None when the child was not looked after."""
    return next((each for each in periods if each.began_on <= day and (each.ended_on is None or day <= each.ended_on)), None)


def beginning_broken_rules(
    periods: Sequence[CarePeriod], began_on: date, legal_status: str, category_of_need: str, born: date, today: date
) -> tuple[Reason, ...]:
    """Why a child cannot have come into care that day: future, before birth, still or already looked after then, codes of another year."""
    found = [
        *_not_future("began_on", began_on, today),
        *_code("legal_status", "LS", legal_status, began_on),
        *_code("category_of_need", "CIN", category_of_need, began_on),
    ]
    if began_on < born:
        found.append(Reason("began_on", "not_before_birth", "A child cannot be looked after before it was born."))
    if any(each.ended_on is None or began_on <= each.ended_on for each in periods):
        words = "The record says that the child was looked after on this day or later. Record that care ended first, or correct the day."
        found.append(Reason("began_on", "after_earlier_care", words))
    return tuple(found)


def ending_broken_rules(period: CarePeriod, statuses: Sequence[StatusFrom], ended_on: date, reason: str, today: date) -> tuple[Reason, ...]:
    """Why care cannot have ended so: future, before it began or before its last legal status, X1 (it goes on), code of another year."""
    found = [*_not_future("ended_on", ended_on, today), *_code("reason", "REC", reason, ended_on)]
    if ended_on < max([period.began_on, *(status.from_on for status in statuses if status.from_on >= period.began_on)]):
        words = "Care cannot end before it began, nor before the last legal status recorded."
        found.append(Reason("ended_on", "not_before_start", words))
    if reason == CONTINUES:
        found.append(Reason("reason", "care_ended", "X1 says that care goes on. Give the reason why the child left care."))
    return tuple(found)


def status_broken_rules(
    periods: Sequence[CarePeriod], statuses: Sequence[StatusFrom], status: StatusFrom, today: date
) -> tuple[Reason, ...]:
    """Why a legal status cannot hold from that day: future, the child was not looked after, one recorded already, code of another year."""
    found = [*_not_future("from_on", status.from_on, today), *_code("legal_status", "LS", status.legal_status, status.from_on)]
    period = holding(periods, status.from_on)
    if period is None or period.ended_on == status.from_on:
        found.append(Reason("from_on", "looked_after", "The child was not looked after from this day: record first that care began."))
    if any(each.from_on == status.from_on for each in statuses):
        found.append(Reason("from_on", "one_a_day", "A legal status is recorded from this day already."))
    return tuple(found)


def review_broken_rules(periods: Sequence[CarePeriod], review: Review, born: date, today: date) -> tuple[Reason, ...]:
    """Why a review cannot be so: future, not looked after, code of another year, PN0 for a child of four or another code for a younger."""
    found = [
        *_not_future("held_on", review.held_on, today),
        *_code("participation", "REVIEW_CODE", review.participation, review.held_on),
    ]
    if holding(periods, review.held_on) is None:
        found.append(Reason("held_on", "looked_after", "The child was not looked after on this day."))
    if review.held_on >= born and (age_on(born, review.held_on).years < SPEAKS_FROM_AGE) != (review.participation == UNDER_FOUR):
        words = "PN0 is for a child under four at the review; from four on, say how the child took part (PN1 to PN7)."
        found.append(Reason("participation", "pn0_under_four", words))
    return tuple(found)


def placement_broken_rules(placement: OutsidePlacement, today: date) -> tuple[Reason, ...]:
    """Why a placement made elsewhere cannot be so: codes of another year, provider and kind of place that exclude each other, dates."""
    found = [*_not_future("began_on", placement.began_on, today), *_code("place", "PLACE", placement.place, placement.began_on)]
    found += place_broken_rules(placement.place, placement.place_provider, placement.urn)
    if placement.place_provider is not None:
        found += _code("place_provider", "PLACE_PROVIDER", placement.place_provider, placement.began_on)
    if placement.ended_on is not None:
        if placement.ended_on < placement.began_on:
            found.append(Reason("ended_on", "not_before_start", "A placement cannot end before it began."))
        found += _not_future("ended_on", placement.ended_on, today)
    if placement.ending_reason is not None:
        found += _code("ending_reason", "REASON_PLACE_CHANGE", placement.ending_reason, placement.ended_on or placement.began_on)
    return tuple(found)


def change_reason_broken_rules(reason: str, ended_on: date) -> tuple[Reason, ...]:
    """Why a placement cannot have ended for that reason: a code that the year's REASON_PLACE_CHANGE list does not have."""
    return tuple(_code("reason", "REASON_PLACE_CHANGE", reason, ended_on))


def place_broken_rules(place: str, provider: str | None, urn: str | None) -> Iterator[Reason]:
    """Which of place, provider and Ofsted number exclude each other, by rules 213, 222, 526 to 531 and 550 of the sector's validator."""
    needed = provider is None and place not in WITHOUT_PROVIDER
    if needed or (provider is not None and place in WITHOUT_PROVIDER):
        words = "Give PLACE_PROVIDER for every place but a temporary one (T0 to T4) and Z codes, which have none."
        yield Reason("place_provider", "goes_with_place", words)
    elif provider is not None and (
        (place in PROVIDERS_OF and provider not in PROVIDERS_OF[place])
        or (provider == "PR0" and place != "P1")
        or (provider in ("PR1", "PR2") and place in ("R2", "R5"))
        or (provider == "PR3" and place in NEVER_PUBLIC_BODY)
    ):
        words = (
            "This provider cannot provide such a place: PR0 goes with P1 alone, PR3 never with foster care, PR1 and PR2 not with R2, R5."
        )
        yield Reason("place_provider", "goes_with_place", words)
    if urn is not None and place in WITHOUT_URN:
        yield Reason("urn", "registered_place", "A place of this kind is not registered with Ofsted: leave its number out.")


YES_NO = ("CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE", "INTERVENTION_RECEIVED",
          "INTERVENTION_OFFERED")  # fmt: skip
ALWAYS = ("IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE")
SDQ_HIGHEST = 40


def outcomes_broken_rules(facts: Mapping[str, int | str], year: int, born: date) -> tuple[Reason, ...]:
    """What is missing or too much in a year's outcomes for a child of that age, by the OC2 rules of the sector's validator.

    ``facts`` by column: 0 or 1 for a yes or no, SDQ_SCORE 0 to 40 or else SDQ_REASON. Convictions from ten, health promotion under five,
    SDQ for those who turned four by the year's end and seventeen not before its start; interventions only where substances were misused.
    """
    return tuple(_outcomes(facts, year, born))


def _outcomes(facts: Mapping[str, int | str], year: int, born: date) -> Iterator[Reason]:
    first, last = year_start(year), year_end(year)
    age = age_on(born, last).years if born <= last else 0
    sdq = age >= SPEAKS_FROM_AGE and _birthday(born, 17) >= first
    asked = {*ALWAYS, *(("CONVICTED",) if age >= 10 else ()), *(("HEALTH_CHECK",) if age < 5 else ())}
    misused, received = facts.get("SUBSTANCE_MISUSE") == 1, facts.get("INTERVENTION_RECEIVED") == 1
    asked |= {"INTERVENTION_RECEIVED"} if misused else set()
    asked |= {"INTERVENTION_OFFERED"} if misused and not received else set()
    for column in YES_NO:
        if (column in asked) != (column in facts):
            words = "This is asked of a child of this age." if column in asked else "This is not asked of this child: leave it out."
            yield Reason(column.lower(), "asked_of_this_child", words)
    given = [column for column in ("SDQ_SCORE", "SDQ_REASON") if column in facts]
    if len(given) != int(sdq):
        words = "Give the SDQ score or the reason why there is none." if sdq else "No SDQ score is asked of a child of this age."
        yield Reason("sdq_score", "score_or_reason", words)
    reason = facts.get("SDQ_REASON")
    if reason is not None and not good_code_in("SDQ_REASON", str(reason), year):
        yield Reason("sdq_reason", "ssda903_code", refusal_words("SDQ_REASON", last))
    if reason == "SDQ1" and _birthday(born, 4) <= first and _birthday(born, 16) >= last:
        yield Reason("sdq_reason", "no_form_returned", "SDQ1 is not taken for a child aged 4 to 16 all year: give another reason.")


def _birthday(born: date, years: int) -> date:
    if (born.month, born.day) == (2, 29):
        return date(born.year + years, 3, 1) if (born.year + years) % 4 else born.replace(year=born.year + years)
    return born.replace(year=born.year + years)
