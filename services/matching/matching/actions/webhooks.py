"""What an organisation asks of its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from matching.actions.refusing import broken_rules
from matching.domain.notice import News, NoticeType
from matching.domain.webhook import MOST_WEBHOOKS, OVERLAP, Delivery, DeliveryState, Webhook, WebhookState, faults_in_types
from matching.store import deliveries, notices, webhooks
from matching.store.secrets import Keys, new_secret
from shared import clock, ids
from shared.cursors import another_lists
from shared.organisation import Organisation
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction
from shared.versions import Expected


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be sent where; no types means all of them. The address has been looked up and may be sent to."""

    url: str
    types: tuple[NoticeType, ...]
    description: str


async def register(transaction: Transaction, organisation: Organisation, wanted: Wanted, keys: Keys) -> tuple[Webhook, str]:
    """Keep a new webhook; with its secret, which is shown this once. It is sent what happens from now on.

    Refused: types that this kind of organisation is never told, an eleventh webhook.
    """
    if faults := faults_in_types(organisation.kind, wanted.types):
        raise broken_rules(faults)
    name = str(organisation)
    if await webhooks.count(transaction, name) >= MOST_WEBHOOKS:
        message = f"Your organisation has {MOST_WEBHOOKS} webhooks already. Remove one that is no longer needed, or change it."
        raise conflict(message, Reason("webhook", "not_too_many", message))
    feed = await notices.number(transaction, name)
    webhook, secret = ids.new_id(), new_secret()
    made = Webhook(
        webhook=webhook,
        organisation=name,
        url=wanted.url,
        types=wanted.types,
        description=wanted.description,
        state=WebhookState.ACTIVE,
        stopped_because=None,
        secret=keys.seal(webhook, secret),
        old_secret=None,
        old_secret_until=None,
        failing_since=None,
        succeeded_at=None,
        made_at=clock.now(),
        version=1,
    )
    await webhooks.make(transaction, made, carried=feed.numbered)
    return made, secret


async def all_of(transaction: Transaction, organisation: Organisation) -> Sequence[Webhook]:
    """The organisation's webhooks, the oldest first."""
    return await webhooks.all_of(transaction, str(organisation))


async def one(transaction: Transaction, organisation: Organisation, webhook: UUID) -> Webhook:
    """One of the organisation's webhooks."""
    found = await webhooks.one(transaction, str(organisation), webhook)
    if found is None:
        raise not_found("webhook")
    return found


async def change(transaction: Transaction, organisation: Organisation, webhook: UUID, wanted: Wanted, expected: Expected) -> Webhook:
    """Another address, other types, another description; secret and state stay."""
    current = await one(transaction, organisation, webhook)
    expected.require(current.version)
    if faults := faults_in_types(organisation.kind, wanted.types):
        raise broken_rules(faults)
    return await webhooks.change(
        transaction, current, url=wanted.url, types=list(wanted.types), description=wanted.description, failing_since=None
    )


async def pause(transaction: Transaction, organisation: Organisation, webhook: UUID) -> Webhook:
    """Send nothing until it is resumed. Refused when it was stopped for a reason: that stays to be seen."""
    current = await one(transaction, organisation, webhook)
    if current.state is WebhookState.STOPPED:
        message = "This webhook was stopped; nothing is sent. Resume it once its receiver is mended."
        raise conflict(message, Reason("webhook", "webhook_active", message))
    return await webhooks.change(transaction, current, state=WebhookState.PAUSED)


async def resume(transaction: Transaction, organisation: Organisation, webhook: UUID) -> Webhook:
    """Send again: what waited, and all that happened meanwhile. What had failed for good is replayed on asking."""
    current = await one(transaction, organisation, webhook)
    return await webhooks.change(transaction, current, state=WebhookState.ACTIVE, stopped_because=None, failing_since=None)


async def rotate(transaction: Transaction, organisation: Organisation, webhook: UUID, keys: Keys) -> tuple[Webhook, str]:
    """A new secret, shown this once. For a day the one before signs too, so that the receiver can change over without a gap."""
    current = await one(transaction, organisation, webhook)
    secret = new_secret()
    rotated = await webhooks.change(
        transaction,
        current,
        secret=keys.seal(webhook, secret),
        old_secret=current.secret,
        old_secret_until=clock.now() + OVERLAP,
    )
    return rotated, secret


async def remove(transaction: Transaction, organisation: Organisation, webhook: UUID) -> None:
    """The webhook and the record of its deliveries; what was told stays in the feed."""
    await webhooks.remove(transaction, await one(transaction, organisation, webhook))


async def test(transaction: Transaction, organisation: Organisation, webhook: UUID) -> Delivery:
    """Send one notice that says nothing but that it is a test, to this webhook alone. Refused while nothing is sent there."""
    current = _must_send(await one(transaction, organisation, webhook))
    now = clock.now()
    await notices.tell(transaction, now, News(str(organisation), NoticeType.WEBHOOK_TEST, subject=webhook))
    return await deliveries.lay_out_test(transaction, current, now)


async def sent(
    transaction: Transaction,
    organisation: Organisation,
    webhook: UUID,
    state: DeliveryState | None,
    after: tuple[str, ...] | None,
    limit: int,
) -> Sequence[Delivery]:
    """What was sent to one webhook, the last told first, with what became of it."""
    return await deliveries.newest(transaction, await one(transaction, organisation, webhook), state, _before(after), limit)


async def replay_since(transaction: Transaction, organisation: Organisation, webhook: UUID, since: datetime) -> int:
    """Send again all that happened since then, delivered or not, of the types wanted now; how many. Refused while nothing is sent there."""
    now = clock.now()
    if since > now + timedelta(minutes=1):
        raise invalid(Reason("since", "not_in_the_future", "Give a time that has passed: what happened since then is sent again."))
    return await deliveries.send_since(transaction, _must_send(await one(transaction, organisation, webhook)), since, now)


async def replay(transaction: Transaction, organisation: Organisation, webhook: UUID, notice: UUID) -> Delivery:
    """Send one delivery again, from its first attempt on."""
    current = _must_send(await one(transaction, organisation, webhook))
    again = await deliveries.send_again(transaction, current, notice, clock.now())
    if again is None:
        raise not_found("delivery")
    return again


def _must_send(webhook: Webhook) -> Webhook:
    if webhook.state is not WebhookState.ACTIVE:
        message = "Nothing is sent to this webhook now. Resume it first."
        raise conflict(message, Reason("webhook", "webhook_active", message))
    return webhook


def _before(after: tuple[str, ...] | None) -> int | None:
    if after is None:
        return None
    if len(after) != 1 or not after[0].isascii() or not after[0].isdigit() or len(after[0]) > 15:
        raise another_lists()
    return int(after[0])
