"""From the quarterly return, of the agency as a whole: places, carers, staff, training, fees, feedback."""

from __future__ import annotations

from monitoring.domain.counted import NOUGHT, Counted, Summary
from monitoring.domain.definition import BY_COUNCIL_AND_AGENCY, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import Records
from monitoring.domain.from_returns.codes import LABELS
from monitoring.domain.from_returns.counting import BY_AGENCY, THEMSELVES, among, by_council, each_sum, ended, in_parts, row
from monitoring.domain.period import Period

PLACES = "approved places on the last day, over the returns"


def carers_recruited_net(records: Records, period: Period) -> tuple[Counted, ...]:
    """Households newly approved less those that left, by the households there at the quarter's end."""
    rows = []
    for found in ended(records, period):
        approved, left, homes = (found.total(name) for name in ("households_approved", "households_left", "households"))
        if homes is not None and approved is not None:
            rows.append(row(found, approved - (left or NOUGHT), homes))
    return tuple(rows)


def places_filled_by_consortium(records: Records, period: Period) -> tuple[Counted, ...]:
    """Children of the consortium's councils placed at the quarter's end, by all places filled."""
    rows = []
    for found in ended(records, period):
        filled = found.total("places_filled")
        if filled is not None:
            rows.append(row(found, found.total("children_at_end") or NOUGHT, filled))
    return tuple(rows)


def social_worker_vacancies(records: Records, period: Period) -> tuple[Counted, ...]:
    """Posts vacant, by posts filled and vacant."""
    rows = []
    for found in ended(records, period):
        vacant, there = found.total("social_worker_vacancies"), found.total("social_workers")
        if vacant is not None and there is not None:
            rows.append(row(found, vacant, vacant + there))
    return tuple(rows)


KPIS = (
    Definition(
        "places_filled_returned",
        "Places filled, as agencies return them",
        "How much of what agencies have is in use?",
        "of those, places filled",
        PLACES,
        Unit.PER_CENT,
        Direction.HIGHER,
        THEMSELVES,
        BY_AGENCY,
        among("places_filled", "places_approved"),
        Summary.RATIO,
    ),
    Definition(
        "places_vacant_returned",
        "Places vacant, as agencies return them",
        "How much could be offered?",
        "of those, places vacant",
        PLACES,
        Unit.PER_CENT,
        Direction.NEITHER,
        THEMSELVES,
        BY_AGENCY,
        among("places_vacant", "places_approved"),
        Summary.RATIO,
    ),
    Definition(
        "places_not_available",
        "Places not available",
        "How much stands empty that cannot be offered, and why?",
        "of those, places neither filled nor vacant, by reason",
        PLACES,
        Unit.PER_CENT,
        Direction.LOWER,
        THEMSELVES,
        BY_AGENCY,
        in_parts("places_not_available", "places_approved", LABELS["not_available"]),
        Summary.RATIO,
        parts=each_sum,
    ),
    Definition(
        "places_filled_by_consortium",
        "Filled places with the consortium's children",
        "How far does the consortium fill the agencies that serve it?",
        "of those, children of the consortium's councils",
        "places filled on the last day, over the returns",
        Unit.PER_CENT,
        Direction.NEITHER,
        THEMSELVES,
        BY_AGENCY,
        places_filled_by_consortium,
        Summary.RATIO,
    ),
    Definition(
        "carers_recruited_net",
        "Carers recruited, less those that left",
        "Do agencies gain or lose fostering households?",
        "households newly approved less those that left",
        "households at the quarter's end, over the returns",
        Unit.PER_CENT,
        Direction.HIGHER,
        THEMSELVES,
        BY_AGENCY,
        carers_recruited_net,
        Summary.RATIO,
    ),
    Definition(
        "enquiries_assessed",
        "Assessments begun for each 100 enquiries",
        "Do enquiries become assessments?",
        "assessments begun",
        "enquiries from people who want to foster",
        Unit.PER_CENT,
        Direction.HIGHER,
        THEMSELVES,
        BY_AGENCY,
        among("assessments_begun", "enquiries"),
        Summary.RATIO,
    ),
    Definition(
        "carer_training_complete",
        "Carers' training complete",
        "Have carers the training they must have?",
        "of those, carers who completed it",
        "carers whose training was due",
        Unit.PER_CENT,
        Direction.HIGHER,
        THEMSELVES,
        BY_AGENCY,
        among("training_complete", "training_due"),
        Summary.RATIO,
    ),
    Definition(
        "carers_per_supervising_social_worker",
        "Households for each supervising social worker",
        "Can supervising social workers know their carers?",
        "approved households",
        "supervising social workers in post",
        Unit.NUMBER,
        Direction.LOWER,
        THEMSELVES,
        BY_AGENCY,
        among("households", "supervising_social_workers"),
        Summary.RATIO,
    ),
    Definition(
        "social_worker_vacancies",
        "Social worker posts vacant",
        "Have agencies the staff they planned?",
        "of those, posts vacant",
        "social worker posts, filled and vacant",
        Unit.PER_CENT,
        Direction.LOWER,
        THEMSELVES,
        BY_AGENCY,
        social_worker_vacancies,
        Summary.RATIO,
    ),
    Definition(
        "fee_rise",
        "Rise of the weekly fee, in pounds",
        "By how much do fees rise where they do?",
        "pounds a week by which fees rose",
        "placements whose fee rose in the quarter",
        Unit.NUMBER,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        by_council(["fees_raised_by"], ["fees_raised"]),
        Summary.RATIO,
    ),
    Definition(
        "feedback_answered",
        "Feedback answered",
        "Do those who are asked answer?",
        "of those, people who answered",
        "children, carers and social workers asked",
        Unit.PER_CENT,
        Direction.HIGHER,
        THEMSELVES,
        BY_AGENCY,
        among("feedback_answers", "feedback_asked"),
        Summary.RATIO,
    ),
    Definition(
        "feedback_satisfied",
        "Satisfied with the agency",
        "Are children, carers and social workers satisfied?",
        "of those, people satisfied or very satisfied",
        "people who answered",
        Unit.PER_CENT,
        Direction.HIGHER,
        THEMSELVES,
        BY_AGENCY,
        among("feedback_satisfied", "feedback_answers"),
        Summary.RATIO,
    ),
)
"""The KPIs counted here."""
