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

_Weight = Annotated[Decimal, Field(max_digits=6, decimal_places=2)]


class DeadlineChanges(Body):
    """Closing times that change; the others stay."""

    emergency_hours: int | None = None
    same_day_hours: int | None = None
    planned_working_days: int | None = None
    long_term_working_days: int | None = None
    cut_off_hour: int | None = None


class Weights(Body):
    """The weight of each part of fit, 0 to 100, together 100."""

    distance: _Weight
    siblings: _Weight
    language: _Weight
    religion: _Weight
    skills: _Weight
    other_children: _Weight


class SettingsChanges(Body):
    """Settings that change; what is left out stays."""

    deadlines: DeadlineChanges | None = None
    approval_miles: int | None = None
    weights: Weights | None = None
    retention_years: int | None = None

    def changes(self) -> dict[str, object]:
        """The settings that change, deadlines apart."""
        fields = given(self)
        fields.pop("deadlines", None)
        if self.weights is not None:
            fields["weights"] = self.weights.model_dump()
        return fields

    def deadline_changes(self) -> dict[str, object]:
        """The closing times that change."""
        return given(self.deadlines) if self.deadlines is not None else {}


class Deadlines(BaseModel):
    """How long providers have to answer, by urgency."""

    emergency_hours: int
    same_day_hours: int
    planned_working_days: int
    long_term_working_days: int
    cut_off_hour: int


class CouncilSettingsBody(BaseModel):
    """A council's settings at one version."""

    version: int
    deadlines: Deadlines
    approval_miles: int
    weights: dict[str, Decimal] = Field(description=", ".join(FIT))
    retention_years: int
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
            changed_by=kept.changed_by,
            changed_at=kept.changed_at,
        )


class RotationBody(BaseModel):
    """What a key rotation did. ``keys_no_longer_used`` may be taken out of the key file once every server has read the new one."""

    newest_key: str
    children_rewrapped: int
    children_already_current: int
    search_key_rewrapped: bool
    postcodes_rewrapped: int
    keys_no_longer_used: list[str]

    @classmethod
    def of(cls, done: Rotation) -> Self:
        """The counts."""
        return cls(
            newest_key=done.newest_key,
            children_rewrapped=done.children_rewrapped,
            children_already_current=done.children_already_current,
            search_key_rewrapped=done.search_key_rewrapped,
            postcodes_rewrapped=done.postcodes_rewrapped,
            keys_no_longer_used=list(done.keys_no_longer_used),
        )
