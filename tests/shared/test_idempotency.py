"""A write asked for twice is done once."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from shared import tenancy
from shared.organisation import Organisation

pytestmark = pytest.mark.both_postgres

COUNCIL = "council:E06000045"


async def count(service, organisation=COUNCIL) -> int:
    return len((await service.as_(organisation).get("/notes")).json()["items"])


async def test_the_same_key_and_body_replays_the_reply(notes):
    service = await notes()
    first, second = [await service.as_(COUNCIL).post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "k1"}) for _ in "ab"]
    assert (first.status_code, first.content) == (second.status_code, second.content) == (201, first.content)
    assert (first.headers["location"], first.headers["etag"]) == (second.headers["location"], second.headers["etag"])
    assert second.headers["idempotent-replay"] == "true"
    assert await count(service) == 1
    assert len(await service.published()) == 1


async def test_the_same_key_and_another_body_or_path_is_refused(notes):
    service = await notes()
    client = service.as_(COUNCIL)
    first = await client.post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "k1"})
    other_body = await client.post("/notes", json={"words": "y"}, headers={"Idempotency-Key": "k1"})
    other_path = await client.put(first.headers["location"], json={"words": "x"}, headers={"Idempotency-Key": "k1", "If-Match": '"1"'})
    for reply in (other_body, other_path):
        assert reply.status_code == 422
        assert reply.json()["errors"][0] | {"message": ""} == {"field": "Idempotency-Key", "rule": "one_key_one_request", "message": ""}
    assert await count(service) == 1


async def test_a_key_is_one_organisations_own(notes):
    service = await notes()
    for organisation in (COUNCIL, "council:E06000039"):
        reply = await service.as_(organisation).post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "k1"})
        assert "idempotent-replay" not in reply.headers
    assert await count(service) == await count(service, "council:E06000039") == 1


async def test_eight_at_once_with_one_key_make_one_note_and_one_reply(notes):
    service = await notes()
    client = service.as_(COUNCIL)
    replies = await asyncio.gather(*[client.post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "k1"}) for _ in range(8)])
    assert {(reply.status_code, reply.content) for reply in replies} == {(201, replies[0].content)}
    assert await count(service) == 1


async def test_a_second_that_waits_too_long_is_told_that_the_first_still_runs_and_may_ask_again(notes):
    service = await notes(statement_timeout_ms=300)
    client = service.as_(COUNCIL)
    async with tenancy.transaction(service.databases, Organisation.parse(COUNCIL)) as first:
        claim = "INSERT INTO idempotency_key (organisation, key, request_hash, status, headers, body) VALUES ($1, 'k1', '', 0, '{}', '')"
        await first.driver.execute(claim, COUNCIL)
        waited = await client.post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "k1"})
        other = await client.post("/notes", json={"words": "y"}, headers={"Idempotency-Key": "k2"})
        await first.driver.execute("DELETE FROM idempotency_key WHERE key = 'k1'")  # the first was refused: it keeps nothing
    assert (waited.status_code, waited.headers["retry-after"], waited.json()["errors"][0]["rule"]) == (409, "5", "still_running")
    assert other.status_code == 201
    again = await client.post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, await count(service)) == (201, 2)


async def test_a_refused_write_keeps_nothing_so_the_mended_one_may_use_the_key(notes):
    service = await notes()
    client = service.as_(COUNCIL)
    note = (await client.post("/notes", json={"words": "x"})).headers["location"]
    stale = await client.put(note, json={"words": "y"}, headers={"Idempotency-Key": "k", "If-Match": '"9"'})
    mended = await client.put(note, json={"words": "y"}, headers={"Idempotency-Key": "k", "If-Match": '"1"'})
    assert (stale.status_code, mended.status_code) == (412, 200)


async def test_an_empty_or_endless_key_is_refused(notes):
    service = await notes()
    for key in ("", "k" * 201):
        reply = await service.as_(COUNCIL).post("/notes", json={"words": "x"}, headers={"Idempotency-Key": key})
        assert reply.status_code == 422, key
    assert await count(service) == 0


async def test_replies_older_than_thirty_days_are_cleared_away_and_only_ones_own(notes, admin_url, monkeypatch):
    monkeypatch.setattr("shared.idempotency._ONE_IN", 1)
    service = await notes()
    for organisation in (COUNCIL, "council:E06000039"):
        await service.as_(organisation).post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "old"})
    database = make_url(service.settings.database_url).database
    administrator = await asyncpg.connect(make_url(admin_url).set(database=database).render_as_string(hide_password=False))
    await administrator.execute("UPDATE idempotency_key SET created_at = now() - interval '31 days'")
    await service.as_(COUNCIL).post("/notes", json={"words": "y"}, headers={"Idempotency-Key": "new"})
    left = await administrator.fetch("SELECT organisation, key FROM idempotency_key ORDER BY organisation, key")
    await administrator.close()
    assert [tuple(row) for row in left] == [("council:E06000039", "old"), (COUNCIL, "new")]
