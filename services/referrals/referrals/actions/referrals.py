"""A referral: begun, changed, previewed, sent to the council's own service, broadcast, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from referrals.domain import referral as rules
from referrals.domain.broadcast import ages_of, view_of, what_changed
from referrals.domain.deadlines import DeadlineRules, closing_time, rule_in_words
from referrals.domain.disclosure import Stage, withheld
from referrals.domain.reasons import WITHDRAWAL_SIDE, WithdrawalReason
from referrals.domain.referral import SENT, Act, Referral, State, Terms
from referrals.store import matches, placements, settings
from referrals.store import referrals as store
from referrals.store.matches import InHouseMatch
from referrals.store.referrals import Background
from referrals.store.vault import Keyring
from shared import clock, ids, outbox
from shared.contracts.referrals import (
    ReferralAmended,
    ReferralBroadcast,
    ReferralCreated,
    ReferralSentInHouse,
    ReferralView,
    ReferralWithdrawn,
)
from shared.cursors import Wanted
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction

_REFERENCES_TRIED = 3


async def create(transaction: Transaction, ring: Keyring, terms: Terms, *, subject: str) -> Referral:
    """Begin a referral as a draft that nobody else sees.

    Refused (422) with every rule its terms break, and (409) when one of the children already has an open referral that it does not name
    as ``re_referral_of``: the same demand would be counted twice. A referral that ended, well or badly, never stands in the way.
    """
    known = await _checked(transaction, ring, terms)
    referral = Referral(
        id=ids.new_id(),
        council=transaction.organisation.code,
        reference=ids.readable_reference(),
        version=1,
        state=State.DRAFT,
        terms=terms,
        created_at=clock.now(),
        created_by=subject,
    )
    for _ in range(_REFERENCES_TRIED):
        added = await store.add(transaction, referral)
        if added.reference_free:
            break
        referral = replace(referral, reference=ids.readable_reference())
    if not added.every_child_free:
        raise await _demand_open(transaction, terms)
    ages = ages_of(known.identities, clock.today())
    event = ReferralCreated(
        referral=referral.id,
        council=referral.council,
        lot=terms.lot,
        urgency=terms.urgency,
        kind=terms.kind,
        planned=terms.planned,
        ages=tuple(ages[needs.child] for needs in terms.children),
        needed_by=terms.needed_by,
        re_referral_of=terms.re_referral_of,
    )
    _publish(transaction, referral, event)
    return referral


@dataclass(frozen=True)
class Detail:
    """A referral with what became of it: the placement agreed, and the last in-house match with the bed's answer."""

    referral: Referral
    placement: UUID | None
    match: InHouseMatch | None


async def read(transaction: Transaction, referral: UUID) -> Detail:
    """One referral of the council."""
    found = await store.get(transaction, referral)
    if found is None:
        raise not_found("referral")
    return Detail(found, await placements.of_referral(transaction, referral), await matches.latest(transaction, referral))


async def newest(transaction: Transaction, wanted: Wanted, state: State | None) -> Sequence[Referral]:
    """The council's referrals, newest first."""
    return await store.newest(transaction, wanted, state)


@dataclass(frozen=True)
class Preview:
    """Exactly what providers will see, when it would close, and what is kept back until when."""

    version: int
    view: ReferralView
    closing_rule: str
    withheld: tuple[tuple[str, str], ...]
    next: str | None


async def preview(transaction: Transaction, ring: Keyring, referral: UUID) -> Preview:
    """What every provider of the lot will see; its closing time is the one it was sent with, or the one it would have if sent now."""
    found = await store.get(transaction, referral)
    if found is None:
        raise not_found("referral")
    deadlines = (await settings.current(transaction)).settings.deadlines
    known = await store.background(transaction, ring, found.terms)
    closes_at = found.closes_at or closing_time(found.terms.urgency, clock.now(), deadlines)
    return Preview(
        found.version,
        view_of(found, known.identities, clock.today(), closes_at),
        rule_in_words(found.terms.urgency, deadlines),
        withheld(Stage.BROADCAST),
        rules.refusal(Act.BROADCAST, found.state),
    )


async def amend(
    transaction: Transaction,
    ring: Keyring,
    referral: UUID,
    changes: Mapping[str, Any],
    require: Callable[[int], None],
    *,
    restart_clock: bool,
) -> Referral:
    """Change a referral. Once it was sent, whoever saw it is told what changed and sees the new version; a correction of a child's own
    record since then goes with it. What only the council sees changes without a word to anybody.

    The closing time stays, unless the urgency changes or ``restart_clock`` is asked for: then it is counted afresh from now. The lot of a
    broadcast referral cannot change: other providers would have to be asked.
    """
    before = await _to_change(transaction, referral, Act.CHANGE, require)
    terms = replace(before.terms, **changes)
    if before.state is State.BROADCAST and terms.lot != before.terms.lot:
        words = "The referral is with the providers of its lot. To ask another, withdraw it and make a new one naming it as re_referral_of."
        raise conflict(words, Reason("lot", "not_after_broadcast", words))
    known = await _checked(transaction, ring, terms, of=before.id)
    after = replace(before, version=before.version + 1, terms=terms)
    if before.closes_at and (restart_clock or terms.urgency is not before.terms.urgency):
        after = replace(after, closes_at=await _closing(transaction, after, clock.now()))
    if _demand(before.terms) != _demand(terms) and not await store.rename_children(transaction, after):
        raise await _demand_open(transaction, terms)
    seen = await store.sent_view(transaction, referral)
    if before.state not in SENT or seen is None:
        await store.save(transaction, after)
        return after
    view = _view(after, known)
    await store.save(transaction, after, view=view)
    if changed := what_changed(seen, view):
        _publish(transaction, after, ReferralAmended(view=view, changed=changed))
    return after


def _demand(terms: Terms) -> tuple[list[UUID], UUID | None]:
    return [needs.child for needs in terms.children], terms.re_referral_of


async def send_in_house(transaction: Transaction, ring: Keyring, referral: UUID, check: Callable[[int], None]) -> Referral:
    """Ask the council's own fostering service first."""
    before = await _to_change(transaction, referral, Act.SEND_IN_HOUSE, check)
    now = clock.now()
    after = replace(before, version=before.version + 1, state=State.IN_HOUSE, sent_in_house_at=now)
    after = replace(after, closes_at=await _closing(transaction, after, now))
    view = _view(after, await _checked(transaction, ring, after.terms, of=after.id))
    await store.save(transaction, after, view=view)
    _publish(transaction, after, ReferralSentInHouse(view=view))
    return after


async def broadcast(transaction: Transaction, ring: Keyring, referral: UUID, check: Callable[[int], None]) -> Referral:
    """Send the anonymised referral to every provider of the lot at once; only after the in-house decision is recorded."""
    before = await _to_change(transaction, referral, Act.BROADCAST, check)
    assert before.in_house_reason is not None, "the state says that the decision is recorded"
    now = clock.now()
    after = replace(before, version=before.version + 1, state=State.BROADCAST, broadcast_at=now)
    after = replace(after, closes_at=await _closing(transaction, after, now))
    view = _view(after, await _checked(transaction, ring, after.terms, of=after.id))
    await store.save(transaction, after, view=view)
    _publish(transaction, after, ReferralBroadcast(view=view, in_house_reason=before.in_house_reason))
    return after


async def withdraw(
    transaction: Transaction, referral: UUID, reason: WithdrawalReason, check: Callable[[int], None]
) -> Referral:
    """Withdraw a referral that has no home yet, with the coded reason and whose side it is on."""
    before = await _to_change(transaction, referral, Act.WITHDRAW, check)
    after = replace(
        before, version=before.version + 1, state=State.WITHDRAWN, withdrawn_at=clock.now(), withdrawal_reason=reason
    )
    await store.save(transaction, after)
    await store.close_demand(transaction, after.id)
    event = ReferralWithdrawn(referral=after.id, council=after.council, reason=reason, side=WITHDRAWAL_SIDE[reason])
    _publish(transaction, after, event)
    return after


async def _to_change(transaction: Transaction, referral: UUID, act: Act, require: Callable[[int], None]) -> Referral:
    found = await store.get(transaction, referral, to_change=True)
    if found is None:
        raise not_found("referral")
    require(found.version)
    if words := rules.refusal(act, found.state):
        raise conflict(words, Reason("state", "allows_this", words))
    return found


async def _checked(transaction: Transaction, ring: Keyring, terms: Terms, *, of: UUID | None = None) -> Background:
    """What the terms are checked against; refused with every rule they break. ``of`` is the referral's own id once it has one."""
    known = await store.background(transaction, ring, terms)
    today = clock.today()
    broken = list(rules.broken_rules(terms, today, known.lot, ages_of(known.identities, today)))
    if terms.re_referral_of is not None and (not known.earlier_known or terms.re_referral_of == of):
        words = "There is no earlier referral of that id among yours; GET /referrals lists them."
        broken.append(Reason("re_referral_of", "own_earlier_referral", words))
    if broken:
        raise invalid(*broken)
    return known


async def _demand_open(transaction: Transaction, terms: Terms) -> Exception:
    already = await store.open_demands(transaction, terms)
    words = (
        "A home is already being sought for one of these children. Amend or withdraw that referral; "
        "or name it as re_referral_of, so that the demand is counted once."
    )
    return conflict(words, *(Reason("children", "one_open_referral", f"Referral {each} is open.") for each in already))


async def _closing(transaction: Transaction, referral: Referral, sent_at: datetime) -> datetime:
    deadlines: DeadlineRules = (await settings.current(transaction)).settings.deadlines
    return closing_time(referral.terms.urgency, sent_at, deadlines)


def _view(referral: Referral, known: Background) -> ReferralView:
    assert referral.closes_at is not None, "set when the referral is sent"
    return view_of(referral, known.identities, clock.today(), referral.closes_at)


def _publish(
    transaction: Transaction,
    referral: Referral,
    event: ReferralCreated | ReferralSentInHouse | ReferralBroadcast | ReferralAmended | ReferralWithdrawn,
) -> None:
    outbox.record(transaction, event, subject=str(referral.id), version=referral.version, council=referral.council)
