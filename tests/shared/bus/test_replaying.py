"""What was sent is sent again, and done once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from shared import clock, relay, tenancy
from shared.replaying import TooLongAgo, send_again
from tests.shared.bus.conftest import Bus
from tests.shared.bus.test_relay import declared, record, unsent


async def test_what_was_recorded_since_a_moment_is_sent_again_and_nothing_before(databases: tenancy.Databases, bus: Bus) -> None:
    await record(databases, ["long ago"])
    transport = await declared(bus)
    await relay.carry_once(databases.shared, transport)
    async with tenancy.plumbing(databases.shared) as transaction:
        await transaction.execute(text("UPDATE outbox SET recorded_at = recorded_at - interval '2 hours'"))
    await record(databases, ["lately", "just now"])
    await relay.carry_once(databases.shared, transport)
    assert await send_again(databases.shared, clock.now() - timedelta(hours=1), keep_days=30) == 2
    assert await unsent(databases) == 2
    assert await relay.carry_once(databases.shared, transport) == 2


async def test_what_services_may_have_forgotten_is_not_sent_again(databases: tenancy.Databases, bus: Bus) -> None:
    await record(databases, ["old"])
    await relay.carry_once(databases.shared, await declared(bus))
    with pytest.raises(TooLongAgo):
        await send_again(databases.shared, clock.now() - timedelta(days=29, minutes=1), keep_days=30)
    assert await unsent(databases) == 0
