"""Convening a panel, and how long a council's panels sit unless an officer says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from matching.actions.judging import Judged, judge
from matching.actions.refusing import broken_rules, not_now
from matching.domain import panel_rules as rules
from matching.domain.decision import plain
from matching.domain.panel import Asked, Member, Panel, Proposal, Quorum
from matching.domain.panel_words import Deciding, PanelRole
from matching.domain.referral import ReferralState
from matching.store import panel_settings, panels, referrals
from shared import clock, ids
from shared.contracts.words import Urgency
from shared.refusals import Reason, conflict
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class NewSeat:
    """A seat as an officer names it."""

    role: PanelRole
    office: str
    subject: str
    chair: bool


@dataclass(frozen=True, slots=True)
class Convening:
    """A panel as an officer asks for it; None where the default holds."""

    offers: Sequence[UUID]
    proposal: Proposal | None
    deciding: Deciding
    seats: Sequence[NewSeat]
    quorum_members: int | None
    quorum_roles: frozenset[PanelRole]
    closes_at: datetime | None
    chair_without_quorum: bool | None


async def convene(transaction: Transaction, council: str, referral: UUID, asked: Convening, *, opened_by: str) -> Panel:
    """Put one to three offers on a referral to a panel.

    Refused: another council's referral, one that is not open, one on which a panel still sits; and with every rule that
    ``faults_of_convening`` names. Of a choice and a convening at once exactly one is done.
    """
    found = await judge(transaction, council, referral)
    before = await panels.hold_last(transaction, council, referral)
    now = clock.now()
    if found.known.state is not ReferralState.OPEN:
        message = "A panel is convened on a referral that has been broadcast and is not chosen for, placed or withdrawn."
        raise conflict(message, Reason("referral", "referral_open", message))
    if before is not None and (unfinished := rules.faults_of_unfinished(before, now)):
        raise not_now(unfinished)
    # Before the rules are looked at: offers read beside a choice that commits meanwhile would be told to have ended.
    if not await referrals.bump(transaction, council, referral, found.known.version):
        message = "The referral changed in this very moment. Look at the options again, then convene the panel."
        raise conflict(message, Reason("referral", "referral_as_it_was_read", message))
    new = await _new_panel(transaction, council, found, asked, now, opened_by)
    if faults := rules.faults_of_convening(new, found.options, now):
        raise broken_rules(faults)
    await panels.add(transaction, new)
    return new


async def _new_panel(transaction: Transaction, council: str, found: Judged, asked: Convening, now: datetime, opened_by: str) -> Panel:
    urgency = found.referral.urgency
    offers = {option.offer.offer: option.offer for option in found.options}
    named = [(offer, offers.get(offer)) for offer in asked.offers]
    seats = tuple(Member(ids.new_id(), seat.role, seat.office, seat.subject, seat.chair) for seat in asked.seats)
    wanted = asked.quorum_members
    if wanted is None:
        wanted = max(1, len(asked.quorum_roles)) if asked.quorum_roles else len(seats) // 2 + 1
    return Panel(
        council=council,
        panel=ids.new_id(),
        referral=found.known.referral,
        asked=tuple(Asked(offer, one.provider if one else "", plain(one.terms) if one else {}) for offer, one in named),
        proposal=asked.proposal,
        deciding=asked.deciding,
        quorum=Quorum(wanted, asked.quorum_roles),
        chair_without_quorum=urgency in rules.WITHOUT_QUORUM if asked.chair_without_quorum is None else asked.chair_without_quorum,
        members=seats,
        opened_at=now,
        opened_by=opened_by,
        closes_at=asked.closes_at or now + timedelta(hours=(await hours(transaction, council))[0][urgency]),
    )


async def hours(transaction: Transaction, council: str) -> tuple[Mapping[Urgency, int], int]:
    """How long the council's panels sit by urgency, in hours on the clock; and the version of that setting, 0 while it is the default."""
    kept, version = await panel_settings.hours(transaction, council)
    return rules.DEFAULT_HOURS | kept, version


async def set_hours(
    transaction: Transaction, council: str, wanted: Mapping[Urgency, int], require: Callable[[int], None], *, changed_by: str
) -> tuple[Mapping[Urgency, int], int]:
    """Set how long panels sit; those under way keep the closing time they were given."""
    _, version = await panel_settings.hours(transaction, council)
    require(version)
    if not await panel_settings.put_hours(transaction, council, wanted, version, changed_by=changed_by, now=clock.now()):
        require(version + 1)  # another was quicker: refused as stale
    return await hours(transaction, council)
