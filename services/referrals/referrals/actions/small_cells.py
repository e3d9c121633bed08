"""How many looked-after children share what a referral shows: told before it is sent, and acknowledged or blurred where they are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from referrals.domain.blurs import Blur
from referrals.domain.broadcast import view_of
from referrals.domain.referral import Referral
from referrals.domain.small_cells import Population, SmallCells, small_cells
from referrals.domain.small_cells_words import TO_GIVE, SmallCellReason, in_words, rounded
from referrals.store import counts as store
from referrals.store import settings
from referrals.store.counts import Acknowledgement
from referrals.store.referrals import Background
from shared import clock, postcodes
from shared.contracts.referrals import ReferralView
from shared.refusals import Reason, conflict
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Judged:
    """How many share what a referral shows, what was counted with, and what was acknowledged of it so far."""

    found: SmallCells
    populations: Sequence[Population]
    children: int
    own_council: str
    blurred: tuple[Blur, ...]
    acknowledged: Sequence[Acknowledgement]


async def judge(transaction: Transaction, referral: Referral, known: Background, closes_at: datetime) -> Judged:
    """How many children looked after by the consortium share what the referral shows, and what each single blur would make of it."""
    today = clock.today()
    bands = known.lot.age_bands if known.lot else ()

    def render(blurs: frozenset[Blur]) -> ReferralView:
        terms = replace(referral.terms, blurred=tuple(sorted(blurs)))
        return view_of(replace(referral, terms=terms), known.identities, today, closes_at, age_bands=bands)

    told = dict(await store.told_by_council(transaction))
    own = await store.newest_upload(transaction)
    told[referral.council] = own.counts if own else None
    plain = render(frozenset())
    named = {place.district for place in plain.near} | ({plain.home_district} if plain.home_district else set())
    districts = {
        (council, district): share
        for district in named
        for council, share in postcodes.shares_of_councils(district).items()
        if council in told
    }
    populations = [Population(council, counts, districts) for council, counts in sorted(told.items())]
    threshold = (await settings.current(transaction)).settings.small_cell_threshold
    found = small_cells(render, frozenset(referral.terms.blurred), populations, threshold)
    acknowledged = await store.acknowledgements(transaction, referral.id)
    return Judged(found, populations, len(referral.terms.children), referral.council, referral.terms.blurred, acknowledged)


async def let_go(transaction: Transaction, referral: Referral, known: Background, reason: SmallCellReason | None, *, subject: str) -> None:
    """When a referral is sent: where few share what it shows, it goes on record, with why it is sent all the same.

    Where the council holds such referrals (``small_cell_reason_owed``) it is refused (409) without a coded reason, naming the blur that
    raises the number most. What is on record stays so while the number does not fall below it.
    """
    assert referral.closes_at is not None, "set when the referral is sent"
    judged = await judge(transaction, referral, known, referral.closes_at)
    number = rounded(judged.found.together)
    if not judged.found.below:
        return
    if reason is None:
        if any(number >= said.number for said in judged.acknowledged[:1]):
            return
        if not (await settings.current(transaction)).settings.small_cell_reason_owed:
            await _record(transaction, referral, judged, SmallCellReason.NOT_STATED, subject)
            return
        words = (
            f"{in_words(judged.found, judged.children)} Blur it (blurred), or say as acknowledged_small_cell why it is sent as it is: "
            f"one of {', '.join(TO_GIVE)}."
        )
        raise conflict(words, Reason("acknowledged_small_cell", "few_share_it", words))
    await _record(transaction, referral, judged, reason, subject)


async def _record(transaction: Transaction, referral: Referral, judged: Judged, reason: SmallCellReason, subject: str) -> None:
    number = rounded(judged.found.together)
    said = Acknowledgement(referral.id, referral.version, number, judged.found.threshold, judged.blurred, reason, subject, clock.now())
    await store.acknowledge(transaction, said)
