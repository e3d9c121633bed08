"""The savings ledger as it is shown: effects and costs in pounds, cashable apart from demand, own carers and avoided cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field

from monitoring.actions.ledger import Ledger
from monitoring.domain.ledger import line as lines
from monitoring.domain.ledger.avoided import Avoided
from monitoring.domain.ledger.awarded import Source
from monitoring.domain.ledger.effects import Effects as Found
from monitoring.domain.ledger.line import LineKind
from monitoring.domain.ledger.pence import pounds
from monitoring.domain.ledger.sums import By, Sums
from monitoring.domain.ledger.uploaded import Avoidable
from monitoring.domain.scope import Scope
from monitoring.schemas.figures import Asked, Expected
from monitoring.schemas.ledger_lists import Head


class Effects(BaseModel):
    """Pounds spent less than in the baseline period, by why; below nought is more. The four add up to ``total`` to the penny."""

    volume: Annotated[Decimal | None, Field(description="fewer nights; null where one agency is asked for")]
    mix: Annotated[Decimal | None, Field(description="cheaper lots and age bands; null as volume")]
    rate: Annotated[Decimal, Field(description="the framework's prices, of which rate_framework and rate_agreed")]
    rate_framework: Annotated[Decimal, Field(description="the framework's tier-one price against the council's former price")]
    rate_agreed: Annotated[Decimal, Field(description="the agreed price against the agency's framework price")]
    tier: Annotated[Decimal, Field(description="a lower tier or own carers instead of tier one")]
    total: Decimal

    @classmethod
    def of(cls, found: Found, *, demand: bool) -> Self:
        """Without demand (volume and mix), the total is rate and tier."""
        return cls(
            volume=pounds(found.volume) if demand else None,
            mix=pounds(found.mix) if demand else None,
            rate=pounds(found.rate),
            rate_framework=pounds(found.rate_framework),
            rate_agreed=pounds(found.rate_agreed),
            tier=pounds(found.tier),
            total=pounds(found.total if demand else found.like_for_like),
        )


class RealTerms(BaseModel):
    """The cashable saving in prices of the index's latest month, over the lines whose months the index has."""

    at_baseline: Decimal
    paid: Decimal
    saving: Decimal
    per_cent: Decimal | None
    nominal_saving_of_the_same: Annotated[Decimal, Field(description="of exactly those lines, to be compared with saving")]
    lines_without: Annotated[int, Field(description="lines that cannot be told because the index lacks a month")]
    missing_months: list[str]

    @classmethod
    def of(cls, found: Sums) -> Self | None:
        """None where no line has real terms and no month was missed: no index, or nothing to compare."""
        if found.real_saving is None and not found.index_missing:
            return None
        return cls(
            at_baseline=pounds(found.baseline_real),
            paid=pounds(found.paid_real),
            saving=pounds(found.real_saving or 0),
            per_cent=found.real_per_cent,
            nominal_saving_of_the_same=pounds(found.nominal_of_real),
            lines_without=found.bought_lines - found.real_lines,
            missing_months=[f"{month:%Y-%m}" for month in found.index_missing],
        )


class Cashable(BaseModel):
    """Agencies' placements: the same nights at the council's own former prices and as paid. Null without a placement."""

    pounds: Decimal | None
    per_cent: Decimal | None
    at_baseline: Decimal | None
    paid: Decimal | None
    placements: int
    nights: int
    real_terms: RealTerms | None

    @classmethod
    def of(cls, found: Sums) -> Self:
        """No placement, no figure."""
        any_at_all = found.bought_placements > 0
        return cls(
            pounds=pounds(found.bought_saving) if any_at_all else None,
            per_cent=found.per_cent,
            at_baseline=pounds(found.baseline) if any_at_all else None,
            paid=pounds(found.paid) if any_at_all else None,
            placements=found.bought_placements,
            nights=found.bought_nights,
            real_terms=RealTerms.of(found),
        )


class OwnCarers(BaseModel):
    """Placements with own carers at the price before the framework: cost avoided, not cashable."""

    pounds: Decimal | None
    at_baseline: Decimal | None
    paid: Decimal | None
    placements: int

    @classmethod
    def of(cls, found: Sums) -> Self:
        """No placement, no figure."""
        any_at_all = found.in_house_placements > 0
        return cls(
            pounds=pounds(found.in_house_saving) if any_at_all else None,
            at_baseline=pounds(found.in_house_baseline) if any_at_all else None,
            paid=pounds(found.in_house_paid) if any_at_all else None,
            placements=found.in_house_placements,
        )


class LedgerSums(BaseModel):
    """One row, or the whole."""

    effects: Effects
    cashable: Cashable
    own_carers: OwnCarers
    demand: Annotated[Decimal | None, Field(description="volume and mix: what no price brought about")]
    without_framework_price: Annotated[int, Field(description="placements whose agreed price stands in for the framework's")]
    without_tier_one_price: Annotated[int, Field(description="placements whose tier effect cannot be told from rate")]
    agreed_before_the_first_list: int

    @classmethod
    def of(cls, found: Sums, *, demand: bool) -> Self:
        """In pounds."""
        return cls(**_sums(found, demand=demand))


class LedgerRow(LedgerSums):
    """One quarter, lot, council, agency or tier."""

    key: Annotated[
        str, Field(description="a quarter's first day, a lot, an ONS code, a provider's code, a tier; empty: the baseline period")
    ]

    @classmethod
    def row(cls, key: str, found: Sums, *, demand: bool) -> Self:
        """Named."""
        return cls(key=key, **_sums(found, demand=demand))


class AvoidedCost(BaseModel):
    """Cost not incurred, against the declared baseline rate at the declared unit cost. Never cashable."""

    council: str
    event: Avoidable
    nights: Annotated[int, Field(description="nights slept, which the rate is for")]
    counted: Annotated[int, Field(description="how many happened")]
    incurred: Annotated[Decimal | None, Field(description="what they cost in fact, where placements' own prices say so")]
    expected: Annotated[Decimal | None, Field(description="how many at the baseline's rate; null where nobody declared one")]
    avoided: Decimal | None
    avoided_cost: Decimal | None
    unit_cost: Decimal | None
    source: str | None

    @classmethod
    def of(cls, found: Avoided) -> Self:
        """In pounds."""
        return cls(
            council=found.council,
            event=found.event,
            nights=found.nights,
            counted=found.counted,
            incurred=None if found.incurred is None else pounds(found.incurred),
            expected=found.expected,
            avoided=found.avoided,
            avoided_cost=None if found.pence is None else pounds(found.pence),
            unit_cost=None if found.declared is None else pounds(found.declared.pence),
            source=None if found.declared is None else found.declared.source,
        )


class NotCompared(BaseModel):
    """Placements that could not be compared, and what they cost."""

    why: str
    placements: int
    paid: Decimal


class LedgerReply(BaseModel):
    """The ledger of a scope by one dimension, over the whole quarters that the period touches."""

    asked: Asked
    first: date
    last: date
    by: By
    rows: list[LedgerRow]
    total: LedgerSums
    left_out: list[NotCompared]
    avoided: list[AvoidedCost]
    baseline_nights_of: Annotated[list[str], Field(description="councils whose volume and mix can be told")]
    price_index: Head | None
    expected: Expected | None

    @classmethod
    def of(cls, scope: Scope, by: By, found: Ledger) -> Self:
        """All of it."""
        demand = scope.agency is None
        return cls(
            asked=Asked.of(scope),
            first=found.covered.first,
            last=found.covered.last,
            by=by,
            rows=[LedgerRow.row(key, sums, demand=demand) for key, sums in found.rows],
            total=LedgerSums.of(found.total, demand=demand),
            left_out=[NotCompared(why=each.why, placements=each.placements, paid=pounds(each.paid)) for each in found.left_out],
            avoided=[AvoidedCost.of(each) for each in found.avoided],
            baseline_nights_of=list(found.baseline_nights_of),
            price_index=Head.of(found.index) if found.index else None,
            expected=Expected.of(found.expected),
        )


class LedgerLine(BaseModel):
    """One placement (or cell of the baseline period) in one quarter."""

    council: str
    quarter: date
    kind: LineKind
    id: Annotated[str, Field(description="the placement's; lot/band for the baseline period")]
    lot: str
    provider: str | None
    tier: str
    nights: int
    moves: int
    effects: Effects
    at_baseline: Decimal
    paid: Decimal
    at_baseline_real: Decimal | None
    paid_real: Decimal | None
    missing_month: str | None
    framework_price: Source | None
    why_left_out: str | None

    @classmethod
    def of(cls, found: lines.Line, *, demand: bool) -> Self:
        """In pounds."""
        return cls(
            council=found.council,
            quarter=found.quarter,
            kind=found.kind,
            id=found.id,
            lot=found.lot,
            provider=found.provider,
            tier=found.tier,
            nights=found.nights,
            moves=found.count,
            effects=Effects.of(found.effects, demand=demand),
            at_baseline=pounds(found.baseline),
            paid=pounds(found.paid),
            at_baseline_real=None if found.baseline_real is None else pounds(found.baseline_real),
            paid_real=None if found.paid_real is None else pounds(found.paid_real),
            missing_month=f"{found.index_missing:%Y-%m}" if found.index_missing else None,
            framework_price=found.source,
            why_left_out=found.why or None,
        )


def _sums(found: Sums, *, demand: bool) -> dict[str, object]:
    return {
        "effects": Effects.of(found.effects, demand=demand),
        "cashable": Cashable.of(found),
        "own_carers": OwnCarers.of(found),
        "demand": pounds(found.demand) if demand else None,
        "without_framework_price": found.without_framework_price,
        "without_tier_one_price": found.without_tier_one_price,
        "agreed_before_the_first_list": found.before_first_list,
    }
