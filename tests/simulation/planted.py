"""Mistakes planted in the product, each one that a rule of ours is there against: the simulation is worth how soon it finds them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest import mock
from uuid import UUID

from sqlalchemy import select, update

from matching.handlers import vacancies as bed_news
from matching.store import opportunities
from matching.store import referrals as matching_referrals
from matching.store import vacancies as known_vacancies
from matching.tables import referrals as matching_table
from matching.tables import vacancies as matching_vacancies
from providers import handlers as providers_handlers
from providers.store import holds
from providers.tables import vacancies
from shared import delivery, failures, hearing, idempotency, inbox, outbox, refusals, relay, tenancy
from shared.transport import Message, Transport
from tests.simulation.grounds import found_all
from tests.simulation.run import Ran, run

Planted = Callable[[], AbstractContextManager[Any]]


async def _claims_everything(transaction: Any, ids: Collection[UUID]) -> set[UUID]:
    return set(ids)


async def _reads_then_writes(transaction: Any, vacancy: UUID, *, provider: str, beds: int) -> holds.VacancyNow | None:
    free = await transaction.scalar(select(vacancies.c.free_beds).where(vacancies.c.id == vacancy, vacancies.c.provider == provider))
    if free is None or free < beds:
        return None
    taken = update(vacancies).where(vacancies.c.id == vacancy).values(free_beds=free - beds, version=vacancies.c.version + 1)
    return holds._now((await transaction.execute(taken.returning(*holds._NOW))).one_or_none())


async def _any_version_overwrites(transaction: Any, provider: str, vacancy: UUID, free_beds: int, version: int) -> None:
    changed = update(matching_vacancies).where(matching_vacancies.c.provider == provider, matching_vacancies.c.vacancy == vacancy)
    await transaction.execute(changed.values(free_beds=free_beds, beds_version=version))


async def _marks_before_it_publishes(engine: Any, transport: Transport, *, service: str = "", batch: int = 200) -> int:
    async with tenancy.plumbing(engine) as transaction:
        rows = sorted(await transaction.driver.fetch(relay._TAKE, batch))
    if rows:
        await transport.publish([Message(str(row["id"]), row["type"], row["envelope"].encode()) for row in rows])
    return len(rows)


async def _writes_events_in_a_transaction_of_their_own(transaction: Any) -> None:
    await transaction.driver.execute("COMMIT")
    await transaction.driver.execute(f"BEGIN; SELECT set_config('app.organisation', '{transaction.organisation}', true)")
    await _FLUSH(transaction)


_FLUSH = outbox.flush


async def _takes_whatever_stands(transaction: Any, council: str, referral: UUID, version: int, *, decision: UUID, offer: UUID) -> bool:
    changed = update(matching_table).where(matching_table.c.council == council, matching_table.c.referral == referral)
    await transaction.execute(changed.values(state="choosing", decision=decision, chosen=offer, version=matching_table.c.version + 1))
    return True


async def _does_nothing(*_: Any, **__: Any) -> None:
    return None


async def _sweeps_nothing(_: Any) -> int:
    return 0


async def _commits_each_claim_first(databases: Any, engine: Any, items: Sequence[Any]) -> None:
    async with tenancy.transaction_on(databases, engine, items[0].organisation) as transaction:
        claimed = await inbox.claim(transaction, {item.envelope.id for item in items})
    async with tenancy.transaction_on(databases, engine, items[0].organisation) as transaction:
        for item in items:
            if item.envelope.id in claimed:
                claimed.remove(item.envelope.id)
                await transaction.become(item.organisation)
                await item.handler(transaction, item.heard)


async def _says_nothing_was_written(driver: Any) -> None:
    try:
        await driver.execute("COMMIT")
    except tenancy._LOST as error:
        driver.terminate()
        raise refusals.unavailable("Nothing was written; please try again in a moment.") from error


async def _keeps_no_replies(*_: Any) -> None:
    return None


async def _acknowledges_first(self: Any, batch: Sequence[Any], settling: Any) -> None:
    await settling.done(list(batch))
    await _HANDLE(self, batch, _Settled())


class _Settled:
    """Nothing is left to answer for."""

    async def done(self, received: Sequence[Any]) -> None:
        """It is said already."""

    async def dead(self, received: Any, reason: str) -> None:
        """It is said already."""


_HANDLE = delivery._Delivery.handle


def _work(replacement: Any) -> Planted:
    return lambda: mock.patch.object(delivery, "work", replacement)


PLANTED: dict[str, Planted] = {
    "an event is worked on however often it comes": lambda: mock.patch.object(hearing.inbox, "claim", _claims_everything),
    "an event is claimed in a transaction of its own": _work(_commits_each_claim_first),
    "a bed is read, then written": lambda: mock.patch.object(holds, "take_beds", _reads_then_writes),
    "an old version of a vacancy's beds overwrites a new one": lambda: mock.patch.object(
        known_vacancies, "set_free_beds", _any_version_overwrites
    ),
    "the relay marks before it publishes": lambda: mock.patch.object(relay, "carry_once", _marks_before_it_publishes),
    "events are written after the commit that makes them true": lambda: mock.patch.object(
        outbox, "flush", _writes_events_in_a_transaction_of_their_own
    ),
    "a lost answer to COMMIT is told as: nothing was written": lambda: mock.patch.object(tenancy, "_commit", _says_nothing_was_written),
    "an Idempotency-Key is not looked at": lambda: mock.patch.object(idempotency, "_earlier_reply", _keeps_no_replies),
    "events are acknowledged before they are worked on": lambda: mock.patch.object(delivery._Delivery, "handle", _acknowledges_first),
    "a choice takes the referral whatever its state": lambda: mock.patch.object(
        matching_referrals, "take_for_choice", _takes_whatever_stands
    ),
    "a bed held too late is not given back": lambda: mock.patch.object(bed_news, "_give_back", _does_nothing),
    "closing a referral does not wait for answers": lambda: mock.patch.object(opportunities, "stop_answers", _does_nothing),
    "a database that is away counts as a failed event": lambda: mock.patch.object(failures, "is_outage", return_value=False),
    "holds never lapse": lambda: mock.patch.object(providers_handlers, "sweep", _sweeps_nothing),
}
"""What is wrong → how to plant it."""


def with_mistake(name: str) -> AbstractContextManager[Any]:
    """Runs inside are played with this mistake in the product. How they begin is made before it, or all that follow would begin with it."""
    found_all()
    return PLANTED[name]()


def until_found(name: str | None, seeds: range) -> tuple[Ran | None, int]:
    """Plays seeds, safety and liveness in turn, until one breaks; it, and how many were played. Without a name nothing is planted."""
    with with_mistake(name) if name else nullcontext():
        for played, seed in enumerate(seeds, start=1):
            ran = run(seed, liveness=played % 2 == 0)
            if ran.broken:
                return ran, played
    return None, len(seeds)
