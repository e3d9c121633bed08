"""What is told to whom, and when: one table for every field of a child, a referral, a placement, an agreement, a home and an offer.

The table is data: ``disclosure.csv`` beside this file, one line a field, one column a reader. A field that is not in it is seen by nobody.
Four stages, each showing strictly more. A provider's view, the preview's list of what is withheld, the identity an agency may read after a
placement is agreed, and the page that a data-protection officer signs are all cut from it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from importlib import resources
from typing import Any

VERSION, IN_FORCE_FROM = 15, date(2026, 11, 30)
"""Of the table as it stands. Whoever changes a line of it raises the version, gives the day, and has the page signed anew."""


class Stage(IntEnum):
    """How close a provider has come to the child; a later stage sees all that an earlier one does."""

    BROADCAST = 1
    SHORTLISTED = 2
    SELECTED = 3
    PLACED = 4
    COUNCIL_ONLY = 5


STAGE_WORDS: Mapping[Stage, str] = {
    Stage.BROADCAST: "shown to every provider of the lot",
    Stage.SHORTLISTED: "shown to the two or three shortlisted",
    Stage.SELECTED: "shown to the one chosen",
    Stage.PLACED: "shown to the chosen provider once the placement is agreed",
    Stage.COUNCIL_ONLY: "kept by your council",
}


class Reader(StrEnum):
    """Who reads. Of a household and an offer, the shortlisted and the selected provider are those whose home and offer it is."""

    OWN_COUNCIL = "own_council"
    OTHER_COUNCILS = "other_councils"
    PROVIDER_OF_THE_LOT = "provider_of_the_lot"
    SHORTLISTED_PROVIDER = "shortlisted_provider"
    SELECTED_PROVIDER = "selected_provider"
    PROJECT_MANAGER = "project_manager"


class Noun(StrEnum):
    """What a field is of."""

    CHILD = "child"
    REFERRAL = "referral"
    NEAR_PLACE = "near_place"
    WORDS = "words"
    OPPORTUNITY = "opportunity"
    PLACEMENT = "placement"
    AGREEMENT = "agreement"
    PLACEMENT_EVENT = "placement_event"
    HOUSEHOLD = "household"
    OFFER = "offer"
    NOTICE = "notice"
    CHILD_RECORD = "child_record"
    RELATIVE = "relative"
    REFERRAL_RECORD = "referral_record"
    WORDS_READ = "words_read"
    PREVIEW = "preview"
    FINDING = "finding"
    WISHES = "wishes"
    DISCLOSURE = "disclosure"
    ERASURE = "erasure"
    TIME_IN_CARE = "time_in_care"
    DISTANCE = "distance"
    QUESTION = "question"
    PANEL = "panel"
    DECISION = "decision"
    FACT_OF_A_REFERRAL = "fact_of_a_referral"
    FACT_OF_AN_OFFER = "fact_of_an_offer"
    FACT_OF_A_PLACEMENT = "fact_of_a_placement"
    FACT_OF_A_HOME = "fact_of_a_home"
    RECORD_BEHIND_A_FIGURE = "record_behind_a_figure"


class Showing(StrEnum):
    """Whether a reader sees a field."""

    SHOWN = "shown"
    BLURRED = "blurred"
    HIDDEN = "hidden"


COUNTED = "in figures, and in the facts behind them named below"
"""How the project manager sees what monitoring counts."""


@dataclass(frozen=True)
class Cell:
    """What one reader sees of one field at one stage; ``how`` it is blurred, where it is."""

    showing: Showing
    how: str | None = None


@dataclass(frozen=True)
class Line:
    """One field: what it means, and for each reader the stage it is shown from (None: never) and how it is blurred until then."""

    noun: Noun
    field: str
    meaning: str
    shown_from: Mapping[Reader, Stage | None]
    blurred: Mapping[Reader, str]

    def cell(self, stage: Stage, reader: Reader) -> Cell:
        """What the reader sees of it at the stage."""
        since = self.shown_from[reader]
        if since is not None and stage >= since:
            return Cell(Showing.SHOWN)
        return Cell(Showing.BLURRED, self.blurred[reader]) if reader in self.blurred else Cell(Showing.HIDDEN)


HIDDEN = Cell(Showing.HIDDEN)
_WRITTEN = {
    "never": (None, False),
    "blurred": (None, True),
    "counted": (None, True),
    "blurred until placed": (Stage.PLACED, True),
    **{stage.name.lower(): (stage, False) for stage in (Stage.BROADCAST, Stage.SHORTLISTED, Stage.SELECTED, Stage.PLACED)},
}
_TEXT = resources.files("referrals.domain").joinpath("disclosure.csv").read_text(encoding="utf-8")


def _line(row: Mapping[str, str]) -> Line:
    cells = {reader: row[reader] for reader in Reader}
    return Line(
        Noun(row["noun"]),
        row["field"],
        row["meaning"],
        {reader: _WRITTEN[text][0] for reader, text in cells.items()},
        {reader: COUNTED if text == "counted" else row["blurred"] for reader, text in cells.items() if _WRITTEN[text][1]},
    )


TABLE: Sequence[Line] = tuple(_line(row) for row in csv.DictReader(_TEXT.splitlines()))
_BY_NAME: Mapping[tuple[Noun, str], Line] = {(line.noun, line.field): line for line in TABLE}

FINGERPRINT = hashlib.sha256(_TEXT.encode()).hexdigest()[:16]
"""Of the table's text: what a signature stands under."""


def cell(noun: Noun, field: str, stage: Stage, reader: Reader) -> Cell:
    """What a reader sees of a field at a stage. A field that the table does not hold is hidden from everybody at every stage."""
    line = _BY_NAME.get((noun, field))
    return line.cell(stage, reader) if line else HIDDEN


def fields_seen(noun: Noun, stage: Stage, reader: Reader) -> frozenset[str]:
    """The names of the fields of a noun that a reader is shown as they are."""
    return frozenset(line.field for line in TABLE if line.noun is noun and line.cell(stage, reader).showing is Showing.SHOWN)


def _told_to_the_chosen(noun: Noun) -> dict[str, Stage]:
    chosen = Reader.SELECTED_PROVIDER
    return {line.field: line.shown_from[chosen] or Stage.COUNCIL_ONLY for line in TABLE if line.noun is noun}


CHILD: Mapping[str, Stage] = _told_to_the_chosen(Noun.CHILD)
REFERRAL: Mapping[str, Stage] = _told_to_the_chosen(Noun.REFERRAL)
NEAR_PLACE: Mapping[str, Stage] = _told_to_the_chosen(Noun.NEAR_PLACE)
WORDS: Mapping[str, Stage] = _told_to_the_chosen(Noun.WORDS)
"""From which stage the provider that comes to be chosen is shown a field; a later stage shows all that an earlier one does."""


class Right(StrEnum):
    """By which right somebody saw who a child is."""

    OWN_RECORD = "own_record"
    SEARCH = "search"
    BROADCAST = "broadcast"
    PLACEMENT_AGREED = "placement_agreed"
    NATIONAL_RETURN = "national_return"
    PLACEMENT_DECIDED = "placement_decided"
    ARCHIVE = "archive"
    ERASURE = "erasure"


def shown(table: Mapping[str, Stage], stage: Stage, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``values``, what may be seen at ``stage``. A field the table does not hold is left out at every stage."""
    return {name: value for name, value in values.items() if name in table and table[name] <= stage}


def fields_shown(table: Mapping[str, Stage], stage: Stage) -> tuple[str, ...]:
    """The names of all that may be seen at ``stage``."""
    return tuple(name for name, needed in table.items() if needed <= stage)


def withheld(stage: Stage) -> tuple[tuple[str, str], ...]:
    """What is not shown at ``stage``: each field's name, and in words when it will be."""
    return tuple(
        (f"{noun}.{name}", STAGE_WORDS[needed])
        for noun, table in (("child", CHILD), ("referral", REFERRAL))
        for name, needed in table.items()
        if needed > stage
    )
