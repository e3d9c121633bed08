"""Referrals: drafted, sent, amended, withdrawn. Only the council's own, by row security."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.identity import Identity
from referrals.domain.reasons import InHouseReason, WithdrawalReason
from referrals.domain.referral import Lot, Referral, State, Terms
from referrals.store import vault
from referrals.store.vault import Keyring, Sealed, Wrapped
from referrals.tables import referral_children, referrals
from shared.contracts.referrals import ReferralView
from shared.contracts.words import PlacementKind
from shared.cursors import Wanted, after_moment
from shared.tenancy import Transaction

_terms = TypeAdapter(Terms)

# Beginning a referral is the busiest write, so its two statements go straight to the driver, which keeps them prepared on each
# connection: all that a new referral is checked against comes back in one row, and referral and children go in together.

# Without the test for NULL, PostgreSQL looks for "no earlier referral" too, and on a table it has no statistics of yet by
# reading every referral of the council.
_BACKGROUND = """
SELECT l.lot, l.kinds, l.ends_on, l.age_bands,
       $4::uuid IS NOT NULL AND EXISTS (SELECT FROM referrals WHERE organisation = $1 AND id = $4) AS earlier_known, c.*
FROM (SELECT array_agg(id) AS ids, array_agg(key_id) AS key_ids, array_agg(wrapped_key) AS wrapped, array_agg(sealed) AS sealed,
             bool_or(erased_at IS NOT NULL) AS erased
      FROM children LEFT JOIN data_keys k ON k.organisation = $1 AND k.subject = id
      WHERE children.organisation = $1 AND id = ANY($3::uuid[])) c
LEFT JOIN lots l ON l.lot = $2
"""

_ADD = """
WITH added AS (
    INSERT INTO referrals (organisation, id, reference, version, state, lot, terms, re_referral_of, created_at, created_by)
    VALUES ($1, $2, $3, 1, 'draft', $4, $5, $6, $7, $8)
    ON CONFLICT (organisation, reference) DO NOTHING RETURNING id
), named AS (
    INSERT INTO referral_children (organisation, referral, child, number, open_demand)
    SELECT $1, added.id, child, number, $10 FROM added, unnest($9::uuid[]) WITH ORDINALITY AS given (child, number)
    ON CONFLICT DO NOTHING RETURNING child
)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM named) AS named
"""


@dataclass(frozen=True, repr=False)
class Background:
    """What a referral's terms are checked against: the lot if it was heard of, the council's own records among the children
    named (opened), and whether the referral named as the first is the council's."""

    lot: Lot | None
    identities: Mapping[UUID, Identity]
    earlier_known: bool


async def background(transaction: Transaction, ring: Keyring, terms: Terms) -> Background:
    """One round trip for all that a referral is checked against."""
    council = transaction.organisation
    named = [needs.child for needs in terms.children]
    row = await transaction.driver.fetchrow(_BACKGROUND, str(council), terms.lot, named, terms.re_referral_of)
    if row["erased"]:
        raise vault.destroyed("The record of a child of this referral")
    if any(wrapped is None for wrapped in row["wrapped"] or ()):
        raise vault.key_not_here()
    records = zip(row["ids"] or (), row["key_ids"] or (), row["wrapped"] or (), row["sealed"] or (), strict=True)
    return Background(
        lot=_lot(row) if row["lot"] else None,
        identities={
            child: vault.unseal(ring, council, child, Sealed(Wrapped(key_id, wrapped), sealed))
            for child, key_id, wrapped, sealed in records
        },
        earlier_known=row["earlier_known"],
    )


def _lot(row: Any) -> Lot:
    bands = tuple((band[0], band[1]) for band in row["age_bands"])
    return Lot(row["lot"], frozenset(PlacementKind(kind) for kind in row["kinds"]), row["ends_on"], bands)


@dataclass(frozen=True)
class Added:
    """What became of a new referral: kept whole only if the reference was free and every child could be named."""

    reference_free: bool
    every_child_free: bool


async def add(transaction: Transaction, referral: Referral) -> Added:
    """Keep a new draft. Where a child already has an open demand, the caller refuses and nothing stays.

    A re-referral says that it is the same demand, so it counts as none of its own and is never in another's way.
    """
    terms = referral.terms
    row = await transaction.driver.fetchrow(
        _ADD,
        str(transaction.organisation),
        referral.id,
        referral.reference,
        terms.lot,
        _terms.dump_json(terms).decode(),
        terms.re_referral_of,
        referral.created_at,
        referral.created_by,
        [needs.child for needs in terms.children],
        terms.re_referral_of is None,
    )
    return Added(row["added"] == 1, row["named"] == len(terms.children))


async def open_demands(transaction: Transaction, terms: Terms) -> list[UUID]:
    """The open referrals that already ask a home for one of these children."""
    table = referral_children.c
    rows = await transaction.execute(
        select(table.referral)
        .distinct()
        .where(
            table.organisation == str(transaction.organisation),
            table.child.in_([needs.child for needs in terms.children]),
            table.open_demand,
        )
        .order_by(table.referral)
    )
    return list(rows.scalars())


async def rename_children(transaction: Transaction, referral: Referral) -> bool:
    """After an amendment named other children; False when one of them already has an open demand elsewhere."""
    mine = (referral_children.c.organisation == str(transaction.organisation), referral_children.c.referral == referral.id)
    await transaction.execute(delete(referral_children).where(*mine))
    rows = [
        {
            "organisation": str(transaction.organisation),
            "referral": referral.id,
            "child": needs.child,
            "number": number,
            "open_demand": referral.terms.re_referral_of is None,
        }
        for number, needs in enumerate(referral.terms.children, start=1)
    ]
    kept = await transaction.execute(upsert(referral_children).values(rows).on_conflict_do_nothing())
    return kept.rowcount == len(rows)


async def close_demand(transaction: Transaction, referral: UUID) -> None:
    """The children are placed, or the referral withdrawn: a new referral for them is a new demand."""
    table = referral_children.c
    mine = (table.organisation == str(transaction.organisation), table.referral == referral)
    await transaction.execute(update(referral_children).where(*mine).values(open_demand=False))


async def get(transaction: Transaction, referral: UUID, *, to_change: bool = False) -> Referral | None:
    """One referral of the council; ``to_change`` holds the row until the transaction ends."""
    table = referrals.c
    query = select(referrals).where(table.organisation == str(transaction.organisation), table.id == referral)
    row = (await transaction.execute(query.with_for_update() if to_change else query)).one_or_none()
    return _referral(row) if row else None


async def sent_view(transaction: Transaction, referral: UUID) -> ReferralView | None:
    """What providers (or the in-house service) were last shown; None before anything was sent."""
    table = referrals.c
    query = select(table.view).where(table.organisation == str(transaction.organisation), table.id == referral)
    view = await transaction.scalar(query)
    return ReferralView.model_validate(view) if view else None


async def save(transaction: Transaction, referral: Referral, *, view: ReferralView | None = None) -> None:
    """Keep a referral's next version; the row was read with ``to_change``. ``view`` is what was sent with it, where something was."""
    table = referrals.c
    values: dict[str, Any] = {
        "version": referral.version,
        "state": referral.state,
        "lot": referral.terms.lot,
        "terms": _terms.dump_python(referral.terms, mode="json"),
        "re_referral_of": referral.terms.re_referral_of,
        "sent_in_house_at": referral.sent_in_house_at,
        "broadcast_at": referral.broadcast_at,
        "closes_at": referral.closes_at,
        "in_house_reason": referral.in_house_reason,
        "withdrawn_at": referral.withdrawn_at,
        "withdrawal_reason": referral.withdrawal_reason,
    }
    if view is not None:
        values["view"] = view.model_dump(mode="json")
    changed = await transaction.execute(
        update(referrals)
        .where(
            table.organisation == str(transaction.organisation),
            table.id == referral.id,
            table.version == referral.version - 1,
        )
        .values(values)
    )
    assert changed.rowcount == 1, "the row was held and its version read under that hold"


async def newest(transaction: Transaction, wanted: Wanted, state: State | None) -> Sequence[Referral]:
    """The council's referrals, newest first, one row more than the page; of one state if asked."""
    table = referrals.c
    query = select(referrals).where(table.organisation == str(transaction.organisation))
    if state:
        query = query.where(table.state == state)
    if after := after_moment(wanted):
        query = query.where(tuple_(table.created_at, table.id) < after)
    rows = await transaction.execute(query.order_by(table.created_at.desc(), table.id.desc()).limit(wanted.limit + 1))
    return [_referral(row) for row in rows]


def _referral(row: Any) -> Referral:
    return Referral(
        id=row.id,
        council=row.organisation.partition(":")[2],
        reference=row.reference,
        version=row.version,
        state=State(row.state),
        terms=_terms.validate_python(row.terms),
        created_at=row.created_at,
        created_by=row.created_by,
        sent_in_house_at=row.sent_in_house_at,
        broadcast_at=row.broadcast_at,
        closes_at=row.closes_at,
        in_house_reason=InHouseReason(row.in_house_reason) if row.in_house_reason else None,
        withdrawn_at=row.withdrawn_at,
        withdrawal_reason=WithdrawalReason(row.withdrawal_reason) if row.withdrawal_reason else None,
    )
