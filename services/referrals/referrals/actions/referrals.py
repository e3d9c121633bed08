"""A referral: begun, changed, previewed, sent to the council's own service, broadcast, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from referrals.actions import held, small_cells
from referrals.domain import referral as rules
from referrals.domain.broadcast import ages_of, view_of, what_changed
from referrals.domain.deadlines import DeadlineRules, closing_time
from referrals.domain.reasons import WITHDRAWAL_SIDE, WithdrawalReason
from referrals.domain.referral import SENT, Act, Referral, State, Terms
from referrals.domain.small_cells_words import SmallCellReason
from referrals.domain.words import Found, Words
from referrals.store import matches, placements, readers, settings
from referrals.store import referrals as store
from referrals.store import words as kept_words
from referrals.store.matches import InHouseMatch
from referrals.store.referrals import Background
from referrals.store.vault import Keyring
from referrals.store.words import KeptWords
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
    """A referral with what became of it: the placement agreed, and the last in-house match with the bed's answer; for officers, what is
    said on it in words."""

    referral: Referral
    placement: UUID | None
    match: InHouseMatch | None
    words: KeptWords | None = None


async def read(transaction: Transaction, ring: Keyring, referral: UUID, *, with_words: bool) -> Detail:
    """One referral of the council. Its words may name the child until they are checked, so they are for officers alone."""
    found = await store.get(transaction, referral)
    if found is None:
        raise not_found("referral")
    words = await kept_words.of(transaction, ring, referral) if with_words else None
    return Detail(found, await placements.of_referral(transaction, referral), await matches.latest(transaction, referral), words)


async def newest(transaction: Transaction, wanted: Wanted, state: State | None) -> Sequence[Referral]:
    """The council's referrals, newest first."""
    return await store.newest(transaction, wanted, state)


async def amend(
    transaction: Transaction,
    ring: Keyring,
    referral: UUID,
    changes: Mapping[str, Any],
    require: Callable[[int], None],
    *,
    restart_clock: bool,
    acknowledged: SmallCellReason | None,
    subject: str,
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
    if before.state not in SENT:
        await store.save(transaction, after)
    else:
        await _send_again(transaction, ring, after, known)
        if before.state is State.BROADCAST:
            await small_cells.let_go(transaction, after, known, acknowledged, subject=subject)
    return after


async def write(
    transaction: Transaction, ring: Keyring, referral: UUID, words: Words, require: Callable[[int], None], *, subject: str
) -> tuple[Referral, tuple[Found, ...]]:
    """Say in words what no list can; replaces all that was said before. Refused (422) for a child who is not of the referral.

    Returned with what was found in them. While anything holds them they are kept by the council alone: a referral already sent shows its
    readers the words as they were. When nothing does, they are sent again at once, as an amendment.
    """
    before = await _to_change(transaction, referral, Act.CHANGE, require)
    children = held.children_of(before)
    strangers = [child for child in words.children if child not in children]
    if strangers:
        raise invalid(
            Reason("children", "of_the_referral", "Words were given for a child who is not of this referral; name those who are.")
        )
    kept = await kept_words.of(transaction, ring, referral)
    kept = await kept_words.keep(transaction, ring, referral, words, kept, by=subject, at=clock.now())
    after = replace(before, version=before.version + 1)
    known = await store.background(transaction, ring, after.terms)
    found = await held.found(transaction, after, kept, known.identities)
    if before.state in SENT and not any(one.holds for one in found):
        await _send_again(transaction, ring, after, await _checked(transaction, ring, after.terms, of=after.id))
    else:
        await store.save(transaction, after)
    return after, found


async def _send_again(transaction: Transaction, ring: Keyring, after: Referral, known: Background) -> None:
    """An amendment of what was sent: the view and the words are replaced, and whoever saw them is told what changed."""
    seen = await store.sent_view(transaction, after.id)
    assert seen is not None, "a referral that was sent has the view it was sent with"
    kept, words = await held.to_send(transaction, ring, after, known.identities)
    view = _view(after, known, words)
    await store.save(transaction, after, view=view)
    changed = list(what_changed(seen, view))
    if await held.send(transaction, ring, after.id, kept, words, clock.now()):
        changed.append("words")
    if changed:
        _publish(transaction, after, ReferralAmended(view=view, changed=tuple(changed)))


def _demand(terms: Terms) -> tuple[list[UUID], UUID | None]:
    return [needs.child for needs in terms.children], terms.re_referral_of


async def send_in_house(transaction: Transaction, ring: Keyring, referral: UUID, check: Callable[[int], None]) -> Referral:
    """Ask the council's own fostering service first."""
    before = await _to_change(transaction, referral, Act.SEND_IN_HOUSE, check)
    now = clock.now()
    after = replace(before, version=before.version + 1, state=State.IN_HOUSE, sent_in_house_at=now)
    after = replace(after, closes_at=await _closing(transaction, after, now))
    view = await _sent(transaction, ring, after, await _checked(transaction, ring, after.terms, of=after.id), now)
    _publish(transaction, after, ReferralSentInHouse(view=view))
    return after


async def broadcast(
    transaction: Transaction,
    ring: Keyring,
    referral: UUID,
    check: Callable[[int], None],
    *,
    acknowledged: SmallCellReason | None,
    subject: str,
) -> Referral:
    """Send the anonymised referral to every provider of the lot at once; only after the in-house decision is recorded.

    Refused (409) where few looked-after children share what it shows and nobody has said why it is sent all the same.
    """
    before = await _to_change(transaction, referral, Act.BROADCAST, check)
    assert before.in_house_reason is not None, "the state says that the decision is recorded"
    now = clock.now()
    after = replace(before, version=before.version + 1, state=State.BROADCAST, broadcast_at=now)
    after = replace(after, closes_at=await _closing(transaction, after, now))
    known = await _checked(transaction, ring, after.terms, of=after.id)
    view = await _sent(transaction, ring, after, known, now)
    await small_cells.let_go(transaction, after, known, acknowledged, subject=subject)
    await readers.give(transaction, after.id, after.terms.lot, now)
    _publish(transaction, after, ReferralBroadcast(view=view, in_house_reason=before.in_house_reason))
    return after


async def _sent(transaction: Transaction, ring: Keyring, after: Referral, known: Background, now: datetime) -> ReferralView:
    """Keep the referral as it is sent, view and words; refused with every finding in its words."""
    kept, words = await held.to_send(transaction, ring, after, known.identities)
    view = _view(after, known, words)
    await store.save(transaction, after, view=view)
    await held.send(transaction, ring, after.id, kept, words, now)
    return view


async def withdraw(transaction: Transaction, referral: UUID, reason: WithdrawalReason, check: Callable[[int], None]) -> Referral:
    """Withdraw a referral that has no home yet, with the coded reason and whose side it is on."""
    before = await _to_change(transaction, referral, Act.WITHDRAW, check)
    after = replace(before, version=before.version + 1, state=State.WITHDRAWN, withdrawn_at=clock.now(), withdrawal_reason=reason)
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


def _view(referral: Referral, known: Background, words: Words) -> ReferralView:
    assert referral.closes_at is not None, "set when the referral is sent"
    return view_of(
        referral,
        known.identities,
        clock.today(),
        referral.closes_at,
        age_bands=known.lot.age_bands if known.lot else (),
        has_words=held.anything_in(words),
    )


def _publish(
    transaction: Transaction,
    referral: Referral,
    event: ReferralCreated | ReferralSentInHouse | ReferralBroadcast | ReferralAmended | ReferralWithdrawn,
) -> None:
    outbox.record(transaction, event, subject=str(referral.id), version=referral.version, council=referral.council)
