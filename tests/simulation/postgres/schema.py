"""A service's tables, keys, checks and policies, read from the statements its own migrations write."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from pglast import ast, parse_sql
from pglast.enums import AlterTableType, ConstrType, ObjectType

from shared import migrating

COMMANDS = {"all": ("select", "insert", "update", "delete")}


@dataclass
class Column:
    """One column: its name, its type (``text``, ``uuid``, ``int4`` …; ``text[]`` for a list), its rules."""

    name: str
    type: str
    scale: int | None = None
    required: bool = False
    default: Any = None
    identity: bool = False


@dataclass
class Unique:
    """A key that two rows may not share, perhaps only among rows that a predicate picks."""

    name: str
    elements: tuple[Any, ...]
    """Column names, or expressions."""
    predicate: Any = None


@dataclass
class Foreign:
    """A key that must be there in another table."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]


@dataclass
class Policy:
    """One policy of row security, for one command."""

    name: str
    command: str
    using: Any
    check: Any


@dataclass
class TableSchema:
    """One table as the migrations leave it."""

    name: str
    columns: list[Column] = field(default_factory=list)
    uniques: list[Unique] = field(default_factory=list)
    checks: list[tuple[str, Any]] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    guarded: bool = False
    """Row security is on: without a policy no row is seen."""

    def column(self, name: str) -> Column:
        """A column by its name."""
        return next(one for one in self.columns if one.name == name)


@dataclass
class Schema:
    """A service's database before anybody has written to it; ``first_rows`` are the migrations' own inserts."""

    service: str
    tables: dict[str, TableSchema]
    first_rows: list[Any]


class _Empty:
    """What a migration finds in a database that nobody has written to: nothing to carry over."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: []

    def execute(self, *_: Any, **__: Any) -> _Empty:
        """Any statement: no rows."""
        return self


def statements_of(service: str) -> str:
    """Everything a service's migrations would tell an empty database, as SQL."""
    script = ScriptDirectory.from_config(migrating.configuration(service))
    said = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    before = Operations.get_bind
    with Operations.context(context):
        Operations.get_bind = lambda _: _Empty()  # type: ignore[method-assign,assignment,return-value]
        try:
            for revision in reversed(list(script.walk_revisions())):
                revision.module.upgrade()
        finally:
            Operations.get_bind = before  # type: ignore[method-assign]
    return said.getvalue()


@cache
def schema_of(service: str) -> Schema:
    """A service's schema, read once a process."""
    schema = Schema(service, {}, [])
    for parsed in parse_sql(statements_of(service)):
        _READS[type(parsed.stmt)](schema, parsed.stmt)
    return schema


def type_of(name: Any) -> str:
    """The last part of a type's name, ``[]`` behind it for a list of it."""
    return str(name.names[-1].sval) + ("[]" if name.arrayBounds else "")


def _create(schema: Schema, made: ast.CreateStmt) -> None:
    table = schema.tables[made.relation.relname] = TableSchema(made.relation.relname)
    for element in made.tableElts or ():
        if isinstance(element, ast.ColumnDef):
            _add_column(table, element)
        else:
            _add_constraint(table, element)


def _add_column(table: TableSchema, made: ast.ColumnDef) -> None:
    kind = type_of(made.typeName)
    scale = made.typeName.typmods[1].val.ival if kind == "numeric" and made.typeName.typmods else None
    column = Column(made.colname, kind, scale)
    table.columns.append(column)
    for rule in made.constraints or ():
        if rule.contype == ConstrType.CONSTR_DEFAULT:
            column.default = rule.raw_expr
        elif rule.contype == ConstrType.CONSTR_IDENTITY:
            column.identity = column.required = True
        elif rule.contype == ConstrType.CONSTR_NOTNULL:
            column.required = True
        else:
            _add_constraint(table, rule, (made.colname,))


def _add_constraint(table: TableSchema, rule: ast.Constraint, own: tuple[str, ...] = ()) -> None:
    keys = tuple(key.sval for key in rule.keys or ()) or own
    if rule.contype == ConstrType.CONSTR_PRIMARY:
        table.uniques.insert(0, Unique(rule.conname or f"{table.name}_pkey", keys))
        for key in keys:
            table.column(key).required = True
    elif rule.contype == ConstrType.CONSTR_UNIQUE:
        table.uniques.append(Unique(rule.conname or f"{table.name}_{'_'.join(keys)}_key", keys))
    elif rule.contype == ConstrType.CONSTR_CHECK:
        table.checks.append((rule.conname or f"{table.name}_{'_'.join(own)}_check", rule.raw_expr))
    elif rule.contype == ConstrType.CONSTR_FOREIGN:
        columns = tuple(key.sval for key in rule.fk_attrs or ()) or own
        table.foreign.append(Foreign(columns, rule.pktable.relname, tuple(key.sval for key in rule.pk_attrs or ())))
    else:
        raise NotImplementedError(f"{table.name}: a constraint of kind {ConstrType(rule.contype).name}")


def _index(schema: Schema, made: ast.IndexStmt) -> None:
    if made.unique:
        elements = tuple(one.name or one.expr for one in made.indexParams)
        schema.tables[made.relation.relname].uniques.append(Unique(made.idxname, elements, made.whereClause))


def _policy(schema: Schema, made: ast.CreatePolicyStmt) -> None:
    if not made.permissive:
        raise NotImplementedError("a restrictive policy")
    for command in COMMANDS.get(made.cmd_name, (made.cmd_name,)):
        check = made.with_check if made.with_check is not None else made.qual
        schema.tables[made.table.relname].policies.append(Policy(made.policy_name, command, made.qual, check))


def _alter_policy(schema: Schema, made: ast.AlterPolicyStmt) -> None:
    table = schema.tables[made.table.relname]
    for place, policy in enumerate(table.policies):
        if policy.name == made.policy_name:
            qual = made.qual if made.qual is not None else policy.using
            # A rule of reading alone has what may be read as its check, as when it was made.
            check = made.with_check if made.with_check is not None else qual if policy.check is policy.using else policy.check
            table.policies[place] = Policy(policy.name, policy.command, qual, check)


def _alter(schema: Schema, made: ast.AlterTableStmt) -> None:
    if made.objtype != ObjectType.OBJECT_TABLE:
        raise NotImplementedError("altering what is no table")
    table = schema.tables[made.relation.relname]
    for one in made.cmds:
        kind = AlterTableType(one.subtype)
        if kind == AlterTableType.AT_AddColumn:
            _add_column(table, one.def_)
        elif kind == AlterTableType.AT_DropColumn:
            table.columns = [column for column in table.columns if column.name != one.name]
        elif kind == AlterTableType.AT_SetNotNull:
            table.column(one.name).required = True
        elif kind == AlterTableType.AT_AddConstraint:
            _add_constraint(table, one.def_)
        elif kind == AlterTableType.AT_DropConstraint:
            table.uniques = [unique for unique in table.uniques if unique.name != one.name]
            table.checks = [check for check in table.checks if check[0] != one.name]
        elif kind == AlterTableType.AT_EnableRowSecurity:
            table.guarded = True
        elif kind not in _NO_MATTER:
            raise NotImplementedError(f"{table.name}: {kind.name}")


_NO_MATTER = (AlterTableType.AT_ForceRowSecurity, AlterTableType.AT_NoForceRowSecurity, AlterTableType.AT_SetRelOptions)
"""The services never run as the owner, so forcing is not theirs to feel; how pages are filled is no rule."""


def _first_row(schema: Schema, made: Any) -> None:
    schema.first_rows.append(made)


def _drop(schema: Schema, made: ast.DropStmt) -> None:
    if made.removeType != ObjectType.OBJECT_INDEX:
        raise NotImplementedError("dropping what is no index")
    gone = {part[-1].sval for part in made.objects}
    for table in schema.tables.values():
        table.uniques = [unique for unique in table.uniques if unique.name not in gone]


def _nothing(schema: Schema, made: Any) -> None:
    """Grants are tested in tests/architecture; the few functions are modelled in ``functions.py``; how a migration is run is no schema."""


_READS = {
    ast.CreateStmt: _create,
    ast.IndexStmt: _index,
    ast.CreatePolicyStmt: _policy,
    ast.AlterPolicyStmt: _alter_policy,
    ast.AlterTableStmt: _alter,
    ast.InsertStmt: _first_row,
    ast.SelectStmt: _nothing,
    ast.DropStmt: _drop,
    ast.GrantStmt: _nothing,
    ast.CreateFunctionStmt: _nothing,
    ast.TransactionStmt: _nothing,
    ast.VariableSetStmt: _nothing,
}
