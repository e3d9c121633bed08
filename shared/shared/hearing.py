"""One event, understood: its contract, whose news it is, which handler and which databases it concerns; and the work itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import fail_points, failures, inbox, logs, tenancy, tracing
from shared.contracts import Envelope, Event
from shared.organisation import Kind, Organisation
from shared.transport import Received, Settling

if TYPE_CHECKING:
    from shared.tenancy import Databases, Transaction

E = TypeVar("E", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Heard(Generic[E]):
    """One event as a handler gets it: the typed contract, and the envelope it came in (id, time, subject, version …)."""

    event: E
    envelope: Envelope


Handler = Callable[["Transaction", Heard[Any]], Awaitable[None]]
"""What a service does on hearing an event. The transaction is already the envelope's organisation's. It raises only when
the work could not be done and is worth trying again; what a person must decide is recorded, not raised."""


@dataclass(frozen=True, slots=True)
class Together:
    """A handler that takes those events of a batch together that come one after another for it: a few statements then do for a hundred.

    For what ends the same in whatever order news comes. The transaction is the first event's organisation's, and ``handle`` itself acts
    as each whose rows it writes. If one of the events fails, all are undone and each is tried alone, as with every handler.
    """

    handle: Callable[[Transaction, Sequence[Heard[Any]]], Awaitable[None]]

    async def __call__(self, transaction: Transaction, heard: Heard[Any]) -> None:
        """One event, as any handler takes it."""
        await self.handle(transaction, [heard])


Hears = Mapping[type[Event], Handler]
"""The visible list of what a service listens to."""


class NotUnderstood(Exception):
    """A message that no number of tries will make sense of; the text says why and quotes nothing of it."""


@dataclass(eq=False, slots=True)
class Item:
    """One event on its way through: where it still has to be worked on, and how to answer for it."""

    envelope: Envelope
    organisation: Organisation
    heard: Heard[Any]
    handler: Handler
    places: list[AsyncEngine]
    received: Received | None = None
    settling: Settling | None = None
    open: set[AsyncEngine] = field(default_factory=set)


def envelope_of(body: bytes) -> Envelope:
    """Read a message. NotUnderstood when it is not an event's envelope."""
    try:
        return Envelope.model_validate_json(body)
    except ValidationError as error:
        raise NotUnderstood(f"not an event: {failures.fields(error)}") from None


def understood(service: str, hears: Hears, databases: Databases, envelope: Envelope) -> Item:
    """What is to be done about an event, checked against its contract; NotUnderstood when nothing can be."""
    try:
        event = envelope.event()
        organisation = Organisation.parse(envelope.organisation)
        places = _places(databases, envelope, organisation)
    except KeyError:
        raise NotUnderstood("no contract is known for its type") from None
    except ValidationError as error:
        raise NotUnderstood(f"it does not fit the contract of {envelope.type}: {failures.fields(error)}") from None
    except ValueError:
        raise NotUnderstood("its organisation or council is none") from None
    _about_itself(envelope, organisation, event)
    handler = hears.get(type(event))
    if handler is None:
        raise NotUnderstood(f"{service} does not listen to {envelope.type}")
    return Item(envelope, organisation, Heard(event, envelope), handler, places)


def _about_itself(envelope: Envelope, organisation: Organisation, event: Event) -> None:
    """A council's news is about that council: it is worked on under the rights of whom it is about, so another's name in it would
    reach another's rows. NotUnderstood otherwise."""
    own = organisation.code if organisation.kind is Kind.COUNCIL else None
    if len({own, envelope.council, getattr(event, "council", None)} - {None}) > 1:
        raise NotUnderstood("it comes from one council and is about another")


def _places(databases: Databases, envelope: Envelope, organisation: Organisation) -> list[AsyncEngine]:
    """A council's news goes to its own database; an agency's or the consortium's, about no council, to every one."""
    every = databases.every()
    if len(every) == 1:
        return every
    if envelope.council is not None:
        return [databases.for_organisation(Organisation.council(envelope.council))]
    return [databases.for_organisation(organisation)] if organisation.kind is Kind.COUNCIL else every


async def work(databases: Databases, engine: AsyncEngine, items: Sequence[Item]) -> None:
    """Claim and handle in one transaction; events already claimed are passed over."""
    async with tenancy.transaction_on(databases, engine, items[0].organisation) as transaction:
        claimed = await inbox.claim(transaction, {item.envelope.id for item in items})
        for some in _calls(_each_once(items, claimed)):
            await _handle(transaction, some)
        fail_points.passing("delivery.before_commit")


def _each_once(items: Sequence[Item], claimed: set[UUID]) -> Iterator[Item]:
    for item in items:
        if item.envelope.id in claimed:
            claimed.remove(item.envelope.id)
            yield item


def _calls(items: Iterable[Item]) -> Iterator[Sequence[Item]]:
    """What each call of a handler is given: one event, or all that come one after another for a handler that takes them together."""
    for handler, some in groupby(items, key=lambda item: item.handler):
        if isinstance(handler, Together):
            yield list(some)
        else:
            yield from ([item] for item in some)


async def _handle(transaction: Transaction, items: Sequence[Item]) -> None:
    """One call. Each event has its span, from the first statement to the last; a line of the log names the event if there is but one."""
    first = items[0]
    if transaction.organisation != first.organisation:
        await transaction.become(first.organisation)
    with ExitStack() as told:
        if len(items) == 1:
            told.enter_context(told_in_logs(first.envelope))
        for item in items:
            told.enter_context(_traced(item.envelope))
        if isinstance(first.handler, Together):
            await first.handler.handle(transaction, [item.heard for item in items])
        else:
            await first.handler(transaction, first.heard)


def _traced(envelope: Envelope) -> tracing.Span:
    return tracing.processing(envelope.type, envelope.id, tracing.Carried(envelope.traceparent, envelope.tracestate))


@contextmanager
def told_in_logs(envelope: Envelope) -> Iterator[None]:
    """Lines written inside join on the request that caused the event, and name the event."""
    token, event = logs.request_id.set(envelope.requestid), logs.event_worked_on.set((envelope.id, envelope.type))
    traced = logs.traced.set(tracing.recorded_by(envelope.traceparent))
    try:
        yield
    finally:
        logs.traced.reset(traced)
        logs.event_worked_on.reset(event)
        logs.request_id.reset(token)
