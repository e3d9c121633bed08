"""Clock, ids, settings, health and logs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock, ids, logs
from shared.settings import SettingsMissing, from_environment
from shared.uk_time import UK, in_uk_words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 7, 1, 11, 0, tzinfo=UTC), "Wednesday 1 July 2026 at 12:00 BST (11:00 UTC)"),
        (datetime(2026, 1, 5, 17, 0, tzinfo=UTC), "Monday 5 January 2026 at 17:00 GMT (17:00 UTC)"),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "Thursday 2 July 2026 at 00:30 BST (1 July 23:30 UTC)"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Sunday 25 October 2026 at 01:30 BST (00:30 UTC)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Sunday 25 October 2026 at 01:30 GMT (01:30 UTC)"),
        (datetime(2026, 1, 5, 17, 0, 9, tzinfo=UTC), "Monday 5 January 2026 at 17:00:09 GMT (17:00:09 UTC)"),
    ],
)
def test_a_moment_is_said_so_that_its_hour_is_never_in_doubt(moment, words):
    assert clock.in_uk_words(moment) == words


@given(
    st.sampled_from([datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)]),
    st.integers(-180, 180),
    st.integers(-180, 180),
)
def test_two_moments_around_a_clock_change_are_never_said_alike_and_each_says_its_utc(change: datetime, one: int, other: int) -> None:
    first, second = change + timedelta(minutes=one), change + timedelta(minutes=other)
    assert (in_uk_words(first) == in_uk_words(second)) == (first == second)
    assert f"{first:%H:%M} UTC)" in in_uk_words(first)
    assert f"at {first.astimezone(UK):%H:%M %Z} (" in in_uk_words(first)


def test_a_reference_has_no_look_alikes_and_ids_grow():
    assert not set("".join(ids.readable_reference() for _ in range(200))) & set("01258OILSZBUV")
    made = [ids.new_id() for _ in range(50)]
    assert made == sorted(made)


NEEDED = {"DATABASE_URL": "postgresql://x", "BROKER_URL": "amqp://x", "ISSUER": "http://issuer/"}


def test_settings_are_read_once_and_the_issuer_has_no_closing_slash():
    settings = from_environment(NEEDED | {"TENANCY_MAP": '{"E06000045": {"database_url": "a", "owner_database_url": "b"}}'})
    assert settings.issuer == "http://issuer"
    assert settings.tenancy_map["E06000045"].owner_database_url == "b"
    assert not settings.development


@pytest.mark.parametrize(
    ("wrong", "named"), [({"DATABASE_URL": ""}, "DATABASE_URL"), ({"PORT": "x"}, "PORT"), ({"TENANCY_MAP": "[1]"}, "TENANCY_MAP")]
)
def test_a_setting_that_is_missing_or_unreadable_is_named(wrong, named):
    with pytest.raises(SettingsMissing, match=named):
        from_environment(NEEDED | wrong)


def test_a_log_line_keeps_only_declared_keys(capsys):
    logs.configure("notes")
    token = logs.request_id.set("abc-123")
    logs.logger("test").info("heard", status=200, child_name="Jane Smith", body={"name": "Jane Smith"})
    logs.request_id.reset(token)
    line = json.loads(capsys.readouterr().out)
    assert line | {"timestamp": ""} == {
        "event": "heard", "status": 200, "level": "info", "logger": "test", "service": "notes", "request_id": "abc-123", "timestamp": "",
    }  # fmt: skip


async def test_health_tells_a_database_without_tables_from_one_that_is_well(notes, admin_url):
    well = await notes()
    reply = await well.with_token(None).get("/health/ready")
    assert (reply.status_code, reply.json()["status"]) == (200, "ready")
    assert (await well.with_token(None).get("/health/live")).json()["status"] == "live"
    bare = await notes(database_url=admin_url)
    reply = await bare.with_token(None).get("/health/ready")
    assert (reply.status_code, reply.json()["checks"]["database 0"]) == (503, "its tables are missing: run migrate")
    away = await notes(database_url="postgresql://notes_app@127.0.0.1:1/none")
    reply = await away.with_token(None).get("/health/ready")
    assert (reply.status_code, reply.json()["checks"]["database 0"]) == (503, "does not answer")


async def test_metrics_count_requests_by_route_never_by_address(notes):
    service = await notes()
    address = (await service.as_("council:E06000045").post("/notes", json={"words": "x"})).headers["location"]
    await service.as_("council:E06000045").put(address, json={"words": "y"}, headers={"If-Match": '"1"'})
    await service.as_("council:E06000045").post("/notes", json={"words": "y", "Jane": "Smith"})
    said = (await service.with_token(None).get("/metrics")).text
    assert 'hearth_refusals_total{rule="known_field",service="notes"}' in said, "a refusal by its rule"
    assert "Jane" not in said
    assert 'hearth_requests_total{method="PUT",route="/notes/{note}",service="notes",status="200"}' in said
    assert address not in said
