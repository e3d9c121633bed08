"""Keep what events say, one event or thousands at once, each lesson under the rights of the organisation that may read it.

News about one subject may come late, twice or in any order. Each event fills its own group of columns, and a group is
replaced only by a higher version of the subject; so the rows end the same whatever the order, and however many come together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, Text, bindparam, cast, column, func, literal_column, or_, select
from sqlalchemy import case as when
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert

from monitoring.domain.lessons import Lesson, Subject
from monitoring.store import due, heard
from monitoring.tables import metadata
from shared import clock
from shared.contracts import Envelope
from shared.organisation import Organisation
from shared.tenancy import Transaction

LISTS = frozenset({Subject.COUNCIL, Subject.AGENCY, Subject.LOT, Subject.TIER_LIST, Subject.PLACEMENT_EVENT_COUNT, Subject.STABILITY_COUNT})
"""Subjects whose whole record is replaced by a later one."""
HISTORIES = frozenset({Subject.AWARDED_PRICE, Subject.VACANCY_CHANGE, Subject.PLACES_COUNT, Subject.BED_REQUEST, Subject.AGENCY_RATING})
"""Subjects of which each piece of news adds a row; a row that is there stays."""

News = tuple[Envelope, Sequence[Lesson]]
"""An event as it came, and what it teaches."""

Row = dict[str, Any]
Key = tuple[Any, ...]


async def learn(transaction: Transaction, news: Sequence[News]) -> None:
    """Write every lesson of these events, each as the organisation that may read it.

    By right of what the news is about: a lesson names its reader, and only the functions of ``domain/lessons`` choose readers.
    Readers and rows are written in the order of their names, so that two writers of many never wait for each other in a ring.
    The events go into the log, and the months whose figures they can change are marked to be counted again.
    """
    await heard.keep(transaction, [envelope for envelope, _ in news])
    await write(transaction, news)
    await due.mark_taught(transaction, [lesson for _, lessons in news for lesson in lessons], today=clock.today())


async def write(transaction: Transaction, news: Sequence[News]) -> None:
    """Write lessons alone."""
    every = (lesson for _, lessons in news for lesson in lessons)
    for reader, its_own in sorted(_by_reader(every).items()):
        async with transaction.acting_as(Organisation.parse(reader)):
            for subject, rows in sorted(_rows(its_own).items()):
                groups = tuple(group for group in groups_of(subject) if any(group.version in row for row in rows))
                given = {"reader": reader, "rows": json.dumps(rows, default=_as_json)}
                await transaction.execute(_statement(subject, groups), given)


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that one kind of news fills together."""

    news: str
    version: str
    """The column that keeps the version they were filled from."""
    columns: tuple[str, ...]


@lru_cache
def groups_of(subject: Subject) -> tuple[Group, ...]:
    """The groups of a subject's columns, as its table is written: each begins with its version. A history has none."""
    table = metadata.tables[subject]
    if subject in HISTORIES:
        return ()
    if subject in LISTS:
        facts = (c.name for c in table.columns if not c.primary_key and c.name not in ("organisation", "version"))
        return (Group("", "version", tuple(facts)),)
    found: list[tuple[str, list[str]]] = []
    for each in table.columns:
        if each.name.endswith("_version"):
            found.append((each.name, []))
        elif found:
            found[-1][1].append(each.name)
    return tuple(Group(version.removesuffix("_version"), version, tuple(columns)) for version, columns in found)


def fold(found: dict[Subject, dict[Key, Row]], lesson: Lesson) -> None:
    """Put one lesson into one reader's rows, as writing it would."""
    row = found.setdefault(lesson.subject, {}).setdefault(tuple(lesson.key.values()), {})
    if not row:
        row.update(lesson.key)
        row.update(lesson.about)
        if lesson.subject in HISTORIES:
            row.update(lesson.facts)
    if lesson.subject in HISTORIES:
        return
    version = f"{lesson.news}_version" if lesson.news else "version"
    if row.get(version, 0) < lesson.version:
        row[version] = lesson.version
        row.update(lesson.facts)


def _by_reader(lessons: Iterable[Lesson]) -> dict[str, list[Lesson]]:
    found: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        found.setdefault(lesson.reader, []).append(lesson)
    return found


def _rows(lessons: Sequence[Lesson]) -> dict[Subject, list[Row]]:
    """One reader's lessons as one row a subject, each group as the highest version says: what writing them one by one would leave."""
    found: dict[Subject, dict[Key, Row]] = {}
    for lesson in lessons:
        fold(found, lesson)
    return {subject: [rows[key] for key in sorted(rows, key=str)] for subject, rows in found.items()}


@lru_cache(maxsize=512)
def _statement(subject: Subject, groups: tuple[Group, ...]) -> Insert:
    """Add rows given as JSON; of those that are there, replace each group that comes in a higher version."""
    table = metadata.tables[subject]
    names = _columns(table, subject, groups)
    typed = [column(name, table.c[name].type) for name in names]
    told = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), JSONB))
    given = told.table_valued(*typed).render_derived("given", with_types=True)
    reader = bindparam("reader", type_=Text)
    statement = insert(table).from_select(["organisation", *names], select(reader, *(given.c[name] for name in names)))
    if not groups:
        return statement.on_conflict_do_nothing()
    new = statement.excluded
    newer = {group: new[group.version] > func.coalesce(table.c[group.version], literal_column("0")) for group in groups}
    if len(groups) == 1:
        replaced: Mapping[str, Any] = {name: new[name] for name in (groups[0].version, *groups[0].columns)}
    else:
        replaced = {
            name: when((newer[group], new[name]), else_=table.c[name]) for group in groups for name in (group.version, *group.columns)
        }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=replaced, where=or_(*newer.values()))


def _columns(table: Table, subject: Subject, groups: tuple[Group, ...]) -> list[str]:
    """The columns of a row that brings these groups: its key, whose it is, and theirs."""
    elsewhere = {name for group in groups_of(subject) if group not in groups for name in (group.version, *group.columns)}
    return [c.name for c in table.columns if c.name != "organisation" and c.name not in elsewhere]


def _as_json(value: Any) -> str:
    """Moments, days, money and ids as PostgreSQL reads them."""
    return value.isoformat() if isinstance(value, date) else str(value)
