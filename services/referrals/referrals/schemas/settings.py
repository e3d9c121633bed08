"""Bodies about a council's own settings."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field

from referrals.domain.settings import FIT
from referrals.schemas.body import Body, given
from referrals.store.children import Rotation
from referrals.store.settings import KeptSettings
from shared.written import Whole, YesOrNo

_Weight = Annotated[Decimal, Field(max_digits=6, decimal_places=2)]


class DeadlineChanges(Body):
    """Closing times that change; the others stay."""

    emergency_hours: Whole | None = None
    same_day_hours: Whole | None = None
    planned_working_days: Whole | None = None
    long_term_working_days: Whole | None = None
    cut_off_hour: Whole | None = None


class Weights(Body):
    """The weight of each part of fit, 0 to 100, together 100. A part left out that may be weighs nothing."""

    distance: _Weight
    school: _Weight = Decimal(0)
    contact: _Weight = Decimal(0)
    siblings: _Weight
    language: _Weight
    religion: _Weight
    skills: _Weight
    other_children: _Weight
    culture: _Weight = Decimal(0)
    carer_preferences: _Weight = Decimal(0)


class PlacementRuleChanges(Body):
    """Numbers for placements that change; the others stay."""

    agreement_working_days: Whole | None = None
    reminder_working_days: Whole | None = None
    notice_days: Whole | None = None
    missing_episodes: Whole | None = None
    complaints: Whole | None = None
    watch_days: Whole | None = None


class SettingsChanges(Body):
    """Settings that change; what is left out stays."""

    deadlines: DeadlineChanges | None = None
    approval_miles: Whole | None = None
    weights: Weights | None = None
    retention_years: Whole | None = None
    placements: PlacementRuleChanges | None = None
    small_cell_threshold: Whole | None = None
    small_cell_reason_owed: YesOrNo | None = None

    def changes(self) -> dict[str, object]:
        """The settings that change, deadlines and placements apart."""
        fields = given(self)
        fields.pop("deadlines", None)
        fields.pop("placements", None)
        if self.weights is not None:
            fields["weights"] = self.weights.model_dump()
        return fields

    def deadline_changes(self) -> dict[str, object]:
        """The closing times that change."""
        return given(self.deadlines) if self.deadlines is not None else {}

    def placement_changes(self) -> dict[str, object]:
        """The numbers for placements that change."""
        return given(self.placements) if self.placements is not None else {}


class Deadlines(BaseModel):
    """How long providers have to answer, by urgency."""

    emergency_hours: int
    same_day_hours: int
    planned_working_days: int
    long_term_working_days: int
    cut_off_hour: int


class PlacementRulesBody(BaseModel):
    """When an agreement is due, the notice it asks for, and what makes a placement one to be looked at."""

    agreement_working_days: int = Field(description="working days after the first day until the full agreement is due")
    reminder_working_days: int = Field(description="working days before that when the reminder comes")
    notice_days: int = Field(description="what an agreement says when it says nothing")
    missing_episodes: int = Field(description="so many within watch_days and the placement is looked at")
    complaints: int = Field(description="so many within watch_days and the placement is looked at")
    watch_days: int


class CouncilSettingsBody(BaseModel):
    """A council's settings at one version."""

    version: int
    deadlines: Deadlines
    approval_miles: int
    weights: dict[str, Decimal] = Field(description=", ".join(FIT))
    retention_years: int
    placements: PlacementRulesBody
    small_cell_threshold: int = Field(description="how many looked-after children must share what a referral shows")
    small_cell_reason_owed: bool = Field(description="whether a referral that fewer share is held until somebody says why it is sent")
    changed_by: str | None
    changed_at: datetime | None

    @classmethod
    def of(cls, kept: KeptSettings) -> Self:
        """The settings as shown."""
        settings = kept.settings
        return cls(
            version=kept.version,
            deadlines=Deadlines(**asdict(settings.deadlines)),
            approval_miles=settings.approval_miles,
            weights=dict(settings.weights),
            retention_years=settings.retention_years,
            placements=PlacementRulesBody(**asdict(settings.placements)),
            small_cell_threshold=settings.small_cell_threshold,
            small_cell_reason_owed=settings.small_cell_reason_owed,
            changed_by=kept.changed_by,
            changed_at=kept.changed_at,
        )


class RotationBody(BaseModel):
    """What a key rotation did. ``keys_no_longer_used`` may be taken out of the key file once every server has read the new one."""

    newest_key: str
    children_rewrapped: int
    children_already_current: int
    search_key_rewrapped: bool
    others_rewrapped: int = Field(description="keys of placements' postcodes and of other sealed texts")
    keys_no_longer_used: list[str]

    @classmethod
    def of(cls, done: Rotation) -> Self:
        """The counts."""
        return cls(
            newest_key=done.newest_key,
            children_rewrapped=done.children_rewrapped,
            children_already_current=done.children_already_current,
            search_key_rewrapped=done.search_key_rewrapped,
            others_rewrapped=done.others_rewrapped,
            keys_no_longer_used=list(done.keys_no_longer_used),
        )
