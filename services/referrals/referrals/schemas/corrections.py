"""Bodies that correct what was recorded of a child's time in care. What is left out stays as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from referrals.domain.corrections import Correction, CorrectionReason, RecordKind
from referrals.schemas.body import Body, given
from referrals.schemas.care import PostcodeText
from referrals.schemas.children import Code
from shared.contracts.words import AgencyUrn
from shared.refusals import Reason, invalid
from shared.written import Day, YesOrNo


class _Corrects(Body):
    reason: CorrectionReason
    take_out: YesOrNo = Field(default=False, description="there never was such a thing: nothing else is then said")

    def changes(self) -> dict[str, Any] | None:
        """What the record should say instead, as far as it differs; None to take it out. Refused: both, or neither."""
        if self.take_out == bool(self.model_fields_set - {"reason", "take_out"}):
            words = "Say what the record should say instead, or take_out: one of the two."
            raise invalid(Reason("body", "one_of_the_two", words))
        return None if self.take_out else {name: value for name, value in self._given().items() if name not in ("reason", "take_out")}

    def _given(self) -> dict[str, object]:
        return given(self)


class StatusCorrection(_Corrects):
    """What a legal status should have said."""

    from_on: Day | None = None
    legal_status: Code | None = Field(default=None, description="SSDA903 LS")


class ReviewCorrection(_Corrects):
    """What a review should have said."""

    held_on: Day | None = None
    participation: Code | None = Field(default=None, description="SSDA903 REVIEW_CODE")


class PeriodCorrection(_Corrects):
    """What a time in care should have said. ``ended_on`` and ``ending_reason`` both null: care goes on."""

    began_on: Day | None = None
    category_of_need: Code | None = Field(default=None, description="SSDA903 CIN")
    ended_on: Day | None = None
    ending_reason: Code | None = Field(default=None, description="SSDA903 REC")

    def _given(self) -> dict[str, object]:
        return given(self, may_be_empty=("ended_on", "ending_reason"))


class OutsidePlacementCorrection(_Corrects):
    """What a placement made elsewhere should have said."""

    began_on: Day | None = None
    place: Code | None = Field(default=None, description="SSDA903 PLACE")
    place_provider: Code | None = Field(default=None, description="SSDA903 PLACE_PROVIDER")
    urn: AgencyUrn | None = None
    same_carer: YesOrNo | None = None
    ended_on: Day | None = None
    ending_reason: Code | None = Field(default=None, description="SSDA903 REASON_PLACE_CHANGE")
    postcode: PostcodeText | None = Field(default=None, description="SSDA903 PL_POST; kept sealed")

    def _given(self) -> dict[str, object]:
        named = given(self, may_be_empty=("place_provider", "urn", "ended_on", "ending_reason"))
        named.pop("postcode", None)
        return named


class CorrectionBody(BaseModel):
    """One correction: what was said, by whom recorded, and what is said since; null: it was taken out."""

    id: UUID
    record: RecordKind
    reason: CorrectionReason
    before: dict[str, Any]
    after: dict[str, Any] | None
    by: str
    at: datetime

    @classmethod
    def of(cls, correction: Correction) -> Self:
        """As shown."""
        values = {name: value for name, value in vars(correction).items() if name != "child"}
        return cls(**values)
