"""What an action that writes gives back, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from providers.domain.fault import Fault
from shared.refusals import Reason

T = TypeVar("T")

Expected = Callable[[int], None]
"""Raises when the caller meant to change another version than this one; 0 stands for a thing that does not exist yet."""


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A thing as it now stands. ``created`` is true for a new one; the version is unchanged when nothing had to be written."""

    value: T
    version: int
    created: bool


def reasons(faults: Iterable[Fault]) -> tuple[Reason, ...]:
    """The faults that a rule found, as the reasons of a refusal."""
    return tuple(Reason(fault.field, str(fault.rule), fault.message) for fault in faults)
