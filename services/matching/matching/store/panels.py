"""A council's panels: read whole, held while something is added, and only ever added to.

Whoever votes, decides, gives more time or dissolves holds the panel's row first, so of two at once the second sees what the first did.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert

from matching.domain.ends import FINAL_REFERRALS
from matching.domain.funding_split import Funder, Split
from matching.domain.panel import Asked, Extension, How, Member, Outcome, Panel, Proposal, Quorum, Vote
from matching.domain.panel_words import Deciding, ExtensionReason, PanelRole, VoteKind, VoteReason
from matching.tables import panel_extensions, panel_members, panel_outcomes, panel_votes, panels, referrals
from shared.one_of import one_of
from shared.tenancy import Transaction


def _kept_split(split: Split | None) -> dict[str, str] | None:
    return None if split is None else {str(funder): str(per_cent) for funder, per_cent in split.shares}


def _split(kept: Mapping[str, str] | None) -> Split | None:
    return None if kept is None else Split.of({Funder(funder): Decimal(per_cent) for funder, per_cent in kept.items()})


def _proposal(kept: Mapping[str, Any] | None) -> Proposal | None:
    if kept is None:
        return None
    split = _split(kept["split"])
    assert split is not None
    return Proposal(UUID(kept["offer"]), split)


async def add(transaction: Transaction, panel: Panel) -> None:
    """Keep a new panel and its seats."""
    proposal = panel.proposal and {"offer": str(panel.proposal.offer), "split": _kept_split(panel.proposal.split)}
    await transaction.execute(
        insert(panels).values(
            council=panel.council,
            panel=panel.panel,
            referral=panel.referral,
            asked=[{"offer": str(one.offer), "provider": one.provider, "terms": dict(one.terms)} for one in panel.asked],
            proposal=proposal,
            deciding=panel.deciding,
            quorum_members=panel.quorum.members,
            quorum_roles=sorted(panel.quorum.roles),
            chair_without_quorum=panel.chair_without_quorum,
            opened_at=panel.opened_at,
            opened_by=panel.opened_by,
            closes_at=panel.closes_at,
            version=panel.version,
        )
    )
    seats = [
        {
            "council": panel.council,
            "panel": panel.panel,
            "member": member.member,
            "role": member.role,
            "office": member.office,
            "subject": member.subject,
            "chair": member.chair,
        }
        for member in panel.members
    ]
    await transaction.execute(insert(panel_members), seats)


async def hold(transaction: Transaction, council: str, panel: UUID) -> Panel | None:
    """The panel, held until this transaction ends: who comes second waits, and then reads what the first wrote."""
    mine = select(panels.c.panel).where(panels.c.council == council, panels.c.panel == panel)
    if await transaction.scalar(mine.with_for_update()) is None:
        return None
    return await one(transaction, council, panel)


async def one(transaction: Transaction, council: str, panel: UUID) -> Panel | None:
    """One of a council's panels."""
    found = await _whole(transaction, council, select(panels).where(panels.c.council == council, panels.c.panel == panel))
    return found[0] if found else None


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> list[Panel]:
    """Every panel on a council's referral, the last first."""
    query = select(panels).where(panels.c.council == council, panels.c.referral == referral)
    return await _whole(transaction, council, query.order_by(panels.c.opened_at.desc(), panels.c.panel.desc()))


async def hold_last(transaction: Transaction, council: str, referral: UUID) -> Panel | None:
    """The last panel on a council's referral, held as in :func:`hold`; None when there was none."""
    query = select(panels.c.panel).where(panels.c.council == council, panels.c.referral == referral)
    last = await transaction.scalar(query.order_by(panels.c.opened_at.desc(), panels.c.panel.desc()).limit(1))
    return None if last is None else await hold(transaction, council, last)


async def undecided_of(transaction: Transaction, council: str, subject: str, limit: int) -> list[Panel]:
    """The panels this person sits on whose outcome is not written down, the first to close first."""
    seat = exists().where(
        panel_members.c.council == panels.c.council, panel_members.c.panel == panels.c.panel, panel_members.c.subject == subject
    )
    query = select(panels).where(panels.c.council == council, _undecided(), seat)
    return await _whole(transaction, council, query.order_by(panels.c.closes_at, panels.c.panel).limit(limit))


async def undecided(transaction: Transaction, council: str) -> list[Panel]:
    """Every panel of a council whose outcome is not written down."""
    return await _whole(transaction, council, select(panels).where(panels.c.council == council, _undecided()).order_by(panels.c.panel))


def _undecided() -> Any:
    settled = exists().where(panel_outcomes.c.council == panels.c.council, panel_outcomes.c.panel == panels.c.panel)
    over = exists().where(
        referrals.c.council == panels.c.council, referrals.c.referral == panels.c.referral, referrals.c.state.in_(FINAL_REFERRALS)
    )
    return ~settled & ~over


# The guard is in the statement itself, so nothing that the caller read beforehand can let a late vote in.
_VOTE = text("""
INSERT INTO panel_votes (council, panel, member, version, kind, offer, split, reason, words, voted_at)
SELECT council, panel, CAST(:member AS uuid), CAST(:version AS integer), CAST(:kind AS text), CAST(:offer AS uuid),
    CAST(CAST(:split AS text) AS jsonb), CAST(:reason AS text), CAST(:words AS text), CAST(:voted_at AS timestamptz)
FROM panels
WHERE council = :council AND panel = :panel AND closes_at > CAST(:voted_at AS timestamptz) AND all_voted_at IS NULL
    AND NOT EXISTS (SELECT FROM panel_outcomes WHERE panel_outcomes.council = panels.council AND panel_outcomes.panel = panels.panel)
ON CONFLICT DO NOTHING RETURNING version
""")


async def add_vote(transaction: Transaction, council: str, panel: UUID, vote: Vote) -> bool:
    """Write a vote beside those before it, if the panel is open at that moment; False when it has closed or the version is taken."""
    split = _kept_split(vote.split)
    values = {
        "council": council,
        "panel": panel,
        "member": vote.member,
        "version": vote.version,
        "kind": vote.kind,
        "offer": vote.offer,
        "split": None if split is None else json.dumps(split),
        "reason": vote.reason,
        "words": vote.words,
        "voted_at": vote.voted_at,
    }
    return (await transaction.execute(_VOTE, values)).first() is not None


async def close_all_voted(transaction: Transaction, council: str, panel: UUID, at: datetime) -> None:
    """All have voted: the panel is closed from this moment."""
    mine = (panels.c.council == council, panels.c.panel == panel, panels.c.all_voted_at.is_(None))
    await transaction.execute(update(panels).where(*mine).values(all_voted_at=at))


async def extend(transaction: Transaction, council: str, panel: UUID, extension: Extension) -> None:
    """Give the panel more time; both the old closing and the new stay on record."""
    await transaction.execute(
        insert(panel_extensions).values(
            council=council,
            panel=panel,
            number=extension.number,
            from_at=extension.from_at,
            to_at=extension.to_at,
            reason=extension.reason,
            extended_by=extension.extended_by,
            extended_at=extension.extended_at,
        )
    )
    mine = (panels.c.council == council, panels.c.panel == panel)
    await transaction.execute(update(panels).where(*mine).values(closes_at=extension.to_at, version=panels.c.version + 1))


async def settle(transaction: Transaction, council: str, panel: UUID, outcome: Outcome) -> bool:
    """Write down what the panel decided; the first word stands. False when it was written down before."""
    new = insert(panel_outcomes).values(
        council=council,
        panel=panel,
        how=outcome.how,
        offer=outcome.offer,
        split=_kept_split(outcome.split),
        reason=outcome.reason,
        words=outcome.words,
        decided_by=outcome.decided_by,
        decided_at=outcome.decided_at,
    )
    return (await transaction.execute(new.on_conflict_do_nothing().returning(panel_outcomes.c.panel))).first() is not None


async def _whole(transaction: Transaction, council: str, query: Select[Any]) -> list[Panel]:
    rows = list(await transaction.execute(query))
    wanted = [row.panel for row in rows]
    members = await _by_panel(transaction, panel_members, council, wanted, panel_members.c.member)
    votes = await _by_panel(transaction, panel_votes, council, wanted, panel_votes.c.version)
    extensions = await _by_panel(transaction, panel_extensions, council, wanted, panel_extensions.c.number)
    over = await _referrals_over(transaction, council, {row.referral for row in rows})
    outcomes = await _by_panel(transaction, panel_outcomes, council, wanted, panel_outcomes.c.panel)
    made = (_panel(row, members[row.panel], votes[row.panel], extensions[row.panel], outcomes[row.panel]) for row in rows)
    return [replace(panel, referral_over=panel.referral in over) for panel in made]


async def _referrals_over(transaction: Transaction, council: str, wanted: set[UUID]) -> set[UUID]:
    if not wanted:
        return set()
    mine = (referrals.c.council == council, one_of(referrals.c.referral, wanted), referrals.c.state.in_(FINAL_REFERRALS))
    return {row.referral for row in await transaction.execute(select(referrals.c.referral).where(*mine))}


async def _by_panel(
    transaction: Transaction, table: Table, council: str, wanted: Sequence[UUID], order: Any
) -> defaultdict[UUID, list[Row[Any]]]:
    found: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    if wanted:
        query = select(table).where(table.c.council == council, one_of(table.c.panel, wanted)).order_by(order)
        for row in await transaction.execute(query):
            found[row.panel].append(row)
    return found


def _panel(row: Row[Any], members: list[Row[Any]], votes: list[Row[Any]], extensions: list[Row[Any]], outcomes: list[Row[Any]]) -> Panel:
    last = {vote.member: vote for vote in votes}  # by version, so the last said stands
    return Panel(
        council=row.council,
        panel=row.panel,
        referral=row.referral,
        asked=tuple(Asked(UUID(one["offer"]), one["provider"], one["terms"]) for one in row.asked),
        proposal=_proposal(row.proposal),
        deciding=Deciding(row.deciding),
        quorum=Quorum(row.quorum_members, frozenset(PanelRole(role) for role in row.quorum_roles)),
        chair_without_quorum=row.chair_without_quorum,
        members=tuple(Member(one.member, PanelRole(one.role), one.office, one.subject, one.chair) for one in members),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        closes_at=row.closes_at,
        all_voted_at=row.all_voted_at,
        votes=tuple(
            Vote(v.member, VoteKind(v.kind), v.offer, _split(v.split), VoteReason(v.reason), v.words, v.voted_at, v.version)
            for v in last.values()
        ),
        extensions=tuple(
            Extension(one.number, one.from_at, one.to_at, ExtensionReason(one.reason), one.extended_by, one.extended_at)
            for one in extensions
        ),
        recorded=_outcome(outcomes[0]) if outcomes else None,
        version=row.version,
    )


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(How(row.how), row.offer, _split(row.split), row.decided_at, row.decided_by, row.reason, row.words)
