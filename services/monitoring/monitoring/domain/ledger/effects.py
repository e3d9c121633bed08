"""Why less was spent than in the baseline period: volume, mix, rate and tier, in pence, adding up exactly.

The standard price-volume-mix analysis of spending, for each council. A *cell* is a lot and age band. For each cell the baseline period has
nights N0 and a price B (the council's own uploads); A is the average baseline price, all cells weighted by N0. In the period looked at,
each placement has nights n and four weekly prices, each the sum over its children:

* B  the council's own price before the framework, fixed on the day of arrival;
* R  the framework's price at tier one: of a tier-one placement its agency's own, of any other the mean of the lot's tier-one agencies;
* F  the framework's price of the agency that has the child;
* P  what is paid.

========  ==============================  =======================================================================
effect    of a placement's nights         what it says
========  ==============================  =======================================================================
volume    − n·A                           fewer (or more) nights than in the baseline period, at the average price
mix       n·A − n·B                       cheaper (or dearer) lots and bands than in the baseline period
rate      (n·B − n·R) + (n·F − n·P)       the framework's price against the former one, and the agreed against the framework's
tier      n·R − n·F                       not taking tier one: a lower tier, or own carers (whose F is P)
========  ==============================  =======================================================================

and of a cell's nights in the baseline period, for as many days as are looked at: volume + N0·A, mix N0·B − N0·A. All together that is
Σ N0·B − Σ n·P: what the baseline period cost less what was paid. Rate and tier together are the saving like for like, n·B − n·P: the same
nights at both prices, which is what the consortium's 5.4 per cent is about; volume and mix are demand and no saving of the framework.

Without the baseline period's nights volume and mix are nought and the total is the saving like for like.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """The same nights at each price, in pence. ``average`` is None where the baseline period's nights are not known."""

    average: int | None
    baseline: int
    tier_one: int
    framework: int
    paid: int


@dataclass(frozen=True, slots=True)
class Effects:
    """Pence spent less, by why; below nought is spent more. ``rate`` has its two parts apart."""

    volume: int = 0
    mix: int = 0
    rate_framework: int = 0
    rate_agreed: int = 0
    tier: int = 0

    @property
    def rate(self) -> int:
        """The framework's price against the former one, and the agreed price against the framework's."""
        return self.rate_framework + self.rate_agreed

    @property
    def like_for_like(self) -> int:
        """The same nights at the former price and as paid."""
        return self.rate + self.tier

    @property
    def total(self) -> int:
        """All four."""
        return self.volume + self.mix + self.like_for_like

    def __add__(self, other: Effects) -> Effects:
        return Effects(
            self.volume + other.volume,
            self.mix + other.mix,
            self.rate_framework + other.rate_framework,
            self.rate_agreed + other.rate_agreed,
            self.tier + other.tier,
        )


def of_placement(costs: Costs) -> Effects:
    """What a placement's nights add: their total is − paid, or baseline − paid without the baseline period's nights."""
    known = costs.average is not None
    average = costs.average or 0
    return Effects(
        volume=-average if known else 0,
        mix=average - costs.baseline if known else 0,
        rate_framework=costs.baseline - costs.tier_one,
        rate_agreed=costs.framework - costs.paid,
        tier=costs.tier_one - costs.framework,
    )


def of_baseline(*, average: int, baseline: int) -> Effects:
    """What the nights of the baseline period add: their total is what they cost."""
    return Effects(volume=average, mix=baseline - average)
