"""An independent fostering agency, known by its Ofsted number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.fault import Fault
from shared.contracts.words import OfstedRating, Sector


class AgencyRule(StrEnum):
    """Why an agency's record cannot stand."""

    INSPECTION_DATE_MISSING = "inspection_date_missing"
    INSPECTION_DATE_WITHOUT_RATING = "inspection_date_without_rating"
    INSPECTED_IN_FUTURE = "inspected_in_future"


@dataclass(frozen=True, slots=True)
class Agency:
    """Ofsted URN, name, sector, overall judgement and the day of the inspection that gave it."""

    urn: str
    name: str
    sector: Sector
    rating: OfstedRating
    inspected_on: date | None
    companies_house_number: str | None = None


def record_faults(agency: Agency, *, today: date) -> tuple[Fault, ...]:
    """A judgement has an inspection date, an uninspected agency has none, and no inspection lies in the future."""
    if agency.rating is OfstedRating.NOT_YET_INSPECTED:
        if agency.inspected_on is None:
            return ()
        message = "An agency not yet inspected has no inspection date: remove the date or give the judgement."
        return (Fault("inspected_on", AgencyRule.INSPECTION_DATE_WITHOUT_RATING, message),)
    if agency.inspected_on is None:
        return (Fault("inspected_on", AgencyRule.INSPECTION_DATE_MISSING, "Give the day of the inspection that led to this judgement."),)
    if agency.inspected_on > today:
        return (Fault("inspected_on", AgencyRule.INSPECTED_IN_FUTURE, "Give an inspection day that is not in the future."),)
    return ()
