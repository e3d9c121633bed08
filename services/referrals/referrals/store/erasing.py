"""Erasing what is kept of children: which table falls how, and what is known of a record that an erasure depends on.

``FATES`` names every table of the service, and a test that every table is named: whoever adds one says here what becomes of its rows.
Plain columns about a child are deleted; what is sealed falls with its key; what is counted stays, under the record's number alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, func, literal, null, select, union_all, update

from referrals.domain.erasure import ErasureState, Standing
from referrals.domain.placement import PlacementState
from referrals.domain.referral import OPEN
from referrals.store import keys
from referrals.tables import (
    care_periods,
    children,
    erasures,
    legal_holds,
    metadata,
    outside_placements,
    placement_children,
    placements,
    referral_children,
    referrals,
)
from shared.one_of import one_of
from shared.tenancy import Transaction

_BATCH = 1000


class Fate(Enum):
    """What becomes of a table's rows about an erased child."""

    OF_THE_CHILD = "rows that name the child are deleted"
    OF_A_SUBJECT = "rows of the child, its care periods, placements and referrals are deleted"
    OF_A_REFERRAL = "rows of the child's referrals are deleted"
    OF_A_PLACEMENT = "rows of the child's placements are deleted, once no other child of the placement has a record"
    EMPTIED = "the row stays, to be counted, and all that it said of the child is taken out"
    DESTROYED = "the keys are deleted and so is everything sealed under them"
    COUNTED = "kept: what is counted, under the record's number, with no more about the child than every provider was told"
    PROOF = "kept: who saw what and when, under the record's number; that the record was erased, and by whom"
    NOBODYS = "kept: says nothing about any child"


FATES: Mapping[str, Fate] = {
    "children": Fate.EMPTIED,
    "child_terms": Fate.OF_THE_CHILD,
    "data_keys": Fate.DESTROYED,
    "search_keys": Fate.DESTROYED,
    "care_periods": Fate.OF_THE_CHILD,
    "legal_statuses": Fate.OF_THE_CHILD,
    "reviews": Fate.OF_THE_CHILD,
    "outside_placements": Fate.OF_THE_CHILD,
    "outcomes": Fate.OF_THE_CHILD,
    "postcodes": Fate.OF_A_SUBJECT,
    "distances": Fate.OF_A_REFERRAL,
    "referral_words": Fate.OF_A_REFERRAL,
    "word_clearings": Fate.PROOF,
    "word_readers": Fate.PROOF,
    "tier_lines": Fate.NOBODYS,
    "referrals": Fate.EMPTIED,
    "referral_children": Fate.COUNTED,
    "placements": Fate.COUNTED,
    "placement_children": Fate.COUNTED,
    "in_house_matches": Fate.COUNTED,
    "agreement_versions": Fate.COUNTED,
    "agreement_acts": Fate.COUNTED,
    "agreement_notices": Fate.COUNTED,
    "agreement_reminders": Fate.COUNTED,
    "placement_events": Fate.OF_A_PLACEMENT,
    "placement_looks": Fate.OF_A_PLACEMENT,
    "care_corrections": Fate.OF_THE_CHILD,
    "identity_grants": Fate.PROOF,
    "disclosures": Fate.PROOF,
    "decisions": Fate.PROOF,
    "wishes": Fate.COUNTED,  # their words are sealed under the child's key and fall with it
    "ledger_heads": Fate.PROOF,
    "erasures": Fate.PROOF,
    "legal_holds": Fate.PROOF,
    "small_cell_acknowledgements": Fate.COUNTED,
    "count_uploads": Fate.NOBODYS,
    "council_counts": Fate.NOBODYS,
    "council_settings": Fate.NOBODYS,
    "fostering_services": Fate.NOBODYS,
    "councils": Fate.NOBODYS,
    "agencies": Fate.NOBODYS,
    "lots": Fate.NOBODYS,
    "idempotency_key": Fate.EMPTIED,
    "inbox": Fate.NOBODYS,
    "outbox": Fate.COUNTED,
}

UNDETERMINED = "und"
"""ISO 639: which language a child speaks is not said."""

KEPT_OF_A_REFERRAL = ("lot", "kind", "place", "urgency", "planned", "needed_by", "siblings", "expected_weeks", "re_referral_of")
"""What a referral goes on saying after a child of it was erased; nothing else, whatever its terms come to hold."""


async def standing_of(transaction: Transaction, born: Mapping[UUID, date]) -> dict[UUID, Standing]:
    """What an erasure of each of these children depends on, by what is recorded; ``born`` gives their dates of birth."""
    me, wanted = str(transaction.organisation), list(born)
    open_states = [str(state) for state in OPEN]
    current = placements.c.state.in_([PlacementState.AGREED, PlacementState.STARTED])
    nothing, no, yes = literal(None), literal(False), literal(True)

    def said(child: ColumnElement[Any], day: Any, **flags: ColumnElement[Any]) -> list[Any]:
        names = ("ever", "open", "placed", "in_care", "held")
        return [child.label("child"), day.label("day"), *(flags.get(name, no).label(name) for name in names)]

    day_of = func.date
    rows = union_all(
        select(*said(children.c.id, day_of(children.c.created_at))).where(children.c.organisation == me, one_of(children.c.id, wanted)),
        select(
            *said(
                referral_children.c.child,
                day_of(func.greatest(referrals.c.created_at, referrals.c.withdrawn_at, referrals.c.broadcast_at)),
                open=referrals.c.state.in_(open_states),
            )
        )
        .join(referrals, and_(referrals.c.id == referral_children.c.referral, referrals.c.organisation == me))
        .where(referral_children.c.organisation == me, one_of(referral_children.c.child, wanted)),
        select(
            *said(
                placement_children.c.child,
                func.coalesce(placements.c.ended_on, placements.c.started_on, day_of(placements.c.agreed_at)),
                ever=placements.c.started_on.is_not(None),
                placed=current,
            )
        )
        .join(placements, and_(placements.c.id == placement_children.c.placement, placements.c.council == me))
        .where(placement_children.c.organisation == me, one_of(placement_children.c.child, wanted)),
        select(
            *said(
                care_periods.c.child,
                func.coalesce(care_periods.c.ended_on, care_periods.c.began_on),
                ever=yes,
                in_care=care_periods.c.ended_on.is_(None),
            )
        ).where(care_periods.c.organisation == me, one_of(care_periods.c.child, wanted)),
        select(
            *said(outside_placements.c.child, func.coalesce(outside_placements.c.ended_on, outside_placements.c.began_on), ever=yes)
        ).where(outside_placements.c.organisation == me, one_of(outside_placements.c.child, wanted)),
        select(*said(legal_holds.c.child, func.date(nothing), held=legal_holds.c.lifted_at.is_(None))).where(
            legal_holds.c.organisation == me, one_of(legal_holds.c.child, wanted)
        ),
    ).subquery()
    flags = [func.bool_or(rows.c[name]).label(name) for name in ("ever", "open", "placed", "in_care", "held")]
    found = await transaction.execute(select(rows.c.child, func.max(rows.c.day).label("day"), *flags).group_by(rows.c.child))
    return {row.child: Standing(born[row.child], row.day, row.ever, row.open, row.placed, row.in_care, row.held) for row in found}


async def hold(transaction: Transaction, wanted: Sequence[UUID]) -> list[UUID]:
    """Hold these children's records until the transaction ends: those of them that were not erased yet."""
    rows = await transaction.execute(
        select(children.c.id)
        .where(children.c.organisation == str(transaction.organisation), one_of(children.c.id, wanted), children.c.erased_at.is_(None))
        .order_by(children.c.id)
        .with_for_update()
    )
    return list(rows.scalars())


async def not_erased(transaction: Transaction) -> list[UUID]:
    """Every child of the council whose record was not erased."""
    mine = (children.c.organisation == str(transaction.organisation), children.c.erased_at.is_(None))
    return list((await transaction.execute(select(children.c.id).where(*mine).order_by(children.c.id))).scalars())


async def erased_but_there(transaction: Transaction) -> list[UUID]:
    """Children that were erased and whose record is there again: a backup of before was put back."""
    table = erasures.c
    done = select(table.child).where(table.organisation == str(transaction.organisation), table.state == ErasureState.DONE)
    mine = (children.c.organisation == str(transaction.organisation), children.c.erased_at.is_(None), children.c.id.in_(done))
    return list((await transaction.execute(select(children.c.id).where(*mine).order_by(children.c.id))).scalars())


async def erase(transaction: Transaction, wanted: Sequence[UUID], at: datetime) -> int:
    """Erase all that is kept of these children but what is counted; how many data keys were destroyed.

    A placement's postcode stays while another child of it has a record: it is that child's address too.
    """
    destroyed = 0
    for start in range(0, len(wanted), _BATCH):
        destroyed += await _erase(transaction, wanted[start : start + _BATCH], at)
    return destroyed


async def _erase(transaction: Transaction, wanted: Sequence[UUID], at: datetime) -> int:
    me = str(transaction.organisation)
    # First, so that a placement shared with brothers and sisters knows who of them is left.
    await transaction.execute(
        update(children)
        .where(children.c.organisation == me, one_of(children.c.id, wanted))
        .values(sealed=b"", confirmation_reason=None, erased_at=at, version=children.c.version + 1)
    )
    of_referrals = await _named_in(transaction, select(referral_children.c.referral), referral_children, wanted)
    of_placements = await _placements_of_nobody_else(transaction, wanted)
    subjects = [
        *wanted,
        *await _named_in(transaction, select(care_periods.c.id), care_periods, wanted),
        *await _named_in(transaction, select(outside_placements.c.id), outside_placements, wanted),
        *of_placements,
        *of_referrals,
    ]
    destroyed = 0
    for some in _parts(subjects):
        destroyed += await keys.destroy(transaction, some)
    for name, fate in FATES.items():
        table = metadata.tables[name]
        if fate is Fate.OF_THE_CHILD:
            await _delete(transaction, table, table.c.child, wanted)
        elif fate is Fate.OF_A_SUBJECT:
            await _delete(transaction, table, table.c.subject, subjects)
        elif fate is Fate.OF_A_REFERRAL:
            await _delete(transaction, table, table.c.referral, of_referrals)
        elif fate is Fate.OF_A_PLACEMENT:
            await _delete(transaction, table, table.c.placement, of_placements)
    await _empty_referrals(transaction, of_referrals, set(wanted))
    return destroyed


async def _named_in(transaction: Transaction, query: Any, table: Table, wanted: Collection[UUID]) -> list[UUID]:
    found = await transaction.execute(query.where(table.c.organisation == str(transaction.organisation), one_of(table.c.child, wanted)))
    return sorted(set(found.scalars()))


async def _placements_of_nobody_else(transaction: Transaction, wanted: Collection[UUID]) -> list[UUID]:
    me, named = str(transaction.organisation), placement_children.c
    theirs = select(named.placement).where(named.organisation == me, one_of(named.child, wanted))
    somebody = (
        select(named.placement)
        .join(children, and_(children.c.organisation == me, children.c.id == named.child))
        .where(named.organisation == me, children.c.erased_at.is_(None))
    )
    rows = await transaction.execute(theirs.where(named.placement.not_in(somebody)))
    return sorted(set(rows.scalars()))


async def _delete(transaction: Transaction, table: Table, column: ColumnElement[Any], ids: Sequence[UUID]) -> None:
    whose = table.c.organisation if "organisation" in table.c else table.c.council
    for some in _parts(ids):
        await transaction.execute(delete(table).where(whose == str(transaction.organisation), one_of(column, some)))


async def _empty_referrals(transaction: Transaction, ids: Sequence[UUID], gone: Collection[UUID]) -> None:
    table = referrals.c
    mine = table.organisation == str(transaction.organisation)
    for some in _parts(ids):
        rows = (await transaction.execute(select(table.id, table.terms).where(mine, one_of(table.id, some)))).all()
        emptied = [{"referral": row.id, "emptied": _emptied(row.terms, gone)} for row in rows]
        if emptied:
            to_change = update(referrals).where(mine, table.id == bindparam("referral"))
            await transaction.execute(to_change.values(terms=bindparam("emptied", type_=table.terms.type), view=null()), emptied)


def _emptied(terms: Mapping[str, Any], gone: Collection[UUID]) -> dict[str, Any]:
    """A closed referral's terms without what they said of the children that are gone; the others' own needs stay."""
    kept = {name: terms[name] for name in KEPT_OF_A_REFERRAL if name in terms}
    whose = terms["children"]
    nothing_said = {"languages": [UNDETERMINED]}
    return {**kept, "children": [{"child": each["child"], **nothing_said} if UUID(each["child"]) in gone else each for each in whose]}


async def open_referrals(transaction: Transaction) -> int:
    """How many of the council's referrals are open."""
    query = select(func.count()).where(referrals.c.organisation == str(transaction.organisation), referrals.c.state.in_(list(OPEN)))
    return int(await transaction.scalar(query))


async def holds_in_force(transaction: Transaction) -> int:
    """How many of the council's records are under a legal hold."""
    query = select(func.count()).where(legal_holds.c.organisation == str(transaction.organisation), legal_holds.c.lifted_at.is_(None))
    return int(await transaction.scalar(query))


async def forget_replies(transaction: Transaction, wanted: Sequence[UUID] | None) -> None:
    """Forget the replies kept for a key that name these children; None: every one of the council's.

    They hold no identity, but beside each lies a hash of what was sent, by which a guess of it could be tested.
    """
    if wanted is None:
        await transaction.driver.execute("DELETE FROM idempotency_key WHERE organisation = $1", str(transaction.organisation))
        return
    forget = """DELETE FROM idempotency_key WHERE organisation = $1 AND EXISTS (
        SELECT FROM unnest($2::text[]) AS named
        WHERE position(convert_to(named, 'UTF8') IN body) > 0 OR headers::text LIKE '%' || named || '%')"""
    await transaction.driver.execute(forget, str(transaction.organisation), [str(child) for child in wanted])


def _parts(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
