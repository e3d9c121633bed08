"""What the doctor read of a running Hearth, and what it makes of it: pure, so that each judgement has its own test."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from referrals.store.vault import DEVELOPMENT_KEY_ID

LATE_SECONDS = 60
"""News older than this is late: p99 is a few hundredths of a second (docs/benchmarks.md)."""
MANY_WAITING = 10_000
SKEW_SECONDS = 5
"""Tokens are good ten seconds either way; half of that is time to put a clock right."""
SWEEP_SECONDS = 600
LITTLE_DISK = 0.10


class Gravity(IntEnum):
    """How bad it is."""

    WELL = 0
    LOOK = 1
    WRONG = 2


@dataclass(frozen=True)
class Finding:
    """One thing found: where, what, and what to do. ``page`` is its heading in docs/runbook.md."""

    gravity: Gravity
    where: str
    what: str
    do: str = ""
    page: str = ""


@dataclass(frozen=True)
class Database:
    """One database of a service: the schema it has and should have, and what its outbox holds. ``error``: it could not be asked."""

    service: str
    schema: str | None = None
    newest: str | None = None
    unsent: int = 0
    oldest_seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class Queue:
    """What waits for a service on the bus. ``error``: the bus could not be asked."""

    service: str
    waiting: int = 0
    dead: int = 0
    oldest_seconds: float | None = None
    dead_types: Mapping[str, int] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Reading:
    """All that was read."""

    health: Mapping[str, Mapping[str, str] | None]
    """Service (or issuer) → what each of its checks said; None: it does not answer."""
    databases: Sequence[Database] = ()
    queues: Sequence[Queue] = ()
    clocks: Mapping[str, float] = field(default_factory=dict)
    """Whose clock → seconds it is ahead of this machine's."""
    councils: Sequence[str] = ()
    keys: Mapping[str, Collection[str]] | None = None
    """Council → the ids of its encryption keys in the key file; None: there is no key file."""
    sealed: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Council → the ids of the keys that its children's records are sealed under."""
    free_disk: float = 1.0
    sweeps: Mapping[str, float] = field(default_factory=dict)
    """Service → seconds since its last whole sweep."""


def findings(reading: Reading) -> list[Finding]:
    """Everything that is wrong or wants a look, the worst first; when there is nothing, one finding that says so."""
    found = [
        *_processes(reading.health),
        *(each for one in reading.databases for each in _database(one)),
        *(each for one in reading.queues for each in _queue(one)),
        *_clocks(reading.clocks),
        *_keys(reading),
        *_disk(reading.free_disk),
        *_sweeps(reading.sweeps),
    ]
    if not found:
        return [Finding(Gravity.WELL, "Hearth", "All is well: every process answers, every schema is the newest, no news waits.")]
    return sorted(found, key=lambda each: -each.gravity)


def _processes(health: Mapping[str, Mapping[str, str] | None]) -> Iterator[Finding]:
    for name, checks in health.items():
        if checks is None:
            do = f"Look at the end of its log (logs/{name}.log in the data folder; of the issuer, where it was started) and start it again."
            yield Finding(Gravity.WRONG, name, "does not answer.", do, "a-process-does-not-answer")
            continue
        for what, said in checks.items():
            if said not in ("well", ""):
                grave = Gravity.WRONG if what.startswith("database") else Gravity.LOOK
                yield Finding(grave, name, f"{what}: {said}.", "What it stands on comes first: see the findings about it.", "degraded")


def _database(one: Database) -> Iterator[Finding]:
    where = f"{one.service}'s database"
    if one.error:
        do = "Start PostgreSQL, or mend its address. What was accepted before is kept; nothing new is accepted until then."
        yield Finding(Gravity.WRONG, where, f"cannot be asked ({one.error}).", do, "a-database-does-not-answer")
        return
    if one.schema and one.newest and one.schema > one.newest:
        what = f"has schema {one.schema}, which is newer than this version knows ({one.newest})."
        do = "Leave it: one release back runs on the newer schema. If nobody went back on purpose, this is the old version's doctor."
        yield Finding(Gravity.LOOK, where, what, do, "schema-behind")
    elif one.schema != one.newest:
        has = f"has schema {one.schema}" if one.schema else "has no tables"
        do = f"Bring it there, as the owning role, while the old version still serves: hearth migrate {one.service}"
        yield Finding(Gravity.WRONG, where, f"{has}, the newest is {one.newest}.", do, "schema-behind")
    if one.unsent and one.oldest_seconds > LATE_SECONDS:
        what = f"{one.unsent} events wait to be sent, the oldest for {_span(one.oldest_seconds)}: others do not know of it yet."
        do = f"See that the broker answers and that {one.service}'s relay runs. Nothing is lost: it sends them when it can."
        yield Finding(Gravity.WRONG, where, what, do, "outbox-lag")


def _queue(one: Queue) -> Iterator[Finding]:
    where = f"{one.service}'s queue"
    if one.error:
        do = "Start the broker, or mend BROKER_URL. Events wait in the outboxes meanwhile; people can go on working."
        yield Finding(Gravity.WRONG, where, f"cannot be asked ({one.error}).", do, "the-broker-does-not-answer")
        return
    late = one.oldest_seconds is not None and one.oldest_seconds > LATE_SECONDS
    if late or one.waiting > MANY_WAITING:
        since = f", the oldest for {_span(one.oldest_seconds)}" if one.oldest_seconds is not None else ""
        what = f"{one.waiting} events wait to be heard{since}."
        do = f"See that {one.service}'s consume runs and what its log says; if it only has much to do, start a second one beside it."
        yield Finding(Gravity.LOOK, where, what, do, "queue-age")
    if one.dead:
        kinds = ", ".join(f"{number} {type}" for type, number in sorted(one.dead_types.items()))
        what = f"{one.dead} events could not be worked on and wait for somebody" + (f": {kinds}." if kinds else ".")
        do = f"Read why: hearth dead-letters list {one.service}. When the cause is mended: hearth dead-letters replay {one.service}"
        yield Finding(Gravity.WRONG, where, what, do, "dead-letters")


def _clocks(clocks: Mapping[str, float]) -> Iterator[Finding]:
    for name, ahead in clocks.items():
        if abs(ahead) > SKEW_SECONDS:
            what = f"its clock is {_span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} this machine's."
            do = "Let both follow a time server. Until then tokens may be refused and closing times come early or late."
            yield Finding(Gravity.WRONG, name, what, do, "clock-skew")


def _keys(reading: Reading) -> Iterator[Finding]:
    if reading.keys is None:
        return
    held = {council: reading.keys.get(council, (DEVELOPMENT_KEY_ID,)) for council in reading.sealed}
    shut = {council: sorted(set(ids) - set(held[council])) for council, ids in sorted(reading.sealed.items())}
    for council, ids in shut.items():
        if ids:
            what = f"records of {council} are sealed under {', '.join(ids)}, not in the key file: nobody can read whose they are."
            do = "Put that key back into the file from its copy, after the newest. A new key opens nothing that is there."
            yield Finding(Gravity.WRONG, "the vault", what, do, "key-missing")
    lacking = sorted(council for council in set(reading.councils) - set(reading.keys) if not shut.get(council))
    if lacking:
        what = f"no encryption key for {', '.join(lacking)}: nothing about their children can be written or read."
        do = f"Make one and add it to the file that VAULT_KEYS_FILE names: hearth vault-keys {' '.join(lacking)}"
        yield Finding(Gravity.WRONG, "the vault", what, do, "key-missing")


def _disk(free: float) -> Iterator[Finding]:
    if free < LITTLE_DISK:
        do = "Make room before the databases stop taking writes: old logs first; then a bigger disk."
        yield Finding(Gravity.WRONG, "the data folder", f"{free:.0%} of its disk is free.", do, "disk-full")


def _sweeps(sweeps: Mapping[str, float]) -> Iterator[Finding]:
    for service, seconds in sweeps.items():
        if seconds > SWEEP_SECONDS:
            what = f"ended nothing that was past its moment for {_span(seconds)}: holds, closing times and reminders wait."
            yield Finding(Gravity.LOOK, service, what, f"See what {service}'s consume log says of its sweep.", "sweep-late")


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} seconds"
    return f"{whole // 60} minutes" if whole < 7200 else f"{whole // 3600} hours"
