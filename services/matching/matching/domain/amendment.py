"""What a council changed after sending, field by field, and which offers it asks about again.

All that is compared is the view every provider of the lot was shown, so a change tells nothing they may not see. An offer that meets
an obstacle it did not meet before is flagged: its agency confirms it, with other answers or another day if need be, or takes it
back, until a stated moment; then it lapses. Until it is confirmed it cannot be chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from matching.domain.faults import Fault
from matching.domain.home import Home
from matching.domain.offer import STANDING, AskedAgain, Offer
from matching.domain.referral import Referral
from matching.domain.suitability import Obstacle, Standing, obstacles
from matching.domain.working_days import working_days_after
from shared.contracts.words import Urgency
from shared.uk_time import in_uk_words

AT_LEAST = timedelta(minutes=30)
"""An agency has at least this long to answer, even where the closing time comes sooner."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field as it was and as it is: ``children.2.age_years`` is the age of the second child."""

    field: str
    before: Any
    after: Any


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every field of two views that differs, in the order of the view; children are compared by their number."""
    found: list[Change] = []
    for field in dict.fromkeys((*before, *after)):
        if field == "children":
            found += _of_children(before.get(field, ()), after.get(field, ()))
        elif before.get(field) != after.get(field):
            found.append(Change(field, before.get(field), after.get(field)))
    return tuple(found)


def _of_children(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> Iterable[Change]:
    was, now = ({child["child_number"]: child for child in children} for children in (before, after))
    for number in sorted({*was, *now}):
        if number not in was or number not in now:
            yield Change(f"children.{number}", was.get(number), now.get(number))
            continue
        for change in changes_between(was[number], now[number]):
            yield Change(f"children.{number}.{change.field}", change.before, change.after)


def confirm_by(urgency: Urgency, now: datetime, closes_at: datetime) -> datetime:
    """Until when an agency may confirm: an hour in an emergency, two on the same day, else one or two working days.

    Not beyond the closing time, but never less than half an hour; after the closing time the span alone counts.
    """
    match urgency:
        case Urgency.EMERGENCY:
            wanted = now + timedelta(hours=1)
        case Urgency.SAME_DAY:
            wanted = now + timedelta(hours=2)
        case Urgency.PLANNED:
            wanted = working_days_after(now, 1)
        case Urgency.LONG_TERM:
            wanted = working_days_after(now, 2)
    return wanted if closes_at <= now else max(min(wanted, closes_at), now + AT_LEAST)


def asked_again(offer: Offer, home: Home, before: Referral, after: Referral, now: datetime) -> AskedAgain | None:
    """What the agency of a standing offer is to be asked after an amendment; None when the offer still fits as it was meant.

    New obstacles count, and those it was asked about before and has not answered for, as far as they still stand.
    """
    stood, stands = _obstacles(offer, home, before), _obstacles(offer, home, after)
    open_still = set(offer.asked_again.about) if offer.unconfirmed and offer.asked_again else set()
    about = tuple(one for one in stands if one not in stood or told(one) in open_still)
    if not about:
        return None
    return AskedAgain(now, confirm_by(after.urgency, now, after.closes_at), tuple(told(one) for one in about))


def told(obstacle: Obstacle) -> tuple[str, str | None]:
    """An obstacle as it is kept: the barrier, and which need or risk."""
    return str(obstacle.barrier), None if obstacle.which is None else str(obstacle.which)


def _obstacles(offer: Offer, home: Home, referral: Referral) -> tuple[Obstacle, ...]:
    answers = {answer.need: answer.met for answer in offer.terms.answers}
    return obstacles(home, referral, Standing.ON_LIST, answers=answers, available_on=offer.terms.available_on)


def faults_of_confirming(offer: Offer, now: datetime) -> tuple[Fault, ...]:
    """Whether the agency may confirm now: it was asked, has not answered, and its moment has not passed."""
    if offer.state not in STANDING or not offer.unconfirmed or offer.asked_again is None:
        message = "You were not asked to confirm this offer, or have answered already. Nothing is needed from you."
        return (Fault("offer", "confirmation_asked", message),)
    if now >= offer.asked_again.confirm_by:
        message = (
            f"This offer could be confirmed until {in_uk_words(offer.asked_again.confirm_by)}. Make a new offer if the referral is open."
        )
        return (Fault("offer", "before_confirm_by", message),)
    return ()


def faults_of_choosing_unconfirmed(offer: Offer) -> tuple[Fault, ...]:
    """An offer asked about again cannot be chosen until its agency has confirmed it."""
    if not offer.unconfirmed or offer.asked_again is None:
        return ()
    message = (
        "You amended the referral and this offer no longer fits. Its agency is asked to confirm it until "
        f"{in_uk_words(offer.asked_again.confirm_by)}; wait for its answer, or choose another option."
    )
    return (Fault("offer", "confirmed_since_amended", message),)
