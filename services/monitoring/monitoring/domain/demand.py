"""Referrals and the answers to them: how many, how soon, from which tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from uuid import UUID

from monitoring.domain.definition import ANY_WAY, BUYERS, BY_COUNCIL_AND_AGENCY, BY_COUNCIL_AND_LOT, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import Records
from monitoring.domain.figure import PENNY, Figure, LeftOut, Part, count, percentile, rounded, share
from monitoring.domain.period import Period

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
NO_TIER = "no tier"


def referrals(records: Records, period: Period) -> Figure:
    """Every referral begun in the period, re-referrals among them, by urgency."""
    begun = [r for r in records.referrals if period.holds(r.created_at)]
    urgency = Counter(r.urgency or "not stated" for r in begun)
    return count(len(begun), parts=_parts(urgency))


def demand(records: Records, period: Period) -> Figure:
    """Needs behind the referrals begun in the period: a referral and all its re-referrals are one need."""
    begun = [r for r in records.referrals if period.holds(r.created_at)]
    links = dict(records.re_referrals)
    chains = {first_of_chain(r.id, links) for r in begun}
    return Figure(
        Decimal(len(chains)),
        Decimal(len(chains)),
        None,
        len(begun),
        (Part("referrals, each counted", Decimal(len(begun))), Part("of them re-referrals", Decimal(sum(r.id in links for r in begun)))),
    )


def first_of_chain(referral: UUID, re_referrals: Mapping[UUID, UUID]) -> UUID:
    """The referral that a re-referral goes back to, however many lie between.

    Works while a link between is still unheard: then the earliest known one names the chain. A ring, which only a
    mistake upstream could make, is named by its smallest id, so that each member gets the same answer.
    """
    seen = [referral]
    while (earlier := re_referrals.get(seen[-1])) is not None:
        if earlier in seen:
            return min(seen[seen.index(earlier) :])
        seen.append(earlier)
    return seen[-1]


def offers_made(records: Records, period: Period) -> Figure:
    """Every offer made in the period, withdrawn and unsuccessful ones among them, by tier."""
    made = [o for o in records.offers if period.holds(o.made_at)]
    return count(len(made), parts=_tiers(Counter(o.tier for o in made)))


def offers_per_referral(records: Records, period: Period) -> Figure:
    """Offers on the referrals broadcast in the period, for each such referral; by tier the same."""
    broadcast = {r.id for r in records.referrals if period.holds(r.broadcast_at)}
    answered = [o for o in records.offers if o.referral in broadcast and o.made_at is not None]
    if not broadcast:
        return Figure(None, Decimal(0), Decimal(0), 0)
    tiers = Counter(o.tier for o in answered)
    return Figure(
        rounded(Fraction(len(answered), len(broadcast)), PENNY),
        Decimal(len(answered)),
        Decimal(len(broadcast)),
        len(broadcast),
        tuple(Part(_tier(tier), rounded(Fraction(n, len(broadcast)), PENNY)) for tier, n in _in_order(tiers)),
    )


def offers_chosen(records: Records, period: Period) -> Figure:
    """Of the offers made in the period, the share that a council chose and got the bed for, whenever that was."""
    made = [o for o in records.offers if period.holds(o.made_at)]
    return share(sum(o.confirmed_at is not None for o in made), len(made))


def time_to_first_offer(records: Records, period: Period, hundredth: int) -> Figure:
    """Hours from the broadcast to the first offer, for referrals broadcast in the period that got one.

    Those without an offer are stated beside it: they are the worst waits and have no length yet.
    """
    broadcast = {r.id: r.broadcast_at for r in records.referrals if r.broadcast_at is not None and period.holds(r.broadcast_at)}
    first: dict[UUID, datetime] = {}
    for offer in records.offers:
        if offer.made_at is not None and offer.referral in broadcast:
            first[offer.referral] = min(offer.made_at, first.get(offer.referral, offer.made_at))
    waits = [_between(broadcast[referral], made_at) for referral, made_at in first.items()]
    return _middle(waits, hundredth, HOUR, LeftOut(len(broadcast) - len(first), "broadcast, and no offer so far"))


def time_to_placement(records: Records, period: Period, hundredth: int) -> Figure:
    """Days from the start of a referral to its first agreed placement, for placements agreed in the period.

    A cancelled agreement housed nobody and does not count.
    """
    begun = {r.id: r.created_at for r in records.referrals if r.created_at is not None}
    agreed: dict[UUID, datetime] = {}
    for placement in records.placements:
        if placement.agreed_at is not None and not placement.cancelled:
            agreed[placement.referral] = min(placement.agreed_at, agreed.get(placement.referral, placement.agreed_at))
    placed = {referral: moment for referral, moment in agreed.items() if period.holds(moment)}
    waits = [_between(begun[referral], moment) for referral, moment in placed.items() if referral in begun]
    return _middle(waits, hundredth, DAY, LeftOut(len(placed) - len(waits), "the start of the referral has not been heard yet"))


def declines(records: Records, period: Period) -> Figure:
    """Every opportunity a provider declined in the period, by whose side its reason is on."""
    declined = [d for d in records.declines if period.holds(d.declined_at)]
    return count(len(declined), parts=_parts(Counter(d.side for d in declined)))


def _between(start: datetime, end: datetime) -> int:
    """Microseconds between; an answer cannot come before its question, so never below nought.

    Clocks of two services may differ by a moment: without the floor such a pair would shorten a median.
    """
    return max((end - start) // MICROSECOND, 0)


def _middle(waits: list[int], hundredth: int, unit: timedelta, left_out: LeftOut) -> Figure:
    value = rounded(percentile(waits, hundredth) / (unit // MICROSECOND), PENNY) if waits else None
    return Figure(value, None, Decimal(len(waits)), len(waits), (), (left_out,) if left_out.count else ())


def _parts(counted: Counter[str]) -> tuple[Part, ...]:
    return tuple(Part(label, Decimal(n)) for label, n in sorted(counted.items()))


def _tiers(counted: Counter[int | None]) -> tuple[Part, ...]:
    return tuple(Part(_tier(tier), Decimal(n)) for tier, n in _in_order(counted))


def _in_order(counted: Counter[int | None]) -> list[tuple[int | None, int]]:
    return sorted(counted.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))


def _tier(tier: int | None) -> str:
    return NO_TIER if tier is None else f"tier {tier}"


KPIS = (
    Definition(
        "referrals",
        "Referrals",
        "How many referrals did councils begin?",
        "referrals begun in the period, re-referrals among them",
        None,
        Unit.NUMBER,
        Direction.NEITHER,
        BUYERS,
        BY_COUNCIL_AND_LOT,
        referrals,
    ),
    Definition(
        "demand",
        "Needs, re-referrals counted once",
        "For how many needs was a home looked for?",
        "chains of a referral and its re-referrals with at least one begun in the period",
        None,
        Unit.NUMBER,
        Direction.NEITHER,
        BUYERS,
        BY_COUNCIL_AND_LOT,
        demand,
    ),
    Definition(
        "offers_made",
        "Offers made",
        "How many homes did providers offer?",
        "offers made in the period, whatever became of them",
        None,
        Unit.NUMBER,
        Direction.HIGHER,
        EVERYBODY,
        ANY_WAY,
        offers_made,
    ),
    Definition(
        "offers_chosen",
        "Offers chosen",
        "How many offers became a home?",
        "of those offers, the ones a council chose and got the bed for",
        "offers made in the period",
        Unit.PER_CENT,
        Direction.NEITHER,
        EVERYBODY,
        ANY_WAY,
        offers_chosen,
    ),
    Definition(
        "offers_per_referral",
        "Offers per referral, by tier",
        "Does a broadcast bring a choice?",
        "offers made on those referrals, at any time",
        "referrals broadcast in the period",
        Unit.NUMBER,
        Direction.HIGHER,
        BUYERS,
        ANY_WAY,
        offers_per_referral,
    ),
    Definition(
        "time_to_first_offer_median",
        "Time to first offer: median",
        "How long does a council wait for its first offer?",
        "hours from broadcast to first offer, the middle one",
        "referrals broadcast in the period that got an offer",
        Unit.HOURS,
        Direction.LOWER,
        BUYERS,
        ANY_WAY,
        partial(time_to_first_offer, hundredth=50),
    ),
    Definition(
        "time_to_first_offer_p90",
        "Time to first offer: nine in ten within",
        "How long do the slowest first offers take?",
        "hours from broadcast to first offer, nine in ten were no longer",
        "referrals broadcast in the period that got an offer",
        Unit.HOURS,
        Direction.LOWER,
        BUYERS,
        ANY_WAY,
        partial(time_to_first_offer, hundredth=90),
    ),
    Definition(
        "time_to_placement_median",
        "Time to placement: median",
        "How long from referral to an agreed home?",
        "days from the start of the referral to its first agreement, the middle one",
        "referrals first placed in the period",
        Unit.DAYS,
        Direction.LOWER,
        BUYERS,
        ANY_WAY,
        partial(time_to_placement, hundredth=50),
    ),
    Definition(
        "time_to_placement_p90",
        "Time to placement: nine in ten within",
        "How long do the slowest placements take?",
        "days from the start of the referral to its first agreement, nine in ten were no longer",
        "referrals first placed in the period",
        Unit.DAYS,
        Direction.LOWER,
        BUYERS,
        ANY_WAY,
        partial(time_to_placement, hundredth=90),
    ),
    Definition(
        "declines",
        "Opportunities declined",
        "How often do providers say no, and on whose side is the reason?",
        "opportunities declined in the period",
        None,
        Unit.NUMBER,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        declines,
    ),
)
"""The KPIs counted here."""
