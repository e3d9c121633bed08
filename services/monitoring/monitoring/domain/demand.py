"""Referrals and the answers to them: how many, how soon, from which tier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from monitoring.domain.chains import first_of_chain
from monitoring.domain.counted import EVERY, LEFT_OUT, NOUGHT, ONE, Counted, Summary
from monitoring.domain.definition import ANY_WAY, BUYERS, BY_COUNCIL_AND_AGENCY, BY_COUNCIL_AND_LOT, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import Offer, Placement, Records, Referral, agency_of
from monitoring.domain.figure import PENNY, Part, Tally, rounded
from monitoring.domain.period import Period, uk_day
from monitoring.domain.spans import DAY, HOUR, between
from monitoring.domain.tiers import tier_words

AGAIN = "re-referral"
NO_OFFER = LEFT_OUT + "broadcast, and no offer so far"
BEGINNING_UNHEARD = LEFT_OUT + "the start of the referral has not been heard yet"


def referrals(records: Records, period: Period) -> tuple[Counted, ...]:
    """Every referral begun in the period, re-referrals among them, by urgency."""
    return tuple(
        Counted("referral", str(r.id), on, ONE, council=r.council, lot=r.lot, part=r.urgency or "not stated")
        for r, on in _begun(records, period)
    )


def demand(records: Records, period: Period) -> tuple[Counted, ...]:
    """The referrals begun in the period, each with the need behind it: a referral and all its re-referrals are one need."""
    links = dict(records.re_referrals)
    return tuple(
        Counted(
            "referral",
            str(r.id),
            on,
            ONE,
            council=r.council,
            lot=r.lot,
            part=AGAIN if r.id in links else "",
            once=str(first_of_chain(r.id, links)),
        )
        for r, on in _begun(records, period)
    )


def offers_made(records: Records, period: Period) -> tuple[Counted, ...]:
    """Every offer made in the period, withdrawn and unsuccessful ones among them, by tier."""
    return tuple(
        Counted("offer", str(o.id), on, ONE, council=o.council, agency=agency_of(o.provider), lot=o.lot, part=tier_words(o.tier))
        for o, on in _made(records, period)
    )


def offers_chosen(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the offers made in the period, the share that a council chose and got the bed for, whenever that was."""
    return tuple(
        Counted(
            "offer",
            str(o.id),
            on,
            ONE if o.confirmed_at is not None else NOUGHT,
            ONE,
            council=o.council,
            agency=agency_of(o.provider),
            lot=o.lot,
        )
        for o, on in _made(records, period)
    )


def offers_per_referral(records: Records, period: Period) -> tuple[Counted, ...]:
    """Offers on the referrals broadcast in the period, for each such referral; by tier the same."""
    sent = {r.id: (r, on) for r, on in broadcast(records, period)}
    rows = [Counted("referral", str(r.id), on, NOUGHT, ONE, council=r.council, agency=EVERY, lot=r.lot) for r, on in sent.values()]
    for offer in records.offers:
        if offer.made_at is not None and (found := sent.get(offer.referral)) is not None:
            referral, on = found
            its_lot, part = offer.lot or referral.lot, tier_words(offer.tier)
            row = Counted("offer", str(offer.id), on, ONE, NOUGHT, offer.council, agency_of(offer.provider), its_lot, part)
            rows.append(row)
    return tuple(rows)


def time_to_first_offer(records: Records, period: Period) -> tuple[Counted, ...]:
    """Hours from the broadcast to each provider's first offer, for referrals broadcast in the period; the first of all is the wait.

    Those without an offer are stated beside it: they are the worst waits and have no length yet.
    """
    sent = {r.id: (r, on) for r, on in broadcast(records, period)}
    first: dict[tuple[UUID, str], datetime] = {}
    for offer in records.offers:
        if offer.made_at is not None and offer.referral in sent:
            key = (offer.referral, offer.provider)
            first[key] = min(offer.made_at, first.get(key, offer.made_at))
    rows = [
        Counted("referral", str(r.id), on, NOUGHT, council=r.council, agency=EVERY, lot=r.lot, part=NO_OFFER, once=str(r.id))
        for r, on in sent.values()
    ]
    for (id, provider), made_at in first.items():
        referral, on = sent[id]
        assert referral.broadcast_at is not None
        wait = between(referral.broadcast_at, made_at, HOUR)
        rows.append(Counted("referral", str(id), on, wait, None, referral.council, agency_of(provider), referral.lot, once=str(id)))
    return tuple(rows)


def time_to_placement(records: Records, period: Period) -> tuple[Counted, ...]:
    """Days from the start of a referral to its first agreed placement, for placements agreed in the period.

    A cancelled agreement housed nobody and does not count.
    """
    begun = {r.id: r.created_at for r in records.referrals if r.created_at is not None}
    first: dict[UUID, tuple[datetime, Placement]] = {}
    for placement in records.placements:
        if placement.agreed_at is not None and not placement.cancelled:
            known = first.get(placement.referral)
            if known is None or placement.agreed_at < known[0]:
                first[placement.referral] = (placement.agreed_at, placement)
    rows = []
    for referral, (moment, placement) in first.items():
        if not period.holds(moment):
            continue
        start = begun.get(referral)
        rows.append(
            Counted(
                "referral",
                str(referral),
                uk_day(moment),
                between(start, moment, DAY) if start is not None else NOUGHT,
                council=placement.council,
                agency=agency_of(placement.provider),
                lot=placement.lot,
                part="" if start is not None else BEGINNING_UNHEARD,
                once=str(referral),
            )
        )
    return tuple(rows)


def declines(records: Records, period: Period) -> tuple[Counted, ...]:
    """Every opportunity a provider declined in the period, by whose side its reason is on."""
    return tuple(
        Counted("referral", str(d.referral), uk_day(d.declined_at), ONE, None, d.council, agency_of(d.provider), part=d.side)
        for d in records.declines
        if period.holds(d.declined_at)
    )


def each_part(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    """How many records each part has."""
    return tuple(Part(tally.part, Decimal(tally.records)) for tally in tallies)


def _begun(records: Records, period: Period) -> Iterator[tuple[Referral, date]]:
    opens, closes = period.opens, period.closes
    return ((r, uk_day(r.created_at)) for r in records.referrals if r.created_at is not None and opens <= r.created_at < closes)


def _made(records: Records, period: Period) -> Iterator[tuple[Offer, date]]:
    opens, closes = period.opens, period.closes
    return ((o, uk_day(o.made_at)) for o in records.offers if o.made_at is not None and opens <= o.made_at < closes)


def broadcast(records: Records, period: Period) -> Iterator[tuple[Referral, date]]:
    """The referrals broadcast in the period, each with its UK day."""
    opens, closes = period.opens, period.closes
    return ((r, uk_day(r.broadcast_at)) for r in records.referrals if r.broadcast_at is not None and opens <= r.broadcast_at < closes)


def _needs(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    every = sum(tally.records for tally in tallies)
    again = sum(tally.records for tally in tallies if tally.part == AGAIN)
    return (Part("referrals, each counted", Decimal(every)), Part("of them re-referrals", Decimal(again)))


def _for_each_referral(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    referrals = sum((tally.denominator for tally in tallies), NOUGHT)
    offers = [tally for tally in tallies if tally.part]
    return tuple(Part(t.part, rounded(Fraction(t.records) / Fraction(referrals), PENNY)) for t in offers) if referrals else ()


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
        Summary.TOTAL,
        parts=each_part,
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
        Summary.DISTINCT,
        parts=_needs,
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
        Summary.TOTAL,
        parts=each_part,
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
        Summary.RATIO,
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
        Summary.RATIO,
        parts=_for_each_referral,
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
        time_to_first_offer,
        Summary.MEDIAN,
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
        time_to_first_offer,
        Summary.NINTH_DECILE,
        counted_as="time_to_first_offer_median",
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
        time_to_placement,
        Summary.MEDIAN,
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
        time_to_placement,
        Summary.NINTH_DECILE,
        counted_as="time_to_placement_median",
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
        Summary.TOTAL,
        parts=each_part,
    ),
)
"""The KPIs counted here."""
