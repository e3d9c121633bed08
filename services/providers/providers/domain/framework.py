"""A framework agreement: the contract that the lots hang on, with its dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.fault import Fault


class FrameworkRule(StrEnum):
    """Why a framework's dates cannot stand."""

    ENDS_AFTER_START = "ends_after_start"
    STARTS_AFTER_ESTABLISHED = "starts_after_established"


@dataclass(frozen=True, slots=True)
class Framework:
    """``established_on``: the model's first day. ``starts_on``/``ends_on``: call-off under this agreement, both inclusive."""

    code: str
    title: str
    established_on: date
    starts_on: date
    ends_on: date
    standstill_days: int


def date_faults(framework: Framework) -> tuple[Fault, ...]:
    """Established, then started, then ended: every date out of order is named."""
    faults = []
    if framework.starts_on < framework.established_on:
        faults.append(
            Fault("starts_on", FrameworkRule.STARTS_AFTER_ESTABLISHED, "Give a start on or after the day the consortium was established.")
        )
    if framework.ends_on <= framework.starts_on:
        faults.append(Fault("ends_on", FrameworkRule.ENDS_AFTER_START, "Give an end later than the start."))
    return tuple(faults)
