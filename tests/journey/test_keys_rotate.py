"""Every key changes, again and again, under the four services as processes while the whole story is told on them: nobody notices."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import asyncpg
import jwt
import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.engine import make_url

from hearth.issuer import PUBLISHED_BEFORE
from hearth.story import Telling
from tests.journey.deployment import Deployment, deployed
from tests.matching.receiver import Receiver, receiving
from tests.referrals.test_keys_rotate import put_in_place
from tests.running.meanwhile import asked_meanwhile
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import rabbitmq_url

SOUTHAMPTON = "E06000045"
COUNCILS = (SOUTHAMPTON, "E06000044", "E10000014")


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass
class KeyFiles:
    """The files of keys of a deployment, each with its newest key first."""

    folder: Path
    vault: list[dict[str, dict[str, str]]] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    locations: list[str] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        """What names them in the environment."""
        return {name: str(self.folder / name) for name in ("VAULT_KEYS_FILE", "WEBHOOK_KEYS_FILE", "LOCATIONS_KEY_FILE")}

    def add(self) -> None:
        """A new key in each, before the others."""
        number = str(len(self.vault) + 1)
        self.vault.insert(0, {council: {"id": number, "key": _random()} for council in COUNCILS})
        self.webhooks.insert(0, Fernet.generate_key().decode())
        self.locations.insert(0, _random())
        self.write(len(self.vault), len(self.webhooks))

    def write(self, most: int, of_webhooks: int) -> None:
        """The newest ``most`` of each (``of_webhooks`` of those for webhooks' secrets); the others are destroyed."""
        vault = {council: [each[council] for each in self.vault[:most]] for council in COUNCILS}
        put_in_place(self.folder / "VAULT_KEYS_FILE", json.dumps(vault))
        put_in_place(self.folder / "WEBHOOK_KEYS_FILE", "\n".join(self.webhooks[:of_webhooks]))
        put_in_place(self.folder / "LOCATIONS_KEY_FILE", "\n".join(self.locations[:most]))


async def _rotated_vault(running: Deployment) -> None:
    async with running.signed_in() as (http, tokens):
        for council in COUNCILS:
            headers = {"Authorization": f"Bearer {await tokens.of(f'council:{council}', 'administrator')}"}
            address = f"{running.where.address('referrals')}/settings/key-rotation"
            (await http.post(address, headers=headers, json={})).raise_for_status()


async def _until_sealed_under(running: Deployment, key: str) -> None:
    database = make_url(running.where.databases["matching"].app_url).database
    address = make_url(postgres_url()).set(database=database).render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    try:
        for _ in range(300):
            kept = await connection.fetch("SELECT secret FROM webhooks")
            assert kept
            try:
                for row in kept:
                    Fernet(key).decrypt(row["secret"])
                return
            except InvalidToken:
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
    raise AssertionError("a webhook's secret was never sealed under the newest key")


@pytest.mark.slow
def test_every_key_changes_between_the_chapters_of_the_story(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    files.add()
    with deployed(postgres_url(), rabbitmq_url(), own=(SOUTHAMPTON,), extra=files.settings(), together=True) as running:
        asyncio.run(running.load())
        asyncio.run(_told_while_keys_change(running, files))


async def _told_while_keys_change(running: Deployment, files: KeyFiles) -> None:
    async def every_key_changes() -> None:
        files.add()
        await _rotated_vault(running)
        files.write(1, len(files.webhooks))  # webhooks' secrets are sealed again by themselves, every ten seconds

    async with receiving() as receiver, running.signed_in() as (http, tokens):
        address = f"{running.where.address('matching')}/webhooks"
        first = await tokens.of(f"council:{SOUTHAMPTON}")
        signed_in = {"Authorization": f"Bearer {first}"}
        webhook = (await http.post(address, headers=signed_in, json={"url": receiver.url})).raise_for_status().json()
        running.keys.rotate()
        asks = {name: partial(http.get, url, headers=signed_in) for name, url in _asked(running).items()}
        async with asked_meanwhile(**asks) as answers:
            told = await running.tell(Telling(), between=every_key_changes)
            await asyncio.sleep(PUBLISHED_BEFORE.total_seconds() + 1)
            await _until_sealed_under(running, files.webhooks[0])
            files.write(1, 1)
            await answers.more()
            (await http.post(f"{address}/{webhook['webhook']}/test", headers=signed_in)).raise_for_status()
            await _until_told(receiver, "webhook.test")
        assert not answers.refused
        assert told.checks > 25
        assert len(files.vault) > 8
        async with running.signed_in() as (_, later):
            new = await later.of(f"council:{SOUTHAMPTON}")
        assert _signed_by(new) != _signed_by(first)
        for url in _asked(running).values():
            assert (await http.get(url, headers={"Authorization": f"Bearer {new}"})).status_code == 200
        for each in receiver.received:
            each.verified(webhook["secret"])


async def _until_told(receiver: Receiver, type: str) -> None:
    for _ in range(300):
        if any(each.type == type for each in receiver.received):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"nothing of {type} was sent")


def _asked(running: Deployment) -> dict[str, str]:
    """A list of each service."""
    paths = {"referrals": "/referrals", "providers": "/lots", "matching": "/referrals", "monitoring": "/kpis"}
    return {service: f"{running.where.address(service)}{path}" for service, path in paths.items()}


def _signed_by(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])
