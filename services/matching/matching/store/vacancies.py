"""Vacancies as published, and the columns over them that every process keeps for matching.

Facts and free beds have versions of their own: a hold may be heard before the change of terms that preceded it, and each then
keeps its newest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Row, case, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from matching.domain.home import Exemption, Home
from matching.domain.kernel import Columns
from matching.tables import beds_held, live_offers, vacancies
from shared.contracts.providers import VacancyFacts
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex
from shared.one_of import one_of
from shared.tenancy import Transaction

_NOW_CHANGED = text("pg_current_xact_id()::text::bigint")


async def put_facts(transaction: Transaction, facts: VacancyFacts, version: int) -> None:
    """Keep a vacancy as opened or changed. Terms and beds are each replaced only by newer news."""
    values: dict[str, Any] = {
        "household": facts.household,
        "lots": list(facts.lots),
        "district": facts.district,
        "available_from": facts.available_from,
        "from_age": facts.from_age,
        "to_age": facts.to_age,
        "sexes": [str(word) for word in facts.sexes],
        "kinds": [str(word) for word in facts.kinds],
        "siblings_welcome": facts.siblings_welcome,
        "skills": [str(word) for word in facts.skills],
        "risks_to_child": [str(word) for word in facts.risks_to_child],
        "risks_to_others": [str(word) for word in facts.risks_to_others],
        "languages": list(facts.languages),
        "religions": [str(word) for word in facts.religions],
        "children_at_home": facts.children_at_home,
        "prefers_from_age": facts.prefers_from_age,
        "prefers_to_age": facts.prefers_to_age,
        "prefers_sexes": [str(word) for word in facts.prefers_sexes],
        "approved_places": facts.approved_places,
        "fostered_children": facts.fostered_children,
        "fostered_are_siblings": facts.fostered_are_siblings,
        "lives_in": facts.lives_in,
        "exemptions": [exemption.model_dump(mode="json") for exemption in facts.exemptions],
        "is_open": True,
        "facts_version": version,
    }
    new = insert(vacancies).values(
        provider=facts.provider, vacancy=facts.vacancy, free_beds=facts.free_beds, beds_version=version, **values
    )
    newer = new.excluded.beds_version > vacancies.c.beds_version
    await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["provider", "vacancy"],
            set_=values
            | {
                "free_beds": case((newer, new.excluded.free_beds), else_=vacancies.c.free_beds),
                "beds_version": func.greatest(vacancies.c.beds_version, version),
                "changed_in": _NOW_CHANGED,
            },
            where=vacancies.c.facts_version < version,
        )
    )


async def close(transaction: Transaction, provider: str, vacancy: UUID, version: int) -> None:
    """A vacancy is no longer offered, even if its opening has not been heard yet."""
    values = {"is_open": False, "facts_version": version}
    new = insert(vacancies).values(provider=provider, vacancy=vacancy, **values)
    await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["provider", "vacancy"],
            set_=values | {"changed_in": _NOW_CHANGED},
            where=vacancies.c.facts_version < version,
        )
    )


async def set_free_beds(transaction: Transaction, provider: str, vacancy: UUID, free_beds: int, version: int) -> None:
    """Beds were held, filled or freed, even if the vacancy's opening has not been heard yet."""
    values = {"free_beds": free_beds, "beds_version": version}
    new = insert(vacancies).values(provider=provider, vacancy=vacancy, **values)
    await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["provider", "vacancy"],
            set_=values | {"changed_in": _NOW_CHANGED},
            where=vacancies.c.beds_version < version,
        )
    )


async def beds_held_now(transaction: Transaction, provider: str, hold: UUID, household: UUID, beds: int) -> None:
    """Beds of a household are held for a council; one that has been freed, as may be heard first, stays freed."""
    new = insert(beds_held).values(provider=provider, hold=hold, household=household, beds=beds, freed=False)
    await transaction.execute(new.on_conflict_do_nothing())


async def beds_freed(transaction: Transaction, provider: str, hold: UUID, beds: int) -> None:
    """A hold is over, even if its beginning has not been heard yet."""
    new = insert(beds_held).values(provider=provider, hold=hold, beds=beds, freed=True)
    await transaction.execute(
        new.on_conflict_do_update(index_elements=["provider", "hold"], set_={"freed": True, "changed_in": _NOW_CHANGED})
    )


_PLACED = (
    select(func.coalesce(func.sum(beds_held.c.beds), 0))
    .where(beds_held.c.household == vacancies.c.household, ~beds_held.c.freed)  # as the index says it: "IS false" would not find it
    .scalar_subquery()
    .label("placed_here")
)


async def homes(transaction: Transaction, wanted: Iterable[UUID]) -> dict[UUID, Home]:
    """These vacancies as published; those whose facts have not been heard are left out."""
    rows = await transaction.execute(
        select(vacancies, _PLACED).where(one_of(vacancies.c.vacancy, sorted(set(wanted))), vacancies.c.household.is_not(None))
    )
    return {row.vacancy: _home(row) for row in rows}


async def offers_elsewhere(transaction: Transaction, wanted: Iterable[UUID], council: str) -> dict[UUID, int]:
    """For each vacancy, how many live offers name it for other councils' referrals: a count, and nothing of whose."""
    rows = await transaction.execute(
        select(live_offers.c.vacancy, func.count().label("offers"))
        .where(one_of(live_offers.c.vacancy, sorted(set(wanted))), live_offers.c.council != council)
        .group_by(live_offers.c.vacancy)
    )
    return {row.vacancy: row.offers for row in rows}


# A process reads every vacancy of the consortium when it is first asked: looking a word up is five times as fast as calling its enum.
W = TypeVar("W", bound=StrEnum)


def _by_text(of: type[W]) -> dict[str, W]:
    return {str(word): word for word in of}


_SEX, _KIND, _NEED, _RELIGION = _by_text(Sex), _by_text(PlacementKind), _by_text(Need), _by_text(Religion)
_RISK_TO_CHILD, _RISK_TO_OTHERS = _by_text(RiskToChild), _by_text(RiskToOthers)


def _home(row: Row[Any]) -> Home:
    return Home(
        vacancy=row.vacancy,
        household=row.household,
        provider=row.provider,
        lots=frozenset(row.lots),
        district=row.district,
        free_beds=row.free_beds,
        available_from=row.available_from,
        from_age=row.from_age,
        to_age=row.to_age,
        sexes=frozenset(map(_SEX.__getitem__, row.sexes)),
        kinds=frozenset(map(_KIND.__getitem__, row.kinds)),
        siblings_welcome=row.siblings_welcome,
        skills=frozenset(map(_NEED.__getitem__, row.skills)),
        risks_to_child=frozenset(map(_RISK_TO_CHILD.__getitem__, row.risks_to_child)),
        risks_to_others=frozenset(map(_RISK_TO_OTHERS.__getitem__, row.risks_to_others)),
        languages=tuple(row.languages),
        religions=tuple(map(_RELIGION.__getitem__, row.religions)),
        children_at_home=row.children_at_home,
        is_open=row.is_open,
        prefers_from_age=row.prefers_from_age,
        prefers_to_age=row.prefers_to_age,
        prefers_sexes=frozenset(map(_SEX.__getitem__, row.prefers_sexes)),
        approved_places=row.approved_places,
        fostered_children=row.fostered_children,
        fostered_are_siblings=row.fostered_are_siblings,
        lives_in=row.lives_in,
        exemptions=tuple(map(_exemption, row.exemptions)),
        placed_here=row.placed_here,
    )


def _exemption(kept: Mapping[str, Any]) -> Exemption:
    starts_on, ends_on = date.fromisoformat(kept["starts_on"]), kept["ends_on"]
    return Exemption(kept["children"], kept["named"], kept["council"], starts_on, None if ends_on is None else date.fromisoformat(ends_on))


# One statement, one snapshot: what changed since, and up to where that is now known. A row's changed_in is the transaction that
# wrote it; any that was still running at the last look has a number at or above that look's horizon, so none can be missed.
# A hold changes how many children live in a household, whichever of its vacancies it was taken on.
_CHANGES = text("""
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon, changed.*,
       coalesce((SELECT sum(beds) FROM beds_held WHERE beds_held.household = changed.household AND NOT freed), 0)::integer AS placed_here
FROM (SELECT 1) AS always LEFT JOIN (
    SELECT vacancies.* FROM vacancies WHERE changed_in >= :horizon AND household IS NOT NULL
    UNION
    SELECT vacancies.* FROM beds_held JOIN vacancies ON vacancies.household = beds_held.household WHERE beds_held.changed_in >= :horizon
) AS changed ON true
""")


class _Kept:
    """One database's vacancies in this process, and the horizon up to which they are right."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.horizon = 0
        self.looking = asyncio.Lock()

    async def refresh(self, transaction: Transaction) -> Columns:
        # In turn: an older look that is applied after a newer one would bring old beds back.
        async with self.looking:
            rows = (await transaction.execute(_CHANGES, {"horizon": self.horizon})).all()
            self.columns.put([_home(row) for row in rows if row.vacancy is not None])
            self.horizon = rows[0].horizon
        return self.columns


# A cache of rows every organisation may read (the consortium shape), so one copy serves all callers of a process.
_KEPT: WeakKeyDictionary[AsyncEngine, _Kept] = WeakKeyDictionary()


async def columns(transaction: Transaction) -> Columns:
    """Every vacancy as columns, right as of this statement; only what changed since the last call is read."""
    kept = _KEPT.setdefault(transaction.connection.engine, _Kept())
    return await kept.refresh(transaction)
