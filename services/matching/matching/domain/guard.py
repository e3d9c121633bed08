"""What the law and the framework ask before a child is placed: each check clear, for a named officer to decide, or blocked.

Asked when an agency offers and when a council chooses. Every check is answered each time, with its words, its source and what would
clear it; a fact that nobody has stated is never taken for a good one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from matching.domain.agency_standing import AgencyStanding
from matching.domain.approval import ApprovalFor
from matching.domain.distance import Beyond, beyond
from matching.domain.home import Home
from matching.domain.limit import USUAL_LIMIT, Limit, exemption_of, usual_limit
from matching.domain.plain_words import dated, plain
from matching.domain.referral import Referral
from matching.domain.suitability import APPROVAL, Barrier, Reason, is_emergency


class Question(StrEnum):
    """What is checked, in the order in which it is told."""

    USUAL_LIMIT = "usual_fostering_limit"
    TERMS = "terms_of_approval"
    AREA = "area"
    DISTANCE = "distance"
    SUSPENSION = "agency_suspension"
    RATING = "agency_rating"


class Outcome(StrEnum):
    """What a check found."""

    CLEAR = "clear"
    NEEDS_DECISION = "needs_decision"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check as it was answered. ``approval``: what a named officer must approve, for ``NEEDS_DECISION`` alone."""

    question: Question
    outcome: Outcome
    words: str
    source: str
    clears: str | None = None
    """What would clear it, None when it is clear."""
    approval: ApprovalFor | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the home and the referral. ``agency``: None for the council's own carers.

    ``about_miles``: between postcode districts; ``exact_miles``: between postcodes, where they have been measured.
    """

    arrives_on: date
    today: date
    about_miles: Decimal | None = None
    exact_miles: Decimal | None = None
    approval_miles: int = 20
    agency: AgencyStanding | None = field(default_factory=AgencyStanding)
    area_name: str | None = None
    """The name of the council where the carers live, where it is one of the consortium."""

    @property
    def stopped(self) -> frozenset[Barrier]:
        """What the agency's standing forbids today, whatever the home."""
        return frozenset() if self.agency is None else self.agency.stopped(self.today)


_SOURCES = {
    Question.USUAL_LIMIT: "Children Act 1989, Schedule 7",
    Question.TERMS: "Care Planning, Placement and Case Review (England) Regulations 2010, regulation 23",
    Question.AREA: "Care Planning, Placement and Case Review (England) Regulations 2010, regulations 11 and 12",
    Question.DISTANCE: "Care Planning, Placement and Case Review (England) Regulations 2010, regulations 11 and 12",
    Question.SUSPENSION: "Framework agreement: a suspended agency takes no new referrals",
    Question.RATING: "Framework agreement: the lot's gate",
}


def checks(home: Home, referral: Referral, reasons: Sequence[Reason], known: Circumstances) -> tuple[Check, ...]:
    """Every check, in the order of ``Question``, whatever the others say. ``reasons``: what ``suitability`` found against the home."""
    return (
        _limit(home, referral, known.arrives_on),
        _terms(referral, [reason.words for reason in reasons if reason.barrier in APPROVAL]),
        _area(home, referral, known.area_name),
        _distance(known),
        _suspension(known),
        _rating(known),
    )


def blocked(found: Iterable[Check]) -> tuple[Check, ...]:
    """The checks that no approval clears."""
    return tuple(check for check in found if check.outcome is Outcome.BLOCKED)


def owed(found: Iterable[Check], given: Iterable[ApprovalFor]) -> tuple[Check, ...]:
    """The checks that wait for a named officer's decision which is not among those ``given``."""
    have = set(given)
    return tuple(check for check in found if check.outcome is Outcome.NEEDS_DECISION and check.approval not in have)


def outside_terms(found: Iterable[Check]) -> bool:
    """Whether the placement goes outside the carer's terms of approval, as only an emergency may for six working days."""
    return any(check.approval is ApprovalFor.OUTSIDE_TERMS for check in found)


def limit_to_confirm(found: Iterable[Check]) -> bool:
    """Whether the usual fostering limit is kept only by a named officer's word."""
    return any(check.question is Question.USUAL_LIMIT and check.outcome is Outcome.NEEDS_DECISION for check in found)


def _clear(question: Question, words: str) -> Check:
    return Check(question, Outcome.CLEAR, words, _SOURCES[question])


def _blocked(question: Question, words: str, clears: str) -> Check:
    return Check(question, Outcome.BLOCKED, words, _SOURCES[question], clears)


def _to_decide(question: Question, words: str, clears: str, approval: ApprovalFor) -> Check:
    return Check(question, Outcome.NEEDS_DECISION, words, _SOURCES[question], clears, approval)


def _limit(home: Home, referral: Referral, day: date) -> Check:
    question, coming = Question.USUAL_LIMIT, referral.beds
    there, total = _children(home.fostered_at_least), home.fostered_at_least + coming
    match usual_limit(home, coming, day):
        case Limit.WITHIN:
            return _clear(
                question, f"At most {home.fostered_at_most + coming} fostered children will live there; the usual limit is three."
            )
        case Limit.ALL_SIBLINGS:
            return _clear(question, f"The {coming} children are brothers and sisters, and no other fostered child lives there.")
        case Limit.EXEMPTED:
            exemption = exemption_of(home, home.fostered_at_most + coming, day)
            assert exemption is not None
            until = f" until {dated(exemption.ends_on)}" if exemption.ends_on else ""
            names = f" It names {exemption.named}: see that this child is one of them." if exemption.named else ""
            since = dated(exemption.starts_on)
            words = f"{exemption.council} has exempted the carers: {exemption.children} fostered children, from {since}"
            return _clear(question, f"{words}{until}.{names}")
        case Limit.SIBLINGS_TO_CONFIRM:
            words = f"There would be more than {USUAL_LIMIT} fostered children. Those there are brothers and sisters of each other."
            clears = "A named officer confirms that the newcomers are their brothers and sisters; or an exemption is put on record."
            return _to_decide(question, words, clears, ApprovalFor.ALL_SIBLINGS)
        case Limit.NOT_STATED:
            words = (
                f"{_children(home.children_at_home)} may be at home already; the provider has not said how many of them are fostered, so "
                f"there may be more than {USUAL_LIMIT}."
            )
            clears = "The provider states it in its household record; or a named officer has asked and confirms that the limit is kept."
            return _to_decide(question, words, clears, ApprovalFor.LIMIT_KEPT)
        case Limit.OVER:
            words = f"{there} fostered there already; with this referral {total}, and the usual limit is {USUAL_LIMIT}."
            area = "the council where the carers live" if home.lives_in is None else f"the council where the carers live ({home.lives_in})"
            clears = f"An exemption by {area}, put on record by the provider and in force on {dated(day)}."
            if home.fostered_are_siblings is None:
                clears += " Or the provider states that those there are all brothers and sisters, if the newcomers are theirs too."
            return _blocked(question, words, clears)


def _terms(referral: Referral, outside: Sequence[str]) -> Check:
    if not outside:
        return _clear(Question.TERMS, "Inside the carer's terms of approval: ages, sex, number and kind.")
    words = " ".join(outside)
    if not is_emergency(referral):
        return _blocked(
            Question.TERMS, f"{words} Only an emergency may go outside a carer's approval.", "New terms, agreed by the carer's panel."
        )
    clears = "A named officer approves it for at most six working days; or the carer's panel agrees new terms."
    return _to_decide(Question.TERMS, words, clears, ApprovalFor.OUTSIDE_TERMS)


def _area(home: Home, referral: Referral, name: str | None) -> Check:
    if home.lives_in == referral.council:
        return _clear(Question.AREA, "The carers live in the council's own area.")
    clears = "The nominated officer or the director approves a placement outside the area."
    if home.lives_in is None:
        words = "In which council's area the carers live is not stated."
        return _to_decide(Question.AREA, words, f"The provider states lives_in. Or: {clears}", ApprovalFor.OUT_OF_AREA)
    words = f"The carers live outside the council's area, in that of {name or home.lives_in}."
    return _to_decide(Question.AREA, words, clears, ApprovalFor.OUT_OF_AREA)


def _distance(known: Circumstances) -> Check:
    limit = min(Decimal(known.approval_miles), Decimal(20))
    clears = "The nominated officer or the director approves the distance."
    match beyond(limit, exact=known.exact_miles, about=known.about_miles):
        case Beyond.NO:
            return _clear(Question.DISTANCE, f"Within {limit} miles of the child's home.")
        case Beyond.YES:
            return _to_decide(Question.DISTANCE, f"More than {limit} miles from the child's home.", clears, ApprovalFor.OVER_20_MILES)
        case Beyond.UNDECIDED:
            words = f"Whether it is more than {limit} miles from the child's home cannot be told from postcode districts."
            measured = f"Measure it exactly (referrals, /distances), so that the officer knows. {clears}"
            return _to_decide(Question.DISTANCE, words, measured, ApprovalFor.OVER_20_MILES)


def _suspension(known: Circumstances) -> Check:
    question = Question.SUSPENSION
    if known.agency is None:
        return _clear(question, "The council's own carers.")
    suspended = known.agency.suspended
    if suspended is None or Barrier.SUSPENDED not in known.stopped:
        return _clear(question, "The agency is not suspended.")
    until = f" until {dated(suspended.ends_on)}" if suspended.ends_on else ""
    words = f"The agency is suspended from {dated(suspended.starts_on)}{until} ({plain(suspended.reason)}): it takes no new referrals."
    return _blocked(question, words, "The consortium lifts the suspension.")


def _rating(known: Circumstances) -> Check:
    question, agency = Question.RATING, known.agency
    if agency is None:
        return _clear(question, "The council's own carers.")
    if agency.now is None:
        words = "Ofsted's judgement of the agency has not been heard."
        return _to_decide(question, words, "A named officer has looked at Ofsted's register and approves.", ApprovalFor.RATING_FALLEN)
    then = "not on record" if agency.then is None else plain(agency.then)
    if not agency.fallen:
        same = agency.then in (None, agency.now)
        words = f"Ofsted judges the agency {plain(agency.now)}" + ("." if same else f"; at the tender it was {then}. The lot accepts both.")
        return _clear(question, words)
    words = f"Ofsted now judges the agency {plain(agency.now)}, which the lot does not accept; at the tender its judgement was {then}."
    if Barrier.RATING in known.stopped:
        return _blocked(question, words, "The lot blocks new placements until Ofsted's judgement is one that it accepts.")
    return _to_decide(question, words, "A named officer approves the placement, knowing of the judgement.", ApprovalFor.RATING_FALLEN)


def _children(count: int) -> str:
    return f"{count} child{'' if count == 1 else 'ren'}"
