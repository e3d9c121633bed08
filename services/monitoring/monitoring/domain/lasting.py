"""Whether what was agreed came to be and lasted: agreements fulfilled, who ends placements, notice, nights paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from monitoring.domain.chains import first_of_chain
from monitoring.domain.counted import Counted, Summary
from monitoring.domain.definition import ANY_WAY, BUYERS, BY_COUNCIL_AND_AGENCY, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.demand import each_part
from monitoring.domain.facts import Placement, Records, agency_of
from monitoring.domain.money import stay
from monitoring.domain.period import Period, months
from monitoring.domain.placing import counted_placement, ended

PROVIDER, COUNCIL, CHILD, NOBODY = "provider", "council", "child", "nobody"
SIDE_OF_REASON = {
    "CARPL": COUNCIL,
    "LAREQ": COUNCIL,
    "CLOSE": PROVIDER,
    "ALLEG": PROVIDER,
    "STAND": PROVIDER,
    "APPRR": PROVIDER,
    "CREQB": PROVIDER,
    "CREQO": PROVIDER,
    "CHILD": CHILD,
}
"""Whose side the national return's reason for a change of placement is on; the others are nobody's."""


def agreements_fulfilled(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the placements agreed to begin in the period, up to today, those that began; the others were cancelled or have not begun."""
    return tuple(
        counted_placement(p, p.starts_on, p.started_on is not None, _beginning(p))
        for p in records.placements
        if p.starts_on is not None and period.holds_day(p.starts_on) and p.starts_on <= records.today
    )


def unplanned_by_provider(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the placements that ended in the period, those whose unplanned ending the provider began; each unplanned one by who began it.

    Who gave notice began it; without notice the side of the national return's reason.
    """
    given = {notice.placement: notice.by for notice in sorted(records.notices, key=lambda n: (n.given_on, n.id))}
    rows = []
    for placement, on in ended(records, period):
        if placement.ended_as_planned is not False:
            rows.append(counted_placement(placement, on, False, "as planned"))
        else:
            side = given.get(placement.id) or SIDE_OF_REASON.get(placement.ended_reason or "", NOBODY)
            rows.append(counted_placement(placement, on, side == PROVIDER, f"not planned, begun by {side}"))
    return tuple(rows)


def notice_given(records: Records, period: Period) -> tuple[Counted, ...]:
    """Days from each notice given in the period, and not taken back, to the end it names; by the side that gave it."""
    return tuple(
        Counted(
            "notice",
            str(n.id),
            n.given_on,
            Decimal((n.ends_on - n.given_on).days),
            None,
            n.council,
            agency_of(n.provider),
            part=n.by,
            once=str(n.id),
        )
        for n in records.notices
        if period.holds_day(n.given_on)
    )


def double_paid_nights(records: Records, period: Period) -> tuple[Counted, ...]:
    """Nights of a placement in which an earlier placement of the same need was paid for too, month by month.

    Two placements are of one child when their referrals are of one chain and they have an age in common, or one a year apart, each child
    of the earlier having grown older until the later began: so brothers and sisters of different ages placed apart are not counted, and
    twins placed apart are.
    """
    links = dict(records.re_referrals)
    chains: dict[UUID, list[Placement]] = {}
    for placement in records.placements:
        if placement.started_on is not None and not placement.cancelled:
            chains.setdefault(first_of_chain(placement.referral, links), []).append(placement)
    rows = []
    for placements in chains.values():
        ordered = sorted(placements, key=lambda p: (p.started_on, p.agreed_at is None, p.agreed_at, p.id))
        for place, later in enumerate(ordered[1:], 1):
            earlier = [p for p in ordered[:place] if _one_child(p, later)]
            rows += list(_double(later, earlier, records, period))
    return tuple(rows)


def _double(later: Placement, earlier: list[Placement], records: Records, period: Period) -> Iterator[Counted]:
    """A night counts once however many earlier placements it is paid in."""
    assert later.started_on is not None
    whole = Period(later.started_on, period.last)
    own = _paid_days(later, whole, records.today)
    others = [_paid_days(p, whole, records.today) for p in earlier]
    until = max((days[1] for days in others), default=later.started_on)
    last_night = min(own[1], until) - timedelta(days=1)
    if last_night < later.started_on:
        return
    begins = True
    for month in months(Period(later.started_on, last_night)):
        first, last = max(month.first, period.first), month.last
        nights = (last - first).days + 1
        if nights > 0:
            row = counted_placement(later, first, True)
            id = str(later.id)
            yield Counted(
                row.kind,
                id,
                first,
                Decimal(nights),
                None,
                row.council,
                row.agency,
                row.lot,
                once=id if begins and first == later.started_on else "",
            )
        begins = False


def _paid_days(placement: Placement, period: Period, today: date) -> tuple[date, date]:
    """The first night paid in a period, and the day after the last."""
    before, until = stay(placement, period, today=today)
    assert placement.started_on is not None
    if until == before:
        return placement.started_on, placement.started_on
    return placement.started_on + timedelta(days=before), placement.started_on + timedelta(days=until)


def _one_child(earlier: Placement, later: Placement) -> bool:
    assert earlier.started_on is not None
    assert later.started_on is not None
    grown = (later.started_on - earlier.started_on).days // 365  # ages are those of the day a placement was agreed
    return any(abs(a + grown - b) <= 1 for a in earlier.ages for b in later.ages)


def _beginning(placement: Placement) -> str:
    if placement.started_on is not None:
        return "began on the day agreed" if placement.started_on == placement.starts_on else "began on another day"
    return "cancelled" if placement.cancelled else "not begun"


KPIS = (
    Definition(
        "agreements_fulfilled",
        "Agreements fulfilled",
        "Does a home that was agreed become one?",
        "of those, placements that began",
        "placements agreed to begin in the period, up to today",
        Unit.PER_CENT,
        Direction.HIGHER,
        EVERYBODY,
        ANY_WAY,
        agreements_fulfilled,
        Summary.RATIO,
        parts=each_part,
    ),
    Definition(
        "unplanned_by_provider",
        "Unplanned endings begun by the provider",
        "Who ends placements that were meant to last?",
        "of those, unplanned endings that the provider began",
        "placements that ended in the period",
        Unit.PER_CENT,
        Direction.LOWER,
        EVERYBODY,
        ANY_WAY,
        unplanned_by_provider,
        Summary.RATIO,
        parts=each_part,
    ),
    Definition(
        "notice_days",
        "Notice given: median",
        "How much time is there to find the next home?",
        "days from notice to the end it names, the middle one",
        "notices given in the period and not taken back",
        Unit.DAYS,
        Direction.HIGHER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        notice_given,
        Summary.MEDIAN,
    ),
    Definition(
        "double_paid_nights",
        "Nights paid twice",
        "For how many nights were two homes paid for one child?",
        "nights of placements in which an earlier placement of the same need was paid for too",
        None,
        Unit.NUMBER,
        Direction.LOWER,
        BUYERS,
        BY_COUNCIL_AND_AGENCY,
        double_paid_nights,
        Summary.TOTAL,
        each_month=True,
    ),
)
"""The KPIs counted here."""
