"""The figures counted again, straight from the raw events, in the plainest way there is: loops, days, nights.

Shares nothing with ``monitoring``: it knows no facts, no periods and no formulas of that package, only the contracts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import quantiles
from zoneinfo import ZoneInfo

from tests.monitoring.histories import BANDS, Past, Told

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Question:
    """Whose figures, over which days."""

    first: date
    last: date
    today: date
    council: str | None = None
    agency: str | None = None
    lot: str | None = None


def recount(past: Past, told: Iterable[Told], asked: Question) -> dict[str, Decimal | None]:
    """Every figure by name. ``told`` are the events the asker may know of."""
    heard = [t for t in {t.id: t for t in told}.values() if asked.council is None or t.council in (asked.council, None)]
    by_type: dict[str, list[Told]] = {}
    for each in heard:
        by_type.setdefault(each.event.type, []).append(each)
    return (
        _demand(by_type, asked) | _placed(by_type, asked) | _stability(by_type, asked) | _money(past, by_type, asked) | _beds(told, asked)
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


def _within(moment: datetime, asked: Question) -> bool:
    return asked.first <= _day(moment) <= asked.last


def _of_provider(told: Told, asked: Question) -> bool:
    return asked.agency is None or told.event.provider == f"agency:{asked.agency}"


def _half_up(number: Decimal, step: str) -> Decimal:
    return number.quantize(Decimal(step), ROUND_HALF_UP)


def _per_cent(part: int, whole: int) -> Decimal | None:
    return _half_up(Decimal(100) * part / whole, "0.1") if whole else None


def _middle(seconds: list[int], unit: int, decile: int) -> Decimal | None:
    if not seconds:
        return None
    if len(seconds) == 1:
        return _half_up(Decimal(seconds[0]) / unit, "0.01")
    exact = [Decimal(second) for second in seconds]
    return _half_up(quantiles(exact, n=10, method="inclusive")[decile - 1] / unit, "0.01")


def _demand(by_type: dict[str, list[Told]], asked: Question) -> dict[str, Decimal | None]:
    lot_of = {t.event.referral: t.event.lot for t in by_type.get("referral.created", [])}
    created = [t for t in by_type.get("referral.created", []) if asked.lot in (None, lot_of[t.event.referral])]
    begun = [t for t in created if _within(t.time, asked)]
    parent = {t.event.referral: t.event.re_referral_of for t in by_type.get("referral.created", [])}

    def root(referral):
        while parent.get(referral) is not None:
            referral = parent[referral]
        return referral

    sent = {
        t.event.view.referral: t.time
        for t in by_type.get("referral.broadcast", [])
        if _within(t.time, asked) and asked.lot in (None, t.event.view.lot)
    }
    offers = [t.event for t in by_type.get("offer.made", []) if _of_provider(t, asked) and asked.lot in (None, t.event.lot)]
    made = [offer for offer in offers if _within(offer.made_at, asked)]
    confirmed = {t.event.offer for t in by_type.get("offer.confirmed", [])}
    answers = [offer for offer in offers if offer.referral in sent]
    waits = []
    for referral, moment in sent.items():
        times = [offer.made_at for offer in answers if offer.referral == referral]
        if times:
            waits.append(int((min(times) - moment).total_seconds()))
    noes = {(t.event.referral, t.event.provider): t for t in sorted(by_type.get("opportunity.declined", []), key=lambda t: t.version)}
    declines = [t for t in noes.values() if _of_provider(t, asked) and _within(t.event.declined_at, asked)]
    asked_beds = [
        t for t in by_type.get("vacancy.held", []) + by_type.get("vacancy.refused", []) if _of_provider(t, asked) and _within(t.time, asked)
    ]
    return {
        "referrals": Decimal(len(begun)),
        "demand": Decimal(len({root(t.event.referral) for t in begun})),
        "offers_made": Decimal(len(made)),
        "offers_chosen": _per_cent(sum(offer.offer in confirmed for offer in made), len(made)),
        "offers_per_referral": _half_up(Decimal(len(answers)) / len(sent), "0.01") if sent else None,
        "time_to_first_offer_median": _middle(waits, 3600, 5),
        "time_to_first_offer_p90": _middle(waits, 3600, 9),
        "declines": Decimal(len(declines)),
        "beds_gone": _per_cent(sum(t.event.type == "vacancy.refused" for t in asked_beds), len(asked_beds)),
    }


def _placements(by_type: dict[str, list[Told]], asked: Question) -> list[Told]:
    gone = {t.event.placement for t in by_type.get("placement.cancelled", [])}
    return [
        t
        for t in by_type.get("placement.agreed", [])
        if t.event.placement not in gone and _of_provider(t, asked) and asked.lot in (None, t.event.lot)
    ]


def _placed(by_type: dict[str, list[Told]], asked: Question) -> dict[str, Decimal | None]:
    every = _placements(by_type, asked)
    agreed = [t.event for t in every if _within(t.event.agreed_at, asked)]
    bought = [p for p in agreed if p.provider.startswith("agency:")]
    settled = [p for p in agreed if p.within_20_miles != "undecided"]
    mine = {t.event.placement for t in every}
    ended = [t.event for t in by_type.get("placement.ended", []) if t.event.placement in mine]
    over = [e for e in ended if asked.first <= e.ended_on <= asked.last]
    begun = {t.event.referral: t.time for t in by_type.get("referral.created", [])}
    waits = [int((p.agreed_at - begun[p.referral]).total_seconds()) for p in agreed]
    return {
        "placements": Decimal(len(agreed)),
        "placed_in_house": _per_cent(len(agreed) - len(bought), len(agreed)),
        "placed_tier_one": _per_cent(sum(p.tier == 1 for p in bought), len(bought)),
        "placed_within_20_miles": _per_cent(sum(p.within_20_miles == "yes" for p in settled), len(settled)),
        "unplanned_endings": _per_cent(sum(not e.planned for e in over), len(over)),
        "time_to_placement_median": _middle(waits, 86400, 5),
        "time_to_placement_p90": _middle(waits, 86400, 9),
    }


def _stability(by_type: dict[str, list[Told]], asked: Question) -> dict[str, Decimal | None]:
    if asked.agency or asked.lot:
        return {"stability_1": None}
    april = date(asked.last.year if asked.last >= date(asked.last.year, 4, 1) else asked.last.year - 1, 4, 1)
    ended = {t.event.placement: t.event.ended_on for t in by_type.get("placement.ended", [])}
    ones = twos = threes = lasting = 0
    for t in by_type.get("placement.started", []):
        if april <= t.event.started_on <= asked.last:
            ones += t.event.numbers_in_year.count(1)
            twos += t.event.numbers_in_year.count(2)
            threes += t.event.numbers_in_year.count(3)
        elif t.event.started_on < april < ended.get(t.event.placement, date.max):
            lasting += len(t.event.numbers_in_year)
    return {"stability_1": _per_cent(threes, max(ones + lasting, twos, threes))}


def _nights(arrived: date, left: date | None, asked: Question) -> tuple[int, int]:
    """Nights slept before the period's first day, and by its end; each night counted one by one."""
    before = until = 0
    night = arrived
    while night < asked.today and night <= asked.last and (left is None or night < left):
        before += night < asked.first
        until += 1
        night += timedelta(days=1)
    return before, until


def _money(past: Past, by_type: dict[str, list[Told]], asked: Question) -> dict[str, Decimal | None]:
    started = {t.event.placement: t.event.started_on for t in by_type.get("placement.started", [])}
    ended = {t.event.placement: t.event.ended_on for t in by_type.get("placement.ended", [])}
    spend, cost, paid, stays, compared = Decimal(0), Decimal(0), Decimal(0), 0, 0
    weekly_cost = weekly_paid = Decimal(0)
    for t in _placements(by_type, asked):
        p = t.event
        arrived = started.get(p.placement)
        former = _former_price(past, p, arrived or p.starts_on)
        bought = p.provider.startswith("agency:")
        if bought and former is not None and _within(p.agreed_at, asked):
            weekly_cost += former
            weekly_paid += p.pounds_per_week
        before, until = _nights(arrived, ended.get(p.placement), asked) if arrived else (0, 0)
        if before == until:
            continue
        stays += 1
        spend += _bill(p.pounds_per_week, until) - _bill(p.pounds_per_week, before)
        if bought and former is not None:
            compared += 1
            cost += _bill(former, until) - _bill(former, before)
            paid += _bill(p.pounds_per_week, until) - _bill(p.pounds_per_week, before)
    return {
        "spend": spend if stays else None,
        "savings_pounds": cost - paid if compared else None,
        "savings_per_cent": _half_up(100 * (cost - paid) / cost, "0.1") if cost else None,
        "agreed_below_baseline": _half_up(100 * (weekly_cost - weekly_paid) / weekly_cost, "0.1") if weekly_cost else None,
    }


def _bill(weekly: Decimal, nights: int) -> Decimal:
    return _half_up(weekly * nights / 7, "0.01")


def _former_price(past: Past, placement, day: date) -> Decimal | None:
    total = Decimal(0)
    for age in placement.ages:
        bands = [code for code, first, last in BANDS if first <= age <= last]
        rows = [
            (begins, pounds)
            for council, lot, band, begins, pounds in past.baseline
            if (council, lot) == (placement.council, placement.lot) and [band] == bands and begins <= day
        ]
        if not rows:
            return None
        total += max(rows)[1]
    return total


def _beds(told: Iterable[Told], asked: Question) -> dict[str, Decimal | None]:
    """Walk through the past in the order it happened, up to the last day, and see what stands."""
    mine = {f"council:{asked.council}" if asked.agency is None else f"agency:{asked.agency}"}
    until = [t for t in told if _day(t.time) <= asked.last and getattr(_facts(t), "provider", None) in mine]
    vacancies: dict[object, dict[str, object]] = {}
    places: dict[str, tuple[int, int]] = {}
    for t in sorted(until, key=lambda t: (t.version, t.time)):
        event = t.event
        if event.type == "places.counted":
            places[event.provider] = max(places.get(event.provider, (0, 0)), (t.version, event.approved_places))
        if not event.type.startswith("vacancy.") or event.type == "vacancy.refused":
            continue
        at = vacancies.setdefault(_facts(t).vacancy, {"free": 0, "filled": {}, "lots": (), "open": True})
        match event.type:
            case "vacancy.opened":
                at.update(free=event.facts.free_beds, lots=event.facts.lots, open=True)
            case "vacancy.closed":
                at.update(open=False)
            case "vacancy.held":
                at.update(free=event.free_beds)
            case "vacancy.filled":
                at["filled"][event.hold] = event.beds
                at.update(free=event.free_beds)
            case "vacancy.freed":
                at["filled"].pop(event.hold, None)
                at.update(free=event.free_beds)
    standing = [at for at in vacancies.values() if asked.lot is None or asked.lot in at["lots"]]
    return {
        "beds_vacant": Decimal(sum(at["free"] for at in standing if at["open"])) if standing else None,
        "beds_filled": Decimal(sum(sum(at["filled"].values()) for at in standing)) if standing else None,
        "beds_approved": Decimal(sum(count for _, count in places.values())) if places and asked.lot is None else None,
    }


def _facts(told: Told) -> object:
    return getattr(told.event, "facts", told.event)
