"""What officers write in their own words on a referral, and what holds it back: findings not yet removed or cleared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from referrals.domain.findings import WHY_WORDS, Checker, Finding, Kind, Sureness, Why
from shared.refusals import Reason

LONGEST = 2_000
"""Characters in one field."""


@dataclass(frozen=True)
class ChildWords:
    """Of one child: who the child is to live with, and how the day goes."""

    about_the_child: str | None = None
    routines: str | None = None


@dataclass(frozen=True)
class Words:
    """All that is said in words on a referral: of contact with family and friends, of what matters most, and of each child."""

    about_contact: str | None = None
    what_matters: str | None = None
    children: Mapping[UUID, ChildWords] = field(default_factory=dict)

    def texts(self, order: Sequence[UUID]) -> Iterator[tuple[str, str]]:
        """Each text that is not empty with its field's name as in the request; children as they stand in ``order``, others left out."""
        for name in ("about_contact", "what_matters"):
            if text := getattr(self, name):
                yield name, text
        for place, child in enumerate(order):
            about = self.children.get(child, ChildWords())
            for name in ("about_the_child", "routines"):
                if text := getattr(about, name):
                    yield f"children.{place}.{name}", text

    def of(self, children: Sequence[UUID]) -> Words:
        """The same, without words about children who are not among these."""
        return Words(self.about_contact, self.what_matters, {child: self.children[child] for child in children if child in self.children})


class ClearingReason(StrEnum):
    """Why an officer lets a finding stand."""

    ORDINARY_WORD = "ordinary_word"
    SOMEBODY_ELSE = "somebody_else"
    PUBLIC_PLACE = "public_place"
    PUBLIC_SERVICE = "public_service"
    NOT_A_BIRTH_DATE = "not_a_birth_date"


CLEARING_WORDS: Mapping[ClearingReason, str] = {
    ClearingReason.ORDINARY_WORD: "It is an ordinary word or abbreviation here and names nobody.",
    ClearingReason.SOMEBODY_ELSE: "It names somebody, or something, that does not lead to the child: an author, a football club, a pet.",
    ClearingReason.PUBLIC_PLACE: "A place everybody may be at; the child neither lives there nor goes to school there.",
    ClearingReason.PUBLIC_SERVICE: "The number or address of a public service, not of a person.",
    ClearingReason.NOT_A_BIRTH_DATE: "A date of something else, which does not lead to the child.",
}

_NEVER_CLEARED = frozenset({Kind.NHS_NUMBER, Kind.UPN, Kind.COUNCIL_ID, Kind.POSTCODE, Kind.BIRTH_DATE})


@dataclass(frozen=True)
class Clearing:
    """A finding an officer let stand: by whom, when and why."""

    finding: str
    reason: ClearingReason
    by: str
    at: datetime


@dataclass(frozen=True)
class Found:
    """A finding in one of the texts. ``id`` is of this place, kind and reason in exactly this text, so a changed text has other ids."""

    id: str
    field: str
    finding: Finding
    text: str
    text_hash: bytes
    cleared: Clearing | None

    @property
    def must_be_removed(self) -> bool:
        """Whether nobody may clear it: a number, postcode or whole birth date exactly as it is held of a child (domain §8)."""
        return self.finding.sureness is Sureness.CERTAIN and self.finding.kind in _NEVER_CLEARED

    @property
    def holds(self) -> bool:
        """Whether the referral cannot be sent because of it."""
        return self.cleared is None or self.must_be_removed


def found_in(words: Words, order: Sequence[UUID], checker: Checker, salt: bytes, clearings: Mapping[str, Clearing]) -> tuple[Found, ...]:
    """Every finding in the words, with what was cleared. A clearing counts only for the text it was given for, unchanged to the letter.

    ``salt`` is the referral's own secret, so that nobody who sees hashes can try out what the words were.
    """
    return tuple(_found(name, text, finding, salt, clearings) for name, text in words.texts(order) for finding in checker.findings_in(text))


def _found(name: str, text: str, finding: Finding, salt: bytes, clearings: Mapping[str, Clearing]) -> Found:
    text_hash = hashlib.sha256(salt + text.encode()).digest()
    place = f"{name} {finding.start} {finding.end} {finding.kind} {finding.why}"
    id = hashlib.sha256(text_hash + place.encode()).hexdigest()[:24]
    return Found(id, name, finding, text, text_hash, clearings.get(id))


_KIND_WORDS: Mapping[Kind, str] = {
    Kind.NAME: "a name", Kind.INITIALS: "initials", Kind.SCHOOL: "a school", Kind.STREET: "a street or address",
    Kind.POSTCODE: "a postcode",
    Kind.TELEPHONE: "a telephone number", Kind.EMAIL: "an e-mail address", Kind.ONLINE_NAME: "a web address or name used online",
    Kind.NHS_NUMBER: "an NHS number", Kind.UPN: "a pupil number", Kind.COUNCIL_ID: "your own number of the child",
    Kind.BIRTH_DATE: "a birth date", Kind.DATE: "a full date",
}  # fmt: skip


def held_by(found: Sequence[Found]) -> tuple[Reason, ...]:
    """Why the words cannot be sent yet: each finding by its field and place, and what to do. Never the words themselves."""
    return tuple(
        Reason(
            f"words.{one.field}",
            "nothing_that_identifies",
            f"Characters {one.finding.start + 1} to {one.finding.end}: {_KIND_WORDS[one.finding.kind]}. {what_to_do(one)}",
        )
        for one in found
        if one.holds
    )


def what_to_do(found: Found) -> str:
    """What an officer does about a finding."""
    if found.must_be_removed:
        return "Take it out of the words: it is in a child's record and cannot be cleared."
    return "Take it out of the words, or clear it with a reason (POST …/findings/clearings)."


def why_in_words(why: Why) -> str:
    """Why something was found, for the officer."""
    return WHY_WORDS[why]


_AROUND = 30


def snippet(found: Found) -> str:
    """The finding with up to 30 characters on each side, for the council that wrote it."""
    start, end = max(0, found.finding.start - _AROUND), found.finding.end + _AROUND
    return ("…" if start else "") + found.text[start:end] + ("…" if end < len(found.text) else "")
