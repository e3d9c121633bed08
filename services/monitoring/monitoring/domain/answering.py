"""How providers answer: in time, how soon, and whether they stay with what they said; and when councils ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from monitoring.domain.counted import EVERY, LEFT_OUT, NOUGHT, ONE, Counted, Summary
from monitoring.domain.definition import ANY_WAY, BUYERS, BY_COUNCIL_AND_LOT, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.demand import broadcast, each_part
from monitoring.domain.facts import Records, Referral, agency_of
from monitoring.domain.period import UK, Period, uk_day
from monitoring.domain.spans import HOUR, between

OPENS, CLOSES = 9, 17
"""Office hours on Monday to Friday. Bank holidays are not known here and count as working days."""
SATURDAY = 5
CLOSING_UNHEARD = LEFT_OUT + "the closing time has not been heard"
NO_REPLY = LEFT_OUT + "broadcast, and no reply so far"
IN_HOURS = "in office hours"


def answered_in_time(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the first answers that providers gave to the referrals broadcast in the period, those before the referral's closing time."""
    rows = []
    for referral, on, provider, moment in _first_replies(records, period):
        late = referral.closes_at is not None and moment > referral.closes_at
        part = "late" if late else "in time"
        unheard = referral.closes_at is None
        rows.append(
            Counted(
                "referral",
                str(referral.id),
                on,
                NOUGHT if late or unheard else ONE,
                NOUGHT if unheard else ONE,
                referral.council,
                agency_of(provider),
                referral.lot,
                CLOSING_UNHEARD if unheard else part,
            )
        )
    return tuple(rows)


def offered_in_time(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the referrals broadcast in the period, those that got an offer before their closing time."""
    found = {referral.id: (referral, on) for referral, on in broadcast(records, period)}
    in_time = {
        offer.referral
        for offer in records.offers
        if offer.made_at is not None
        and offer.referral in found
        and (closes := found[offer.referral][0].closes_at) is not None
        and offer.made_at <= closes
    }
    return tuple(
        Counted("referral", str(r.id), on, NOUGHT, NOUGHT, r.council, lot=r.lot, part=CLOSING_UNHEARD)
        if r.closes_at is None
        else Counted("referral", str(r.id), on, ONE if r.id in in_time else NOUGHT, ONE, r.council, lot=r.lot)
        for r, on in found.values()
    )


def first_reply(records: Records, period: Period) -> tuple[Counted, ...]:
    """Hours from the broadcast to each provider's first word, an offer or a no, for referrals broadcast in the period."""
    rows = [
        Counted("referral", str(r.id), on, NOUGHT, council=r.council, agency=EVERY, lot=r.lot, part=NO_REPLY, once=str(r.id))
        for r, on in broadcast(records, period)
    ]
    for referral, on, provider, moment in _first_replies(records, period):
        assert referral.broadcast_at is not None
        wait, id = between(referral.broadcast_at, moment, HOUR), str(referral.id)
        rows.append(Counted("referral", id, on, wait, None, referral.council, agency_of(provider), referral.lot, once=id))
    return tuple(rows)


def withdrawn_after_shortlist(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the offers shortlisted in the period, those that their provider took back afterwards, whenever that was."""
    return tuple(
        Counted(
            "offer",
            str(o.id),
            uk_day(o.shortlisted_at),
            ONE if o.withdrawn_at is not None and o.withdrawn_at >= o.shortlisted_at else NOUGHT,
            ONE,
            o.council,
            agency_of(o.provider),
            o.lot,
        )
        for o in records.offers
        if o.shortlisted_at is not None and period.holds(o.shortlisted_at)
    )


def out_of_hours(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the referrals begun in the period, those begun outside office hours: before 9, from 17 o'clock, or at a weekend, UK time."""
    rows = []
    for referral in records.referrals:
        if referral.created_at is not None and period.holds(referral.created_at):
            part = _when(referral.created_at)
            number = NOUGHT if part == IN_HOURS else ONE
            on = uk_day(referral.created_at)
            rows.append(Counted("referral", str(referral.id), on, number, ONE, referral.council, lot=referral.lot, part=part))
    return tuple(rows)


def _when(moment: datetime) -> str:
    local = moment.astimezone(UK)
    if local.weekday() >= SATURDAY:
        return "at a weekend"
    return IN_HOURS if OPENS <= local.hour < CLOSES else "in the evening or at night"


def _first_replies(records: Records, period: Period) -> Iterator[tuple[Referral, date, str, datetime]]:
    """Each provider's first answer to each referral broadcast in the period."""
    found = {referral.id: (referral, on) for referral, on in broadcast(records, period)}
    first: dict[tuple[UUID, str], datetime] = {}
    answers = [(offer.referral, offer.provider, offer.made_at) for offer in records.offers if offer.made_at is not None]
    answers += [(decline.referral, decline.provider, decline.declined_at) for decline in records.declines]
    for referral, provider, moment in answers:
        if referral in found:
            first[referral, provider] = min(moment, first.get((referral, provider), moment))
    return ((*found[referral], provider, moment) for (referral, provider), moment in first.items())


KPIS = (
    Definition(
        "answered_in_time",
        "Answers in time",
        "Do providers answer before a referral closes?",
        "of those, answers before the referral's closing time",
        "providers' first answers, offers and declines, to referrals broadcast in the period",
        Unit.PER_CENT,
        Direction.HIGHER,
        BUYERS,
        ANY_WAY,
        answered_in_time,
        Summary.RATIO,
        parts=each_part,
    ),
    Definition(
        "offered_in_time",
        "Referrals with an offer in time",
        "Is there a home to choose when the time is up?",
        "of those, referrals with an offer before their closing time",
        "referrals broadcast in the period",
        Unit.PER_CENT,
        Direction.HIGHER,
        BUYERS,
        BY_COUNCIL_AND_LOT,
        offered_in_time,
        Summary.RATIO,
    ),
    Definition(
        "first_reply_median",
        "First reply: median",
        "How long until a council hears anything?",
        "hours from broadcast to the first offer or decline, the middle one",
        "referrals broadcast in the period that got a reply",
        Unit.HOURS,
        Direction.LOWER,
        BUYERS,
        ANY_WAY,
        first_reply,
        Summary.MEDIAN,
    ),
    Definition(
        "first_reply_p90",
        "First reply: nine in ten within",
        "How long do the slowest first replies take?",
        "hours from broadcast to the first offer or decline, nine in ten were no longer",
        "referrals broadcast in the period that got a reply",
        Unit.HOURS,
        Direction.LOWER,
        BUYERS,
        ANY_WAY,
        first_reply,
        Summary.NINTH_DECILE,
        counted_as="first_reply_median",
    ),
    Definition(
        "withdrawn_after_shortlist",
        "Offers withdrawn after the shortlist",
        "Can a council rely on what it was offered?",
        "of those, offers their provider took back",
        "offers shortlisted in the period",
        Unit.PER_CENT,
        Direction.LOWER,
        EVERYBODY,
        ANY_WAY,
        withdrawn_after_shortlist,
        Summary.RATIO,
    ),
    Definition(
        "out_of_hours",
        "Referrals out of hours",
        "How often must a home be found when offices are closed?",
        "of those, begun before 9, from 17 o'clock or at a weekend",
        "referrals begun in the period",
        Unit.PER_CENT,
        Direction.NEITHER,
        BUYERS,
        BY_COUNCIL_AND_LOT,
        out_of_hours,
        Summary.RATIO,
        parts=each_part,
    ),
)
"""The KPIs counted here."""
