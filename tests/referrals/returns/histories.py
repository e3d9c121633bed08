"""Times in care for laws: periods tiled by legal statuses and placements, drawn at random, all facts present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from referrals.domain.episodes import CarePeriod, StatusFrom, Stay

FIRST_DAY = date(2023, 4, 1)
POSTCODES = ("SO14 7LY", "SO15 5SS", "RG1 1AA", "OX1 1AA", "GU1 1AA")
PLACES = (("U6", "PR4", "SC900001"), ("U4", "PR5", "SC900002"), ("K2", "PR4", "SC900003"), ("U6", "PR1", "SC900004"), ("P1", "PR0", None))
REASONS = ("CARPL", "CREQB", "LAREQ", "OTHER")


@dataclass(frozen=True)
class TimeOfChild:
    """What was recorded of one child."""

    periods: tuple[CarePeriod, ...]
    statuses: tuple[StatusFrom, ...]
    stays: tuple[Stay, ...]


@st.composite
def times(draw: st.DrawFn, *, most_periods: int = 3) -> TimeOfChild:
    """One to three periods, each cut at random days into legal statuses and placements."""
    day, periods, statuses, stays = FIRST_DAY, [], [], []
    count = draw(st.integers(1, most_periods))
    for number in range(count):
        began = day + timedelta(draw(st.integers(1, 60)))
        days = draw(st.integers(2, 400))
        lasts = number == count - 1 and draw(st.booleans())
        ended = None if lasts else began + timedelta(days)
        periods.append(
            CarePeriod(began, draw(st.sampled_from(["N1", "N5"])), ended, None if lasts else draw(st.sampled_from(["E4A", "E8"])),
                       ((began, "SO16 9GQ"),))
        )  # fmt: skip
        statuses += [StatusFrom(on, draw(st.sampled_from(["C1", "C2", "V2", "E1"]))) for on in _cuts(draw, began, days)]
        starts = _cuts(draw, began, days)
        for place, on in enumerate(starts):
            kind, provider, urn = draw(st.sampled_from(PLACES))
            last = place + 1 == len(starts)
            stay = Stay(
                on, kind, ended if last else starts[place + 1], provider, urn, draw(st.sampled_from(POSTCODES)),
                None if last else draw(st.sampled_from(REASONS)), same_carer=place > 0 and draw(st.booleans()),
            )  # fmt: skip
            stays.append(stay)
        day = began + timedelta(days + 1)
    return TimeOfChild(tuple(periods), tuple(draw(st.permutations(statuses))), tuple(draw(st.permutations(stays))))


def _cuts(draw: st.DrawFn, began: date, days: int) -> list[date]:
    inside = draw(st.sets(st.integers(1, days - 1), max_size=4)) if days > 1 else set()
    return [began, *(began + timedelta(each) for each in sorted(inside))]
