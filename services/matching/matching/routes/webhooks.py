"""What an agency or a council asks of its webhooks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from matching import schemas
from matching.actions import webhooks
from matching.actions.refusing import broken_rules
from matching.actions.webhooks import Wanted
from matching.domain.webhook import DeliveryState
from matching.routes.callers import WebhookKeeper
from matching.sending.addresses import Resolver, faults_in_url
from matching.store.secrets import Keys
from shared import cursors, plain_routes, versions
from shared.cursors import Page, PageRequest
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.settings import Settings
from shared.versions import IfMatch

router = plain_routes.router(prefix="/webhooks", tags=["webhooks"])


async def _keys(request: Request) -> Keys:
    state = request.app.state
    if not hasattr(state, "webhook_keys"):
        settings: Settings = state.settings
        state.webhook_keys = Keys(settings.webhook_keys, development=settings.development, file=settings.webhook_keys_file)
    keys: Keys = state.webhook_keys
    return keys


SealingKeys = Annotated[Keys, Depends(_keys)]
"""The keys that secrets are sealed under, read again whenever their file changes."""


async def _wanted(request: Request, body: schemas.NewWebhook) -> Wanted:
    """What is asked for, once its address has been looked up: before the transaction, which waits for no name server."""
    state = request.app.state
    if not hasattr(state, "resolver"):
        state.resolver = Resolver()
    settings: Settings = state.settings
    if faults := await faults_in_url(body.url, state.resolver, development=settings.development):
        raise broken_rules(faults)
    return Wanted(body.url, tuple(dict.fromkeys(body.types)), body.description)


def _showing(secret: str, kept: Response, shown: schemas.Webhook) -> Response:
    """The reply with the secret. What is kept under the caller's Idempotency-Key is the same without it."""
    headers = {name: value for name, value in kept.headers.items() if name in ("location", "etag")}
    body = shown.model_copy(update={"secret": secret}).model_dump_json()
    return Response(body, status_code=kept.status_code, headers=headers, media_type="application/json")


@router.post("", status_code=201, response_model=schemas.Webhook)
async def register(body: schemas.NewWebhook, request: Request, caller: WebhookKeeper, keys: SealingKeys, _: IdempotencyKey) -> Response:
    """Have your notices sent to an address of yours. The reply holds the signing secret, this once."""
    wanted = await _wanted(request, body)
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        made, secret = await webhooks.register(attempt.transaction, caller.organisation, wanted, keys)
        shown = schemas.Webhook.of(made)
        return _showing(secret, attempt.reply(shown, status=201, location=f"/webhooks/{made.webhook}", etag=made.version), shown)


@router.get("")
async def all_of(request: Request, caller: WebhookKeeper) -> schemas.Webhooks:
    """Your webhooks, and whether one was stopped and why."""
    async with reading(request, caller) as transaction:
        found = await webhooks.all_of(transaction, caller.organisation)
    return schemas.Webhooks(items=[schemas.Webhook.of(one) for one in found])


@router.get("/{webhook}")
async def one(webhook: UUID, request: Request, response: Response, caller: WebhookKeeper) -> schemas.Webhook:
    """One of your webhooks."""
    async with reading(request, caller) as transaction:
        found = await webhooks.one(transaction, caller.organisation, webhook)
    response.headers["ETag"] = versions.etag(found.version)
    return schemas.Webhook.of(found)


@router.put("/{webhook}", response_model=schemas.Webhook)
async def change(
    webhook: UUID, body: schemas.NewWebhook, request: Request, caller: WebhookKeeper, if_match: IfMatch, _: IdempotencyKey
) -> Response:
    """Another address, other types, another description; the secret stays."""
    wanted = await _wanted(request, body)
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        changed = await webhooks.change(attempt.transaction, caller.organisation, webhook, wanted, if_match)
        return attempt.reply(schemas.Webhook.of(changed), etag=changed.version)


@router.delete("/{webhook}", status_code=204)
async def remove(webhook: UUID, request: Request, caller: WebhookKeeper, _: IdempotencyKey) -> Response:
    """Send nothing more there, and forget what was sent; your feed keeps its notices."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        await webhooks.remove(attempt.transaction, caller.organisation, webhook)
        return attempt.reply(None, status=204)


@router.post("/{webhook}/pause", response_model=schemas.Webhook)
async def pause(webhook: UUID, request: Request, caller: WebhookKeeper, _: IdempotencyKey) -> Response:
    """Send nothing until you resume it; what happens meanwhile is sent then."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        paused = await webhooks.pause(attempt.transaction, caller.organisation, webhook)
        return attempt.reply(schemas.Webhook.of(paused), etag=paused.version)


@router.post("/{webhook}/resume", response_model=schemas.Webhook)
async def resume(webhook: UUID, request: Request, caller: WebhookKeeper, _: IdempotencyKey) -> Response:
    """Send again, beginning with what happened while it was paused or stopped."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        resumed = await webhooks.resume(attempt.transaction, caller.organisation, webhook)
        return attempt.reply(schemas.Webhook.of(resumed), etag=resumed.version)


@router.post("/{webhook}/secret", response_model=schemas.Webhook)
async def rotate(webhook: UUID, request: Request, caller: WebhookKeeper, keys: SealingKeys, _: IdempotencyKey) -> Response:
    """A new signing secret, shown this once; for a day each request carries a signature under either."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        rotated, secret = await webhooks.rotate(attempt.transaction, caller.organisation, webhook, keys)
        shown = schemas.Webhook.of(rotated)
        return _showing(secret, attempt.reply(shown, etag=rotated.version), shown)


@router.post("/{webhook}/test", status_code=202, response_model=schemas.Delivery)
async def test(webhook: UUID, request: Request, caller: WebhookKeeper, _: IdempotencyKey) -> Response:
    """Send a test; what became of it is among the deliveries a moment later."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        delivery = await webhooks.test(attempt.transaction, caller.organisation, webhook)
        return attempt.reply(schemas.Delivery.of(delivery), status=202, location=f"/webhooks/{webhook}/deliveries")


@router.get("/{webhook}/deliveries")
async def deliveries(
    webhook: UUID, request: Request, caller: WebhookKeeper, page: PageRequest, state: DeliveryState | None = None
) -> Page[schemas.Delivery]:
    """What was sent there, the last told first: attempts, the last status, and why it failed."""
    async with reading(request, caller) as transaction:
        found = await webhooks.sent(transaction, caller.organisation, webhook, state, page.after, page.limit + 1)
    kept, following = cursors.cut(found, page.limit, lambda one: (str(one.number),))
    return Page(items=[schemas.Delivery.of(one) for one in kept], next_cursor=following)


@router.post("/{webhook}/deliveries/{notice}/replay", status_code=202, response_model=schemas.Delivery)
async def replay(webhook: UUID, notice: UUID, request: Request, caller: WebhookKeeper, _: IdempotencyKey) -> Response:
    """Send one notice again, under the same ``webhook-id``."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        delivery = await webhooks.replay(attempt.transaction, caller.organisation, webhook, notice)
        return attempt.reply(schemas.Delivery.of(delivery), status=202)


@router.post("/{webhook}/replay", status_code=202, response_model=schemas.Replayed)
async def replay_since(webhook: UUID, body: schemas.NewReplay, request: Request, caller: WebhookKeeper, _: IdempotencyKey) -> Response:
    """Send everything again that happened since then, delivered or not, each under the same ``webhook-id``."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        count = await webhooks.replay_since(attempt.transaction, caller.organisation, webhook, body.since)
        return attempt.reply(schemas.Replayed(notices=count), status=202)
