"""Webhooks of one organisation, and whether the sender has anything to look at there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from matching.domain.notice import NoticeType
from matching.domain.webhook import StoppedBecause, Webhook, WebhookState
from matching.tables import organisations, webhook_deliveries, webhook_owners, webhooks
from shared.tenancy import Transaction


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        webhook=row.webhook,
        organisation=row.organisation,
        url=row.url,
        types=tuple(NoticeType(one) for one in row.types),
        description=row.description,
        state=WebhookState(row.state),
        stopped_because=StoppedBecause(row.stopped_because) if row.stopped_because else None,
        secret=row.secret,
        old_secret=row.old_secret,
        old_secret_until=row.old_secret_until,
        failing_since=row.failing_since,
        succeeded_at=row.succeeded_at,
        made_at=row.made_at,
        version=row.version,
    )


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('webhooks of ' || :organisation, 0))")


async def count(transaction: Transaction, organisation: str) -> int:
    """How many an organisation has; until the transaction ends nobody else adds one."""
    await transaction.execute(_ONE_AT_A_TIME, {"organisation": organisation})
    found = await transaction.scalar(select(func.count()).select_from(webhooks).where(webhooks.c.organisation == organisation))
    return int(found)


async def make(transaction: Transaction, webhook: Webhook, carried: int) -> None:
    """Keep a new webhook; it is sent what is told from the number ``carried`` on."""
    await transaction.execute(
        insert(webhooks).values(
            organisation=webhook.organisation,
            webhook=webhook.webhook,
            url=webhook.url,
            types=list(webhook.types),
            description=webhook.description,
            state=webhook.state,
            secret=webhook.secret,
            carried=carried,
            made_at=webhook.made_at,
            version=webhook.version,
        )
    )
    await say_active(transaction, webhook.organisation)


async def all_of(transaction: Transaction, organisation: str) -> Sequence[Webhook]:
    """An organisation's webhooks, the oldest first."""
    rows = await transaction.execute(
        select(webhooks).where(webhooks.c.organisation == organisation).order_by(webhooks.c.made_at, webhooks.c.webhook)
    )
    return [_webhook(row) for row in rows]


async def one(transaction: Transaction, organisation: str, webhook: UUID) -> Webhook | None:
    """One webhook of an organisation; until the transaction ends nobody else changes it."""
    query = select(webhooks).where(webhooks.c.organisation == organisation, webhooks.c.webhook == webhook).with_for_update()
    row = (await transaction.execute(query)).first()
    return None if row is None else _webhook(row)


async def change(transaction: Transaction, webhook: Webhook, **values: Any) -> Webhook:
    """Change a webhook that was read in this transaction; its version grows."""
    row = (
        await transaction.execute(
            update(webhooks)
            .where(webhooks.c.organisation == webhook.organisation, webhooks.c.webhook == webhook.webhook)
            .values(**values, version=webhooks.c.version + 1)
            .returning(webhooks)
        )
    ).one()
    await say_active(transaction, webhook.organisation)
    return _webhook(row)


async def note_success(transaction: Transaction, webhook: Webhook, at: datetime) -> None:
    """Something was accepted there."""
    await _note(transaction, webhook, succeeded_at=at, failing_since=None)


async def note_failure(transaction: Transaction, webhook: Webhook, at: datetime) -> None:
    """An attempt failed there; since when is kept."""
    await _note(transaction, webhook, failing_since=func.coalesce(webhooks.c.failing_since, at))


async def _note(transaction: Transaction, webhook: Webhook, **values: Any) -> None:
    await transaction.execute(
        update(webhooks).where(webhooks.c.organisation == webhook.organisation, webhooks.c.webhook == webhook.webhook).values(**values)
    )


async def seal_again(transaction: Transaction, organisation: str, under_newest: Callable[[str], str | None]) -> int:
    """Keep each sealed secret as ``under_newest`` gives it, where it gives another; how many. One changed meanwhile is left."""
    changed = 0
    for webhook in await all_of(transaction, organisation):
        for column, kept in ((webhooks.c.secret, webhook.secret), (webhooks.c.old_secret, webhook.old_secret)):
            sealed = under_newest(kept) if kept else None
            if sealed is not None:
                mine = (webhooks.c.organisation == organisation, webhooks.c.webhook == webhook.webhook, column == kept)
                done = await transaction.execute(update(webhooks).where(*mine).values({column.name: sealed}))
                changed += int(done.rowcount)
    return changed


async def remove(transaction: Transaction, webhook: Webhook) -> None:
    """The webhook and the record of its deliveries; the notices stay in the feed."""
    for table in (webhook_deliveries, webhooks):
        await transaction.execute(delete(table).where(table.c.organisation == webhook.organisation, table.c.webhook == webhook.webhook))
    await say_active(transaction, webhook.organisation)


async def say_active(transaction: Transaction, organisation: str) -> None:
    """Let the sender know whether this organisation has a webhook that anything is sent to."""
    mine = webhooks.c.organisation == organisation
    active = select(select(webhooks).where(mine, webhooks.c.state == WebhookState.ACTIVE).exists()).scalar_subquery()
    new = insert(webhook_owners).values(organisation=organisation, active=active)
    await transaction.execute(new.on_conflict_do_update(index_elements=["organisation"], set_={"active": new.excluded.active}))


async def owners(transaction: Transaction) -> Sequence[str]:
    """The organisations that have a webhook anything is sent to."""
    rows = await transaction.execute(select(webhook_owners.c.organisation).where(webhook_owners.c.active))
    return [row.organisation for row in rows]


async def keepers(transaction: Transaction) -> Sequence[str]:
    """The organisations that have or had a webhook, stopped or not."""
    return [row.organisation for row in await transaction.execute(select(webhook_owners.c.organisation))]


async def everybody(transaction: Transaction) -> Sequence[str]:
    """Every organisation that can have been told something."""
    rows = await transaction.execute(select(organisations.c.organisation).union(select(webhook_owners.c.organisation)))
    return [row.organisation for row in rows]
