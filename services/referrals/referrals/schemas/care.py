"""Bodies about a child's time in care. Codes are those of the national return; field names say in words what its columns shorten."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from referrals.domain.care import YES_NO, OutsidePlacement, Review
from referrals.domain.episodes import GAP_WORDS, CarePeriod, StatusFrom, TimeInCare
from referrals.schemas.body import Body
from referrals.schemas.children import Code
from shared.contracts.words import AgencyUrn
from shared.written import Day, Whole, YesOrNo

PostcodeText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=12)]
Flag = Annotated[int, Field(ge=0, le=1, description="1 yes, 0 no")]


class CareBegins(Body):
    """The child began to be looked after."""

    began_on: Day = Field(description="SSDA903 DECOM of the first episode")
    legal_status: Code = Field(description="SSDA903 LS")
    category_of_need: Code = Field(description="SSDA903 CIN; stays for this time in care")

    def period(self) -> CarePeriod:
        """As the rules take it."""
        return CarePeriod(self.began_on, self.category_of_need)


class CareEnds(Body):
    """The child ceased to be looked after."""

    ended_on: Day
    reason: Code = Field(description="SSDA903 REC, as in E4A")


class LegalStatus(Body):
    """The legal status a looked-after child has from a day on."""

    from_on: Day
    legal_status: Code = Field(description="SSDA903 LS")

    def status(self) -> StatusFrom:
        """As the rules take it."""
        return StatusFrom(self.from_on, self.legal_status)


class ReviewHeld(Body):
    """A statutory review."""

    held_on: Day
    participation: Code = Field(description="SSDA903 REVIEW_CODE: PN0 under four, else PN1 to PN7")

    def review(self) -> Review:
        """As the rules take it."""
        return Review(self.held_on, self.participation)


class PlacedElsewhere(Body):
    """A placement that did not come about through Hearth. With ``ended_on`` it is one that is over."""

    began_on: Day
    place: Code = Field(description="SSDA903 PLACE")
    place_provider: Code | None = Field(default=None, description="SSDA903 PLACE_PROVIDER; none for temporary places and Z codes")
    urn: AgencyUrn | None = Field(default=None, description="Ofsted number of who provides it")
    postcode: PostcodeText | None = Field(default=None, description="SSDA903 PL_POST; kept sealed")
    same_carer: YesOrNo = Field(default=False, description="the carer is that of the placement before")
    ended_on: Day | None = None
    ending_reason: Code | None = Field(default=None, description="SSDA903 REASON_PLACE_CHANGE, when the child moved on")

    def placement(self) -> OutsidePlacement:
        """As the rules take it."""
        return OutsidePlacement(**self.model_dump(exclude={"postcode"}))


class PlacedElsewhereEnds(Body):
    """A placement made elsewhere ended."""

    ended_on: Day
    reason: Code | None = Field(default=None, description="SSDA903 REASON_PLACE_CHANGE, when the child moved and did not leave care")


class Outcomes(Body):
    """What the return asks once a year of a child looked after for all of it (its table OC2); what is not asked at that age is left out."""

    sdq_score: Annotated[Whole, Field(ge=0, le=40)] | None = None
    sdq_reason: Code | None = Field(default=None, description="why there is no score")
    convicted: Flag | None = None
    health_check: Flag | None = None
    immunisations: Flag | None = None
    teeth_check: Flag | None = None
    health_assessment: Flag | None = None
    substance_misuse: Flag | None = None
    intervention_received: Flag | None = None
    intervention_offered: Flag | None = None

    def facts(self) -> dict[str, int | str]:
        """By the return's columns, without those left out."""
        columns = (*YES_NO, "SDQ_SCORE", "SDQ_REASON")
        return {column: value for column in columns if (value := getattr(self, column.lower())) is not None}


class FosteringServiceNumber(Body):
    """The Ofsted number of the council's own fostering service."""

    urn: AgencyUrn


class FosteringServiceBody(BaseModel):
    """The Ofsted number of the council's own fostering service; none recorded yet: null."""

    urn: str | None


class PlacementAddress(Body):
    """Where a placement is."""

    postcode: PostcodeText = Field(description="SSDA903 PL_POST; kept sealed under the council's key, for the national return")


class Recorded(BaseModel):
    """It is recorded; the id of what was recorded, where it has one."""

    id: UUID | None = None


class EpisodeBody(BaseModel):
    """One episode, by the return's columns in lower case."""

    decom: date
    rne: str
    ls: str
    cin: str
    place: str
    place_provider: str | None
    dec: date | None
    rec: str | None
    reason_place_change: str | None
    home_post: str | None
    pl_post: str | None
    urn: str | None


class GapBody(BaseModel):
    """Something missing in the record of the child's time in care."""

    rule: str
    on: date
    until: date | None
    message: str


class Episodes(BaseModel):
    """A child's episodes as the return will have them, oldest first, and what is missing."""

    episodes: list[EpisodeBody]
    missing: list[GapBody]

    @classmethod
    def of(cls, time: TimeInCare) -> Self:
        """From the domain's value."""
        return cls(
            episodes=[EpisodeBody(**vars(each)) for each in time.episodes],
            missing=[GapBody(rule=gap.rule, on=gap.on, until=gap.until, message=GAP_WORDS[gap.rule]) for gap in time.gaps],
        )
