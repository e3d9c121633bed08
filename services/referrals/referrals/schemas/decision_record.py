"""Bodies about what was decided on a referral and what its children said."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from referrals.actions.decision_record import Record
from referrals.domain.decision import HOW, InLedger, Verdict
from referrals.domain.referral import State
from referrals.domain.wishes import LONGEST, Given, Wishes
from referrals.schemas.body import Body, Line
from referrals.store.wishes import KeptWishes
from shared.contracts.words import LanguageCode
from shared.written import Day


class NewWishes(Body):
    """What a child of the referral said, in the child's own words."""

    child: UUID
    words: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
    given: Given = Field(description="how the child made it known; observed: of a baby, or a child who does not speak of it")
    language: LanguageCode = Field(description="the language the words are written down in, as in en, cy, ur")
    heard_by: Line = Field(description="who heard it: the social worker, the advocate, the interpreter")
    heard_on: Day

    def wishes(self) -> Wishes:
        """As the domain holds it."""
        return Wishes(self.words, self.given, self.language, self.heard_by, self.heard_on)


class WishesKept(BaseModel):
    """That it was recorded. What was said is read at its own address, where the reading is written down."""

    referral: UUID
    child: UUID
    version: int


class WishesBody(BaseModel):
    """One version of what a child said. All is null once the child's record was erased."""

    child: UUID
    version: int
    words: str | None
    given: Given | None
    language: str | None
    heard_by: str | None
    heard_on: date | None
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, kept: KeptWishes) -> Self:
        """As it is shown."""
        said = kept.heard
        return cls(
            child=kept.child,
            version=kept.version,
            words=said.words if said else None,
            given=said.given if said else None,
            language=said.language if said else None,
            heard_by=said.heard_by if said else None,
            heard_on=said.heard_on if said else None,
            recorded_by=kept.recorded_by,
            recorded_at=kept.recorded_at,
        )


class AllWishes(BaseModel):
    """What the children of a referral said, the last of each child first."""

    items: list[WishesBody]


class LedgerLine(BaseModel):
    """A line of your council's disclosure ledger that holds a decision's hash."""

    child: UUID
    line: int
    hash: str = Field(description="the line's own hash in the ledger's chain")
    decision_hash: str

    @classmethod
    def of(cls, line: InLedger) -> Self:
        """As it is shown."""
        return cls(child=line.child, line=line.line, hash=line.line_hash.hex(), decision_hash=line.decision_hash.hex())


class DecisionBody(BaseModel):
    """One decision: its record is kept by matching, its hash here and in the ledger."""

    decision: UUID
    offer: UUID
    hash: str
    heard_at: datetime
    placement: UUID | None = Field(
        description="the placement agreed on this decision; null where its bed was refused, or not asked for yet"
    )
    ledger: list[LedgerLine]


class ChildsPart(BaseModel):
    """One child of the referral, and what it said; the last first."""

    child: UUID
    number: int
    wishes: list[WishesBody]


class DecisionRecordBody(BaseModel):
    """What was decided on a referral, beside the children's own words: for your council alone."""

    referral: UUID
    reference: str
    state: State
    decisions: list[DecisionBody]
    children: list[ChildsPart]
    record_at: str = Field(description="where matching keeps offers, considerations, who decided and why")
    how_hash_is_made: str = HOW

    @classmethod
    def of(cls, record: Record) -> Self:
        """As it is shown."""
        referral, agreed = record.referral, record.placement
        return cls(
            referral=referral.id,
            reference=referral.reference,
            state=referral.state,
            decisions=[
                DecisionBody(
                    decision=one.decision,
                    offer=one.offer,
                    hash=one.hash.hex(),
                    heard_at=one.heard_at,
                    placement=agreed.id if agreed and agreed.offer == one.offer else None,
                    ledger=[LedgerLine.of(line) for line in record.lines if line.decision == one.decision],
                )
                for one in record.decisions
            ],
            children=[
                ChildsPart(
                    child=needs.child, number=number, wishes=[WishesBody.of(one) for one in record.wishes if one.child == needs.child]
                )
                for number, needs in enumerate(referral.terms.children, start=1)
            ],
            record_at=f"/referrals/{referral.id}/decision",
        )


class DecisionToVerify(Body):
    """One decision as ``GET /referrals/{referral}/decision`` of matching gave it: at least its ``record``."""

    record: dict[str, Any]


class DecisionVerified(BaseModel):
    """Whether a record is what was decided, by the hash that the ledger holds."""

    whole: bool
    verdict: Verdict
    message: str
    decision: str | None = Field(description="the decision the record says it is of")
    hash: str = Field(description="the hash of the record as you sent it")
    ledger: list[LedgerLine]
