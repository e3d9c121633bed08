"""Rows in memory, and the transactions that change them: READ COMMITTED, whole or not at all, locked until the transaction ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from tests.simulation.postgres.schema import Schema, schema_of
from tests.simulation.postgres.values import key_of

Row = tuple[Any, ...]
"""A row's values in the order of its columns, and behind them the number by which the model knows the row."""


class WaitsFor(Exception):
    """A statement met what another open transaction holds: it waits until that one ends, then runs anew on what is there then."""

    def __init__(self, holder: Session) -> None:
        self.holder = holder


@dataclass(frozen=True)
class UniqueKey:
    """How a key is read off a row: None where a part is NULL or the predicate does not pick the row."""

    name: str
    columns: tuple[str, ...]
    of: Callable[[Row], Any]


@dataclass
class Rows:
    """One table's committed rows, where each key is, and who holds which row."""

    name: str
    width: int
    uniques: tuple[UniqueKey, ...]
    rows: dict[int, Row] = field(default_factory=dict)
    keys: list[dict[Any, int]] = field(default_factory=list)
    holders: dict[int, Session] = field(default_factory=dict)
    sharers: dict[int, set[Session]] = field(default_factory=dict)
    borrowed: bool = False
    """Whether rows and keys are those of the table this is a copy of, until the first change."""

    def put(self, number: int, row: Row | None) -> None:
        """Commit one row, its change or its end."""
        if self.borrowed:
            self.rows, self.keys, self.borrowed = dict(self.rows), [dict(found) for found in self.keys], False
        old = self.rows.get(number)
        for unique, found in zip(self.uniques, self.keys, strict=True):
            if old is not None and (key := unique.of(old)) is not None and found.get(key) == number:
                del found[key]
            if row is not None and (key := unique.of(row)) is not None:
                found[key] = number
        if row is None:
            self.rows.pop(number, None)
        else:
            self.rows[number] = row

    def copied(self) -> Rows:
        """The same rows, to be changed apart; nobody holds any. The one copied from may not change any more."""
        return Rows(self.name, self.width, self.uniques, self.rows, self.keys, borrowed=True)


class Database:
    """One service's database."""

    def __init__(self, schema: Schema, tables: dict[str, Rows], clock: Callable[[], datetime]) -> None:
        self.schema = schema
        self.tables = tables
        self.clock = clock
        self.open: dict[Session, None] = {}
        self.locks: dict[Any, Session] = {}
        self.shared_locks: dict[Any, dict[Session, None]] = {}
        self.numbers = 0
        self.transactions = 0
        self.commits = 0
        self.puzzles: list[str] = []
        """Statements the model could not run: a fault of the model, never of the product."""
        self.told_news: Callable[[], None] = lambda: None
        """Called when a transaction that recorded an event has committed."""

    def copied(self, clock: Callable[[], datetime]) -> Database:
        """A database with the same committed rows."""
        other = Database(self.schema, {name: table.copied() for name, table in self.tables.items()}, clock)
        other.numbers, other.transactions = self.numbers, self.transactions
        return other

    def next_number(self) -> int:
        """A number no row ever had."""
        self.numbers += 1
        return self.numbers

    def told(self, table: str) -> list[dict[str, Any]]:
        """A table's committed rows by their columns' names, as a superuser would see them."""
        names = [column.name for column in self.schema.tables[table].columns]
        return [dict(zip(names, row, strict=False)) for row in self.tables[table].rows.values()]


class Session:
    """One open transaction."""

    def __init__(self, database: Database, asking: str = "") -> None:
        self.database = database
        self.asking = asking
        self.number = database.transactions = database.transactions + 1
        self.began = database.clock()
        self.changes: dict[str, dict[int, Row | None]] = {}
        self.fresh: dict[str, dict[int, Row | None]] = {}
        self.held: dict[tuple[str, int], None] = {}
        self.failed = False
        self.trusted = False
        self.points: list[tuple[dict[str, dict[int, Row | None]], str]] = []
        self.frozen: dict[str, dict[int, Row]] | None = None
        self.on_end: list[Callable[[], None]] = []
        self.waits_for: Session | None = None
        database.open[self] = None

    # --- what it sees ---

    def visible(self, name: str) -> list[Row]:
        """A table's rows as a statement that begins now sees them: what is committed, and what this transaction did."""
        committed = self.database.tables[name].rows if self.frozen is None else self.frozen[name]
        own = self.changes.get(name)
        if not own:
            return [*committed.values()]
        merged = {number: row for number, row in committed.items() if number not in own}
        return [*merged.values(), *(row for row in own.values() if row is not None)]

    def freeze(self) -> None:
        """REPEATABLE READ: everything is read as it stands now."""
        self.frozen = {name: dict(table.rows) for name, table in self.database.tables.items()}

    # --- what it holds ---

    def hold(self, name: str, number: int, *, shared: bool = False) -> None:
        """Lock a row until the transaction ends; WaitsFor when another has it."""
        if (other := self.in_the_way(name, number, shared=shared)) is not None:
            raise WaitsFor(other)
        table = self.database.tables[name]
        if shared:
            table.sharers.setdefault(number, set()).add(self)
        else:
            table.holders[number] = self
        self.held[name, number] = None

    def in_the_way(self, name: str, number: int, *, shared: bool = False) -> Session | None:
        """Who holds a row so that this one may not."""
        table = self.database.tables[name]
        holder = table.holders.get(number)
        if holder is not None and holder is not self:
            return holder
        if not shared:
            others = [one for one in table.sharers.get(number, ()) if one is not self]
            return min(others, key=lambda one: one.number) if others else None
        return None

    def lock(self, key: Any, *, shared: bool = False) -> None:
        """An advisory lock until the transaction ends."""
        locks, sharing = self.database.locks, self.database.shared_locks
        holder = locks.get(key)
        if holder is not None and holder is not self:
            raise WaitsFor(holder)
        if shared:
            sharing.setdefault(key, {})[self] = None
            return
        for one in sharing.get(key, ()):
            if one is not self:
                raise WaitsFor(one)
        locks[key] = self

    # --- what it changes ---

    def conflict(self, name: str, row: Row, *, but: int | None = None, only: str | None = None) -> tuple[UniqueKey, Row] | None:
        """The key that this row would share with another, and that other row; WaitsFor where an open transaction will decide it."""
        table = self.database.tables[name]
        own = self.changes.get(name, {})
        if name in self.fresh:
            own = {**own, **self.fresh[name]}
        others = [(other, other.changes[name].values()) for other in self.database.open if other is not self and name in other.changes]
        for unique, found in zip(table.uniques, table.keys, strict=True):
            if only is not None and unique.name != only:
                continue
            key = unique.of(row)
            if key is None:
                continue
            for number, mine in own.items():
                if mine is not None and number != but and unique.of(mine) == key:
                    return unique, mine
            number = found.get(key)
            if number is not None and number != but and number not in own:
                holder = table.holders.get(number)
                if holder is not None and holder is not self and number in holder.changes.get(name, {}):
                    raise WaitsFor(holder)
                return unique, table.rows[number]
            for other, changed in others:
                for theirs in changed:
                    if theirs is not None and unique.of(theirs) == key:
                        raise WaitsFor(other)
        return None

    def write(self, name: str, number: int, row: Row | None) -> None:
        """Insert, change or delete, seen by this transaction's next statement and by others when it commits."""
        self.fresh.setdefault(name, {})[number] = row

    def done(self) -> None:
        """The statement ended well: what it wrote is the transaction's."""
        for name, rows in self.fresh.items():
            own = self.changes.setdefault(name, {})
            for number, row in rows.items():
                own.pop(number, None)
                own[number] = row
        self.fresh = {}

    def savepoint(self) -> None:
        """Remember how things stand."""
        self.points.append(({name: dict(rows) for name, rows in self.changes.items()}, self.asking))

    def back(self) -> None:
        """As they stood at the last savepoint; locks stay, as PostgreSQL's may."""
        changes, self.asking = self.points[-1]
        self.changes = {name: dict(rows) for name, rows in changes.items()}
        self.fresh, self.failed = {}, False

    def commit(self) -> bool:
        """All of it; False, and nothing, when a statement failed."""
        if self.failed:
            self.roll_back()
            return False
        for name, rows in self.changes.items():
            table = self.database.tables[name]
            for number, row in rows.items():
                table.put(number, row)
        if self.changes:
            self.database.commits += 1
        news = "outbox" in self.changes
        self._end()
        if news:
            self.database.told_news()
        return True

    def roll_back(self) -> None:
        """Nothing of it."""
        self._end()

    def _end(self) -> None:
        database = self.database
        if self not in database.open:
            return
        del database.open[self]
        for name, number in self.held:
            table = database.tables[name]
            if table.holders.get(number) is self:
                del table.holders[number]
            if number in table.sharers:
                table.sharers[number].discard(self)
        for key in [key for key, holder in database.locks.items() if holder is self]:
            del database.locks[key]
        for sharing in database.shared_locks.values():
            sharing.pop(self, None)
        self.changes, self.fresh = {}, {}
        for told in self.on_end:
            told()
        self.on_end = []

    def waiting_in_a_ring(self, holder: Session) -> bool:
        """Whether waiting for this one would never end."""
        one: Session | None = holder
        while one is not None:
            if one is self:
                return True
            one = one.waits_for
        return False


def empty(service: str, clock: Callable[[], datetime]) -> Database:
    """A service's database as its migrations leave it."""
    from tests.simulation.postgres.keys import uniques_of

    schema = schema_of(service)
    tables = {}
    for name, table in schema.tables.items():
        uniques = uniques_of(schema, table)
        tables[name] = Rows(name, len(table.columns), uniques, {}, [{} for _ in uniques])
    database = Database(schema, tables, clock)
    for made in schema.first_rows:
        if made.selectStmt.valuesLists:  # what a migration copies from other rows finds none in an empty database
            _insert_first(database, made)
    return database


def _insert_first(database: Database, made: Any) -> None:
    from pglast.stream import RawStream

    from tests.simulation.postgres.changes import plans_of

    session = Session(database)
    session.trusted = True
    for plan in plans_of(database.schema.service, RawStream()(made)):
        plan.run(session, [])
        session.done()
    session.commit()


def conflict_error(name: str, unique: UniqueKey) -> asyncpg.UniqueViolationError:
    """As PostgreSQL says it."""
    error = asyncpg.UniqueViolationError(f'duplicate key value violates unique constraint "{unique.name}"')
    error.table_name, error.constraint_name = name, unique.name
    return error


def key_of_columns(places: list[int]) -> Callable[[Row], Any]:
    """The values of these columns; None where one is NULL."""

    def of(row: Row) -> Any:
        key = tuple(key_of(row[place]) for place in places)
        return None if None in key else key

    return of


def every(rows: dict[str, dict[int, Row | None]]) -> Iterator[tuple[str, int, Row | None]]:
    """Each change of a transaction."""
    for name, changed in rows.items():
        for number, row in changed.items():
            yield name, number, row
