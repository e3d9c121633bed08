"""Cost that was not incurred, beside what was: counted against a declared baseline rate, at a declared unit cost, never cashable.

Nobody can hand in a bill that was never sent. So an avoided event is the baseline's rate for the nights slept less the events counted, and
its money is that at the unit cost somebody declared with its source. Below nought means more than in the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from monitoring.domain.figure import TENTH, rounded
from monitoring.domain.ledger.pence import half_up
from monitoring.domain.ledger.uploaded import Avoidable, UnitCost


@dataclass(frozen=True, slots=True)
class Avoided:
    """One kind of event of one council: counted, expected at the baseline's rate, avoided, and its money in pence.

    ``declared`` is None where nobody declared a unit cost and rate: then only what was counted is told. ``incurred`` is what the counted
    events cost in fact, where placements say so (double-paid nights at their own price).
    """

    event: Avoidable
    council: str
    nights: int
    counted: int
    incurred: int | None
    declared: UnitCost | None

    @property
    def expected(self) -> Decimal | None:
        """How many there would have been at the baseline's rate, to one place."""
        return None if self.declared is None else rounded(self._expected(self.declared), TENTH)

    @property
    def avoided(self) -> Decimal | None:
        """How many fewer there were."""
        return None if self.declared is None else rounded(self._expected(self.declared) - self.counted, TENTH)

    @property
    def pence(self) -> int | None:
        """What those fewer would have cost, each at the unit cost; from the exact number, rounded once."""
        if self.declared is None:
            return None
        exact = (self._expected(self.declared) - self.counted) * self.declared.pence
        return half_up(exact.numerator, exact.denominator)

    def _expected(self, declared: UnitCost) -> Fraction:
        return self.nights * declared.per_1000_nights / 1000
