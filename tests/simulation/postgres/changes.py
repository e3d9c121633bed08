"""INSERT, UPDATE and DELETE: guarded by row security, checks and keys; ON CONFLICT; RETURNING."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import asyncpg
from pglast import ast, parse_sql
from pglast.enums import OnConflictAction

from tests.simulation.postgres.expressions import Compiled, Env, Named, Running, Scope
from tests.simulation.postgres.queries import Queries, Query, conjuncts
from tests.simulation.postgres.rows import Row, Session, conflict_error
from tests.simulation.postgres.schema import Foreign, Schema, TableSchema, schema_of
from tests.simulation.postgres.values import coercion


@dataclass(frozen=True)
class Referred:
    """A foreign key: which places of a row must be found in which of another table's."""

    table: str
    mine: list[int]
    theirs: list[int]


@dataclass
class Table:
    """What writing to a table needs: how each column takes a value, what it is by default, which checks a row passes."""

    schema: TableSchema
    slot: int
    takes: list[Callable[[Any], Any]]
    defaults: list[Compiled | None]
    checks: list[tuple[str, Compiled]]
    may_insert: Compiled
    may_update: Compiled
    required: list[int]
    """Where no NULL may be."""
    foreign: list[Referred]


class Changes(Queries):
    """Makes changes runnable."""

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema)
        self.counts: list[int] = [0]

    def statement(self, node: Any, scope: Scope | None) -> Query:
        """A query, or a change with the rows it returns."""
        if isinstance(node, ast.InsertStmt):
            return self._insert(node, scope)
        if isinstance(node, ast.UpdateStmt):
            return self._update(node, scope)
        if isinstance(node, ast.DeleteStmt):
            return self._delete(node, scope)
        return self.query(node, scope)

    def written(self, name: str) -> Table:
        """A table that is about to be written to."""
        schema = self.schema.tables[name]
        slot = self.new_slot()
        alone = Scope({name: Named(slot, [column.name for column in schema.columns], name)})
        always: Compiled = lambda env: True  # noqa: E731
        return Table(
            schema,
            slot,
            [coercion(column.type, column.scale) for column in schema.columns],
            [None if column.default is None else self.expression(column.default, Scope()) for column in schema.columns],
            [(called, self.expression(rule, alone)) for called, rule in schema.checks],
            self.policy(name, "insert", slot, "check") if schema.guarded else always,
            self.policy(name, "update", slot, "check") if schema.guarded else always,
            [place for place, column in enumerate(schema.columns) if column.required],
            [self._referred(schema, one) for one in schema.foreign],
        )

    def _referred(self, schema: TableSchema, foreign: Foreign) -> Referred:
        there = self.schema.tables[foreign.table]
        mine, theirs = ([column.name for column in one.columns] for one in (schema, there))
        referred = foreign.referred or there.uniques[0].elements
        return Referred(foreign.table, [mine.index(one) for one in foreign.columns], [theirs.index(str(one)) for one in referred])

    def _insert(self, node: ast.InsertStmt, scope: Scope | None) -> Query:
        own = Scope({}, scope, {})
        before = self.with_queries(node, own)
        name = node.relation.relname
        table = self.written(name)
        columns = [column.name for column in table.schema.columns]
        given = [one.name for one in node.cols] if node.cols else columns
        places = [columns.index(one) for one in given]
        rows_of, defaulted = self._given(node.selectStmt, own)
        inside = Scope({**_as_named(node.relation, name, table.slot, columns)}, own, own.common)
        returned = self.targets(_returned(node), inside)
        settles = self._conflicts(node.onConflictClause, name, table, columns, own, node.relation)

        def rows(env: Env) -> list[Any]:
            running: Running = env[0]
            for number, run in before:
                running.results[number] = run(env)
            found, count = [], 0
            for values in rows_of(env):
                row = _new_row(running, env, table, places, values, defaulted)
                _check(running, env, table, row, table.may_insert)
                kept = settles(env, row) if settles else _plain(running, env, table, name, row)
                if kept is None:
                    continue
                count += 1
                env[table.slot] = kept
                if returned[1]:
                    found.append(tuple(one(env) for one in returned[1]))
            running.results[0] = [("INSERT 0", count)]
            return found

        return Query(returned[0], rows)

    def _given(self, node: Any, scope: Scope) -> tuple[Callable[[Env], list[Any]], set[tuple[int, int]]]:
        """The rows to insert, and which of their values are DEFAULT."""
        if node is None:
            return (lambda env: [()]), set()
        if not node.valuesLists:
            return self.query(node, scope).rows, set()
        defaulted = {
            (line, place) for line, row in enumerate(node.valuesLists) for place, one in enumerate(row) if isinstance(one, ast.SetToDefault)
        }
        nothing: Compiled = lambda env: None  # noqa: E731
        lists = [[nothing if isinstance(one, ast.SetToDefault) else self.expression(one, scope) for one in row] for row in node.valuesLists]
        return (lambda env: [tuple(one(env) for one in row) for row in lists]), {place for _, place in defaulted}  # type: ignore[return-value]

    def _conflicts(self, clause: Any, name: str, table: Table, columns: list[str], scope: Scope, relation: Any) -> Any:
        if clause is None:
            return None
        arbiter = self._arbiter(clause.infer, table.schema)
        if clause.action == OnConflictAction.ONCONFLICT_NOTHING:

            def skip(env: Env, row: Row) -> Row | None:
                running: Running = env[0]
                if running.session.conflict(name, row, only=arbiter) is not None:
                    return None
                return _plain(running, env, table, name, row)

            return skip
        excluded = self.new_slot()
        inside = Scope({**_as_named(relation, name, table.slot, columns), "excluded": Named(excluded, columns)}, scope, scope.common)
        sets = self._sets(clause.targetList, columns, inside)
        where = self.expression(clause.whereClause, inside) if clause.whereClause is not None else None
        seen = self.policy(name, "select", table.slot, "using") if table.schema.guarded else None
        changed = self.policy(name, "update", table.slot, "using") if table.schema.guarded else None

        def update(env: Env, row: Row) -> Row | None:
            running: Running = env[0]
            found = running.session.conflict(name, row, only=arbiter)
            if found is None:
                return _plain(running, env, table, name, row)
            there = found[1]
            running.session.hold(name, there[-1])
            if there[-1] in running.session.fresh.get(name, {}):
                raise asyncpg.CardinalityViolationError("ON CONFLICT DO UPDATE command cannot affect row a second time")
            env[table.slot], env[excluded] = there, row
            if seen is not None and changed is not None and not (seen(env) and changed(env)):
                raise _refused(name)
            if where is not None and not where(env):
                return None
            return _changed(running, env, table, name, there, sets(env))

        return update

    def _arbiter(self, infer: Any, schema: TableSchema) -> str | None:
        if infer is None:
            return None
        if infer.conname:
            return str(infer.conname)
        wanted = {one.name for one in infer.indexElems}
        for unique in schema.uniques:
            if set(unique.elements) == wanted and (unique.predicate is None) == (infer.whereClause is None):
                return unique.name
        raise NotImplementedError(f"{schema.name}: no key of {sorted(map(str, wanted))}")

    def _sets(self, items: Any, columns: list[str], scope: Scope) -> Callable[[Env], list[tuple[int, Any]]]:
        made = []
        for item in items:
            if isinstance(item.val, ast.MultiAssignRef):
                raise NotImplementedError("SET (a, b) = …")
            made.append((columns.index(item.name), self.expression(item.val, scope)))
        return lambda env: [(place, one(env)) for place, one in made]

    def _update(self, node: ast.UpdateStmt, scope: Scope | None) -> Query:
        own = Scope({}, scope, {})
        before = self.with_queries(node, own)
        name, source, target = self._target(node, own, "update")
        columns = [column.name for column in self.schema.tables[name].columns]
        table = self.written(name)
        sets = self._sets(node.targetList, columns, own)
        inside = Scope({**own.named, **_as_named(node.relation, name, table.slot, columns)}, scope, own.common)
        returned = self.targets(_returned(node), inside)

        def rows(env: Env) -> list[Any]:
            running: Running = env[0]
            for number, run in before:
                running.results[number] = run(env)
            found, count = [], 0
            for there in _held_once(running, env, name, source, target):
                env[table.slot] = _changed(running, env, table, name, there, sets(env))
                count += 1
                if returned[1]:
                    found.append(tuple(one(env) for one in returned[1]))
            running.results[0] = [("UPDATE", count)]
            return found

        return Query(returned[0], rows)

    def _target(self, node: Any, scope: Scope, command: str) -> tuple[str, Any, int]:
        name = node.relation.relname
        called = node.relation.alias.aliasname if node.relation.alias else name
        source: Any = self.table(name, called, scope, command)
        target = source.slot
        others = getattr(node, "fromClause", None) or getattr(node, "usingClause", None)
        if others:
            from tests.simulation.postgres.sources import Join

            beside = self.from_items(others, scope)
            source = Join(source.slots | beside.slots, [], beside, source)
        inner = source.slots
        for part in conjuncts(node.whereClause):
            condition, slots = self.tracked(part, scope)
            source.take(condition, slots, inner)
        return name, source, target

    def _delete(self, node: ast.DeleteStmt, scope: Scope | None) -> Query:
        own = Scope({}, scope, {})
        before = self.with_queries(node, own)
        name, source, target = self._target(node, own, "delete")
        returned = self.targets(_returned(node), own)

        def rows(env: Env) -> list[Any]:
            running: Running = env[0]
            for number, run in before:
                running.results[number] = run(env)
            found, count = [], 0
            for there in _held_once(running, env, name, source, target):
                running.session.write(name, there[-1], None)
                count += 1
                if returned[1]:
                    found.append(tuple(one(env) for one in returned[1]))
            running.results[0] = [("DELETE", count)]
            return found

        return Query(returned[0], rows)


def _held_once(running: Running, env: Env, name: str, source: Any, target: int) -> Iterator[Row]:
    """Each row to be changed, locked, and once however often what it is joined to names it."""
    done: set[int] = set()
    for _ in source.each(env):
        there = env[target]
        if there[-1] not in done:
            done.add(there[-1])
            running.session.hold(name, there[-1])
            yield there


def _as_named(relation: Any, name: str, slot: int, columns: list[str]) -> dict[str, Named]:
    return {relation.alias.aliasname if relation.alias else name: Named(slot, columns, name)}


def _refused(name: str) -> asyncpg.InsufficientPrivilegeError:
    return asyncpg.InsufficientPrivilegeError(f'new row violates row-level security policy for table "{name}"')


def _new_row(running: Running, env: Env, table: Table, places: list[int], values: Any, defaulted: Any) -> Row:
    row: list[Any] = [None] * len(table.takes)
    given = set()
    for number, (place, value) in enumerate(zip(places, values, strict=False)):
        if number in defaulted:
            continue
        given.add(place)
        row[place] = None if value is None else table.takes[place](value)
    database = running.session.database
    for place, column in enumerate(table.schema.columns):
        if place in given:
            continue
        default = table.defaults[place]
        if column.identity:
            row[place] = database.next_number()
        elif default is not None:
            value = default(env)
            row[place] = None if value is None else table.takes[place](value)
    row.append(database.next_number())
    return tuple(row)


def _check(running: Running, env: Env, table: Table, row: Row, allowed: Compiled) -> None:
    name = table.schema.name
    env[table.slot] = row
    if not allowed(env):
        raise _refused(name)
    for place in table.required:
        if row[place] is None:
            column = table.schema.columns[place].name
            error = asyncpg.NotNullViolationError(f'null value in column "{column}" of relation "{name}" violates not-null constraint')
            error.table_name, error.column_name = name, column
            raise error
    for called, rule in table.checks:
        if rule(env) is False:
            error = asyncpg.CheckViolationError(f'new row for relation "{name}" violates check constraint "{called}"')
            error.table_name, error.constraint_name = name, called
            raise error
    for foreign in table.foreign:
        _referred(running.session, name, foreign, row)


def _referred(session: Session, name: str, foreign: Referred, row: Row) -> None:
    wanted = [row[place] for place in foreign.mine]
    if None in wanted:
        return
    for other in [*session.visible(foreign.table), *(one for one in session.fresh.get(foreign.table, {}).values() if one is not None)]:
        if [other[place] for place in foreign.theirs] == wanted:
            return
    raise asyncpg.ForeignKeyViolationError(f'insert or update on table "{name}" violates a foreign key to "{foreign.table}"')


def _plain(running: Running, env: Env, table: Table, name: str, row: Row) -> Row:
    if (found := running.session.conflict(name, row)) is not None:
        raise conflict_error(name, found[0])
    running.session.write(name, row[-1], row)
    return row


def _changed(running: Running, env: Env, table: Table, name: str, there: Row, sets: list[tuple[int, Any]]) -> Row:
    row = list(there)
    for place, value in sets:
        row[place] = None if value is None else table.takes[place](value)
    changed = tuple(row)
    _check(running, env, table, changed, table.may_update)
    if (found := running.session.conflict(name, changed, but=there[-1])) is not None:
        raise conflict_error(name, found[0])
    running.session.write(name, there[-1], changed)
    return changed


@dataclass
class Plan:
    """One statement, made ready once a process."""

    kind: str
    query: Query | None
    slots: int
    sql: str

    def run(self, session: Session, parameters: Any) -> tuple[list[Any], int]:
        """Its rows, and how many it wrote or read; ``WaitsFor`` when something is held by another, and then nothing is done."""
        assert self.query is not None
        running = Running(session, parameters)
        env: Env = [running, *([None] * self.slots)]
        rows = self.query.rows(env)
        told = running.results.get(0)
        return rows, told[0][1] if told and self.kind != "SELECT" else len(rows)


@cache
def plans_of(service: str, sql: str) -> tuple[Plan, ...]:
    """The statements of a text, ready to run."""
    found = []
    for parsed in parse_sql(sql):
        node = parsed.stmt
        if isinstance(node, ast.TransactionStmt):
            found.append(Plan(_transaction(node), None, 0, sql))
            continue
        compiler = Changes(schema_of(service))
        query = compiler.statement(node, None)
        kind = {ast.InsertStmt: "INSERT 0", ast.UpdateStmt: "UPDATE", ast.DeleteStmt: "DELETE"}.get(type(node), "SELECT")
        found.append(Plan(kind, query, compiler.slots, sql))
    return tuple(found)


def _transaction(node: ast.TransactionStmt) -> str:
    said = node.kind.name.removeprefix("TRANS_STMT_")
    if said == "BEGIN" and any(one.defname == "transaction_isolation" for one in node.options or ()):
        return "BEGIN REPEATABLE READ"
    return str(said)


def _returned(node: Any) -> Any:
    return node.returningClause.exprs if node.returningClause is not None else ()
