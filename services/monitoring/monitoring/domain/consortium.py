"""What the consortium publishes and expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TierList:
    """A lot's published list: how many agencies stand in each tier."""

    lot: str
    published_at: datetime
    agencies_by_tier: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the consortium expects of a KPI, and in whose words."""

    value: Decimal
    words: str
