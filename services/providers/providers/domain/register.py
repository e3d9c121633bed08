"""Ofsted's register as the consortium keeps it: who is registered for what, where, and until when.

The sector's validator of the national return judges each Ofsted number, kind of placement and closing date by a list of this shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.agency import Agency
from providers.domain.fault import Fault


class RegisterRule(StrEnum):
    """Why an entry cannot stand."""

    DEREGISTERED_IN_FUTURE = "deregistered_in_future"
    AGENCY_KIND = "agency_kind"


class Kind(StrEnum):
    """What a place is registered as."""

    FOSTERING_AGENCY = "fostering_agency"
    LOCAL_AUTHORITY_FOSTERING = "local_authority_fostering"
    CHILDRENS_HOME = "childrens_home"
    SECURE_HOME = "secure_home"
    SUPPORTED_ACCOMMODATION = "supported_accommodation"
    FAMILY_CENTRE = "family_centre"
    RESIDENTIAL_SCHOOL = "residential_school"
    ADOPTION_AGENCY = "adoption_agency"


TYPE_WORDS: Mapping[Kind, str] = {
    Kind.FOSTERING_AGENCY: "Independent Fostering Agency",
    Kind.LOCAL_AUTHORITY_FOSTERING: "Local Authority Fostering Agency",
    Kind.CHILDRENS_HOME: "Children's Home",
    Kind.SECURE_HOME: "Secure Children's Home",
    Kind.SUPPORTED_ACCOMMODATION: "Supported Accommodation",
    Kind.FAMILY_CENTRE: "Residential Family Centre",
    Kind.RESIDENTIAL_SCHOOL: "Residential Special School",
    Kind.ADOPTION_AGENCY: "Voluntary Adoption Agency",
}

_FOSTERING = ("U1", "U2", "U3", "U4", "U5", "U6")
PLACEMENT_CODES: Mapping[Kind, tuple[str, ...]] = {
    Kind.FOSTERING_AGENCY: _FOSTERING,
    Kind.LOCAL_AUTHORITY_FOSTERING: _FOSTERING,
    Kind.CHILDRENS_HOME: ("K2",),
    Kind.SECURE_HOME: ("K1",),
    Kind.SUPPORTED_ACCOMMODATION: ("K3",),
    Kind.FAMILY_CENTRE: ("R3",),
    Kind.RESIDENTIAL_SCHOOL: ("S1",),
    Kind.ADOPTION_AGENCY: ("A3", "A4", "A5", "A6"),
}
"""The SSDA903 PLACE codes that a place of each kind may be named with."""


class ProviderCode(StrEnum):
    """SSDA903 PLACE_PROVIDER of a registered place."""

    OWN = "PR1"
    ANOTHER_COUNCIL = "PR2"
    PUBLIC_BODY = "PR3"
    PRIVATE = "PR4"
    VOLUNTARY = "PR5"


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the register, by its Ofsted number. ``local_authority`` is the name of the council it lies in."""

    urn: str
    name: str
    kind: Kind
    provider_codes: tuple[ProviderCode, ...]
    local_authority: str
    postcode: str | None
    deregistered_on: date | None = None


def entry_faults(entry: Entry, agency: Agency | None, *, today: date) -> tuple[Fault, ...]:
    """Nothing is deregistered in the future, and what is our registered agency is a fostering agency."""
    found = []
    if entry.deregistered_on is not None and entry.deregistered_on > today:
        words = "Record that a place was closed on the day it was, not before."
        found.append(Fault("deregistered_on", RegisterRule.DEREGISTERED_IN_FUTURE, words))
    if agency is not None and entry.kind is not Kind.FOSTERING_AGENCY:
        words = "This Ofsted number is that of an agency registered here: its kind is fostering_agency."
        found.append(Fault("kind", RegisterRule.AGENCY_KIND, words))
    return tuple(found)


def whole_register(agencies: Iterable[Agency], entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Every agency and every other place, by Ofsted number. Of an agency with an entry the sector is that of its own record."""
    kept = {entry.urn: entry for entry in entries}
    for agency in agencies:
        entry = kept.get(agency.urn)
        kept[agency.urn] = Entry(
            agency.urn,
            agency.name,
            Kind.FOSTERING_AGENCY,
            (ProviderCode(agency.sector),),
            entry.local_authority if entry else "",
            entry.postcode if entry else None,
            entry.deregistered_on if entry else None,
        )
    return tuple(kept[urn] for urn in sorted(kept))
