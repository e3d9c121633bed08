"""Who may call: every part of a token is checked, and every refusal is a problem."""

from __future__ import annotations

from datetime import timedelta

import httpx
import jwt
import pytest

from shared import clock
from tests.running.services import AUDIENCE, ISSUER, SigningKey

COUNCIL = "council:E06000045"


def rule(reply: httpx.Response) -> str:
    return str(reply.json()["errors"][0]["rule"])


async def test_a_good_token_is_let_in(notes):
    service = await notes()
    assert (await service.as_(COUNCIL).get("/notes")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"exp": clock.now() - timedelta(minutes=5)}, "not_expired"),
        ({"exp": None}, "signature_and_claims"),
        ({"aud": "another"}, "audience"),
        ({"aud": None}, "signature_and_claims"),
        ({"iss": "http://other.test"}, "issuer"),
        ({"iat": clock.now() + timedelta(hours=2)}, "signature_and_claims"),
        ({"organisation": None}, "organisation_named"),
        ({"organisation": "council:'; DROP TABLE notes; --"}, "organisation_named"),
        ({"organisation": "plumbing"}, "organisation_named"),
        ({"organisation": ""}, "organisation_named"),
        ({"organisation": "council:E\u0660\u0666\u0660\u0660\u0660\u0660\u0664\u0665"}, "organisation_named"),
        ({"exp": 10**400}, "signature_and_claims"),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused_by_rule(notes, changes, broken):
    service = await notes()
    reply = await service.as_(COUNCIL, **changes).get("/notes")
    assert reply.status_code == 401
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert rule(reply) == broken


@pytest.mark.parametrize("roles", [[{}], [[1]], "reader", {"reader": 1}, 7, None])
async def test_roles_that_are_no_list_of_words_are_none(notes, roles):
    service = await notes()
    assert (await service.as_(COUNCIL, roles=roles).get("/notes")).status_code == 403


async def test_a_token_of_another_key_of_no_key_or_with_a_shared_secret_is_refused(notes):
    service = await notes()
    claims = jwt.decode(service.key.token(COUNCIL), options={"verify_signature": False})
    forged = SigningKey.new().token(COUNCIL)
    unsigned = jwt.encode(claims, "", algorithm="none")
    symmetric = jwt.encode(claims, "a-secret-that-anybody-could-choose-themselves", algorithm="HS256", headers={"kid": service.key.key_id})
    head, body, signature = service.key.token(COUNCIL).split(".")
    for token in (forged, unsigned, symmetric, f"{head}.{body}x.{signature}", "not-a-token", ""):
        reply = await service.with_token(token).get("/notes")
        assert reply.status_code == 401, token[:20]


async def test_a_key_the_issuer_does_not_publish_is_refused(notes):
    service = await notes()
    other = SigningKey(service.key.private, key_id="another-key")
    reply = await service.with_token(other.token(COUNCIL)).get("/notes")
    assert (reply.status_code, rule(reply)) == (401, "key_known")


async def test_a_role_of_another_kind_of_organisation_is_worth_nothing(notes):
    service = await notes()
    reply = await service.as_(COUNCIL, "project_manager").get("/notes")
    assert (reply.status_code, rule(reply)) == (403, "role")


async def test_the_wrong_kind_and_the_wrong_role_are_told_apart_in_words(notes):
    service = await notes()
    kind = await service.as_("agency:SC900001").get("/for-administrators")
    role = await service.as_(COUNCIL, "placements_officer").get("/for-administrators")
    assert (kind.status_code, rule(kind), kind.json()["detail"]) == (403, "organisation_kind", "This is for a council.")
    assert (role.status_code, rule(role), role.json()["detail"]) == (403, "role", "This needs the role administrator.")
    assert (await service.as_(COUNCIL, "administrator").get("/for-administrators")).status_code == 200
    assert (await service.as_("consortium", "project_manager").get("/for-the-project-manager")).status_code == 200


async def test_no_token_is_told_to_sign_in(notes):
    service = await notes()
    reply = await service.with_token(None).get("/notes")
    assert (reply.status_code, rule(reply)) == (401, "token_present")


def test_the_test_issuer_speaks_as_ours_does():
    assert (ISSUER, AUDIENCE) == ("http://issuer.test", "hearth")
