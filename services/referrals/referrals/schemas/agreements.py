"""Bodies about an individual placement agreement. The child is named nowhere in them: it is read at ``/placements/{id}/child``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from referrals.actions.agreements import Agreement, Costs
from referrals.domain.agreement import Act, DeclineReason, Notice, NoticeReason, Version, VersionState, state_of
from referrals.domain.agreement_cost import Cost
from referrals.domain.agreement_due import Due, DueState, Stage
from referrals.domain.agreement_terms import Document, Form, Line, LineKind, LineWhat
from referrals.schemas.body import Body
from referrals.store.agreements import Reminder
from shared.written import Day, Whole

Pounds = Annotated[Decimal, Field(gt=0, le=99_999, max_digits=7, decimal_places=2)]
PerCent = Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]


class LineSent(Body):
    """A line of the price: ``pounds_per_week`` for fee and addition, that or ``per_cent`` for a discount, ``pounds`` for a one-off."""

    kind: LineKind
    what: LineWhat
    from_on: Day = Field(description="first night charged; of a one-off, its day")
    until: Day | None = Field(default=None, description="first day no longer charged; leave out while the version runs")
    pounds_per_week: Pounds | None = None
    per_cent: PerCent | None = Field(default=None, description="of the night's base fee")
    pounds: Pounds | None = None

    def line(self) -> Line:
        """As the rules take it."""
        return Line(**self.model_dump())


class Proposal(Body):
    """The next version. What is left out is as it was in force, else as it was offered; lines and documents replace those of before."""

    form: Form = Form.FULL
    effective_from: Day | None = Field(default=None, description="first night it holds for")
    expected_end_on: Day | None = None
    notice_days: Annotated[Whole, Field(ge=1, le=182)] | None = None
    lines: Annotated[tuple[LineSent, ...], Field(min_length=1, max_length=60)] | None = None
    documents: Annotated[tuple[Document, ...], Field(max_length=20)] | None = Field(
        default=None, description="what the carers were given; placement_plan, delegated_authority and medical_consent for a full agreement"
    )

    def wanted(self) -> dict[str, Any]:
        """The terms that are named. An expected end may be named as null, to take it away."""
        found: dict[str, Any] = {"form": self.form}
        if "expected_end_on" in self.model_fields_set:
            found["expected_end_on"] = self.expected_end_on
        for name in ("effective_from", "notice_days"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        if self.lines is not None:
            found["lines"] = tuple(line.line() for line in self.lines)
        if self.documents is not None:
            found["documents"] = tuple(sorted(set(self.documents)))
        return found


class Signature(Body):
    """A side's signature under what it read."""

    content_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(description="of the version, as it was read")


class Declined(Body):
    """Why a side does not sign."""

    reason: DeclineReason


class NoticeGiven(Body):
    """Notice, by the side that sends it."""

    given_on: Day
    reason: NoticeReason


class LineBody(BaseModel):
    """One line of the price."""

    kind: LineKind
    what: LineWhat
    from_on: date
    until: date | None
    pounds_per_week: Decimal | None
    per_cent: Decimal | None
    pounds: Decimal | None


class DeedBody(BaseModel):
    """What a side did with a version: who, when, on which content."""

    organisation: str
    act: Act
    by: str
    at: datetime
    content_hash: str
    reason: DeclineReason | None


class VersionBody(BaseModel):
    """One version, and how far it has come."""

    number: int
    state: VersionState
    form: Form
    effective_from: date
    expected_end_on: date | None
    notice_days: int
    lines: list[LineBody]
    documents: list[Document]
    content_hash: str = Field(description="SHA-256 of all the version says, parties included; what a signature names")
    proposed_by: str
    proposed_at: datetime
    acts: list[DeedBody]

    @classmethod
    def of(cls, version: Version, newest: int) -> Self:
        """The version as shown."""
        terms = version.terms
        return cls(
            number=version.number,
            state=state_of(version, newest),
            form=terms.form,
            effective_from=terms.effective_from,
            expected_end_on=terms.expected_end_on,
            notice_days=terms.notice_days,
            lines=[LineBody(**vars(line)) for line in terms.lines],
            documents=list(terms.documents),
            content_hash=version.content_hash,
            proposed_by=version.author,
            proposed_at=version.at,
            acts=[
                DeedBody(organisation=d.author, act=d.act, by=d.by, at=d.at, content_hash=d.content_hash, reason=d.reason)
                for d in version.deeds
            ],
        )


class NoticeBody(BaseModel):
    """Notice given by one side."""

    organisation: str
    given_on: date
    ends_on: date
    last_night_charged: date = Field(description="unless the child leaves sooner or stays longer")
    reason: NoticeReason
    at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """The notice as shown."""
        return cls(
            organisation=notice.author,
            given_on=notice.given_on,
            ends_on=notice.ends_on,
            last_night_charged=notice.last_night,
            reason=notice.reason,
            at=notice.at,
            withdrawn_at=notice.withdrawn_at,
        )


class ReminderBody(BaseModel):
    """That the full agreement was asked for."""

    due_on: date
    stage: Stage
    at: datetime

    @classmethod
    def of(cls, reminder: Reminder) -> Self:
        """The reminder as shown."""
        return cls(due_on=reminder.due_on, stage=reminder.stage, at=reminder.at)


class DueBody(BaseModel):
    """When the full agreement is due."""

    due_on: date
    remind_on: date
    state: DueState
    days_overdue: int

    @classmethod
    def of(cls, due: Due) -> Self:
        """As shown."""
        return cls(**vars(due))


class AgreementBody(BaseModel):
    """The agreement about one placement as its two parties see it, all versions kept, oldest first."""

    placement: UUID
    revision: int
    council: str
    council_name: str | None
    provider: str
    provider_name: str | None
    reference: str
    children: int
    ages: tuple[int, ...] = Field(description="when agreed, in the referral's order; who they are is read at /placements/{id}/child")
    starts_on: date
    started_on: date | None
    expected_end: date | None = Field(description="day of leaving, as far as it is known: left, notice, or as agreed")
    in_force: int | None = Field(description="the version that holds tonight, or will on the first day")
    due: DueBody | None = Field(description="while the full agreement is missing")
    versions: list[VersionBody]
    notices: list[NoticeBody]
    reminders: list[ReminderBody]

    @classmethod
    def of(cls, agreement: Agreement) -> Self:
        """The agreement as shown today."""
        placement, in_force, due = agreement.placement, agreement.in_force, agreement.due
        return cls(
            placement=placement.id,
            revision=agreement.revision,
            council=placement.council,
            council_name=agreement.council_name,
            provider=placement.provider,
            provider_name=agreement.provider_name,
            reference=placement.reference,
            children=placement.children,
            ages=placement.ages,
            starts_on=placement.starts_on,
            started_on=placement.started_on,
            expected_end=agreement.expected_end,
            in_force=in_force.number if in_force else None,
            due=DueBody.of(due) if due else None,
            versions=[VersionBody.of(version, agreement.newest) for version in agreement.versions],
            notices=[NoticeBody.of(notice) for notice in agreement.notices],
            reminders=[ReminderBody.of(reminder) for reminder in agreement.reminders],
        )


class CostLineBody(BaseModel):
    """What one line comes to, and for how many nights."""

    version: int | None = Field(description="null: the fee as offered, no version in force")
    kind: LineKind
    what: LineWhat
    nights: int
    pounds: Decimal


class CostBody(BaseModel):
    """Some nights of a stay and what they cost; the lines add up to the total."""

    from_on: date
    until: date = Field(description="its own night is not counted")
    nights: int
    lines: list[CostLineBody]
    total: Decimal

    @classmethod
    def of(cls, cost: Cost) -> Self:
        """The cost as shown."""
        lines = [
            CostLineBody(version=each.version, kind=each.line.kind, what=each.line.what, nights=each.nights, pounds=each.pounds)
            for each in cost.lines
        ]
        return cls(from_on=cost.begin, until=cost.end, nights=cost.nights, lines=lines, total=cost.total)


class CostsBody(BaseModel):
    """A part of the stay (this week unless named), the stay to date, the stay as long as it is expected."""

    placement: UUID
    part: CostBody
    to_date: CostBody
    to_expected_end: CostBody | None

    @classmethod
    def of(cls, placement: UUID, costs: Costs) -> Self:
        """The costs as shown."""
        whole = costs.to_expected_end
        return cls(
            placement=placement,
            part=CostBody.of(costs.part),
            to_date=CostBody.of(costs.to_date),
            to_expected_end=CostBody.of(whole) if whole else None,
        )
