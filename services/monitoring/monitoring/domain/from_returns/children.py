"""From the quarterly return, of children: how placements end, education, health, safety."""

from __future__ import annotations

from monitoring.domain.counted import NOUGHT, Counted, Summary
from monitoring.domain.definition import BY_COUNCIL_AND_AGENCY, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import Records
from monitoring.domain.from_returns.codes import LABELS
from monitoring.domain.from_returns.counting import (
    BY_AGENCY,
    HUNDRED,
    THEMSELVES,
    among,
    by_council,
    each_sum,
    each_weight,
    ended,
    in_parts,
    row,
)
from monitoring.domain.period import Period

WEEKS = "hundreds of weeks that children lived there"
ASKED_BY_CARERS = ("CREQB", "CREQO")


def unplanned_asked_by_carers(records: Records, period: Period) -> tuple[Counted, ...]:
    """Unplanned endings that carers asked for, of all unplanned endings; every reason is a row of its own."""
    rows = []
    for found in ended(records, period):
        for code in found.parts("unplanned_reasons"):
            number = found.number("unplanned_reasons", code)
            if number:
                label = LABELS["ending_reason"].get(code, code)
                rows.append(row(found, number if code in ASKED_BY_CARERS else NOUGHT, number, part=label))
    return tuple(rows)


def complaints_by_children(records: Records, period: Period) -> tuple[Counted, ...]:
    """Complaints that children made, of all complaints."""
    rows = []
    for found in ended(records, period):
        for code in found.parts("complaints_by"):
            number = found.number("complaints_by", code)
            if number:
                rows.append(row(found, number if code == "child" else NOUGHT, number, part=LABELS["complaint_by"].get(code, code)))
    return tuple(rows)


def _rate(name: str, title: str, question: str, numerator: str, of: str) -> Definition:
    """So many of a kind for each 100 weeks that children lived with the agency, by council."""
    return Definition(
        name,
        title,
        question,
        numerator,
        WEEKS,
        Unit.NUMBER,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        by_council([of], ["child_weeks"], by=HUNDRED),
        Summary.RATIO,
    )


def _done(name: str, title: str, question: str, numerator: str, denominator: str, done: str, of: str, better: Direction) -> Definition:
    """A share of the agency's children as a whole."""
    formula = among(done, of)
    return Definition(name, title, question, numerator, denominator, Unit.PER_CENT, better, THEMSELVES, BY_AGENCY, formula, Summary.RATIO)


KPIS = (
    Definition(
        "endings_per_100_children",
        "Endings for each 100 children",
        "How many children leave an agency's homes?",
        "endings, planned or not, counted in children",
        "children placed at the start or who moved in",
        Unit.PER_CENT,
        Direction.NEITHER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        by_council(["endings_planned", "endings_unplanned"], ["children_at_start", "starts"]),
        Summary.RATIO,
    ),
    Definition(
        "unplanned_endings_returned",
        "Unplanned endings, as agencies return them",
        "How often does a placement end when nobody planned it?",
        "of those, endings that were not planned",
        "endings, counted in children",
        Unit.PER_CENT,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        by_council(["endings_unplanned"], ["endings_planned", "endings_unplanned"]),
        Summary.RATIO,
    ),
    Definition(
        "unplanned_asked_by_carers",
        "Unplanned endings that carers asked for",
        "Do carers give up, or does something else end it?",
        "of those, endings that carers asked for",
        "endings that were not planned, by reason",
        Unit.PER_CENT,
        Direction.LOWER,
        THEMSELVES,
        BY_AGENCY,
        unplanned_asked_by_carers,
        Summary.RATIO,
        parts=each_weight,
    ),
    _rate(
        "moves_within_agency",
        "Moves between an agency's homes",
        "How often is a child moved that does not leave the agency?",
        "moves between an agency's own homes",
        "moves",
    ),
    _done(
        "education_full_time",
        "Children in full-time education",
        "Do children of school age go to school for the full hours?",
        "of those, in full-time education",
        "children of school age on the last day",
        "children_full_time",
        "children_school_age",
        Direction.HIGHER,
    ),
    _done(
        "school_missed",
        "Children who missed ten or more school days",
        "Who misses school?",
        "of those, children who missed ten or more days in the quarter",
        "children of school age on the last day",
        "children_missed_school",
        "children_school_age",
        Direction.LOWER,
    ),
    _done(
        "health_assessments_done",
        "Health assessments done in time",
        "Is children's health looked at when it should be?",
        "of those, done by the day they were due",
        "health assessments due in the quarter",
        "health_done",
        "health_due",
        Direction.HIGHER,
    ),
    _done(
        "dental_checks_done",
        "Dental checks done in time",
        "Do children see a dentist when they should?",
        "of those, done by the day they were due",
        "dental checks due in the quarter",
        "dental_done",
        "dental_due",
        Direction.HIGHER,
    ),
    _rate(
        "missing_per_100_child_weeks",
        "Missing episodes for each 100 weeks of a child",
        "How often does a child go missing?",
        "missing episodes, however short",
        "missing_episodes",
    ),
    Definition(
        "missing_children_per_100",
        "Children who went missing",
        "How many children go missing at all?",
        "of those, children who went missing in the quarter",
        "children placed at the start or who moved in",
        Unit.PER_CENT,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        by_council(["missing_children"], ["children_at_start", "starts"]),
        Summary.RATIO,
    ),
    Definition(
        "return_interviews_offered",
        "Return interviews offered",
        "Is a child who comes back asked why it went?",
        "of those, episodes after which an interview was offered",
        "missing episodes",
        Unit.PER_CENT,
        Direction.HIGHER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        by_council(["return_interviews"], ["missing_episodes"]),
        Summary.RATIO,
    ),
    _rate(
        "allegations_per_100_child_weeks",
        "Allegations for each 100 weeks of a child",
        "How often is something alleged against a carer?",
        "allegations against carers",
        "allegations",
    ),
    _rate(
        "complaints_per_100_child_weeks",
        "Complaints for each 100 weeks of a child",
        "How often does somebody complain?",
        "complaints received",
        "complaints",
    ),
    Definition(
        "complaints_by_children",
        "Complaints that children made",
        "Are children heard when something is wrong?",
        "of those, complaints that a child made",
        "complaints, by who made them",
        Unit.PER_CENT,
        Direction.NEITHER,
        THEMSELVES,
        BY_AGENCY,
        complaints_by_children,
        Summary.RATIO,
        parts=each_weight,
    ),
    Definition(
        "notifiable_events",
        "Notifiable events for each 100 weeks of a child",
        "How often does something happen that the regulations say must be told?",
        "notifiable events, by kind",
        WEEKS,
        Unit.NUMBER,
        Direction.LOWER,
        THEMSELVES,
        BY_AGENCY,
        in_parts("notifiable", "child_weeks", LABELS["notifiable"], by=HUNDRED),
        Summary.RATIO,
        parts=each_sum,
    ),
    _rate(
        "restraints_per_100_child_weeks",
        "Restraints for each 100 weeks of a child",
        "How often is a child held or restrained?",
        "times a child was held or restrained",
        "restraints",
    ),
)
"""The KPIs counted here."""
