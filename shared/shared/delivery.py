"""How news reaches a service's handlers: claimed once, done in one transaction, then acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.contracts import Envelope, Event

if TYPE_CHECKING:
    from shared.tenancy import Transaction

E = TypeVar("E", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Heard(Generic[E]):
    """One event as a handler gets it: the typed contract, and the envelope it came in (id, time, subject, version …)."""

    event: E
    envelope: Envelope


Handler = Callable[["Transaction", Heard[Any]], Awaitable[None]]
"""What a service does on hearing an event. The transaction is already the envelope's organisation's. It raises only when
the work could not be done and is worth trying again; what a person must decide is recorded, not raised."""

Hears = Mapping[type[Event], Handler]
"""The visible list of what a service listens to."""
