"""What is asked for: which council's, agency's and lot's records, over which period."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The filters that are set."""
        given = {Dimension.COUNCIL: self.council, Dimension.AGENCY: self.agency, Dimension.LOT: self.lot}
        return frozenset(dimension for dimension, value in given.items() if value is not None)


def of_council(records: Records, council: str) -> Records:
    """One council's part of the records about referrals and placements; beds are left as they are."""
    return replace(
        records,
        referrals=tuple(r for r in records.referrals if r.council == council),
        offers=tuple(o for o in records.offers if o.council == council),
        declines=tuple(d for d in records.declines if d.council == council),
        placements=tuple(p for p in records.placements if p.council == council),
        bed_requests=tuple(b for b in records.bed_requests if b.council == council),
        baseline=tuple(b for b in records.baseline if b.council == council),
    )


def of_lot(records: Records, lot: str) -> Records:
    """The placements of one lot, for what is told lot by lot."""
    return replace(records, placements=tuple(p for p in records.placements if p.lot == lot), lot=lot)
