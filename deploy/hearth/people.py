"""Whom somebody at a development machine may sign in as: one of the example consortium, or any organisation by its code."""

from __future__ import annotations

from dataclasses import dataclass

from shared.organisation import CONSORTIUM, ROLES, Organisation, Role


@dataclass(frozen=True)
class Person:
    """Somebody of an organisation, in some of its roles."""

    name: str
    organisation: Organisation
    roles: frozenset[Role]
    words: str


PEOPLE = (
    Person("priya.shah", CONSORTIUM, frozenset({Role.PROJECT_MANAGER}), "Project manager of the consortium"),
    Person("ravi.dunn", CONSORTIUM, frozenset({Role.READER}), "Reader of the consortium"),
    Person("helen.moss", Organisation.council("E06000045"), frozenset({Role.READER}), "Reader of Southampton City Council"),
    Person("amina.khan", Organisation.council("E06000045"), frozenset({Role.PLACEMENTS_OFFICER}), "Placements officer of Southampton"),
    Person("joan.wells", Organisation.council("E10000014"), frozenset({Role.READER}), "Reader of Hampshire County Council"),
    Person("tom.hart", Organisation.agency("SC900001"), frozenset({Role.REFERRALS_OFFICER}), "Larkspur Fostering (example), an agency"),
    Person("mary.lowe", Organisation.agency("SC900002"), frozenset({Role.REFERRALS_OFFICER}), "Bramble Gate Families (example), an agency"),
)
"""All invented."""


def somebody(chosen: str, organisation: str, role: str) -> Person | None:
    """Who was chosen from the list, or anybody of an organisation in one of its roles; None for what is neither."""
    if not organisation:
        return next((person for person in PEOPLE if person.name == chosen), None)
    try:
        named = Organisation.parse(organisation)
    except ValueError:
        return None
    if role not in ROLES[named.kind]:
        return None
    return Person("somebody", named, frozenset({Role(role)}), organisation)
