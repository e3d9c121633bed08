"""What is assumed for a sheet of options where nobody has stated it: length, mileage, school transport, what own carers cost.

These are no rules: for none of them but the in-house prices was a source read. Each is a default that a request may change, and
every one that counted is printed on the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from matching.domain.cost import LineKind, Weekly
from matching.domain.faults import Fault
from matching.domain.pricing import ExtraWhat, Pricing
from matching.domain.referral import Referral

WEEKS_A_YEAR = 52


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a sheet counts with. Pounds are decimal pounds; miles are from postcode districts, one way."""

    weeks_from: int | None = None
    """The shortest stay, in whole weeks; None: as the referral says, else 12."""
    weeks_to: int | None = None
    """The longest stay; None: as the referral says, else 52."""
    pounds_per_mile: Decimal = Decimal("0.45")
    contact_visits_per_week: Decimal = Decimal(1)
    """Where a contact place is named without how often."""
    school_transport_beyond_miles: Decimal = Decimal(3)
    """A school within so many miles costs nothing to reach."""
    school_transport_pounds_per_mile: Decimal = Decimal("2.00")
    """For each mile with the child in the vehicle: there in the morning, back in the afternoon."""
    school_days_per_week: int = 5
    school_weeks_per_year: int = 39
    in_house_pounds_per_week_from: Decimal = Decimal("213.00")
    """A child with the council's own carers, the least and the most: a council's published figures for 2021-22 (domain §5)."""
    in_house_pounds_per_week_to: Decimal = Decimal("489.00")


SHORTEST_UNSTATED, LONGEST_UNSTATED = 12, 52
"""The length in weeks that is counted when neither referral nor request says one."""


def faults_in_assumptions(assumed: Assumptions) -> tuple[Fault, ...]:
    """A least that is above its most."""
    return tuple(_crossed(assumed))


def _crossed(assumed: Assumptions) -> Iterable[Fault]:
    if assumed.weeks_from is not None and assumed.weeks_to is not None and assumed.weeks_from > assumed.weeks_to:
        yield Fault("weeks_to", "to_after_from", "The longest stay is shorter than the shortest. Swap them, or give one alone.")
    if assumed.in_house_pounds_per_week_from > assumed.in_house_pounds_per_week_to:
        message = "The most for own carers is below the least. Give both in_house_pounds_per_week_from and _to, the least first."
        yield Fault("in_house_pounds_per_week_to", "to_after_from", message)


def weeks_of(referral: Referral, assumed: Assumptions) -> tuple[int, int]:
    """The shortest and the longest stay: as the request says, else the referral, else the defaults; never crossed.

    A request that gives one end alone moves the other along when they would cross.
    """
    stated = referral.expected_weeks
    shortest = assumed.weeks_from or stated or SHORTEST_UNSTATED
    longest = assumed.weeks_to or stated or LONGEST_UNSTATED
    if shortest <= longest:
        return shortest, longest
    return (shortest, shortest) if assumed.weeks_from else (longest, longest)


def travel(referral: Referral, miles: Sequence[Decimal | None], pricing: Pricing, assumed: Assumptions) -> tuple[Weekly, ...]:
    """What getting to contact and to school costs a week. ``miles``: to each of ``referral.places`` in order, None: not known.

    A place at an unknown distance costs nothing here and is named by ``unknown_places``. What the offer states itself is not
    assumed as well. Visits to other places count where the referral says how often.
    """
    return tuple(_lines(referral, miles, {extra.what for extra in pricing.extras}, assumed))


def _lines(referral: Referral, miles: Sequence[Decimal | None], stated: set[ExtraWhat], assumed: Assumptions) -> Iterable[Weekly]:
    for what, distance, visits in _visited(referral, miles):
        if distance is None:
            continue
        if what == "school":
            if distance > assumed.school_transport_beyond_miles and ExtraWhat.SCHOOL_TRANSPORT not in stated:
                days = Decimal(assumed.school_days_per_week * assumed.school_weeks_per_year) / WEEKS_A_YEAR
                yield Weekly(LineKind.SCHOOL_TRANSPORT, what, 2 * distance * days * assumed.school_transport_pounds_per_mile)
            continue
        often = visits if visits is not None else assumed.contact_visits_per_week if what == "contact" else Decimal(0)
        if often > 0 and ExtraWhat.CONTACT_TRAVEL not in stated:
            yield Weekly(LineKind.CONTACT_MILEAGE, what, 2 * distance * often * assumed.pounds_per_mile)


def unknown_places(referral: Referral, miles: Sequence[Decimal | None]) -> tuple[str, ...]:
    """The places to travel to whose distance is not known, so that their cost is not in the total."""
    return tuple(what for what, distance, _ in _visited(referral, miles) if distance is None)


def _visited(referral: Referral, miles: Sequence[Decimal | None]) -> Iterable[tuple[str, Decimal | None, Decimal | None]]:
    distances = miles[1:] if referral.home_district else miles
    visits = referral.visits or (None,) * len(referral.near)
    return zip((what for what, _ in referral.near), distances, visits, strict=True)
