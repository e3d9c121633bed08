"""What one event teaches one reader: the columns it fills in that reader's row of one subject.

A fact is written once for every organisation that may read it (docs/decisions/0401-one-row-a-reader.md), so an event gives a
lesson a reader. Lessons are values alone: they can be written one event at a time or thousands at once, and the rows end the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.organisation import CONSORTIUM, Organisation

THE_CONSORTIUM = str(CONSORTIUM)


class Subject(StrEnum):
    """What a lesson is about; the name of the table that keeps it."""

    COUNCIL = "councils"
    AGENCY = "agencies"
    AGENCY_RATING = "agency_ratings"
    LOT = "lots"
    TIER_LIST = "tier_lists"
    AWARDED_PRICE = "awarded_prices"
    REFERRAL = "referrals"
    OFFER = "offers"
    DECLINE = "declines"
    PLACEMENT = "placements"
    VACANCY_CHANGE = "vacancy_changes"
    PLACES_COUNT = "places_counts"
    BED_REQUEST = "bed_requests"
    NOTICE = "notices"
    PLACEMENT_EVENT_COUNT = "placement_event_counts"
    STABILITY_COUNT = "stability_counts"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One reader's share of one event."""

    reader: str
    """The organisation that may read it: ``council:E06000045``, ``agency:SC012345``, ``consortium``."""
    subject: Subject
    key: Mapping[str, Any]
    """What names the subject among the reader's own."""
    version: int
    """Of the event's subject: a group of columns is replaced only by a higher one."""
    news: str = ""
    """The group of columns filled; empty where the subject's whole record is replaced, or a step is added to a history."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The group's columns."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What every event of the subject says alike: whose it is."""


def council_reader(code: str) -> str:
    """A council as a reader."""
    return str(Organisation.council(code))


def for_each(readers: tuple[str, ...], subject: Subject, **lesson: Any) -> tuple[Lesson, ...]:
    """The same lesson for each organisation that may read it, and for the consortium.

    By right of what the news is about: the council whose referral it is and the provider whose offer, home or bed it is
    both know it already; the consortium watches them all.
    """
    return tuple(Lesson(reader, subject, **lesson) for reader in dict.fromkeys((*readers, THE_CONSORTIUM)))


def for_all(subject: Subject, **lesson: Any) -> tuple[Lesson, ...]:
    """A line of the consortium's own lists, which everybody reads: the consortium's, whoever of its officers changed it."""
    return (Lesson(THE_CONSORTIUM, subject, **lesson),)
