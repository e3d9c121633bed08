"""Each notice on its way to each webhook: laid out from the feed, held by one sender at a time, recorded attempt by attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update

from matching.domain.notice import Notice, NoticeType
from matching.domain.webhook import Delivery, DeliveryState, Failure, Outcome, Webhook
from matching.store import notices as feeds
from matching.tables import notices, webhook_deliveries
from shared.tenancy import Transaction

_THERE_IS_WORK = text("""
SELECT EXISTS (SELECT FROM notices WHERE organisation = :organisation AND number IS NULL)
    OR EXISTS (SELECT FROM webhooks JOIN notice_feeds USING (organisation)
               WHERE organisation = :organisation AND state = 'active' AND carried < numbered)
    OR EXISTS (SELECT FROM webhooks JOIN webhook_deliveries USING (organisation, webhook)
               WHERE organisation = :organisation AND webhooks.state = 'active' AND webhook_deliveries.state = 'waiting'
                 AND due_at <= :now AND (held_until IS NULL OR held_until <= :now))
""")

# The webhooks' rows are locked until the deliveries are committed, so that two senders lay out each notice once.
_LAY_OUT = text("""
WITH behind AS (
    SELECT webhook, carried, types FROM webhooks
    WHERE organisation = :organisation AND state = 'active' AND carried < :numbered FOR UPDATE),
moved AS (
    UPDATE webhooks SET carried = :numbered FROM behind WHERE webhooks.organisation = :organisation AND webhooks.webhook = behind.webhook)
INSERT INTO webhook_deliveries (organisation, webhook, number, notice, state, due_at)
SELECT :organisation, webhook, number, notice, 'waiting', :now
FROM behind JOIN notices ON notices.organisation = :organisation AND number > carried AND number <= :numbered
WHERE (types = '{}' OR type = ANY (types)) AND type <> 'webhook.test'
ON CONFLICT DO NOTHING
""")

_LAY_OUT_TEST = text("""
INSERT INTO webhook_deliveries (organisation, webhook, number, notice, state, due_at)
SELECT :organisation, :webhook, number, notice, 'waiting', :now FROM notices
WHERE organisation = :organisation AND type = 'webhook.test' AND subject = :webhook ORDER BY number DESC LIMIT 1
RETURNING notice
""")

_HOLD = text("""
WITH due AS (
    SELECT number FROM webhook_deliveries
    WHERE organisation = :organisation AND webhook = :webhook AND state = 'waiting' AND due_at <= :now
      AND (held_until IS NULL OR held_until <= :now)
    ORDER BY due_at, number LIMIT :room FOR UPDATE SKIP LOCKED)
UPDATE webhook_deliveries SET held_until = :until, holder = :holder FROM due
WHERE organisation = :organisation AND webhook = :webhook AND webhook_deliveries.number = due.number
RETURNING webhook_deliveries.number
""")

_AGAIN = text("""
WITH wanted AS (
    INSERT INTO webhook_deliveries (organisation, webhook, number, notice, state, due_at)
    SELECT :organisation, webhook, number, notice, 'waiting', :now
    FROM webhooks JOIN notices USING (organisation)
    WHERE organisation = :organisation AND webhook = :webhook AND number <= :numbered AND happened_at >= :since
      AND (types = '{}' OR type = ANY (types)) AND type <> 'webhook.test'
    ON CONFLICT (organisation, webhook, number) DO UPDATE
        SET state = 'waiting', due_at = :now, attempts = 0, first_tried_at = NULL, held_until = NULL, holder = NULL
    RETURNING number)
SELECT count(*) FROM wanted
""")


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that one sender holds until it has recorded what became of it, or its hold is over."""

    webhook: Webhook
    notice: Notice
    holder: UUID


async def there_is_work(transaction: Transaction, organisation: str, now: datetime) -> bool:
    """Whether anything is to be laid out or sent for an organisation."""
    return bool(await transaction.scalar(_THERE_IS_WORK, {"organisation": organisation, "now": now}))


async def lay_out(transaction: Transaction, organisation: str, now: datetime) -> None:
    """A delivery for each notice that was told since the last look, and each webhook that wants its type."""
    feed = await feeds.number(transaction, organisation)
    await transaction.execute(_LAY_OUT, {"organisation": organisation, "numbered": feed.numbered, "now": now})


async def lay_out_test(transaction: Transaction, webhook: Webhook, now: datetime) -> Delivery:
    """A delivery of the newest test notice about this webhook to it alone, whatever types it wants."""
    await feeds.number(transaction, webhook.organisation)
    of = {"organisation": webhook.organisation, "webhook": webhook.webhook}
    notice = await transaction.scalar(_LAY_OUT_TEST, {**of, "now": now})
    return await _one(transaction, webhook, notice)


async def hold(transaction: Transaction, webhook: Webhook, room: int, now: datetime, *, until: datetime, holder: UUID) -> Sequence[Held]:
    """Up to ``room`` deliveries of a webhook that are due and nobody else holds, the longest due first."""
    of = {"organisation": webhook.organisation, "webhook": webhook.webhook}
    rows = await transaction.execute(_HOLD, {**of, "now": now, "room": room, "until": until, "holder": holder})
    found = await feeds.numbered(transaction, webhook.organisation, [row.number for row in rows])
    return [Held(webhook, notice, holder) for notice in found]


def _of(held: Held) -> tuple[Any, ...]:
    return (
        webhook_deliveries.c.organisation == held.webhook.organisation,
        webhook_deliveries.c.webhook == held.webhook.webhook,
        webhook_deliveries.c.number == held.notice.number,
        webhook_deliveries.c.holder == held.holder,
    )


@dataclass(frozen=True, slots=True)
class Tries:
    """How a held delivery stood before this attempt."""

    attempts: int
    first_tried_at: datetime | None


async def still_held(transaction: Transaction, held: Held) -> Tries | None:
    """The tries so far, if this sender still holds the delivery; None when somebody else has taken it over or asked for it again."""
    query = select(webhook_deliveries.c.attempts, webhook_deliveries.c.first_tried_at).where(*_of(held)).with_for_update()
    row = (await transaction.execute(query)).first()
    return None if row is None else Tries(row.attempts, row.first_tried_at)


async def record(
    transaction: Transaction, held: Held, tries: Tries, outcome: Outcome, state: DeliveryState, at: datetime, due_at: datetime
) -> None:
    """Write an attempt down and let go of the delivery."""
    await transaction.execute(
        update(webhook_deliveries)
        .where(*_of(held))
        .values(
            state=state,
            due_at=due_at,
            attempts=tries.attempts + 1,
            first_tried_at=tries.first_tried_at or at,
            last_tried_at=at,
            last_status=outcome.status,
            last_failure=outcome.failure,
            held_until=None,
            holder=None,
        )
    )


async def newest(
    transaction: Transaction, webhook: Webhook, state: DeliveryState | None, before: int | None, limit: int
) -> Sequence[Delivery]:
    """A webhook's deliveries, the last told first."""
    query = _deliveries().where(webhook_deliveries.c.organisation == webhook.organisation, webhook_deliveries.c.webhook == webhook.webhook)
    if state is not None:
        query = query.where(webhook_deliveries.c.state == state)
    if before is not None:
        query = query.where(webhook_deliveries.c.number < before)
    rows = await transaction.execute(query.order_by(webhook_deliveries.c.number.desc()).limit(limit))
    return [_delivery(row) for row in rows]


def _deliveries() -> Any:
    same = (notices.c.organisation == webhook_deliveries.c.organisation) & (notices.c.number == webhook_deliveries.c.number)
    return select(webhook_deliveries, notices.c.type).join_from(webhook_deliveries, notices, same)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        webhook=row.webhook,
        number=row.number,
        notice=row.notice,
        type=NoticeType(row.type),
        state=DeliveryState(row.state),
        due_at=row.due_at,
        attempts=row.attempts,
        first_tried_at=row.first_tried_at,
        last_tried_at=row.last_tried_at,
        last_status=row.last_status,
        last_failure=Failure(row.last_failure) if row.last_failure else None,
    )


async def send_since(transaction: Transaction, webhook: Webhook, since: datetime, now: datetime) -> int:
    """Send again (or for the first time) all that happened since then and is of the webhook's types; how many."""
    feed = await feeds.number(transaction, webhook.organisation)
    of = {"organisation": webhook.organisation, "webhook": webhook.webhook}
    return int(await transaction.scalar(_AGAIN, {**of, "numbered": feed.numbered, "since": since, "now": now}))


async def send_again(transaction: Transaction, webhook: Webhook, notice: UUID, now: datetime) -> Delivery | None:
    """Send one delivery again from its first attempt on; None when there is none of that notice."""
    fresh = {"state": DeliveryState.WAITING, "due_at": now, "attempts": 0, "first_tried_at": None, "held_until": None, "holder": None}
    done = await transaction.execute(update(webhook_deliveries).where(*_about(webhook, notice)).values(**fresh))
    return await _one(transaction, webhook, notice) if done.rowcount else None


def _about(webhook: Webhook, notice: UUID) -> tuple[Any, ...]:
    return (
        webhook_deliveries.c.organisation == webhook.organisation,
        webhook_deliveries.c.webhook == webhook.webhook,
        webhook_deliveries.c.notice == notice,
    )


async def _one(transaction: Transaction, webhook: Webhook, notice: UUID) -> Delivery:
    return _delivery((await transaction.execute(_deliveries().where(*_about(webhook, notice)))).one())


async def prune(transaction: Transaction, organisation: str, up_to: int) -> None:
    """Forget deliveries of notices that are no longer kept."""
    await transaction.execute(
        delete(webhook_deliveries).where(webhook_deliveries.c.organisation == organisation, webhook_deliveries.c.number <= up_to)
    )
