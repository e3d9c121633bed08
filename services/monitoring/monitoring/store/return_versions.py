"""Drafts of returns, the agency's alone, and accepted versions: once for the agency, the consortium and each council its own part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring.domain.forms.catalogue import form_of
from monitoring.domain.forms.form import Form
from monitoring.domain.returns.lines import Line, LineReason, Value, cell_named, value_of, written
from monitoring.domain.returns.states import CorrectionReason, Draft, Head, Kept, Key, Version
from monitoring.tables import return_drafts, return_versions
from shared.organisation import Organisation
from shared.tenancy import Transaction

VERSIONS = return_versions.c
LATEST = (VERSIONS.form, VERSIONS.begins, VERSIONS.agency)


async def draft(transaction: Transaction, key: Key) -> Draft | None:
    """What the agency has typed so far."""
    row = (await transaction.execute(select(return_drafts).where(*_is(return_drafts, key)))).one_or_none()
    if row is None:
        return None
    return Draft(tuple(_line(each) for each in row.lines), CorrectionReason(row.reason) if row.reason else None, row.words)


async def put_draft(transaction: Transaction, key: Key, found: Draft) -> None:
    """Keep what the agency typed in place of what it typed before."""
    values = {"lines": [_typed(line) for line in found.lines], "reason": found.reason, "words": found.words}
    given = postgresql.insert(return_drafts).values(organisation=str(transaction.organisation), **_key(key), **values)
    await transaction.execute(given.on_conflict_do_update(index_elements=["organisation", "form", "begins", "agency"], set_=values))


async def drop_draft(transaction: Transaction, key: Key) -> None:
    """Once accepted, the draft is the version."""
    await transaction.execute(delete(return_drafts).where(*_is(return_drafts, key)))


async def add(transaction: Transaction, copies: Mapping[Organisation, Sequence[Version]]) -> None:
    """Write accepted versions, to each reader its own copies.

    By right of the framework: the agency returns once for all councils, so each council may read its own part, and the consortium all.
    """
    for reader, versions in copies.items():
        if not versions:
            continue
        async with transaction.acting_as(reader):
            await transaction.execute(insert(return_versions), [_row(reader, version) for version in versions])


async def versions(transaction: Transaction, key: Key) -> list[Version]:
    """Every accepted version of one return that the reader may see, the newest first."""
    found = await transaction.execute(select(return_versions).where(*_is(return_versions, key)).order_by(VERSIONS.version.desc()))
    return [_version(row) for row in found]


async def latest(transaction: Transaction, key: Key) -> Version | None:
    """The version in force of one return."""
    query = select(return_versions).where(*_is(return_versions, key)).order_by(VERSIONS.version.desc()).limit(1)
    row = (await transaction.execute(query)).one_or_none()
    return _version(row) if row else None


async def beginning(transaction: Transaction, first: date, last: date) -> list[Version]:
    """The version in force of every return the reader may see whose period begins between two days."""
    return await _in_force(transaction, VERSIONS.begins.between(first, last))


async def ending(transaction: Transaction, first: date, last: date) -> list[Version]:
    """The version in force of every return the reader may see whose period ended between two days."""
    return await _in_force(transaction, VERSIONS.ends.between(first, last))


async def _in_force(transaction: Transaction, wanted: ColumnElement[bool]) -> list[Version]:
    query = select(return_versions).where(wanted).ext(distinct_on(*LATEST)).order_by(*LATEST, VERSIONS.version.desc())
    return [_version(row) for row in await transaction.execute(query)]


async def heads(transaction: Transaction, *, form: str | None = None, begins: date | None = None, agency: str | None = None) -> list[Head]:
    """Where each return stands of which the reader has a version, without reading its lines: all that a council knows of returns."""
    wanted = [column == value for column, value in zip(LATEST, (form, begins, agency), strict=True) if value is not None]
    columns = [column for column in VERSIONS if column.name not in ("organisation", "reason", "words", "lines")]
    query = select(*columns).where(*wanted).ext(distinct_on(*LATEST)).order_by(*LATEST, VERSIONS.version.desc())
    return [
        Head(
            Key(row.form, row.begins, row.agency),
            row.form_version,
            row.ends,
            row.due_on,
            version=row.version,
            accepted=row.version,
            received_on=row.received_on,
            accepted_at=row.accepted_at,
            brought_in=row.brought_in,
        )
        for row in await transaction.execute(query)
    ]


def _is(table: Table, key: Key) -> tuple[ColumnElement[bool], ...]:
    return (table.c.form == key.form, table.c.begins == key.begins, table.c.agency == key.agency)


def _key(key: Key) -> dict[str, Any]:
    return {"form": key.form, "begins": key.begins, "agency": key.agency}


def _row(reader: Organisation, found: Version) -> dict[str, Any]:
    return {
        "organisation": str(reader),
        **_key(found.key),
        "version": found.version,
        "form_version": found.form_version,
        "ends": found.ends,
        "due_on": found.due_on,
        "received_on": found.received_on,
        "accepted_at": found.accepted_at,
        "reason": found.reason,
        "words": found.words,
        "brought_in": found.brought_in,
        "lines": [_typed(kept.line) | ({"held": written(kept.held)} if kept.held is not None else {}) for kept in found.lines],
    }


def _typed(line: Line) -> dict[str, str]:
    said = {"name": line.cell.name, "value": line.typed}
    if line.reason is not None:
        said["reason"] = line.reason
    return said | ({"words": line.words} if line.words else {})


def _line(said: Mapping[str, str]) -> Line:
    reason = LineReason(said["reason"]) if "reason" in said else None
    return Line(cell_named(said["name"]), said["value"], reason, said.get("words", ""))


def _version(row: Row[Any]) -> Version:
    form = form_of(row.form, row.form_version)
    assert form is not None, "a form that returns were accepted in stays in the code"
    return Version(
        key=Key(row.form, row.begins, row.agency),
        version=row.version,
        form_version=row.form_version,
        ends=row.ends,
        due_on=row.due_on,
        received_on=row.received_on,
        accepted_at=row.accepted_at,
        lines=tuple(_kept(form, said) for said in row.lines),
        reason=CorrectionReason(row.reason) if row.reason else None,
        words=row.words,
        brought_in=row.brought_in,
    )


def _kept(form: Form, said: Mapping[str, str]) -> Kept:
    line = _line(said)
    return Kept(line, _value(form, line), Decimal(said["held"]) if "held" in said else None)


def _value(form: Form, line: Line) -> Value:
    asked = form.field_named(line.cell.field)
    value = value_of(asked, line.typed) if asked is not None else None
    assert value is not None, "an accepted line was read before it was kept"
    return value
