"""What was found of a token is kept, and no longer than it holds."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from shared import clock, signin
from shared.refusals import Refused
from shared.signin import KeySet, SignIn
from tests.running.services import AUDIENCE, ISSUER, SigningKey

COUNCIL = "council:E06000045"


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every token that was checked in full."""
    done: list[str] = []
    decode = jwt.decode
    monkeypatch.setattr(signin.jwt, "decode", lambda token, *rest, **named: done.append(token) or decode(token, *rest, **named))
    return done


def desk(key: SigningKey) -> SignIn:
    return SignIn(KeySet(ISSUER, transport=key.transport()), ISSUER, AUDIENCE)


async def test_a_token_sent_again_is_not_checked_again_and_says_the_same(signing_key, checks):
    ours, token = desk(signing_key), signing_key.token(COUNCIL, "placements_officer")
    first, again = await ours.caller(token), await ours.caller(token)
    assert first == again
    assert checks == [token]


async def test_a_kept_token_is_refused_from_the_moment_it_expires(signing_key, monkeypatch):
    ours, token = (
        desk(signing_key),
        signing_key.token(COUNCIL, exp=clock.now() - timedelta(seconds=8.5)),
    )  # ten seconds are allowed for clocks
    await ours.caller(token)
    later = clock.now() + timedelta(seconds=3)
    monkeypatch.setattr(signin.clock, "now", lambda: later)
    known = next(iter(ours._checked.values()))
    assert known.until < later.timestamp()
    monkeypatch.setattr(signin.jwt, "decode", _expired)
    with pytest.raises(Refused) as refused:
        await ours.caller(token)
    assert [reason.rule for reason in refused.value.reasons] == ["not_expired"]


def _expired(*_: object, **__: object) -> None:
    raise jwt.ExpiredSignatureError


async def test_a_token_that_differs_in_one_letter_is_checked_for_itself(signing_key):
    ours, token = desk(signing_key), signing_key.token(COUNCIL)
    await ours.caller(token)
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    with pytest.raises(Refused):
        await ours.caller(forged)


async def test_a_kept_token_is_worth_nothing_once_the_issuer_has_replaced_the_key(signing_key):
    published = [signing_key]
    transport = httpx.MockTransport(lambda request: published[0].transport().handler(request))
    ours = SignIn(KeySet(ISSUER, transport=transport), ISSUER, AUDIENCE)
    token = signing_key.token(COUNCIL)
    await ours.caller(token)
    published[0] = SigningKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))  # the same key id
    ours.keys._asked_at = float("-inf")
    with pytest.raises(Refused) as refused:
        await ours.caller(token)
    assert [reason.rule for reason in refused.value.reasons] == ["signature_and_claims"]


async def test_no_more_tokens_are_kept_than_there_is_room_for(signing_key, monkeypatch):
    monkeypatch.setattr(signin, "_CHECKED_TOKENS", 3)
    ours = desk(signing_key)
    for number in range(5):
        await ours.caller(signing_key.token(COUNCIL, sub=f"person {number}"))
    assert sorted(known.caller.subject for known in ours._checked.values()) == ["person 2", "person 3", "person 4"]
    assert json.dumps(repr(ours)).count("person") == 0
