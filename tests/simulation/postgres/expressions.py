"""Expressions of SQL as functions of the rows at hand, after the tree that PostgreSQL's own parser makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from pglast import ast
from pglast.enums import A_Expr_Kind as Kind
from pglast.enums import BoolExprType, BoolTestType, MinMaxOp, NullTestType, SQLValueFunctionOp, SubLinkType

from tests.simulation.postgres.functions import AGGREGATES, FUNCTIONS, OPERATORS
from tests.simulation.postgres.rows import Session
from tests.simulation.postgres.schema import Schema, type_of
from tests.simulation.postgres.values import coercion, key_of

Env = list[Any]
"""What is at hand while a statement runs: the statement at 0, then each source's current row."""
Compiled = Callable[[Env], Any]


@dataclass
class Running:
    """One run of one statement."""

    session: Session
    parameters: Any
    results: dict[int, list[Any]] = field(default_factory=dict)
    seen: dict[str, list[Any]] = field(default_factory=dict)

    def visible(self, name: str) -> list[Any]:
        """A table's rows as this statement sees them, whatever it writes meanwhile."""
        found = self.seen.get(name)
        if found is None:
            found = self.seen[name] = self.session.visible(name)
        return found


@dataclass
class Named:
    """A source under a name: where its row lies, and what its columns are called."""

    slot: int
    columns: list[str]
    table: str | None = None


@dataclass
class Scope:
    """The names an expression may use; those of the statement around it are behind."""

    named: dict[str, Named] = field(default_factory=dict)
    outer: Scope | None = None
    common: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def find(self, parts: list[str]) -> tuple[int, int] | None:
        """Which row and which place in it a column's name means."""
        scope: Scope | None = self
        while scope is not None:
            if len(parts) >= 2:
                one = scope.named.get(parts[-2])
                if one is not None and parts[-1] in one.columns:
                    return one.slot, one.columns.index(parts[-1])
            else:
                for one in scope.named.values():
                    if parts[0] in one.columns:
                        return one.slot, one.columns.index(parts[0])
            scope = scope.outer
        return None

    def common_table(self, name: str) -> tuple[int, list[str]] | None:
        """A WITH query by its name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.common:
                return scope.common[name]
            scope = scope.outer
        return None


class Expressions:
    """Makes functions of expressions; ``queries`` and ``changes`` build on it."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.slots = 1
        self.touched: list[set[int]] = [set()]
        self.groups: list[list[tuple[str, Compiled | None, bool, Compiled | None, Any]] | None] = [None]
        self.group_slots: list[int] = [0]

    def new_slot(self) -> int:
        """A place for one more row."""
        self.slots += 1
        return self.slots - 1

    def tracked(self, node: Any, scope: Scope) -> tuple[Compiled, set[int]]:
        """An expression, and the rows it looks at."""
        self.touched.append(set())
        made = self.expression(node, scope)
        slots = self.touched.pop()
        self.touched[-1] |= slots
        return made, slots

    def expression(self, node: Any, scope: Scope) -> Compiled:
        """One expression."""
        made = getattr(self, f"_{type(node).__name__.lower()}", None)
        if made is None:
            raise NotImplementedError(f"the model of PostgreSQL does not know {type(node).__name__}")
        compiled: Compiled = made(node, scope)
        return compiled

    def _a_const(self, node: ast.A_Const, scope: Scope) -> Compiled:
        value: Any = None
        if not node.isnull:
            said = node.val
            if isinstance(said, ast.Integer):
                value = said.ival or 0
            elif isinstance(said, ast.Float):
                from decimal import Decimal

                value = Decimal(said.fval)
                if value == value.to_integral_value() and "." not in said.fval:
                    value = int(value)
            elif isinstance(said, ast.Boolean):
                value = bool(said.boolval)
            else:
                value = said.sval
        return lambda env: value

    def _paramref(self, node: ast.ParamRef, scope: Scope) -> Compiled:
        place = node.number - 1
        return lambda env: env[0].parameters[place]

    def _columnref(self, node: ast.ColumnRef, scope: Scope) -> Compiled:
        slot, place = self._place_of(node, scope)
        return lambda env: env[slot][place]

    def _place_of(self, node: ast.ColumnRef, scope: Scope) -> tuple[int, int]:
        """In which row a column lies, and where in it."""
        parts = [part.sval for part in node.fields]
        found = scope.find(parts)
        if found is None:
            raise NotImplementedError(f"the model of PostgreSQL finds no column {'.'.join(parts)}")
        self.touched[-1].add(found[0])
        return found

    def _typecast(self, node: ast.TypeCast, scope: Scope) -> Compiled:
        made = self.expression(node.arg, scope)
        kind = type_of(node.typeName)
        if kind == "regclass":
            return made
        cast = coercion(kind)

        def run(env: Env) -> Any:
            value = made(env)
            return None if value is None else cast(value)

        return run

    def _boolexpr(self, node: ast.BoolExpr, scope: Scope) -> Compiled:
        made = [self.expression(one, scope) for one in node.args]
        if node.boolop == BoolExprType.NOT_EXPR:
            only = made[0]

            def negated(env: Env) -> Any:
                value = only(env)
                return None if value is None else not value

            return negated
        decides = node.boolop == BoolExprType.OR_EXPR

        def run(env: Env) -> Any:
            unknown = False
            for one in made:
                value = one(env)
                if value is None:
                    unknown = True
                elif bool(value) is decides:
                    return decides
            return None if unknown else not decides

        return run

    def _nulltest(self, node: ast.NullTest, scope: Scope) -> Compiled:
        made, null = self.expression(node.arg, scope), node.nulltesttype == NullTestType.IS_NULL
        return lambda env: (made(env) is None) is null

    def _booleantest(self, node: ast.BooleanTest, scope: Scope) -> Compiled:
        made, test = self.expression(node.arg, scope), node.booltesttype
        wanted, same = {
            BoolTestType.IS_TRUE: (True, True),
            BoolTestType.IS_NOT_TRUE: (True, False),
            BoolTestType.IS_FALSE: (False, True),
            BoolTestType.IS_NOT_FALSE: (False, False),
            BoolTestType.IS_UNKNOWN: (None, True),
            BoolTestType.IS_NOT_UNKNOWN: (None, False),
        }[test]
        return lambda env: (made(env) is wanted) is same

    def _coalesceexpr(self, node: ast.CoalesceExpr, scope: Scope) -> Compiled:
        made = [self.expression(one, scope) for one in node.args]

        def run(env: Env) -> Any:
            for one in made:
                if (value := one(env)) is not None:
                    return value
            return None

        return run

    def _minmaxexpr(self, node: ast.MinMaxExpr, scope: Scope) -> Compiled:
        made = [self.expression(one, scope) for one in node.args]
        pick = max if node.op == MinMaxOp.IS_GREATEST else min

        def run(env: Env) -> Any:
            values = [value for one in made if (value := one(env)) is not None]
            return pick(values, key=key_of) if values else None

        return run

    def _caseexpr(self, node: ast.CaseExpr, scope: Scope) -> Compiled:
        whens = []
        for when in node.args:
            test = self.expression(when.expr, scope)
            if node.arg is not None:
                of, wanted = self.expression(node.arg, scope), test
                test = lambda env, of=of, wanted=wanted: of(env) == wanted(env)  # noqa: E731
            whens.append((test, self.expression(when.result, scope)))
        otherwise: Compiled = self.expression(node.defresult, scope) if node.defresult is not None else lambda env: None

        def run(env: Env) -> Any:
            for test, result in whens:
                if test(env):
                    return result(env)
            return otherwise(env)

        return run

    def _a_arrayexpr(self, node: ast.A_ArrayExpr, scope: Scope) -> Compiled:
        made = [self.expression(one, scope) for one in node.elements or ()]
        return lambda env: [one(env) for one in made]

    def _a_indirection(self, node: ast.A_Indirection, scope: Scope) -> Compiled:
        made = self.expression(node.arg, scope)
        (inside,) = node.indirection
        if not isinstance(inside, ast.A_Indices) or inside.is_slice:
            raise NotImplementedError("the model of PostgreSQL knows no field or slice of a value")
        place = self.expression(inside.uidx, scope)

        def run(env: Env) -> Any:
            values, number = made(env), place(env)
            if isinstance(values, dict):  # JSON is subscripted by its names
                return values.get(str(number))
            return values[number - 1] if values is not None and 0 < number <= len(values) else None

        return run

    def _rowexpr(self, node: ast.RowExpr, scope: Scope) -> Compiled:
        made = [self.expression(one, scope) for one in node.args]
        return lambda env: tuple(one(env) for one in made)

    def _sqlvaluefunction(self, node: ast.SQLValueFunction, scope: Scope) -> Compiled:
        if node.op == SQLValueFunctionOp.SVFOP_CURRENT_DATE:
            return lambda env: env[0].session.began.date()
        return lambda env: env[0].session.began

    def _a_expr(self, node: ast.A_Expr, scope: Scope) -> Compiled:
        kind = node.kind
        if kind in (Kind.AEXPR_OP_ANY, Kind.AEXPR_OP_ALL):
            return self._any_or_all(node, scope)
        left = self.expression(node.lexpr, scope) if node.lexpr is not None else None
        if kind == Kind.AEXPR_IN:
            wanted = [self.expression(one, scope) for one in node.rexpr]
            return _within(left, lambda env: [one(env) for one in wanted], node.name[0].sval == "=")
        if kind in (Kind.AEXPR_BETWEEN,):
            low, high = (self.expression(one, scope) for one in node.rexpr)
            below, above = OPERATORS["<="], OPERATORS[">="]

            def between(env: Env) -> Any:
                value, least, most = left(env), low(env), high(env)  # type: ignore[misc]
                return None if None in (value, least, most) else above(value, least) and below(value, most)

            return between
        right = self.expression(node.rexpr, scope)
        if kind in (Kind.AEXPR_DISTINCT, Kind.AEXPR_NOT_DISTINCT):
            return lambda env: (left(env) != right(env)) is (kind == Kind.AEXPR_DISTINCT)  # type: ignore[misc]
        if kind == Kind.AEXPR_NULLIF:
            return lambda env: None if (value := left(env)) == right(env) else value  # type: ignore[misc]
        if kind not in (Kind.AEXPR_OP, Kind.AEXPR_LIKE):
            raise NotImplementedError(f"the model of PostgreSQL does not know {kind!r}")
        name = node.name[-1].sval
        if left is None:
            return lambda env: None if (value := right(env)) is None else -value
        if name == "=":
            return _equal(left, right, self._place_of(node.lexpr, scope) if isinstance(node.lexpr, ast.ColumnRef) else None)
        work = OPERATORS.get(name)
        if work is None:
            raise NotImplementedError(f"the model of PostgreSQL does not know the operator {name}")

        def run(env: Env) -> Any:
            one, other = left(env), right(env)
            return None if one is None or other is None else work(one, other)

        return run

    def _any_or_all(self, node: ast.A_Expr, scope: Scope) -> Compiled:
        left, right = self.expression(node.lexpr, scope), self.expression(node.rexpr, scope)
        name, every = node.name[0].sval, node.kind == Kind.AEXPR_OP_ALL
        if (name, every) in (("=", False), ("<>", True)):
            return _within(left, right, name == "=")
        work = OPERATORS[name]

        def run(env: Env) -> Any:
            one, others = left(env), right(env)
            if one is None or others is None:
                return None
            found = [work(one, other) for other in others]
            return all(found) if every else any(found)

        return run

    def _sublink(self, node: ast.SubLink, scope: Scope) -> Compiled:
        kind = node.subLinkType
        if kind == SubLinkType.EXPR_SUBLINK and _only_a_value(node.subselect):
            # (SELECT current_setting(…)), as every policy writes it: PostgreSQL evaluates it once, here it is the value itself
            return self.expression(node.subselect.targetList[0].val, scope)
        query = self.query(node.subselect, scope)
        if kind == SubLinkType.EXISTS_SUBLINK:
            return lambda env: bool(query.rows(env))
        if kind == SubLinkType.EXPR_SUBLINK:

            def only(env: Env) -> Any:
                rows = query.rows(env)
                if len(rows) > 1:
                    raise asyncpg.CardinalityViolationError("more than one row returned by a subquery used as an expression")
                return (rows[0][0] if len(rows[0]) == 1 else tuple(rows[0])) if rows else None

            return only
        if kind == SubLinkType.ARRAY_SUBLINK:
            return lambda env: [row[0] for row in query.rows(env)]
        if kind == SubLinkType.ANY_SUBLINK:
            left = self.expression(node.testexpr, scope)
            return _within(left, lambda env: [row[0] if len(row) == 1 else tuple(row) for row in query.rows(env)], True)
        raise NotImplementedError(f"the model of PostgreSQL does not know {kind!r}")

    def _funccall(self, node: ast.FuncCall, scope: Scope) -> Compiled:
        name = node.funcname[-1].sval
        if node.over is not None:
            raise NotImplementedError("the model of PostgreSQL knows no window function here")
        if name in AGGREGATES:
            return self._aggregate(name, node, scope)
        special = _OF_THE_SESSION.get(name)
        named = {}
        made = []
        for one in node.args or ():
            if isinstance(one, ast.NamedArgExpr):
                named[one.name] = self.expression(one.arg, scope)
            else:
                made.append(self.expression(one, scope))
        if name == "current_setting":
            return lambda env: env[0].session.asking
        if special is not None:
            return lambda env: special(env[0], *(one(env) for one in made))
        work = FUNCTIONS.get(name)
        if work is None:
            raise NotImplementedError(f"the model of PostgreSQL does not know the function {name}")
        return lambda env: work(*(one(env) for one in made), **{key: one(env) for key, one in named.items()})

    def _aggregate(self, name: str, node: ast.FuncCall, scope: Scope) -> Compiled:
        found = self.groups[-1]
        if found is None:
            raise NotImplementedError(f"{name} outside the columns of a query")
        self.groups.append(None)
        of = None if node.agg_star else self.expression(node.args[0], scope)
        where = self.expression(node.agg_filter, scope) if node.agg_filter is not None else None
        order = None
        if node.agg_order:
            by = [(self.expression(one.node, scope), one) for one in node.agg_order]
            order = by
        self.groups.pop()
        found.append((name, of, bool(node.agg_distinct), where, order))
        slot, place = self.group_slots[-1], len(found) - 1
        self.touched[-1].add(slot)
        return lambda env: env[slot][place]

    def query(self, node: Any, scope: Scope | None) -> Any:
        """A query inside an expression; see ``queries``."""
        raise NotImplementedError


def _equal(left: Compiled, right: Compiled, column: tuple[int, int] | None) -> Compiled:
    """By far the most frequent condition, most often of a column, so it is made without a step between."""
    if column is not None:
        slot, place = column

        def column_is(env: Env) -> Any:
            one, other = env[slot][place], right(env)
            return None if one is None or other is None else one == other

        return column_is

    def same(env: Env) -> Any:
        one, other = left(env), right(env)
        return None if one is None or other is None else one == other

    return same


def _only_a_value(query: Any) -> bool:
    parts = (query.fromClause, query.whereClause, query.withClause, query.valuesLists, query.groupClause, query.limitCount)
    if any(parts) or len(query.targetList or ()) != 1:
        return False
    value = query.targetList[0].val
    return isinstance(value, ast.FuncCall) and value.funcname[-1].sval == "current_setting"


def _within(left: Compiled | None, right: Compiled, wanted: bool) -> Compiled:
    assert left is not None
    find = left

    def run(env: Env) -> Any:
        value = find(env)
        if value is None:
            return None
        values = right(env)
        if values is None:
            return None
        if value in values:
            return wanted
        return None if None in values else not wanted

    return run


def _become(running: Running, _: str, value: str, __: bool) -> str:
    running.session.asking = value
    return value


_OF_THE_SESSION: dict[str, Callable[..., Any]] = {
    "now": lambda running: running.session.began,
    "clock_timestamp": lambda running: running.session.database.clock(),
    "set_config": _become,
    "pg_advisory_xact_lock": lambda running, *key: running.session.lock(key),
    "pg_advisory_xact_lock_shared": lambda running, *key: running.session.lock(key, shared=True),
    "pg_current_xact_id": lambda running: running.session.number,
    "pg_current_snapshot": lambda running: running.session.number,
    "pg_snapshot_xmin": lambda running, _: min(one.number for one in running.session.database.open),
    "keep_lookalikes": lambda running, *given: _keep_lookalikes(running, *given),
    "gen_random_uuid": lambda running: _made(running),
}


def _made(running: Running) -> Any:
    from uuid import UUID

    return UUID(int=running.session.database.next_number() | (4 << 76) | (2 << 62) | (0xFE << 120))


def _keep_lookalikes(running: Running, councils: Any, referrals: Any, pairs: Any, coinciding: Any, at: Any) -> None:
    """Matching's own function, as its migration writes it: each row in the name of the council it is for."""
    session = running.session
    for council, referral, pair, words in zip(councils, referrals, pairs, coinciding, strict=True):
        row = (council, referral, pair, words.split(","), at, None, session.database.next_number())
        found = session.conflict("lookalikes", row, only="lookalikes_pkey")
        if found is None:
            session.write("lookalikes", row[-1], row)
        else:
            there = found[1]
            session.hold("lookalikes", there[-1])
            session.write("lookalikes", there[-1], (*there[:3], words.split(","), there[4], None, there[-1]))
