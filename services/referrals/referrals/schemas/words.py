"""Bodies about what is said in words. A reply to a write never carries the words: they may still name the child."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from referrals.actions.words import Told, shown_in_words
from referrals.domain.findings import Kind, Sureness, Why
from referrals.domain.referral import MOST_CHILDREN, Referral
from referrals.domain.words import (
    CLEARING_WORDS,
    LONGEST,
    ChildWords,
    ClearingReason,
    Found,
    Words,
    snippet,
    what_to_do,
    why_in_words,
)
from referrals.schemas.body import Body
from shared.refusals import Reason, invalid

# Line breaks and tabs are writing; other control characters, and the marks that turn the direction of what follows, hide what is written.
_READABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST, pattern=_READABLE)]


class ChildWordsBody(Body):
    """What is said of one child."""

    child: UUID = Field(description="the child's record, as in the referral")
    about_the_child: Prose | None = Field(default=None, description="who the child is to live with")
    routines: Prose | None = Field(default=None, description="how the child's day goes")


class NewWords(Body):
    """What is said in words; it replaces all that was said before. Name nobody: it is checked, and held while anything is found in it."""

    about_contact: Prose | None = Field(default=None, description="contact with family and friends")
    what_matters: Prose | None = Field(default=None, description="what matters most to the children, and to those who know them")
    children: Annotated[tuple[ChildWordsBody, ...], Field(max_length=MOST_CHILDREN)] = ()

    def words(self) -> Words:
        """As the rules take it; refused when a child is named twice."""
        named = [each.child for each in self.children]
        if len(set(named)) != len(named):
            raise invalid(Reason("children", "each_once", "The same child is named twice."))
        of_children = {each.child: ChildWords(each.about_the_child or None, each.routines or None) for each in self.children}
        return Words(self.about_contact or None, self.what_matters or None, of_children)


class WordsKept(BaseModel):
    """The reply to a write: whether the words may go out, and if not, how many places hold them."""

    id: UUID = Field(description="the referral")
    version: int
    state: str
    findings: int
    held_by: int = Field(description="findings neither removed nor cleared: while there are any, the words stay with your council")

    @classmethod
    def of(cls, referral: Referral, found: Sequence[Found]) -> Self:
        """The reply for a referral."""
        held = sum(one.holds for one in found)
        return cls(id=referral.id, version=referral.version, state=referral.state, findings=len(found), held_by=held)


class ChildTold(BaseModel):
    """What is said of one child, numbered as in the referral."""

    child_number: int
    about_the_child: str | None = None
    routines: str | None = None


class WordsTold(BaseModel):
    """What is said in words of a referral."""

    referral: UUID
    reference: str
    about_contact: str | None = None
    what_matters: str | None = None
    children: list[ChildTold]

    @classmethod
    def of(cls, told: Told) -> Self:
        """As it is shown: what the declared table of disclosure lets a provider see."""
        ours, children = shown_in_words(told)
        numbered = [{"child_number": number, **each} for number, each in enumerate(children, start=1)]
        return cls.model_validate({"referral": told.referral, "reference": told.reference, **ours, "children": numbered})


class ClearingBody(BaseModel):
    """By whom, when and why a finding was let stand."""

    reason: ClearingReason
    words: str
    by: str
    at: datetime


class FindingBody(BaseModel):
    """One place in the words that may say who a child is."""

    id: str = Field(description="of this place in exactly this text: another text has other ids")
    field: str
    start: int = Field(description="first character, counted from 0")
    end: int = Field(description="first character after it")
    kind: Kind
    why: Why
    why_words: str
    sureness: Sureness
    snippet: str = Field(description="the place with what stands around it")
    holds: bool = Field(description="whether the referral cannot be sent because of it")
    what_to_do: str | None
    cleared: ClearingBody | None

    @classmethod
    def of(cls, found: Found) -> Self:
        """The finding as its council sees it."""
        cleared = found.cleared
        return cls(
            id=found.id,
            field=found.field,
            start=found.finding.start,
            end=found.finding.end,
            kind=found.finding.kind,
            why=found.finding.why,
            why_words=why_in_words(found.finding.why),
            sureness=found.finding.sureness,
            snippet=snippet(found),
            holds=found.holds,
            what_to_do=what_to_do(found) if found.holds else None,
            cleared=ClearingBody(reason=cleared.reason, words=CLEARING_WORDS[cleared.reason], by=cleared.by, at=cleared.at)
            if cleared
            else None,
        )


class Findings(BaseModel):
    """Everything found in the words as they stand."""

    items: list[FindingBody]
    held_by: int = Field(description="how many keep the referral from being sent")

    @classmethod
    def of(cls, found: Sequence[Found]) -> Self:
        """The findings as shown."""
        return cls(items=[FindingBody.of(one) for one in found], held_by=sum(one.holds for one in found))


class Cleared(BaseModel):
    """The reply to a clearing: how many findings still hold the referral."""

    referral: UUID
    held_by: int


class NewClearing(Body):
    """Findings to let stand, and why."""

    findings: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")], ...], Field(min_length=1, max_length=200)]
    reason: ClearingReason
