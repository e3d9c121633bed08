"""Bodies about referrals. No field takes free text: that is where identity leaks, so what is said in words is apart (``schemas.words``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from referrals.actions.in_house import ChosenCarer
from referrals.actions.preview import Preview
from referrals.actions.referrals import Detail
from referrals.actions.words import told_of
from referrals.domain.blurs import Blur
from referrals.domain.reasons import WITHDRAWAL_SIDE, InHouseReason, WithdrawalReason
from referrals.domain.referral import MOST_CHILDREN, ChildNeeds, Near, NearDistrict, Referral, Terms, place_code_of
from referrals.domain.small_cells_words import TO_GIVE, SmallCellReason
from referrals.domain.words import held_by
from referrals.schemas.body import Body, PoundsPerWeek, given
from referrals.schemas.small_cells import SmallCellsBody
from referrals.schemas.words import WordsTold
from referrals.store.matches import InHouseMatch
from shared.clock import in_uk_words
from shared.contracts.referrals import ReferralView
from shared.contracts.words import (
    District,
    LanguageCode,
    LotCode,
    Need,
    PlacementKind,
    Religion,
    RiskToChild,
    RiskToOthers,
    Siblings,
    Urgency,
)
from shared.refusals import Reason, invalid
from shared.written import Day, YesOrNo

PlaceCode = Annotated[str, Field(min_length=2, max_length=3, description="SSDA903 PLACE; left out, it follows from kind")]
_Weeks = Annotated[int, Field(ge=1, le=936)]
_Miles = Annotated[int, Field(ge=1, le=200)]


class NearBody(Body):
    """A place the home should be near."""

    what: Near
    district: District = Field(description="postcode district, as in SO14; never a full postcode")
    visits_per_week: Annotated[Decimal, Field(gt=0, le=50, max_digits=4, decimal_places=2)] | None = None


class ChildNeedsBody(Body):
    """What a home must bring for one child."""

    child: UUID = Field(description="the child's record, from POST /children")
    languages: tuple[LanguageCode, ...] = Field(default=("en",), min_length=1, max_length=10)
    religion: Religion | None = None
    essential_needs: tuple[Need, ...] = Field(default=(), max_length=len(Need))
    preferred_needs: tuple[Need, ...] = Field(default=(), max_length=len(Need))
    risks_to_child: tuple[RiskToChild, ...] = Field(default=(), max_length=len(RiskToChild))
    risks_to_others: tuple[RiskToOthers, ...] = Field(default=(), max_length=len(RiskToOthers))


_Children = Annotated[tuple[ChildNeedsBody, ...], Field(min_length=1, max_length=MOST_CHILDREN)]
_NearPlaces = Annotated[tuple[NearBody, ...], Field(max_length=10)]
_Districts = Annotated[tuple[District, ...], Field(max_length=30)]
_Blurs = Annotated[tuple[Blur, ...], Field(max_length=len(Blur), description="what is shown less exactly to whoever it is sent to")]


def _given_by_a_person(reason: SmallCellReason | None) -> SmallCellReason | None:
    if reason is SmallCellReason.NOT_STATED:
        raise ValueError(f"Say why it is sent as it is, by one of: {', '.join(TO_GIVE)}; or leave it out.")
    return reason


_Acknowledged = Annotated[
    SmallCellReason | None,
    AfterValidator(_given_by_a_person),
    Field(description="why it is sent although few looked-after children share what it shows"),
]


class NewReferral(Body):
    """A referral to begin."""

    lot: LotCode
    kind: PlacementKind
    place: PlaceCode | None = None
    urgency: Urgency
    planned: YesOrNo
    needed_by: Day
    siblings: Siblings = Siblings.ONLY_CHILD
    children: _Children
    expected_weeks: _Weeks | None = None
    near: _NearPlaces = ()
    avoid_districts: _Districts = ()
    preferred_miles: _Miles | None = None
    re_referral_of: UUID | None = Field(default=None, description="an earlier referral for the same demand, so that it is counted once")
    blurred: _Blurs = ()

    def terms(self) -> Terms:
        """As the rules take it."""
        fields = dict(self)
        fields["blurred"] = _each_once(self.blurred)
        fields["place"] = self.place or place_code_of(self.kind)
        return Terms(**{**fields, "children": _needs(self.children), "near": _near(self.near)})


class ReferralChanges(Body):
    """What changes in a referral; what is left out stays."""

    lot: LotCode | None = None
    kind: PlacementKind | None = None
    place: PlaceCode | None = None
    urgency: Urgency | None = None
    planned: YesOrNo | None = None
    needed_by: Day | None = None
    siblings: Siblings | None = None
    children: _Children | None = None
    expected_weeks: _Weeks | None = None
    near: _NearPlaces | None = None
    avoid_districts: _Districts | None = None
    preferred_miles: _Miles | None = None
    re_referral_of: UUID | None = None
    blurred: _Blurs | None = None
    restart_clock: YesOrNo = Field(default=False, description="count the closing time afresh from now")
    acknowledged_small_cell: _Acknowledged = None

    def changes(self) -> dict[str, object]:
        """The fields that change. A new kind without a PLACE code brings the code that goes with it."""
        fields = given(self, may_be_empty={"expected_weeks", "preferred_miles", "re_referral_of", "acknowledged_small_cell"})
        fields.pop("restart_clock", None)
        fields.pop("acknowledged_small_cell", None)
        if self.blurred is not None:
            fields["blurred"] = _each_once(self.blurred)
        if self.children is not None:
            fields["children"] = _needs(self.children)
        if self.near is not None:
            fields["near"] = _near(self.near)
        if self.kind is not None and self.place is None:
            fields["place"] = place_code_of(self.kind)
        return fields


def _each_once(blurs: Iterable[Blur]) -> tuple[Blur, ...]:
    named = set(blurs)
    return tuple(blur for blur in Blur if blur in named)


def _needs(bodies: Iterable[ChildNeedsBody]) -> tuple[ChildNeeds, ...]:
    return tuple(ChildNeeds(**dict(body)) for body in bodies)


def _near(bodies: Iterable[NearBody]) -> tuple[NearDistrict, ...]:
    return tuple(NearDistrict(**dict(body)) for body in bodies)


class ReferralBody(BaseModel):
    """A referral as its own council sees it. Children are named by their records' ids."""

    id: UUID
    reference: str = Field(description="to be read aloud: no letters or figures that look alike")
    version: int
    state: str
    lot: str
    kind: PlacementKind
    place: str
    urgency: Urgency
    planned: bool
    needed_by: date
    siblings: Siblings
    children: tuple[ChildNeedsBody, ...]
    expected_weeks: int | None
    near: tuple[NearBody, ...]
    avoid_districts: tuple[str, ...]
    preferred_miles: int | None
    re_referral_of: UUID | None
    blurred: tuple[Blur, ...] = Field(description="what is shown less exactly to whoever it is sent to")
    created_at: datetime
    created_by: str
    sent_in_house_at: datetime | None
    broadcast_at: datetime | None
    closes_at: datetime | None
    closes_at_words: str | None = Field(description="UK local time, with UTC beside it")
    in_house_reason: InHouseReason | None
    withdrawn_at: datetime | None
    withdrawal_reason: WithdrawalReason | None
    withdrawal_side: str | None

    @classmethod
    def of(cls, referral: Referral) -> Self:
        """The referral as shown."""
        return cls.model_validate(_fields(referral))


class MatchBody(BaseModel):
    """The last in-house match, and the answer to the bed it asked for: asked, held or refused with the reasons."""

    id: UUID
    vacancy: UUID
    pounds_per_week: Decimal
    starts_on: date
    state: str
    reasons: list[str]
    decided_by: str
    decided_at: datetime

    @classmethod
    def of(cls, match: InHouseMatch) -> Self:
        """The match as shown."""
        return cls.model_validate(match, from_attributes=True)


class ReferralDetail(ReferralBody):
    """A referral with what became of it."""

    placement: UUID | None
    in_house_match: MatchBody | None
    words: WordsTold | None = Field(description="what is said in words, as it stands; for officers alone, null where nothing was written")
    words_sent: bool | None = Field(description="whether those the referral was sent to read exactly these words")

    @classmethod
    def of_detail(cls, detail: Detail) -> Self:
        """The referral with its placement, its last in-house match and its words."""
        match, kept = MatchBody.of(detail.match) if detail.match else None, detail.words
        told = {"words": WordsTold.of(told_of(detail.referral, kept.now)) if kept else None, "words_sent": kept.all_sent if kept else None}
        return cls.model_validate({**_fields(detail.referral), "placement": detail.placement, "in_house_match": match, **told})


def _fields(referral: Referral) -> dict[str, object]:
    terms, reason = referral.terms, referral.withdrawal_reason
    return {
        **vars(terms),
        **{name: value for name, value in vars(referral).items() if name not in ("terms", "council")},
        "children": [vars(needs) for needs in terms.children],
        "near": [vars(place) for place in terms.near],
        "closes_at_words": in_uk_words(referral.closes_at) if referral.closes_at else None,
        "withdrawal_side": WITHDRAWAL_SIDE[reason] if reason else None,
    }


class WithheldBody(BaseModel):
    """A field providers do not see, and who does when."""

    field: str
    shown: str


class PreviewBody(BaseModel):
    """Exactly what every provider of the lot will see, and what is kept back."""

    view: ReferralView
    words: WordsTold = Field(description="what providers will read in words, at GET /referrals/{referral}/words")
    held_by: int = Field(description="findings in the words neither removed nor cleared: while there are any, it cannot be sent")
    closes_at: datetime
    closes_at_words: str = Field(description="UK local time, with UTC beside it")
    closing_rule: str
    withheld: list[WithheldBody]
    next: str | None = Field(description="what must be done before it can be broadcast; null when nothing")
    small_cells: SmallCellsBody

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """The preview as shown."""
        held = held_by(preview.found)
        return cls(
            view=preview.view,
            words=WordsTold.of(told_of(preview.referral, preview.words)),
            held_by=len(held),
            closes_at=preview.view.closes_at,
            closes_at_words=in_uk_words(preview.view.closes_at),
            closing_rule=preview.closing_rule,
            withheld=[WithheldBody(field=field, shown=shown) for field, shown in preview.withheld],
            next=preview.next or (held[0].message if held else None),
            small_cells=SmallCellsBody.of(preview.small_cells),
        )


class InHouseDecision(Body):
    """The in-house decision: ``match_taken`` with vacancy, price and start; or ``no_match`` with the coded reason."""

    outcome: Literal["match_taken", "no_match"]
    vacancy: UUID | None = None
    pounds_per_week: PoundsPerWeek | None = None
    starts_on: Day | None = None
    reason: InHouseReason | None = None

    def chosen(self) -> ChosenCarer | None:
        """The carer chosen, or None for no match; refused with everything that is missing or does not belong."""
        parts = {"vacancy": self.vacancy, "pounds_per_week": self.pounds_per_week, "starts_on": self.starts_on}
        if self.outcome == "no_match":
            broken = [Reason(name, "only_with_match_taken", "Leave this out: no match was taken.") for name, part in parts.items() if part]
            if self.reason is None:
                broken.append(Reason("reason", "required", f"Say why no carer of yours: one of {', '.join(InHouseReason)}."))
        else:
            broken = [Reason(name, "required", "This is needed when a match is taken.") for name, part in parts.items() if part is None]
            if self.reason is not None:
                broken.append(Reason("reason", "only_with_no_match", "Leave this out: a match was taken."))
        if broken:
            raise invalid(*broken)
        if self.vacancy is None or self.pounds_per_week is None or self.starts_on is None:
            return None
        return ChosenCarer(self.vacancy, self.pounds_per_week, self.starts_on)


class Sending(Body):
    """What goes with a broadcast."""

    acknowledged_small_cell: _Acknowledged = None


class Withdrawal(Body):
    """Why the referral is withdrawn."""

    reason: WithdrawalReason
