"""What people ask of a panel: vote, decide as its chair, give it more time, dissolve it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from matching.actions.judging import Judged, judge, own_referral
from matching.actions.refusing import broken_rules, not_now
from matching.domain import panel_rules as rules
from matching.domain.faults import Fault
from matching.domain.funding_split import Split
from matching.domain.offer import STANDING
from matching.domain.panel import Extension, How, Member, Outcome, Panel, PanelState, Standing, Vote, standing
from matching.domain.panel_reminders import Reminder
from matching.domain.panel_words import ChairReason, Departure, DissolutionReason, ExtensionReason, VoteKind, VoteReason
from matching.domain.ranking import Option
from matching.store import panel_reminders, panels
from shared import clock
from shared.refusals import Reason, conflict, not_allowed, not_found
from shared.tenancy import Transaction
from shared.uk_time import in_uk_words
from shared.versions import Expected


@dataclass(frozen=True, slots=True)
class Seen:
    """A panel as it stands at a moment, with the options it is asked about and who was reminded."""

    panel: Panel
    standing: Standing
    now: datetime
    judged: Judged
    reminded: Sequence[tuple[UUID, Reminder, datetime]]


async def see(transaction: Transaction, council: str, panel: UUID, subject: str, *, any_panel: bool) -> Seen:
    """One panel, for its members; for whoever may see the council's referrals (``any_panel``), any of them."""
    found = await panels.one(transaction, council, panel)
    if found is None or not (any_panel or found.member_of(subject)):
        raise not_found("panel")
    return await _seen(transaction, found)


async def _seen(transaction: Transaction, found: Panel) -> Seen:
    now = clock.now()
    judged = await judge(transaction, found.council, found.referral)
    return Seen(found, standing(found, now), now, judged, await panel_reminders.reminded(transaction, found.council, found.panel))


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> list[Seen]:
    """Every panel on a council's referral, the last first."""
    await own_referral(transaction, council, referral)
    return [await _seen(transaction, one) for one in await panels.of_referral(transaction, council, referral)]


async def mine(transaction: Transaction, council: str, subject: str, limit: int) -> list[tuple[Panel, Standing]]:
    """The panels this person sits on that are not decided yet, the first to close first."""
    now = clock.now()
    found = [(one, standing(one, now)) for one in await panels.undecided_of(transaction, council, subject, limit)]
    return [(one, stands) for one, stands in found if stands.state in (PanelState.OPEN, PanelState.WITH_CHAIR)]


async def vote(
    transaction: Transaction,
    council: str,
    panel: UUID,
    subject: str,
    said: tuple[VoteKind, UUID | None, Split | None, VoteReason, str],
    expected: Expected,
) -> Seen:
    """Vote, or say otherwise than before, until the panel closes. A change names the version of one's vote it replaces.

    Refused: who has no seat (404); after closing (409), by the moment at which the panel is held; and what ``faults_of_vote`` names.
    """
    kind, offer, split, reason, words = said
    found, member = await _held_by_member(transaction, council, panel, subject)
    now = clock.now()
    if standing(found, now).state is not PanelState.OPEN:
        raise _closed(found)
    before = found.vote_of(member.member)
    if before is not None:
        expected.require(before.version)
    judged = await judge(transaction, council, found.referral)
    if faults := rules.faults_of_vote(found, kind, offer, split, words, _standing_offers(judged)):
        raise broken_rules(faults)
    said_now = Vote(member.member, kind, offer, split, reason, words, now, 1 if before is None else before.version + 1)
    if not await panels.add_vote(transaction, council, panel, said_now):
        raise _closed(found)
    votes = (*(one for one in found.votes if one.member != member.member), said_now)
    after = replace(found, votes=votes)
    if not after.waiting_for:
        await panels.close_all_voted(transaction, council, panel, now)
        after = replace(after, all_voted_at=now)
    await _write_down(transaction, after, now)
    return await _seen(transaction, after)


async def decide(
    transaction: Transaction,
    council: str,
    panel: UUID,
    subject: str,
    decision: tuple[UUID | None, Split | None, ChairReason, str],
) -> Seen:
    """The chair decides what the members did not agree on, with a reason. Refused: anybody else; before closing; once decided."""
    offer, split, reason, words = decision
    found, _ = await _held_by_chair(transaction, council, panel, subject)
    now = clock.now()
    _must_be_with_chair(found, now)
    judged = await judge(transaction, council, found.referral)
    if faults := rules.faults_of_chairs_decision(found, offer, split, words, now, _standing_offers(judged)):
        raise broken_rules(faults)
    outcome = Outcome(How.CHAIR_DECIDED, offer, split, now, subject, reason, words)
    await panels.settle(transaction, council, panel, outcome)
    return await _seen(transaction, replace(found, recorded=outcome))


async def extend(transaction: Transaction, council: str, panel: UUID, subject: str, closes_at: datetime, reason: ExtensionReason) -> Seen:
    """The chair gives a panel without quorum more time; the old closing stays on record."""
    found, _ = await _held_by_chair(transaction, council, panel, subject)
    now = clock.now()
    if faults := rules.faults_of_extension(found, closes_at, now):
        raise not_now(faults) if any(fault.field == "panel" for fault in faults) else broken_rules(faults)
    extension = Extension(len(found.extensions) + 1, found.closes_at, closes_at, reason, subject, now)
    await panels.extend(transaction, council, panel, extension)
    after = replace(found, closes_at=closes_at, extensions=(*found.extensions, extension), version=found.version + 1)
    return await _seen(transaction, after)


async def dissolve(transaction: Transaction, council: str, panel: UUID, reason: DissolutionReason, *, by: str) -> Seen:
    """An officer ends a panel that has not decided, with a coded reason that the decision record keeps."""
    found = await panels.hold(transaction, council, panel)
    if found is None:
        raise not_found("panel")
    now = clock.now()
    if standing(found, now).state not in (PanelState.OPEN, PanelState.WITH_CHAIR):
        message = "This panel has decided, or was dissolved before. What it decided stays on record."
        raise conflict(message, Reason("panel", "not_decided", message))
    outcome = Outcome(How.DISSOLVED, None, None, now, by, reason)
    await panels.settle(transaction, council, panel, outcome)
    return await _seen(transaction, replace(found, recorded=outcome))


async def followed(
    transaction: Transaction, council: str, referral: UUID, chosen: Option, departure: Departure | None
) -> tuple[Sequence[Panel], tuple[Fault, ...]]:
    """The panels on a referral about to be chosen for, the last first, and every rule the choice breaks with the last.

    Refused (409) while that has not decided. The panel is held, so that no vote on its way can change what the choice rests on.
    """
    panel = await panels.hold_last(transaction, council, referral)
    if panel is None:
        return (), rules.faults_without_panel(departure)
    now = clock.now()
    if unfinished := rules.faults_of_unfinished(panel, now):
        raise not_now(unfinished)
    await _write_down(transaction, panel, now)
    found = standing(panel, now)
    sat = await panels.of_referral(transaction, council, referral)
    return sat, rules.faults_of_following(panel, found, chosen, departure)


async def decided(transaction: Transaction, council: str, referral: UUID) -> Outcome | None:
    """What the last panel on a referral has decided by now; None when none has."""
    found = await panels.of_referral(transaction, council, referral)
    stands = standing(found[0], clock.now()) if found else None
    return stands.outcome if stands and stands.state is PanelState.DECIDED else None


def _standing_offers(judged: Judged) -> frozenset[UUID]:
    return frozenset(option.offer.offer for option in judged.options if option.offer.state in STANDING)


async def _held_by_member(transaction: Transaction, council: str, panel: UUID, subject: str) -> tuple[Panel, Member]:
    found = await panels.hold(transaction, council, panel)
    member = None if found is None else found.member_of(subject)
    if found is None or member is None:
        raise not_found("panel")
    return found, member


async def _held_by_chair(transaction: Transaction, council: str, panel: UUID, subject: str) -> tuple[Panel, Member]:
    found, member = await _held_by_member(transaction, council, panel, subject)
    if not member.chair:
        message = f"Only the panel's chair does this: {found.chair.office}."
        raise not_allowed(message, Reason("panel", "by_the_chair", message))
    return found, member


def _must_be_with_chair(panel: Panel, now: datetime) -> None:
    found = standing(panel, now)
    if found.state is PanelState.OPEN:
        message = f"The panel votes until {in_uk_words(panel.closes_at)}. The chair decides after that, if it does not agree."
        raise conflict(message, Reason("panel", "closed", message))
    if found.state is not PanelState.WITH_CHAIR:
        message = "The panel has decided, or was dissolved: there is nothing left for its chair to decide."
        raise conflict(message, Reason("panel", "not_decided", message))


def _closed(panel: Panel) -> Exception:
    at = panel.closes_at if panel.all_voted_at is None else panel.all_voted_at
    message = f"The panel closed on {in_uk_words(at)}, so votes stand as they are. Its chair may say what can still be done."
    return conflict(message, Reason("panel", "before_closing_time", message))


async def _write_down(transaction: Transaction, panel: Panel, now: datetime) -> None:
    found = standing(panel, now)
    if panel.recorded is None and found.outcome is not None:
        await panels.settle(transaction, panel.council, panel.panel, found.outcome)
