"""Who a child is lies encrypted, under a key of the child's own council, and nothing else of the record does."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from referrals.domain.identity import Identity
from referrals.store import vault
from referrals.store.vault import Keyring
from shared import tenancy
from shared.organisation import Organisation
from shared.refusals import Refused
from tests.referrals.council import CHILD, HAMPSHIRE, SOUTHAMPTON, Council
from tests.running.services import RunningService

Running = Callable[..., Awaitable[RunningService]]


def new_key(name: str) -> dict[str, str]:
    return {"id": name, "key": base64.b64encode(secrets.token_bytes(32)).decode()}


async def everything_stored(service: RunningService) -> bytes:
    """Every value of every table, as the owner of the tables (row security set aside) finds it on disk."""
    found = b""
    for url in service.owner_urls.values():
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in tables:
                await connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
                for row in await connection.fetch(f'SELECT * FROM "{table}"'):
                    found += b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values()) + b"\n"
                # The database serves other tests after this one.
                await connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        finally:
            await connection.close()
    return found


async def test_no_identifying_value_lies_readable_in_any_table(council: Council) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await council.hears(council.confirmed(referral))
    client = council.client()
    await client.get(f"/children/{child}")
    await client.post("/children/search", json={"family_name": CHILD["family_name"]}, headers={"Idempotency-Key": "search-1"})
    stored = (await everything_stored(council.service)).lower()
    assert b"marrowby" not in stored
    for name in ("child_id", "given_names", "family_name", "date_of_birth", "upn", "nhs_number", "home_address", "school"):
        assert str(CHILD[name]).lower().encode() not in stored, name
    assert b"so14 7ly" not in stored
    assert b"so14" in stored, "the district is told to providers, so it is there"


async def test_a_sealed_record_moved_to_another_child_does_not_open(council: Council) -> None:
    one = await council.child()
    other = await council.another_child()
    async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
        for table, columns, subject in (("children", "sealed", "id"), ("data_keys", "wrapped_key", "subject")):
            moved = f"SELECT {columns} FROM {table} WHERE {subject} = :one"
            move = text(f"UPDATE {table} SET {columns} = ({moved}) WHERE {subject} = :other")
            await transaction.execute(move, {"one": UUID(one), "other": UUID(other)})
    reply = await council.client().get(f"/children/{other}")
    assert reply.status_code == 503
    assert "cannot be opened" in reply.json()["detail"]
    assert CHILD["family_name"] not in reply.text
    assert (await council.client().get(f"/children/{other}/disclosures")).json()["items"] == [], "what was not shown is not written down"


async def test_a_sealed_record_copied_to_another_council_does_not_open(running: Running) -> None:
    service = await running("referrals")
    southampton, hampshire = Council(service), Council(service, HAMPSHIRE)
    child = await southampton.child()
    connection = await asyncpg.connect(service.owner_urls[None])
    try:
        for table, columns in (
            ("children", "id, version, sealed, confirmation_reason, created_at, created_by"),
            ("data_keys", "subject, key_id, wrapped_key"),
        ):
            await connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            await connection.execute(
                f"INSERT INTO {table} (organisation, {columns}) SELECT $1, {columns} FROM {table}", f"council:{HAMPSHIRE}"
            )
            await connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    finally:
        await connection.close()
    assert (await hampshire.client().get(f"/children/{child}")).status_code == 503


async def test_after_a_rotation_the_old_key_can_be_thrown_away(running: Running, tmp_path: Path) -> None:
    old, new, file = new_key("2026-04"), new_key("2026-11"), tmp_path / "keys.json"
    file.write_text(json.dumps({SOUTHAMPTON: [old]}))
    council = Council(await running("referrals", vault_keys_file=str(file), development=False))
    child = await council.child()
    file.write_text(json.dumps({SOUTHAMPTON: [new, old]}))
    rotated = await council.client().post("/settings/key-rotation", json={})
    expected = {
        "newest_key": "2026-11",
        "children_rewrapped": 1,
        "children_already_current": 0,
        "search_key_rewrapped": True,
        "others_rewrapped": 0,
        "keys_no_longer_used": ["2026-04"],
    }
    assert {name: value for name, value in rotated.json().items() if name in expected} == expected
    file.write_text(json.dumps({SOUTHAMPTON: [new]}))
    council.service.app.state.keyring = Keyring(str(file), development=False)
    assert (await council.client().get(f"/children/{child}")).json()["family_name"] == CHILD["family_name"]
    found = await council.client().post("/children/search", json={"family_name": "MARROWBIE"})
    assert [each["id"] for each in found.json()["items"]] == [child], "the blind index outlives the key it was wrapped under"
    again = await council.client().post("/settings/key-rotation", json={})
    assert (again.json()["children_rewrapped"], again.json()["children_already_current"]) == (0, 1)


async def test_a_missing_key_is_an_honest_problem_and_a_rotation_without_it_changes_nothing(running: Running, tmp_path: Path) -> None:
    old, new, file = new_key("a"), new_key("b"), tmp_path / "keys.json"
    file.write_text(json.dumps({SOUTHAMPTON: [old]}))
    council = Council(await running("referrals", vault_keys_file=str(file), development=False))
    child = await council.child()
    file.write_text(json.dumps({SOUTHAMPTON: [new]}))
    council.service.app.state.keyring = Keyring(str(file), development=False)
    for reply in (await council.client().get(f"/children/{child}"), await council.client().post("/settings/key-rotation", json={})):
        assert reply.status_code == 503
        assert reply.headers["content-type"] == "application/problem+json"
        assert "put the key back" in reply.json()["detail"]
    file.write_text(json.dumps({SOUTHAMPTON: [old]}))
    council.service.app.state.keyring = Keyring(str(file), development=False)
    assert (await council.client().get(f"/children/{child}")).status_code == 200


async def test_a_council_without_a_key_records_nothing_outside_development(running: Running) -> None:
    council = Council(await running("referrals", development=False))
    reply = await council.client().post("/children", json=CHILD)
    assert reply.status_code == 503
    assert "key" in reply.json()["detail"]


ONE_ID = json.dumps({"E06000045": [new_key("2026-12-01"), new_key("2026-12-01")]})


@pytest.mark.parametrize("broken", ["not json", '{"E06000045": [{"id": "a", "key": "c2hvcnQ="}]}', '["E06000045"]', ONE_ID])
def test_a_key_file_that_cannot_be_read_gives_no_key_and_no_crash(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(broken)
    ring = Keyring(str(file), development=False)
    with pytest.raises(Exception, match="not on this server"):
        ring.newest(Organisation.council(SOUTHAMPTON))


def test_two_councils_have_different_development_keys() -> None:
    ring = Keyring("", development=True)
    keys = {ring.newest(Organisation.council(code)).key for code in (SOUTHAMPTON, HAMPSHIRE)}
    assert len(keys) == 2


def test_a_data_key_wrapped_for_one_child_does_not_unwrap_for_another_child_or_council() -> None:
    ring, council = Keyring("", development=True), Organisation.council(SOUTHAMPTON)
    one, other = UUID(int=1), UUID(int=2)
    key = vault.new_data_key(ring, council, one)
    assert vault.rewrap(ring, council, one, key).key_id == key.key_id
    with pytest.raises(Refused, match="cannot be opened"):
        vault.rewrap(ring, council, other, key)
    with pytest.raises(Refused):
        vault.rewrap(ring, Organisation.council(HAMPSHIRE), one, key)


def test_one_record_sealed_twice_is_never_the_same_bytes() -> None:
    ring, council = Keyring("", development=True), Organisation.council(SOUTHAMPTON)
    amy = Identity("SOU1", "Amy", "Marrowby", date(2016, 2, 29), "F")
    key = vault.new_data_key(ring, council, UUID(int=1))
    one, two = (vault.seal(ring, council, UUID(int=1), key, amy) for _ in range(2))
    assert one != two
    assert vault.new_data_key(ring, council, UUID(int=1)).wrapped_key != key.wrapped_key
    assert vault.unseal(ring, council, UUID(int=1), vault.Sealed(key, two)) == amy
