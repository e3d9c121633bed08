"""Events are written in the transaction that makes them true; the relay carries them afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared import clock, ids, logs, tracing
from shared.contracts import Envelope, Event

if TYPE_CHECKING:
    from shared.tenancy import Transaction

# One statement whatever the number of events, on the driver's own connection: it is the second of two writes of
# every action, and SQLAlchemy's compilation and parameter handling would cost more than the write.
_INSERT = """
INSERT INTO outbox (id, type, envelope)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
"""


def record(transaction: Transaction, event: Event, *, subject: str, version: int, council: str | None) -> Envelope:
    """Say that ``event`` happened, if and when ``transaction`` commits.

    ``subject`` is the id of what it is about, ``version`` that subject's version after the change (1 or more; late news
    has a lower one), ``council`` the ONS code of the council it concerns, if one. Organisation, service and request id
    are the transaction's, the trace is the current one. Returns the envelope as it will travel. ValidationError for a version below 1.
    """
    id = ids.new_id()
    trace = tracing.recorded(event.type, id)
    envelope = Envelope.of(
        event,
        id=id,
        source=transaction.source,
        time=clock.now(),
        subject=subject,
        version=version,
        organisation=str(transaction.organisation),
        council=council,
        requestid=logs.request_id.get(),
        traceparent=trace.traceparent,
        tracestate=trace.tracestate,
    )
    transaction.pending.append(envelope)
    return envelope


async def flush(transaction: Transaction) -> None:
    """Write what was recorded; called once by :mod:`shared.tenancy`, as the last thing before COMMIT.

    ``transaction.pending`` stays as it is: whoever committed looks at it to wake the relay.
    """
    pending = transaction.pending
    if not pending:
        return
    await transaction.driver.execute(
        _INSERT,
        [envelope.id for envelope in pending],
        [envelope.type for envelope in pending],
        [envelope.to_json().decode() for envelope in pending],
    )
