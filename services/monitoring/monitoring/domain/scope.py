"""What is asked for: which council's, agency's and lot's records, over which period."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitoring.domain.counted import Counted
from monitoring.domain.definition import Dimension
from monitoring.domain.facts import Records
from monitoring.domain.period import Period


@dataclass(frozen=True, slots=True)
class Scope:
    """The filters of one question. None means: all that the reader may see."""

    period: Period
    council: str | None = None
    agency: str | None = None
    lot: str | None = None

    def holds(self, row: Counted) -> bool:
        """Whether a row is the council's, agency's and lot's asked for."""
        return row.of(council=self.council, agency=self.agency, lot=self.lot)

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The filters that are set."""
        given = {Dimension.COUNCIL: self.council, Dimension.AGENCY: self.agency, Dimension.LOT: self.lot}
        return frozenset(dimension for dimension, value in given.items() if value is not None)


def of_lot(records: Records, lot: str) -> Records:
    """The placements of one lot, for what is told lot by lot."""
    return replace(records, placements=tuple(p for p in records.placements if p.lot == lot))
