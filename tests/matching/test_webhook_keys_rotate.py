"""The key of webhooks' secrets rotates while notices are sent and webhooks are registered: none fails, and the old key can be taken out."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from matching.sending.addresses import Resolver
from matching.sending.sender import Sender
from matching.store import webhooks
from matching.store.secrets import Keys
from shared import tenancy
from shared.organisation import Organisation
from shared.refusals import Refused
from tests.matching.events import ELM, OAK
from tests.matching.receiver import Receiver, receiving
from tests.matching.scene import Scene
from tests.running.meanwhile import asked_meanwhile
from tests.running.services import RunningService


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


def put_in_place(file: Path, *keys: bytes) -> None:
    """As a secret is changed: whole, under the same name."""
    new = file.with_suffix(".new")
    new.write_bytes(b"\n".join(keys))
    new.replace(file)


async def test_every_secret_is_sealed_under_the_new_key_while_webhooks_are_registered_rotated_and_sent_to(
    running: Callable[..., Awaitable[RunningService]], receiver: Receiver, tmp_path: Path
) -> None:
    old, new, file = Fernet.generate_key(), Fernet.generate_key(), tmp_path / "webhook_keys"
    put_in_place(file, old)
    scene = await Scene.set(await running("matching", webhook_keys_file=str(file)))
    keys = Keys("", development=False, file=str(file))
    sender = Sender(scene.service.databases, keys, Resolver(), development=True)
    made = (await scene.ask(OAK, "POST", "/webhooks", {"url": receiver.url})).json()
    once_more = (await scene.ask(OAK, "POST", "/webhooks", {"url": receiver.url, "types": ["offer.released"]})).json()
    paths = itertools.count()

    async def register() -> httpx.Response:
        reply = await scene.ask(ELM, "POST", "/webhooks", {"url": f"{receiver.url}?{next(paths)}"})
        if reply.status_code == 201:
            await scene.ask(ELM, "DELETE", f"/webhooks/{reply.json()['webhook']}", if_match="*")
        return reply

    async def told() -> httpx.Response:
        reply = await scene.ask(OAK, "POST", f"/webhooks/{made['webhook']}/test")
        await sender.look()
        await sender.finish()
        return reply

    async with asked_meanwhile(register=register, told=told) as answers:
        await answers.more()
        put_in_place(file, new, old)
        await scene.ask(OAK, "POST", f"/webhooks/{once_more['webhook']}/secret")  # the one before signs for a day yet
        await answers.more()
        assert await sender.seal_under_newest() >= 2
        assert await sender.seal_under_newest() == 0
        put_in_place(file, new)
        await answers.more()
    assert not answers.refused
    assert {outcome.verified(made["secret"])["type"] for outcome in receiver.received if outcome.type == "webhook.test"} == {"webhook.test"}
    shown = (await scene.ask(OAK, "GET", f"/webhooks/{made['webhook']}/deliveries")).json()["items"]
    assert len(shown) > 5
    assert {each["state"] for each in shown} == {"delivered"}, shown
    only_new, only_old = (Keys(key.decode(), development=False) for key in (new, old))
    async with tenancy.transaction(scene.service.databases, Organisation.agency(OAK.partition(":")[2])) as transaction:
        kept = await webhooks.all_of(transaction, OAK)
    sealed = [(each.webhook, secret) for each in kept for secret in (each.secret, each.old_secret) if secret]
    assert len(sealed) == 3
    for webhook, secret in sealed:
        assert only_new.open(webhook, secret).startswith("whsec_")
        with pytest.raises(Refused):
            only_old.open(webhook, secret)
    await sender.close()
