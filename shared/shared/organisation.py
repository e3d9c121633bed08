"""Who is asking: a council, an agency or the consortium, and the roles people hold in each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

_CODES = {
    "council": re.compile(r"E[0-9]{8}"),
    "agency": re.compile(r"SC[0-9]{6}|[0-9]{7}"),
    "consortium": re.compile(r""),
}


class Kind(StrEnum):
    """The three kinds of organisation that sign in."""

    COUNCIL = "council"
    AGENCY = "agency"
    CONSORTIUM = "consortium"


_FORM = "an organisation is council:<ONS code>, agency:<Ofsted URN> or consortium"


@dataclass(frozen=True)
class Organisation:
    """One tenant: a council by its ONS code, an agency by its Ofsted URN, or the consortium.

    Its text form (``council:E06000045``) is what row security compares; only well-formed codes can be made, so the text is
    safe to put into a setting.
    """

    kind: Kind
    code: str = ""

    def __post_init__(self) -> None:
        if not _CODES[self.kind].fullmatch(self.code):
            raise ValueError(f"not the code of a {self.kind}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.code else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> Organisation:
        """Read ``council:E06000045``, ``agency:SC012345`` or ``consortium``; ValueError for anything else."""
        if not isinstance(text, str):  # a token's claim may be anything
            raise ValueError(_FORM)
        return _parsed(text)

    @classmethod
    def council(cls, ons_code: str) -> Self:
        """A council by its ONS code."""
        return cls(Kind.COUNCIL, ons_code)

    @classmethod
    def agency(cls, urn: str) -> Self:
        """An agency by its Ofsted URN."""
        return cls(Kind.AGENCY, urn)


@lru_cache(maxsize=2048)  # a few hundred exist, and one is read from every request's token and every event
def _parsed(text: str) -> Organisation:
    kind, _, code = text.partition(":")
    if kind not in _CODES:
        raise ValueError(_FORM)
    return Organisation(Kind(kind), code)


CONSORTIUM = Organisation(Kind.CONSORTIUM)


class Role(StrEnum):
    """What a person may do in their organisation, as the token's ``roles`` claim names it."""

    PLACEMENTS_OFFICER = "placements_officer"
    SOCIAL_WORKER = "social_worker"
    FOSTERING_SERVICE = "fostering_service"
    EVALUATOR = "evaluator"
    PANEL_MEMBER = "panel_member"
    REFERRALS_OFFICER = "referrals_officer"
    PROJECT_MANAGER = "project_manager"
    PROCUREMENT_LEAD = "procurement_lead"
    SPECIFICATION_LEAD = "specification_lead"
    COMMUNICATION_LEAD = "communication_lead"
    ADMINISTRATOR = "administrator"
    READER = "reader"


ROLES: dict[Kind, frozenset[Role]] = {
    Kind.COUNCIL: frozenset(
        {
            Role.PLACEMENTS_OFFICER,
            Role.SOCIAL_WORKER,
            Role.FOSTERING_SERVICE,
            Role.EVALUATOR,
            Role.PANEL_MEMBER,
            Role.ADMINISTRATOR,
            Role.READER,
        }
    ),
    Kind.AGENCY: frozenset({Role.REFERRALS_OFFICER, Role.ADMINISTRATOR, Role.READER}),
    Kind.CONSORTIUM: frozenset(
        {Role.PROJECT_MANAGER, Role.PROCUREMENT_LEAD, Role.SPECIFICATION_LEAD, Role.COMMUNICATION_LEAD, Role.READER}
    ),
}
"""The roles each kind of organisation can give; a role of another kind in a token is worth nothing."""
