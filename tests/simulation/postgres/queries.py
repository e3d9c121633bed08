"""SELECT: FROM, WHERE, GROUP BY, ORDER BY, LIMIT, FOR UPDATE, WITH, UNION, as far as the services use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from pglast import ast
from pglast.enums import JoinType, LimitOption, LockClauseStrength, LockWaitPolicy, SetOperation, SortByDir, SortByNulls

from tests.simulation.postgres.expressions import Compiled, Env, Expressions, Named, Running, Scope
from tests.simulation.postgres.functions import AGGREGATES
from tests.simulation.postgres.schema import type_of
from tests.simulation.postgres.sources import Join, Nothing, One, Source
from tests.simulation.postgres.values import Ordered, coercion, key_of


@dataclass
class Query:
    """A compiled query: its columns' names, and its rows when run."""

    columns: list[str]
    rows: Callable[[Env], list[tuple[Any, ...]]]


def conjuncts(node: Any) -> list[Any]:
    """The parts of a condition that must all be true."""
    from pglast.enums import BoolExprType

    if node is None:
        return []
    if isinstance(node, ast.BoolExpr) and node.boolop == BoolExprType.AND_EXPR:
        return [part for one in node.args for part in conjuncts(one)]
    return [node]


class Queries(Expressions):
    """Makes queries runnable."""

    # --- FROM ---

    def source(self, node: Any, scope: Scope) -> Source:
        """One item of FROM."""
        if isinstance(node, ast.RangeVar):
            return self._table_or_common(node, scope)
        if isinstance(node, ast.JoinExpr):
            return self._join(node, scope)
        if isinstance(node, ast.RangeSubselect):
            outer = Scope({**scope.named} if node.lateral else {}, scope.outer, scope.common)
            query = self.query(node.subquery, outer)
            names = [one.sval for one in node.alias.colnames or ()] or query.columns
            return self._under(scope, node.alias.aliasname, names, query.rows)
        if isinstance(node, ast.RangeFunction):
            return self._function(node, scope)
        raise NotImplementedError(f"the model of PostgreSQL does not know {type(node).__name__} in FROM")

    def _under(self, scope: Scope, name: str, columns: list[str], rows: Callable[[Env], Any], table: str | None = None) -> One:
        slot = self.new_slot()
        scope.named[name] = Named(slot, columns, table)
        return One({slot}, [], slot, len(columns), rows)

    def _table_or_common(self, node: ast.RangeVar, scope: Scope) -> Source:
        name = node.alias.aliasname if node.alias else node.relname
        common = scope.common_table(node.relname)
        if common is not None:
            number, columns = common
            return self._under(scope, name, columns, lambda env: env[0].results[number])
        return self.table(node.relname, name, scope, "select")

    def table(self, table: str, name: str, scope: Scope, command: str) -> One:
        """A table's rows, as far as row security shows them for this command."""
        schema = self.schema.tables[table]
        columns = [column.name for column in schema.columns]
        found = self._under(scope, name, columns, lambda env: env[0].visible(table), table)
        if schema.guarded:
            for needed in {"select", command}:
                found.filters.append(self.policy(table, needed, found.slot, "using"))
        return found

    def policy(self, table: str, command: str, slot: int, which: str) -> Compiled:
        """Whether row security lets this row pass for a command; a migration's first rows are written whatever it says."""
        schema = self.schema.tables[table]
        alone = Scope({table: Named(slot, [column.name for column in schema.columns], table)})
        made = [
            self.expression(one.using if which == "using" else one.check, alone)
            for one in schema.policies
            if one.command == command and (one.using if which == "using" else one.check) is not None
        ]
        if which == "using":
            return made[0] if len(made) == 1 else lambda env: any(one(env) for one in made)
        return lambda env: env[0].session.trusted or any(one(env) for one in made)

    def _join(self, node: ast.JoinExpr, scope: Scope) -> Source:
        if node.jointype not in (JoinType.JOIN_INNER, JoinType.JOIN_LEFT, JoinType.JOIN_FULL) or node.usingClause or node.isNatural:
            raise NotImplementedError("the model of PostgreSQL joins INNER, LEFT and FULL, ON a condition")
        left, right = self.source(node.larg, scope), self.source(node.rarg, scope)
        both = node.jointype == JoinType.JOIN_FULL
        join = Join(left.slots | right.slots, [], left, right, node.jointype != JoinType.JOIN_INNER, both)
        for part in conjuncts(node.quals):
            condition, slots = self.tracked(part, scope)
            if not both and slots & join.slots and slots & join.slots <= right.slots:
                right.take(condition, slots, join.slots)
            else:
                join.on.append(condition)
        return join

    def _function(self, node: ast.RangeFunction, scope: Scope) -> Source:
        ((call, _),) = node.functions
        if not isinstance(call, ast.FuncCall):
            raise NotImplementedError("the model of PostgreSQL knows only functions as a FROM function")
        name = call.funcname[-1].sval
        inside = Scope(scope.named, scope.outer, scope.common)
        arguments = [self.expression(one, inside) for one in call.args or ()]
        alias = node.alias.aliasname if node.alias else name
        columns = [one.sval for one in (node.alias.colnames if node.alias else None) or ()]
        if name == "unnest":
            columns = columns or ([alias] if len(arguments) == 1 else [f"{name}_{place}" for place in range(len(arguments))])
            rows = _unnested(arguments)
        elif name in ("jsonb_to_recordset", "jsonb_to_record"):
            columns = [one.colname for one in node.coldeflist]
            rows = _records(arguments[0], [(one.colname, coercion(type_of(one.typeName))) for one in node.coldeflist])
        elif name in ("jsonb_array_elements_text", "jsonb_array_elements"):
            columns = columns or ["value"]
            rows = _elements(arguments[0])
        elif name == "generate_series":
            columns = columns or [alias]
            rows = _series(arguments)
        elif name == "open_referrals_marked":
            columns, rows = ["council", "referral", "view"], _open_referrals_marked(arguments)
        else:
            raise NotImplementedError(f"the model of PostgreSQL does not know {name} in FROM")
        if node.ordinality:
            plain = rows
            if len(columns) < 2:
                columns = [*columns, "ordinality"]
            rows = lambda env: [(*row, place) for place, row in enumerate(plain(env), start=1)]  # noqa: E731
        return self._under(scope, alias, columns, rows)

    # --- SELECT ---

    def with_queries(self, node: Any, scope: Scope) -> list[tuple[int, Callable[[Env], list[Any]]]]:
        """WITH: each part runs once, in order, and sees what stood when the statement began."""
        found = []
        for one in node.withClause.ctes if node.withClause else ():
            if node.withClause.recursive:
                raise NotImplementedError("WITH RECURSIVE")
            query = self.statement(one.ctequery, scope)
            number = self.new_slot()
            columns = [name.sval for name in one.aliascolnames or ()] or query.columns
            scope.common[one.ctename] = (number, columns)
            found.append((number, query.rows))
        return found

    def statement(self, node: Any, scope: Scope | None) -> Query:
        """A query or, in WITH, a change that returns rows; ``changes`` knows the latter."""
        return self.query(node, scope)

    def query(self, node: Any, scope: Scope | None) -> Query:
        """One SELECT, VALUES or UNION."""
        own = Scope({}, scope, {})
        before = self.with_queries(node, own)
        if node.op != SetOperation.SETOP_NONE:
            query = self._set_operation(node, own)
        elif node.valuesLists:
            lists = [[self.expression(one, own) for one in row] for row in node.valuesLists]
            columns = [f"column{place}" for place in range(1, len(lists[0]) + 1)]
            query = Query(columns, lambda env: [tuple(one(env) for one in row) for row in lists])
        else:
            query = self._select(node, own)
        if not before:
            return query

        def rows(env: Env) -> list[Any]:
            for number, run in before:
                env[0].results[number] = run(env)
            return query.rows(env)

        return Query(query.columns, rows)

    def _set_operation(self, node: ast.SelectStmt, scope: Scope) -> Query:
        if node.op != SetOperation.SETOP_UNION or node.sortClause or node.limitCount:
            raise NotImplementedError("the model of PostgreSQL knows UNION alone, unordered")
        left, right = self.query(node.larg, scope), self.query(node.rarg, scope)

        def rows(env: Env) -> list[Any]:
            both = [*left.rows(env), *right.rows(env)]
            return both if node.all else list({key_of(row): row for row in both}.values())

        return Query(left.columns, rows)

    def _select(self, node: ast.SelectStmt, scope: Scope) -> Query:
        source = self.from_items(node.fromClause, scope)
        inner = source.slots
        for part in conjuncts(node.whereClause):
            condition, slots = self.tracked(part, scope)
            source.take(condition, slots, inner)
        self.groups.append([])
        self.group_slots.append(self.new_slot())
        columns, targets = self.targets(node.targetList or (), scope)
        aliases = {name: target for name, target, named in zip(columns, targets, _named(node.targetList), strict=False) if named}
        having = self.expression(node.havingClause, scope) if node.havingClause is not None else None
        order = self._order(node.sortClause or (), scope, columns, targets, aliases)
        aggregates, slot = self.groups.pop() or [], self.group_slots.pop()
        by = [self._by(one, scope, targets, aliases) for one in node.groupClause or ()]
        find = self._grouped(source, aggregates, slot, by, having) if aggregates or by else source.each
        several = [place for place, one in enumerate(_targets(node)) if _gives_rows(one)]
        locked = self._locked(node, scope)
        limit = self.expression(node.limitCount, scope) if node.limitCount is not None else None
        offset = self.expression(node.limitOffset, scope) if node.limitOffset is not None else None
        if node.limitOption == LimitOption.LIMIT_OPTION_WITH_TIES:
            raise NotImplementedError("FETCH FIRST WITH TIES")
        first_of = None
        if node.distinctClause and node.distinctClause[0] is not None:
            first_of = [self.expression(one, scope) for one in node.distinctClause]

        row_of = self._row_of(node, scope, targets)
        if not (order or locked or several or node.distinctClause):

            def as_found(env: Env) -> list[tuple[Any, ...]]:
                plain = [row_of(env) for _ in find(env)]
                if offset is not None:
                    plain = plain[offset(env) or 0 :]
                return plain if limit is None or (most := limit(env)) is None else plain[:most]

            return Query(columns, as_found)

        def rows(env: Env) -> list[tuple[Any, ...]]:
            found = []
            for _ in find(env):
                row = row_of(env)
                keys = tuple(Ordered(key(env), *how) for key, *how in order)
                one_of = tuple(key_of(one(env)) for one in first_of) if first_of is not None else None
                found.append((keys, row, [env[slot] for slot, *_ in locked], one_of))
            if order:
                found.sort(key=lambda one: one[0])
            if first_of is not None:
                found = list({one[3]: one for one in reversed(found)}.values())[::-1]
            result = [(row, rows_locked) for _, row, rows_locked, _ in found]
            if node.distinctClause and first_of is None:
                result = list({key_of(row): (row, held) for row, held in reversed(result)}.values())[::-1]
            if offset is not None:
                result = result[offset(env) or 0 :]
            most = limit(env) if limit is not None else None
            if locked:
                return _lock(env[0], locked, result, most)
            plain = [row for row, _ in result]
            if several:
                plain = _spread(plain, several)
            return plain if most is None else plain[:most]

        return Query(columns, rows)

    def _row_of(self, node: ast.SelectStmt, scope: Scope, targets: list[Compiled]) -> Callable[[Env], tuple[Any, ...]]:
        """One row of the result. Most queries ask for several columns of one table, which is one step."""
        items = node.targetList or ()
        if len(targets) == len(items) > 1 and all(
            isinstance(one.val, ast.ColumnRef) and isinstance(one.val.fields[-1], ast.String) for one in items
        ):
            found = [self._place_of(one.val, scope) for one in items]
            if len({slot for slot, _ in found}) == 1:
                slot, columns = found[0][0], itemgetter(*(place for _, place in found))
                return lambda env: columns(env[slot])
        return lambda env: tuple([one(env) for one in targets])

    def from_items(self, items: Any, scope: Scope) -> Source:
        """FROM: the items side by side."""
        source: Source = Nothing(set())
        for item in items or ():
            one = self.source(item, scope)
            source = one if isinstance(source, Nothing) else Join(source.slots | one.slots, [], source, one)
        return source

    def targets(self, items: Any, scope: Scope) -> tuple[list[str], list[Compiled]]:
        """The columns of a result: their names and what they are."""
        columns: list[str] = []
        targets: list[Compiled] = []
        for item in items:
            if isinstance(item.val, ast.ColumnRef) and isinstance(item.val.fields[-1], ast.A_Star):
                whose = item.val.fields[0].sval if len(item.val.fields) > 1 else None
                for name, one in scope.named.items():
                    if whose in (None, name):
                        for place, column in enumerate(one.columns):
                            self.touched[-1].add(one.slot)
                            columns.append(column)
                            targets.append(lambda env, slot=one.slot, place=place: env[slot][place])
                continue
            if _gives_rows(item):
                targets.append(self.expression(item.val.args[0], scope))
            else:
                targets.append(self.expression(item.val, scope))
            columns.append(item.name or _name_of(item.val))
        return columns, targets

    def _order(self, items: Any, scope: Scope, columns: list[str], targets: list[Compiled], aliases: dict[str, Compiled]) -> list[Any]:
        found = []
        for item in items:
            descending = item.sortby_dir == SortByDir.SORTBY_DESC
            nulls_first = item.sortby_nulls == SortByNulls.SORTBY_NULLS_FIRST or (
                descending and item.sortby_nulls == SortByNulls.SORTBY_NULLS_DEFAULT
            )
            found.append((self._by(item.node, scope, targets, aliases), descending, nulls_first))
        return found

    def _by(self, node: Any, scope: Scope, targets: list[Compiled], aliases: dict[str, Compiled]) -> Compiled:
        if isinstance(node, ast.A_Const) and isinstance(node.val, ast.Integer):
            return targets[node.val.ival - 1]
        if isinstance(node, ast.ColumnRef) and len(node.fields) == 1 and node.fields[0].sval in aliases:
            return aliases[node.fields[0].sval]
        return self.expression(node, scope)

    def _grouped(self, source: Source, aggregates: list[Any], slot: int, by: list[Compiled], having: Compiled | None) -> Any:
        slots = sorted(source.slots)

        def each(env: Env) -> Any:
            groups: dict[Any, tuple[list[Any], list[list[Any]]]] = {}
            for _ in source.each(env):
                key = tuple(key_of(one(env)) for one in by)
                if key not in groups:
                    groups[key] = ([env[place] for place in slots], [[] for _ in aggregates])
                for values, (_, of, _, where, order) in zip(groups[key][1], aggregates, strict=True):
                    if where is None or where(env):
                        values.append((of(env) if of else True, [_ordered(one, env) for one in order or ()]))
            if not groups and not by:
                groups[()] = ([(None,) * 200 for _ in slots], [[] for _ in aggregates])
            for rows, collected in groups.values():
                for place, row in zip(slots, rows, strict=True):
                    env[place] = row
                env[slot] = [_aggregated(*one, values) for one, values in zip(aggregates, collected, strict=True)]
                if having is None or having(env):
                    yield

        return each

    def _locked(self, node: ast.SelectStmt, scope: Scope) -> list[tuple[int, str, bool, bool]]:
        found = []
        for clause in node.lockingClause or ():
            wanted = {one.relname for one in clause.lockedRels or ()}
            shared = clause.strength in (LockClauseStrength.LCS_FORSHARE, LockClauseStrength.LCS_FORKEYSHARE)
            skips = clause.waitPolicy == LockWaitPolicy.LockWaitSkip
            for name, one in scope.named.items():
                if one.table is not None and (not wanted or name in wanted):
                    found.append((one.slot, one.table, shared, skips))
        return found


def _targets(node: Any) -> Any:
    return node.targetList or ()


def _named(items: Any) -> list[bool]:
    return [item.name is not None for item in items or ()]


def _gives_rows(item: Any) -> bool:
    return isinstance(item.val, ast.FuncCall) and item.val.funcname[-1].sval in ("unnest", "jsonb_array_elements_text")


def _name_of(node: Any) -> str:
    if isinstance(node, ast.ColumnRef):
        return str(node.fields[-1].sval)
    if isinstance(node, ast.FuncCall):
        return str(node.funcname[-1].sval)
    if isinstance(node, ast.TypeCast):
        return _name_of(node.arg)
    return {"CoalesceExpr": "coalesce", "CaseExpr": "case", "MinMaxExpr": "greatest"}.get(type(node).__name__, "?column?")


def _ordered(one: Any, env: Env) -> Ordered:
    key, how = one
    return Ordered(key(env), how.sortby_dir == SortByDir.SORTBY_DESC, how.sortby_dir == SortByDir.SORTBY_DESC)


def _aggregated(name: str, of: Any, distinct: bool, where: Any, order: Any, values: list[Any]) -> Any:
    if order:
        values = sorted(values, key=lambda one: one[1])
    plain = [value for value, _ in values if value is not None or name in ("array_agg", "jsonb_agg")]
    if distinct:
        plain = sorted({key_of(value): value for value in plain}.values(), key=key_of)
    return AGGREGATES[name](plain)


def _spread(rows: list[tuple[Any, ...]], several: list[int]) -> list[tuple[Any, ...]]:
    found = []
    for row in rows:
        longest = max(len(row[place] or ()) for place in several)
        for number in range(longest):
            found.append(tuple(value[number] if place in several else value for place, value in enumerate(row)))
    return found


def _lock(running: Running, locked: list[tuple[int, str, bool, bool]], found: list[Any], most: int | None) -> list[tuple[Any, ...]]:
    result = []
    for row, held in found:
        if most is not None and len(result) >= most:
            break
        for line, (_, table, shared, skips) in zip(held, locked, strict=True):
            if line[-1] is None:
                continue  # the right side of a LEFT JOIN that found nothing
            if skips and running.session.in_the_way(table, line[-1], shared=shared) is not None:
                break
            running.session.hold(table, line[-1], shared=shared)
        else:
            result.append(row)
    return result


def _unnested(arguments: list[Compiled]) -> Callable[[Env], list[Any]]:
    def rows(env: Env) -> list[Any]:
        lists = [one(env) or [] for one in arguments]
        longest = max(len(one) for one in lists)
        return [tuple(one[place] if place < len(one) else None for one in lists) for place in range(longest)]

    return rows


def _records(of: Compiled, columns: list[tuple[str, Any]]) -> Callable[[Env], list[Any]]:
    def rows(env: Env) -> list[Any]:
        given = of(env)
        records = given if isinstance(given, list) else [given]
        return [tuple(None if (value := one.get(name)) is None else cast(value) for name, cast in columns) for one in records]

    return rows


def _elements(of: Compiled) -> Callable[[Env], list[Any]]:
    return lambda env: [(value,) for value in of(env) or ()]


def _series(arguments: list[Compiled]) -> Callable[[Env], list[Any]]:
    def rows(env: Env) -> list[Any]:
        first, last, *step = (one(env) for one in arguments)
        return [(number,) for number in range(first, last + 1, *step)]

    return rows


def _open_referrals_marked(arguments: list[Compiled]) -> Callable[[Env], list[Any]]:
    """Matching's own function, as its migration writes it: each other council's open referrals with any of these marks."""

    def rows(env: Env) -> list[Any]:
        running: Running = env[0]
        marks, most = (one(env) for one in arguments)
        tables = running.session.database.schema.tables

        def told(name: str) -> list[dict[str, Any]]:
            names = [column.name for column in tables[name].columns]
            return [dict(zip(names, row, strict=False)) for row in running.visible(name)]

        found: list[Any] = []
        others = sorted(one["organisation"] for one in told("organisations") if one["organisation"].startswith("council:"))
        for other in others:
            if other == running.session.asking:
                continue
            marked = {one["referral"] for one in told("lookalike_marks") if one["council"] == other and one["mark"] in marks}
            theirs = [
                one
                for one in told("referrals")
                if one["council"] == other
                and one["state"] in ("open", "choosing")
                and one["view"] is not None
                and one["referral"] in marked
            ]
            theirs.sort(key=lambda one: (-one["sent_at"].timestamp(), one["referral"]))
            found += [(one["council"], one["referral"], one["view"]) for one in theirs[:most]]
        return found

    return rows
