"""All lines of one council's ledger, from its placements and everybody's prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from uuid import UUID

from monitoring.domain.facts import BaselinePrice, Placement, PriceBand
from monitoring.domain.ledger import awarded
from monitoring.domain.ledger.awarded import AwardedList, Source
from monitoring.domain.ledger.baseline_period import BaselinePeriod
from monitoring.domain.ledger.double_paid import Need, double_paid
from monitoring.domain.ledger.effects import Costs, of_placement
from monitoring.domain.ledger.line import Line, LineKind, tier_words
from monitoring.domain.ledger.pence import charged, pence
from monitoring.domain.ledger.real_terms import PriceIndex, raised
from monitoring.domain.money import NO_BASELINE, PRICE_UNHEARD, stay
from monitoring.domain.period import Period, Quarter, quarters


@dataclass(frozen=True, slots=True)
class Known:
    """What a council's ledger is counted from. ``prices`` are its baseline prices by lot and band, earliest first."""

    council: str
    today: date
    placements: Sequence[Placement]
    prices: Mapping[tuple[str, str], list[BaselinePrice]]
    bands: Mapping[str, tuple[PriceBand, ...]]
    awarded: Mapping[str, tuple[AwardedList, ...]] = field(default_factory=dict)
    baseline_period: BaselinePeriod | None = None
    index: PriceIndex | None = None
    needs: Mapping[UUID, Need] = field(default_factory=dict)
    """By referral: the need it belongs to, with how many children it is for."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A placement's weekly prices in pence, and where they are from. ``baseline`` holds each child's with the month it held from."""

    baseline: tuple[tuple[int, date], ...]
    tier_one: int
    framework: int
    paid: int
    source: Source
    tier_one_known: bool

    @property
    def former(self) -> int:
        """The week of all children at the former prices."""
        return sum(weekly for weekly, _ in self.baseline)


def lines(known: Known) -> Iterator[Line]:
    """Every line: placements by quarter, the baseline period's cells, what was left out, double-paid nights, moves."""
    begun = [each for each in known.placements if each.started_on is not None and not each.cancelled]
    first = min((each.started_on for each in begun if each.started_on is not None), default=None)
    if first is None or first > known.today:
        return
    every = quarters(Period(first, known.today))
    whole = {each.period.first.replace(day=1): each for each in quarters(Period(_begins(first), known.today))}
    factors = {begins: known.index.from_quarter(begins) if known.index else None for begins in whole}
    for placement in begun:
        yield from _of_placement(placement, known, every, factors)
    yield from _of_baseline(known, first, every)
    yield from _twice(known, begun, every)


def priced(placement: Placement, known: Known) -> Priced | str:
    """The four prices of a placement, or why they cannot be compared."""
    if placement.pounds_per_week is None:
        return PRICE_UNHEARD
    lot, begins = placement.lot or "", placement.started_on or placement.starts_on
    bands = awarded.bands_of(placement.ages, known.bands.get(lot, ()))
    if bands is None or begins is None:
        return NO_BASELINE
    former = []
    for band in bands:
        held = [price for price in known.prices.get((lot, band), ()) if price.from_date <= begins]
        if not held:
            return NO_BASELINE
        former.append((pence(held[-1].pounds_per_week), held[-1].from_date))
    paid = pence(placement.pounds_per_week)
    found = awarded.in_force(known.awarded.get(lot, ()), placement.agreed_at)
    own = found[0].price(placement.provider.removeprefix("agency:"), bands) if found and not placement.in_house else None
    source = Source.OWN_CARERS if placement.in_house else found[1] if found and own is not None else Source.AGREED
    framework = paid if own is None else own
    # A tier-one placement is its own tier-one price: nothing was lost or won by its tier.
    top = framework if placement.tier == awarded.TIER_ONE and not placement.in_house else found[0].tier_one_price(bands) if found else None
    return Priced(tuple(former), framework if top is None else top, framework, paid, source, top is not None)


def _of_placement(placement: Placement, known: Known, every: Sequence[Quarter], factors: Mapping[date, Fraction | None]) -> Iterator[Line]:
    prices = priced(placement, known)
    children = max(len(placement.ages), 1)
    average = known.baseline_period.average * children if known.baseline_period else None
    tier = tier_words(placement.tier, in_house=placement.in_house)
    assert placement.started_on is not None
    begun = _begins(placement.started_on)
    for quarter in every[_quarters_between(every[0].period.first, placement.started_on) :]:
        before, until = stay(placement, quarter.period, today=known.today)
        if until <= before:
            break  # a stay has no holes: after its last night no quarter has any
        begins = _begins(quarter.period.first)
        key = {"council": known.council, "quarter": begins, "id": str(placement.id), "lot": placement.lot or ""}
        key |= {"provider": placement.provider, "tier": tier, "nights": until - before, "begun": begun}
        if isinstance(prices, str):
            paid = charged(pence(placement.pounds_per_week), before, until) if placement.pounds_per_week is not None else 0
            yield Line(**key, kind=LineKind.LEFT_OUT, paid=paid, why=prices)  # type: ignore[arg-type]
            continue
        costs = Costs(
            average=None if average is None else charged(average, before, until),
            baseline=charged(prices.former, before, until),
            tier_one=charged(prices.tier_one, before, until),
            framework=charged(prices.framework, before, until),
            paid=charged(prices.paid, before, until),
        )
        baseline_real, paid_real, missing = _real(prices, costs, known.index, factors[begins], begins, before, until)
        yield Line(
            **key,  # type: ignore[arg-type]
            kind=LineKind.PLACEMENT,
            effects=of_placement(costs),
            baseline=costs.baseline,
            paid=costs.paid,
            baseline_real=baseline_real,
            paid_real=paid_real,
            index_missing=missing,
            source=prices.source,
            tier_one_known=prices.tier_one_known,
        )


def _real(
    prices: Priced, costs: Costs, index: PriceIndex | None, by: Fraction | None, begins: date, before: int, until: int
) -> tuple[int | None, int | None, date | None]:
    if index is None:
        return None, None, None
    if by is None:
        return None, None, index.missing(begins)
    weekly = Fraction(0)
    for former, month in prices.baseline:
        if (factor := index.from_month(month)) is None:
            return None, None, month.replace(day=1)
        weekly += former * factor
    return charged(weekly, before, until), raised(costs.paid, by), None


def _of_baseline(known: Known, first: date, every: Sequence[Quarter]) -> Iterator[Line]:
    """The baseline period's cells for each quarter since the first arrival, up to last night."""
    if known.baseline_period is None:
        return
    for quarter in every:
        days = Period(max(quarter.period.first, first), min(quarter.period.last, known.today))
        if days.last == known.today:  # tonight has not been slept yet
            if days.first == days.last:
                continue
            days = Period(days.first, date.fromordinal(days.last.toordinal() - 1))
        for cell in known.baseline_period.cells:
            cost, effects = known.baseline_period.cost(cell, days)
            yield Line(
                known.council,
                _begins(quarter.period.first),
                LineKind.BASELINE,
                f"{cell.lot}/{cell.band}",
                cell.lot,
                nights=known.baseline_period.nights(cell, days),
                effects=effects,
                baseline=cost,
            )


def _twice(known: Known, begun: Iterable[Placement], every: Sequence[Quarter]) -> Iterator[Line]:
    by_id = {each.id: each for each in begun}
    twice: dict[tuple[UUID, date], tuple[int, int]] = {}
    for overlap in double_paid(tuple(by_id.values()), known.needs, today=known.today):
        placement = by_id[overlap.placement]
        assert placement.started_on is not None
        for quarter in every:
            first, last = max(overlap.first, quarter.period.first), min(overlap.last, quarter.period.last)
            if first <= last:
                before, until = (first - placement.started_on).days, (last - placement.started_on).days + 1
                paid = charged(pence(placement.pounds_per_week), before, until) if placement.pounds_per_week is not None else 0
                nights, already = twice.get((placement.id, _begins(first)), (0, 0))
                twice[placement.id, _begins(first)] = nights + until - before, already + paid
    for (id, begins), (nights, paid) in twice.items():
        placement = by_id[id]
        tier = tier_words(placement.tier, in_house=placement.in_house)
        lot = placement.lot or ""
        yield Line(known.council, begins, LineKind.DOUBLE_PAID, str(id), lot, placement.provider, tier, nights=nights, paid=paid)
    for placement in by_id.values():
        moved = sum(number > 1 for number in placement.numbers_in_year)
        if moved and placement.started_on is not None and placement.started_on <= known.today:
            yield Line(
                known.council,
                _begins(placement.started_on),
                LineKind.MOVE,
                str(placement.id),
                placement.lot or "",
                placement.provider,
                tier_words(placement.tier, in_house=placement.in_house),
                count=moved,
            )


def _begins(day: date) -> date:
    return date(day.year, 1 + 3 * ((day.month - 1) // 3), 1)


def _quarters_between(first: date, day: date) -> int:
    """How many quarters lie between the quarters of two days."""
    return 4 * (day.year - first.year) + (day.month - 1) // 3 - (first.month - 1) // 3
