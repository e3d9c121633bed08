"""The issuer's signing key rotates while a service answers: no caller is refused, and what the old key signed holds until it is over."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt.api_jwt
import pytest
from starlette.applications import Starlette

from hearth import issuer
from hearth.commands import main
from hearth.issuer import PUBLISHED_BEFORE, STILL_PUBLISHED, Keys, SigningKey, application, published_at, signs_at
from shared import clock, signin
from shared.organisation import ROLES, Organisation
from shared.refusals import Refused
from shared.signin import KeySet, SignIn

ADDRESS = "http://issuer.test"
SOUTHAMPTON = Organisation.council("E06000045")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def keys(folder: Path) -> Keys:
    return Keys.kept_in(folder / "issuer.json")


@pytest.fixture
def hearth(keys: Keys) -> Starlette:
    return application(keys, ADDRESS, development=True)


def desk(hearth: Starlette) -> SignIn:
    """A service's, which fetches the key set as it does in production."""
    return SignIn(KeySet(ADDRESS, transport=httpx.ASGITransport(hearth)), ADDRESS, "hearth")


def a_token(keys: Keys) -> str:
    return issuer.token(keys, ADDRESS, SOUTHAMPTON, ROLES[SOUTHAMPTON.kind])


def signed_by(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def test_nobody_is_refused_from_before_a_rotation_until_the_old_key_is_gone(
    keys: Keys, hearth: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Second by second, each with a new token and one of before, at a service whose key set was fetched at the worst of moments."""
    began, passed = clock.now(), [0]

    class Moved(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return began + timedelta(seconds=passed[0])

    monkeypatch.setattr(clock, "now", Moved.now)
    monkeypatch.setattr(jwt.api_jwt, "datetime", Moved)
    monkeypatch.setattr(signin.time, "monotonic", lambda: float(passed[0]))
    just_fetched = desk(hearth)
    first = a_token(keys)
    await just_fetched.caller(first)
    passed[0] = 1
    keys.rotate()
    seen = set()
    for second in range(1, 40):
        passed[0] = second
        new = a_token(keys)
        seen.add(signed_by(new))
        assert (await just_fetched.caller(new)).organisation == SOUTHAMPTON
        assert (await just_fetched.caller(first)).organisation == SOUTHAMPTON
    assert len(seen) == 2, "the new key signs after a while"
    passed[0] = int(STILL_PUBLISHED.total_seconds()) + 40
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hearth), base_url=ADDRESS) as client:
        published = [each["kid"] for each in (await client.get("/jwks")).json()["keys"]]
    assert published == [signed_by(a_token(keys))]
    with pytest.raises(Refused) as refused:
        await desk(hearth).caller(first)
    assert [reason.rule for reason in refused.value.reasons] == ["key_known"]


def test_a_key_that_signed_at_once_would_have_been_refused() -> None:
    """Why a new key waits: a service that has just fetched the set does not fetch it again for ten seconds."""
    assert PUBLISHED_BEFORE.total_seconds() > signin._REFRESH_SECONDS


def test_which_key_signs_and_which_are_published_follows_from_their_moments() -> None:
    old, new = SigningKey.new(0.0), SigningKey.new(100.0)
    both, kept = (old, new), STILL_PUBLISHED.total_seconds()
    assert [signs_at(both, moment) for moment in (50, 99.9, 100, 5000)] == [old.key, old.key, new.key, new.key]
    assert published_at(both, 0) == published_at(both, 99 + kept) == [old.key, new.key]
    assert published_at(both, 100 + kept) == [new.key]


def test_the_command_rotates_the_keys_of_a_running_issuer_and_a_folder_of_before_is_understood(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = SigningKey.new(0.0).key
    (folder / "issuer.json").write_text(json.dumps({"signing": before.as_dict(private=True), "secret": "of old"}))
    running = Keys.kept_in(folder / "issuer.json")
    assert [each.kid for each in running.published] == [before.kid]
    secret = running.client_secret(SOUTHAMPTON)
    with pytest.raises(SystemExit) as ended:
        main(["new-signing-key", "--data", str(folder)])
    assert not ended.value.code
    assert "signs in 15 seconds" in capsys.readouterr().out
    assert [each.kid for each in running.published][:1] == [before.kid]
    assert len(running.published) == 2
    assert (running.signing.kid, running.client_secret(SOUTHAMPTON)) == (before.kid, secret)
