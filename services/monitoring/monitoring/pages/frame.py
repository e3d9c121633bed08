"""What stands around every page: whose pages they are, and where a reader may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitoring.domain.definition import BUYERS, EVERYBODY, Reader
from monitoring.pages.rendering import rendered

SERVICE = "Hearth monitoring"


@dataclass(frozen=True, slots=True)
class Section:
    """A place in the navigation, and the kinds of organisation it is for."""

    name: str
    address: str
    seen_by: frozenset[Reader] = EVERYBODY
    of_few: bool = False
    """Whether it tells of single records: then it is for those who may see small numbers."""


OVERVIEW = Section("Overview", "/pages")
FIGURES = Section("Figures", "/pages/figures")
AGENCIES = Section("Agencies", "/pages/agencies", BUYERS)
SCORECARD = Section("Scorecard", "/pages/scorecard", frozenset({Reader.AGENCY}))
ALERTS = Section("Alerts", "/pages/alerts", of_few=True)
LEAGUES = Section("League tables", "/pages/leagues", BUYERS, of_few=True)
SAVINGS = Section("Savings", "/pages/savings", BUYERS, of_few=True)
GAPS = Section("Gaps", "/pages/gaps", BUYERS, of_few=True)
MARKET = Section("Market", "/pages/market", BUYERS, of_few=True)
RETURNS = Section("Returns", "/pages/returns")
MEETINGS = Section("Meetings", "/pages/meetings")
SECTIONS: tuple[Section, ...] = (
    OVERVIEW,
    FIGURES,
    ALERTS,
    AGENCIES,
    SCORECARD,
    LEAGUES,
    SAVINGS,
    GAPS,
    MARKET,
    RETURNS,
    MEETINGS,
)
"""In the order people read them. A new page's section is added here."""

__all__ = [
    "AGENCIES",
    "ALERTS",
    "BUYERS",
    "EVERYBODY",
    "FIGURES",
    "GAPS",
    "LEAGUES",
    "MARKET",
    "MEETINGS",
    "OVERVIEW",
    "RETURNS",
    "SAVINGS",
    "SCORECARD",
    "SECTIONS",
    "Crumb",
    "Reader",
    "Section",
    "Visit",
    "framed",
]


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to a page."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Who reads: the kind of organisation, what it is called, in which roles, and what each form of this session carries."""

    reader: Reader
    organisation: str
    roles: tuple[str, ...]
    form_token: str
    may_see_small: bool


def framed(
    template: str,
    values: Mapping[str, Any],
    *,
    title: str,
    visit: Visit | None,
    section: Section | None = None,
    crumbs: Sequence[Crumb] = (),
) -> str:
    """A page in its frame. ``visit`` is None before sign-in: then there is nowhere to go but the page itself."""
    places = [
        {"text": each.name, "href": each.address, "active": each is section}
        for each in SECTIONS
        if visit is not None and visit.reader in each.seen_by and (visit.may_see_small or not each.of_few)
    ]
    around = {
        "title": title,
        "service": SERVICE,
        "visit": visit,
        "places": places,
        "crumbs": [{"text": each.text, "href": each.address} for each in crumbs] + ([{"text": title}] if crumbs else []),
    }
    return rendered(template, {**around, **values})
