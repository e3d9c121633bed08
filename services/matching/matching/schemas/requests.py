"""What is asked of matching. Unknown fields are refused, so that a misspelt one is not silently lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from matching.domain.choice import Choice, ChoiceReason, Consideration, Considered, ShortlistReason, Wishes
from matching.domain.message import LONGEST
from matching.domain.offer import Answer, DeclineReason, NeedNote, Terms, WithdrawalReason
from matching.domain.panel_words import Departure
from matching.schemas.approvals import ApprovalOfChoice
from matching.schemas.pricing import Pounds, Pricing
from shared.contracts.words import Need
from shared.written import Day, Whole, YesOrNo

Because = Annotated[str, Field(max_length=LONGEST)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NeedAnswer(_Body):
    """Whether the home meets one need; each essential need must be answered once."""

    need: Need
    met: YesOrNo
    note: NeedNote | None = None


class OfferTerms(Pricing):
    """The terms of an offer: one of your own published vacancies, what it costs a week, from when, and what it meets."""

    vacancy: UUID
    pounds_per_week: Pounds
    available_on: Day
    needs: Annotated[list[NeedAnswer], Field(default_factory=list, max_length=60)]
    message: Annotated[str | None, Field(max_length=LONGEST, description="Nothing about a person: no names, numbers or addresses.")] = None

    def terms(self) -> Terms:
        """As the domain holds it."""
        answers = tuple(Answer(one.need, one.met, one.note) for one in self.needs)
        fee = self.pounds_per_week.quantize(Decimal("0.01"))
        return Terms(self.vacancy, fee, self.available_on, answers, self.message or None, self.pricing())


class NewOffer(OfferTerms):
    """An offer for a referral that was sent to you."""

    referral: UUID


class NewDecline(_Body):
    """Why you cannot offer."""

    reason: DeclineReason


class NewWithdrawal(_Body):
    """Why you take the offer back."""

    reason: WithdrawalReason


class NewShortlist(_Body):
    """The offers to compare, in place of the shortlist before."""

    offers: Annotated[list[UUID], Field(min_length=1, max_length=20)]
    reason_code: ShortlistReason | None = None


class NewChoice(_Body):
    """The offer chosen, each consideration the law asks for, and a reason where one is owed."""

    offer: UUID
    considerations: dict[Consideration, Considered] = {}
    wishes: Wishes
    because: Annotated[
        dict[Consideration, Because],
        Field(description="why a consideration is answered so; needed for not_practicable. Nothing about a person."),
    ] = {}
    reason_code: ChoiceReason | None = None
    panel_departure: Annotated[
        Departure | None, Field(description="why you do not choose what the referral's panel decided; only then")
    ] = None
    approvals: Annotated[
        list[ApprovalOfChoice], Field(max_length=12, description="named officers' approvals that the checks of the chosen offer ask for")
    ] = []
    offer_version: Annotated[
        Whole | None, Field(ge=1, description="the version you read; the choice is refused if it changed since")
    ] = None

    def choice(self) -> Choice:
        """As the domain holds it."""
        return Choice(self.offer, self.reason_code, self.considerations, self.wishes, self.because, self.panel_departure)
