"""A table's unique keys as functions of a row."""

from __future__ import annotations

from typing import Any

from pglast import ast

from tests.simulation.postgres.expressions import Named, Scope
from tests.simulation.postgres.queries import Queries
from tests.simulation.postgres.rows import Row, UniqueKey, key_of_columns
from tests.simulation.postgres.schema import Schema, TableSchema, Unique
from tests.simulation.postgres.values import key_of


def uniques_of(schema: Schema, table: TableSchema) -> tuple[UniqueKey, ...]:
    """Every unique key of a table, its primary key first."""
    return tuple(_unique(schema, table, one) for one in table.uniques)


def _unique(schema: Schema, table: TableSchema, unique: Unique) -> UniqueKey:
    names = [column.name for column in table.columns]
    if unique.predicate is None and all(isinstance(one, str) for one in unique.elements):
        return UniqueKey(unique.name, unique.elements, key_of_columns([names.index(one) for one in unique.elements]))
    compiler = Queries(schema)
    slot = compiler.new_slot()
    scope = Scope({table.name: Named(slot, names, table.name)})
    columns = [ast.ColumnRef(fields=(ast.String(sval=one),)) if isinstance(one, str) else one for one in unique.elements]
    parts = [compiler.expression(one, scope) for one in columns]
    picks = compiler.expression(unique.predicate, scope) if unique.predicate is not None else lambda env: True

    def of(row: Row) -> Any:
        env = [None, row]
        if not picks(env):
            return None
        key = tuple(key_of(part(env)) for part in parts)
        return None if None in key else key

    return UniqueKey(unique.name, tuple(one for one in unique.elements if isinstance(one, str)), of)
