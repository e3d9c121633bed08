"""Beds that are paid to the end of notice though the child has moved: nights paid twice, kept as they come about for the truth file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Lived:
    """A later placement of the same child, from its first day to its last (None while it goes on)."""

    placement: str
    began: date
    ended: date | None = None


@dataclass
class OldBed:
    """A placement under notice while its child's next home is looked for. It is paid up to the night before ``until``."""

    placement: str
    council: str
    provider: str
    until: date
    lived: list[Lived] = field(default_factory=list)

    def moves_in(self, placement: str, day: date) -> None:
        """The child lives elsewhere from now on."""
        self.lived.append(Lived(placement, day))

    def moves_out(self, placement: str, day: date) -> None:
        """And no longer there."""
        for each in self.lived:
            if each.placement == placement:
                each.ended = day

    def nights(self, last: date) -> int:
        """Nights paid twice, up to the one after ``last``: those of a later placement before the old one ends."""
        over = min(self.until, last + timedelta(days=1))
        return sum(max((min(over, each.ended or over) - each.began).days, 0) for each in self.lived)


def as_told(beds: list[OldBed], last: date) -> dict[str, object]:
    """The truth file's part: how many nights were paid twice, of which placements, because the child lived in which by then."""
    twice = [(bed, nights) for bed in beds if (nights := bed.nights(last))]
    return {
        "nights": sum(nights for _, nights in twice),
        "placements": [
            {
                "placement": bed.placement,
                "council": bed.council,
                "provider": bed.provider,
                "ends_on": bed.until.isoformat(),
                "moved_to": [each.placement for each in bed.lived],
                "moved_on": bed.lived[0].began.isoformat(),
                "nights": nights,
            }
            for bed, nights in twice
        ],
    }
