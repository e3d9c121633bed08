"""The sender: what is due is held for a while, sent outside any transaction, and written down.

A delivery is held by a guarded update, so several senders share the work. One that dies while it sends, or before it has written
down what became of it, leaves a hold that runs out; the notice is then sent again under the same ``webhook-id``. Never is one lost.
A webhook has a few places of its own: one that answers slowly fills its own places and nobody else's.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

import httpx
from prometheus_client import Counter as Counted

from matching.domain import webhook as rules
from matching.domain.notice import News, NoticeType
from matching.domain.webhook import DeliveryState, Outcome, StoppedBecause, Webhook, WebhookState
from matching.sending import requests
from matching.sending.addresses import CheckedTransport, Resolve, Resolver
from matching.store import deliveries, notices, webhooks
from matching.store.deliveries import Held
from matching.store.secrets import Keys
from shared import clock, fail_points, failures, ids, logs, tenancy, tracing
from shared.organisation import CONSORTIUM, Organisation
from shared.pace import BackOff, wait_for_any
from shared.settings import Settings, SettingsMissing
from shared.tenancy import Databases, Transaction
from shared.tracing import Carried, Kind, Span

PLACES: Final = 4
"""How many requests one webhook is sent at once; one that is failing gets them one after the other."""

MOST_AT_ONCE: Final = 400
HOLD: Final = timedelta(seconds=60)
"""Longer than any request takes (``requests.SECONDS``)."""

LOOK_SECONDS: Final = 1.0
PRUNE_SECONDS: Final = 3600.0
LOOK_AT_KEYS_SECONDS: Final = 10.0

sent = Counted("hearth_webhook_attempts_total", "Attempts to send a notice to a webhook", ["outcome"])
stopped = Counted("hearth_webhooks_stopped_total", "Webhooks stopped after repeated failure", ["because"])
for _because in StoppedBecause:
    stopped.labels(str(_because))  # told from the start, at nought, or the first would be no increase

_CALL: Final = {"http.request.method": "POST"}
_log = logs.logger("matching.sending")


async def run(databases: Databases, settings: Settings, stop: asyncio.Event) -> None:
    """Send what is due until ``stop``; then finish what is being sent and return. A database that is away is waited for."""
    keys = Keys(settings.webhook_keys, development=settings.development, file=settings.webhook_keys_file)
    if not keys:
        raise SettingsMissing("WEBHOOK_KEYS_FILE names no file of keys as `hearth webhook-key` prints them, and WEBHOOK_KEYS is not set")
    fail_points.arm(settings.fail_point)
    resolver = Resolver()
    sender = Sender(databases, keys, resolver, development=settings.development)
    housekeeping = asyncio.gather(_keep_house(sender, settings, stop), _keep_sealed_under_newest(sender, keys, stop))
    back_off = BackOff()
    try:
        while not stop.is_set():
            began = time.monotonic()
            try:
                await sender.look()
            except Exception as error:
                if not back_off.failures:
                    _log.warning("notices wait to be sent", reason=failures.described(error))
                await back_off.wait(stop)
                continue
            back_off.succeeded()
            # With very many organisations a look takes a while: never more than a fifth of the time is spent looking.
            await wait_for_any(stop, seconds=max(LOOK_SECONDS, 4 * (time.monotonic() - began)))
    finally:
        housekeeping.cancel()
        await asyncio.gather(housekeeping, return_exceptions=True)
        await sender.close()
        resolver.close()


async def _keep_house(sender: Sender, settings: Settings, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await sender.prune(timedelta(days=settings.keep_notices_days))
        except Exception as error:
            _log.warning("old notices could not be cleared away", reason=failures.described(error))
        await wait_for_any(stop, seconds=PRUNE_SECONDS)


async def _keep_sealed_under_newest(sender: Sender, keys: Keys, stop: asyncio.Event) -> None:
    """Whenever the keys are others, and once an hour for what a process with an older file may have sealed meanwhile."""
    done, at = None, 0.0
    while not stop.is_set():
        ring = keys.ring()
        if ring is not done or time.monotonic() - at > PRUNE_SECONDS:
            try:
                await sender.seal_under_newest()
                done, at = ring, time.monotonic()
            except Exception as error:
                _log.warning("webhooks' secrets could not be sealed under the newest key", reason=failures.described(error))
        await wait_for_any(stop, seconds=LOOK_AT_KEYS_SECONDS)


class Sender:
    """Sends for every organisation in turn, each under its own rights."""

    def __init__(
        self,
        databases: Databases,
        keys: Keys,
        resolve: Resolve,
        *,
        development: bool,
        transport: httpx.AsyncBaseTransport | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._databases = databases
        self._keys = keys
        self._chance = chance
        checking = CheckedTransport(resolve, development=development, inner=transport)
        self._client = httpx.AsyncClient(transport=checking, timeout=requests.SECONDS, trust_env=False)
        self._sending: set[asyncio.Task[None]] = set()
        self._places: Counter[UUID] = Counter()

    async def look(self) -> int:
        """Lay out what was told since, and begin to send what is due; how many requests were begun."""
        async with tenancy.transaction(self._databases, CONSORTIUM) as transaction:
            owners = await webhooks.owners(transaction)
        begun = 0
        for owner in owners:
            try:
                found = await self._hold(Organisation.parse(owner))
            except Exception as error:
                if failures.is_outage(error):
                    raise
                # What is wrong with one organisation's rows keeps nobody else's notices back.
                _log.error("an organisation's notices could not be looked at", organisation=owner, reason=failures.described(error))
                continue
            for held in found:
                self._begin(held)
            begun += len(found)
        return begun

    async def _hold(self, owner: Organisation) -> list[Held]:
        """By the right of the organisation itself: these are its own notices on their way to its own address."""
        now, organisation = clock.now(), str(owner)
        found: list[Held] = []
        async with tenancy.transaction(self._databases, owner) as transaction:
            if not await deliveries.there_is_work(transaction, organisation, now):
                return []
            await deliveries.lay_out(transaction, organisation, now)
            for webhook in await webhooks.all_of(transaction, organisation):
                room = self._room(webhook)
                if webhook.state is WebhookState.ACTIVE and room > 0:
                    found += await deliveries.hold(transaction, webhook, room, now, until=now + HOLD, holder=ids.new_id())
        return found

    def _room(self, webhook: Webhook) -> int:
        places = 1 if webhook.failing_since else PLACES
        return min(places - self._places[webhook.webhook], MOST_AT_ONCE - len(self._sending))

    def _begin(self, held: Held) -> None:
        task = asyncio.create_task(self._send(held))
        self._places[held.webhook.webhook] += 1
        self._sending.add(task)

        def over(done: asyncio.Task[None]) -> None:
            self._sending.discard(done)
            self._places[held.webhook.webhook] -= 1
            if not done.cancelled() and (error := done.exception()):
                # Its hold runs out, and it is sent again.
                _log.error("what became of a delivery could not be written down", reason=failures.described(error))

        task.add_done_callback(over)

    async def finish(self) -> None:
        """Wait for what is being sent."""
        while self._sending:
            await asyncio.wait(set(self._sending))

    async def _send(self, held: Held) -> None:
        # The receiver is not told of the trace, which would join what it was told apart; the trace not of its address, which can be secret.
        with tracing.span("POST webhook", Kind.CLIENT, parent=Carried(held.notice.traceparent), attributes=_CALL) as span:
            await self._send_traced(held, span)

    async def _send_traced(self, held: Held, span: Span) -> None:
        webhook, now = held.webhook, clock.now()
        secrets = [self._keys.open(webhook.webhook, webhook.secret)]
        if webhook.old_secret and webhook.old_secret_until and now < webhook.old_secret_until:
            secrets.append(self._keys.open(webhook.webhook, webhook.old_secret))
        outcome = await requests.send(self._client, webhook.url, held.notice, secrets, now)
        sent.labels(str(outcome.failure or "accepted")).inc()
        span.tell({"hearth.webhook.outcome": str(outcome.failure or "accepted"), "http.response.status_code": outcome.status})
        if outcome.failure is not None:
            span.failed(str(outcome.failure))
        fail_points.passing("send.before_record")
        async with tenancy.transaction(self._databases, Organisation.parse(webhook.organisation)) as transaction:
            await self._record(transaction, held, outcome)

    async def _record(self, transaction: Transaction, held: Held, outcome: Outcome) -> None:
        # The webhook first, then its delivery: in the order in which its owner's changes lock them.
        current = await webhooks.one(transaction, held.webhook.organisation, held.webhook.webhook)
        tries = await deliveries.still_held(transaction, held)
        if current is None or tries is None:
            return
        now = clock.now()
        if outcome.failure is None:
            await deliveries.record(transaction, held, tries, outcome, DeliveryState.DELIVERED, now, now)
            await webhooks.note_success(transaction, held.webhook, now)
            return
        wait = rules.pause(tries.attempts + 1, self._chance(), outcome.retry_after)
        because = rules.stops(outcome, tries.first_tried_at or now, current.succeeded_at, exhausted=wait is None)
        state = DeliveryState.FAILED if wait is None or because else DeliveryState.WAITING
        await deliveries.record(transaction, held, tries, outcome, state, now, now + (wait or timedelta(0)))
        await webhooks.note_failure(transaction, held.webhook, now)
        if because:
            await self._stop(transaction, current, because)

    async def _stop(self, transaction: Transaction, webhook: Webhook, because: StoppedBecause) -> None:
        """Flag it, and tell its owner through the feed and its other webhooks."""
        if webhook.state is WebhookState.STOPPED:
            return
        await webhooks.change(transaction, webhook, state=WebhookState.STOPPED, stopped_because=because)
        await notices.tell(transaction, clock.now(), News(webhook.organisation, NoticeType.WEBHOOK_STOPPED, subject=webhook.webhook))
        stopped.labels(str(because)).inc()
        _log.warning("a webhook was stopped", organisation=webhook.organisation, reason=str(because))

    async def prune(self, kept: timedelta) -> None:
        """Clear away every organisation's notices that are older than this, with the record of their deliveries."""
        async with tenancy.transaction(self._databases, CONSORTIUM) as transaction:
            everybody = await webhooks.everybody(transaction)
        for organisation in everybody:
            async with tenancy.transaction(self._databases, Organisation.parse(organisation)) as transaction:
                up_to = await notices.prune(transaction, organisation, clock.now() - kept)
                await deliveries.prune(transaction, organisation, up_to)

    async def seal_under_newest(self) -> int:
        """Seal every webhook's secrets under the newest key, so that the older ones can be taken out; how many were not."""
        async with tenancy.transaction(self._databases, CONSORTIUM) as transaction:
            everybody = await webhooks.keepers(transaction)
        found = 0
        for organisation in everybody:
            async with tenancy.transaction(self._databases, Organisation.parse(organisation)) as transaction:
                found += await webhooks.seal_again(transaction, organisation, self._keys.under_newest)
        if found:
            _log.info("webhooks' secrets were sealed under the newest key", how_many=found)
        return found

    async def close(self) -> None:
        """Finish what is being sent, then close."""
        await self.finish()
        await self._client.aclose()
