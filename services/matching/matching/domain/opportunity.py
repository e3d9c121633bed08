"""A referral as one provider may see it, and what that provider has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class OpportunityState(StrEnum):
    """How a referral stands with the providers it was sent to."""

    OPEN = "open"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """The council did not decide in time. It opens again if the council gives it a later closing time."""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One referral sent to one provider.

    ``view`` is the referral's view as broadcast or last amended, None once it is closed: what is no longer needed is no longer
    kept. ``declined`` is the coded reason of a decline that stands.
    """

    council: str
    referral: UUID
    provider: str
    reference: str
    lot: str
    tier: int | None
    view: Mapping[str, Any] | None
    opened_at: datetime
    closes_at: datetime
    state: OpportunityState
    declined: str | None
