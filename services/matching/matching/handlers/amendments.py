"""A referral was amended after sending: providers are told what changed, and offers that no longer fit are asked about again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matching.domain.amendment import Change, asked_again, changes_between
from matching.domain.notice import News, NoticeType, of_offer
from matching.domain.offer import STANDING
from matching.store import amendments, notices, offers, opportunities, vacancies
from matching.store.referrals import kept_view, view_of
from shared import clock
from shared.contracts.referrals import ReferralView
from shared.tenancy import Transaction


async def tell_and_ask(
    transaction: Transaction,
    council: str,
    before: Mapping[str, Any] | None,
    view: ReferralView,
    version: int,
    at: datetime,
    *,
    words_too: bool,
) -> None:
    """Replace what providers see, log what changed for each of them, and judge every standing offer anew, all in this transaction.

    ``words_too``: what is said in words at ``referrals`` changed; it is logged as changed and never from what to what.
    """
    await opportunities.amend(transaction, council, view, version, at)
    if before is None:
        return
    changes = changes_between(before, view.model_dump(mode="json"))
    told = (*changes, Change("words", None, None)) if words_too else changes
    if told:
        await amendments.keep(transaction, council, view.referral, version, at, told)
    if changes:
        await _judge_anew(transaction, council, before, view)


async def _judge_anew(transaction: Transaction, council: str, before: Mapping[str, Any], view: ReferralView) -> None:
    was, now_asked, now = kept_view(before), view_of(view), clock.now()
    standing = [offer for offer in await offers.live_of_referral(transaction, council, view.referral) if offer.state in STANDING]
    homes = await vacancies.homes(transaction, (offer.terms.vacancy for offer in standing)) if standing else {}
    told: list[News] = []
    for offer in standing:
        asked = asked_again(offer, homes[offer.terms.vacancy], was, now_asked, now)
        if asked is None and not offer.unconfirmed:
            continue  # it still fits: told of the change like every provider, it stays
        flagged = await offers.ask_again(transaction, offer, asked, now)
        if flagged is not None and asked is not None:
            told.append(of_offer(NoticeType.OFFER_CONFIRMATION_NEEDED, flagged))
    await notices.tell(transaction, now, *told)
