"""Episodes of the national return: a child's time in care cut wherever legal status or placement changes.

Pure: from periods of being looked after, legal statuses and placements to rows, and what is missing for rows to be made. A day on which
something changes ends one episode and begins the next (``dec`` of one is ``decom`` of the other). Source: SSDA903 Episodes table; rules
433 to 436 of the sector's validator hold each change to what the row shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from referrals.domain.ssda903 import SHORT_BREAKS, TEMPORARY_PLACES, WITHOUT_PROVIDER, WITHOUT_URN, year_end, year_start

CONTINUES = "X1"
"""REC of an episode that another follows on the same day."""
STARTED = "S"
"""RNE of the episode with which a child starts to be looked after."""


@dataclass(frozen=True, repr=False)
class CarePeriod:
    """One time of being looked after, from ``began_on`` until ``ended_on`` (None: still), with its REC code (``ending_reason``).

    ``category_of_need`` (CIN) is that of its start and stays. ``homes`` are the child's home postcodes (HOME_POST), each with the day from
    which it held. ``first_reason`` is the RNE of its first episode: S unless what came before is known to nobody here.
    """

    began_on: date
    category_of_need: str
    ended_on: date | None = None
    ending_reason: str | None = None
    homes: tuple[tuple[date, str], ...] = ()
    first_reason: str = STARTED


@dataclass(frozen=True)
class StatusFrom:
    """A legal status (LS) and the day from which it holds."""

    from_on: date
    legal_status: str


@dataclass(frozen=True, repr=False)
class Stay:
    """One placement of a child from the day it moved in until the day it left.

    ``carer`` is the household if it is known, ``same_carer`` says so in words: the carer is that of the placement before.
    ``change_reason`` is REASON_PLACE_CHANGE, ``postcode`` PL_POST, ``urn`` the Ofsted number of who provides it.
    """

    began_on: date
    place: str
    ended_on: date | None = None
    place_provider: str | None = None
    urn: str | None = None
    postcode: str | None = None
    change_reason: str | None = None
    carer: UUID | None = None
    same_carer: bool = False

    def shown(self) -> tuple[str | None, ...]:
        """What a row shows of it: two placements after each other must differ here, or the return cannot tell that the child moved."""
        return (self.place, self.place_provider, self.urn, self.postcode)


@dataclass(frozen=True, repr=False)
class Episode:
    """One row of the Episodes table but for CHILD; names are the columns' in lower case."""

    decom: date
    rne: str
    ls: str
    cin: str
    place: str
    place_provider: str | None
    dec: date | None
    rec: str | None
    reason_place_change: str | None
    home_post: str | None
    pl_post: str | None
    urn: str | None

    def columns(self) -> dict[str, date | str | None]:
        """The row by the return's own column names."""
        return {name.upper(): value for name, value in vars(self).items()}


class GapRule(StrEnum):
    """What is missing or contradictory in the record of a child's time in care."""

    NO_LEGAL_STATUS = "no_legal_status"
    NO_PLACEMENT = "no_placement"
    TWO_PLACEMENTS = "two_placements"
    PLACEMENT_OUTSIDE_CARE = "placement_outside_care"
    NO_PROVIDER = "no_provider"
    NO_URN = "no_urn"
    NO_PLACEMENT_POSTCODE = "no_placement_postcode"
    NO_HOME_POSTCODE = "no_home_postcode"
    NO_CHANGE_REASON = "no_change_reason"
    MOVE_NOT_SHOWN = "move_not_shown"


GAP_WORDS = {
    GapRule.NO_LEGAL_STATUS: "Record the legal status the child had from this day.",
    GapRule.NO_PLACEMENT: "The child was looked after but in no placement: record where the child lived from this day, or that care ended.",
    GapRule.TWO_PLACEMENTS: "A placement began while another lasted: record when and why the earlier one ended.",
    GapRule.PLACEMENT_OUTSIDE_CARE: "The child was in a placement while not looked after: record when care began, or the placement ended.",
    GapRule.NO_PROVIDER: "Record who provides this placement (PLACE_PROVIDER). If an agency does, its record has not been heard of yet.",
    GapRule.NO_URN: "Record the Ofsted number of who provides this placement; of your own carers, that of your fostering service.",
    GapRule.NO_PLACEMENT_POSTCODE: "Record the postcode of this placement.",
    GapRule.NO_HOME_POSTCODE: "Record the postcode of the child's home in the child's record.",
    GapRule.NO_CHANGE_REASON: "Record why the placement ended (REASON_PLACE_CHANGE).",
    GapRule.MOVE_NOT_SHOWN: "The child moved, but code, provider, Ofsted number and postcode of both placements are the same: check them.",
}


@dataclass(frozen=True)
class Gap:
    """One thing missing, on the day (``on``) it is first missing and until when; None for as long as can be seen."""

    rule: GapRule
    on: date
    until: date | None = None


@dataclass(frozen=True)
class TimeInCare:
    """A child's episodes, oldest first, and what is missing. A period whose statuses or placements do not tile it has no episodes."""

    episodes: tuple[Episode, ...] = ()
    gaps: tuple[Gap, ...] = ()


def derive(periods: Iterable[CarePeriod], statuses: Iterable[StatusFrom], stays: Iterable[Stay]) -> TimeInCare:
    """All episodes of a child, and every gap. Placements of less than a day (left on the day they began) are not counted.

    Episodes of a period follow on each other without gap or overlap from its first day to its last, each but the last ends with X1, and
    each begins with the reason its own row shows: L legal status, P placement and carer, T placement with the same carer, B legal status,
    placement and carer, U legal status and placement with the same carer. A temporary place (T0 to T4) interrupts the placement it lies in.
    """
    known = _with_interruptions([stay for stay in stays if stay.ended_on != stay.began_on])
    dated = sorted(statuses, key=lambda status: status.from_on)
    episodes: list[Episode] = []
    gaps: list[Gap] = []
    inside: set[int] = set()
    for period in sorted(periods, key=lambda period: period.began_on):
        if period.ended_on == period.began_on:
            continue
        own = [place for place, stay in enumerate(known) if _overlap(stay, period)]
        inside.update(own)
        own_stays = [known[place] for place in own]
        own_statuses = _changes([status for status in dated if _within(status.from_on, period)])
        broken = [*_status_gaps(period, own_statuses), *_tiling_gaps(period, own_stays)]
        if not broken:
            rows = _rows(period, own_statuses, own_stays)
            broken = [*_missing_facts(period, rows, own_stays), *_moves_not_shown(own_stays)]
            episodes += rows
        gaps += broken
    gaps += [Gap(GapRule.PLACEMENT_OUTSIDE_CARE, stay.began_on, stay.ended_on) for place, stay in enumerate(known) if place not in inside]
    return TimeInCare(tuple(episodes), tuple(sorted(gaps, key=lambda gap: (gap.on, gap.rule))))


def in_year(time: TimeInCare, year: int) -> TimeInCare:
    """What belongs into the return of the year that ends in ``year``, as things stood on its 31 March.

    Every episode that was open on a day of the year; one that ended later is shown open. Of the gaps, those that touch the year.
    """
    first, last = year_start(year), year_end(year)
    rows = [row for row in time.episodes if row.decom <= last and (row.dec is None or row.dec >= first)]
    as_stood = [replace(row, dec=None, rec=None, reason_place_change=None) if row.dec and row.dec > last else row for row in rows]
    return TimeInCare(tuple(as_stood), tuple(gap for gap in time.gaps if gap.on <= last and (gap.until is None or gap.until >= first)))


def whole_year(time: TimeInCare, year: int) -> bool:
    """Whether the child was looked after without a break from 1 April to 31 March, short breaks apart: who the yearly outcomes are for."""
    rows, first = in_year(time, year).episodes, year_start(year)
    broken_off = any(row.rec not in (None, CONTINUES) and row.dec is not None and row.dec < year_end(year) for row in rows)
    came_in = any(row.rne == STARTED and row.decom > first for row in rows)
    return bool(rows) and not broken_off and not came_in and rows[0].decom <= first and all(row.ls not in SHORT_BREAKS for row in rows)


def _with_interruptions(stays: Sequence[Stay]) -> list[Stay]:
    """By first day; a placement with a temporary one inside it is cut in two: the child left it and came back."""
    parts = [stay for stay in stays if stay.place not in TEMPORARY_PLACES]
    away = sorted((stay for stay in stays if stay.place in TEMPORARY_PLACES), key=lambda stay: stay.began_on)
    for absence in away:
        for place, stay in enumerate(parts):
            if stay.began_on < absence.began_on and (stay.ended_on is None or absence.began_on < stay.ended_on):
                parts[place] = replace(stay, ended_on=absence.began_on, change_reason=None)
                if absence.ended_on is not None and (stay.ended_on is None or absence.ended_on < stay.ended_on):
                    parts.append(replace(stay, began_on=absence.ended_on, same_carer=False))
                break
    return sorted((*parts, *away), key=lambda stay: stay.began_on)


def _overlap(stay: Stay, period: CarePeriod) -> bool:
    begins_before_end = period.ended_on is None or stay.began_on < period.ended_on
    return begins_before_end and (stay.ended_on is None or stay.ended_on > period.began_on)


def _within(day: date, period: CarePeriod) -> bool:
    return period.began_on <= day and (period.ended_on is None or day < period.ended_on)


def _changes(statuses: Sequence[StatusFrom]) -> list[StatusFrom]:
    """The statuses that differ from the one before: the same recorded again changes nothing."""
    return [status for place, status in enumerate(statuses) if not place or statuses[place - 1].legal_status != status.legal_status]


def _status_gaps(period: CarePeriod, statuses: Sequence[StatusFrom]) -> Iterator[Gap]:
    if not statuses or statuses[0].from_on != period.began_on:
        yield Gap(GapRule.NO_LEGAL_STATUS, period.began_on, statuses[0].from_on if statuses else period.ended_on)


def _tiling_gaps(period: CarePeriod, stays: Sequence[Stay]) -> Iterator[Gap]:
    if not stays:
        yield Gap(GapRule.NO_PLACEMENT, period.began_on, period.ended_on)
        return
    first, last = stays[0], stays[-1]
    if first.began_on > period.began_on:
        yield Gap(GapRule.NO_PLACEMENT, period.began_on, first.began_on)
    elif first.began_on < period.began_on:
        yield Gap(GapRule.PLACEMENT_OUTSIDE_CARE, first.began_on, period.began_on)
    for before, after in pairwise(stays):
        if before.ended_on is None or before.ended_on > after.began_on:
            yield Gap(GapRule.TWO_PLACEMENTS, after.began_on, before.ended_on)
        elif before.ended_on < after.began_on:
            yield Gap(GapRule.NO_PLACEMENT, before.ended_on, after.began_on)
    if last.ended_on is not None and (period.ended_on is None or last.ended_on < period.ended_on):
        yield Gap(GapRule.NO_PLACEMENT, last.ended_on, period.ended_on)
    elif period.ended_on is not None and last.ended_on != period.ended_on:
        yield Gap(GapRule.PLACEMENT_OUTSIDE_CARE, period.ended_on, last.ended_on)


def _rows(period: CarePeriod, statuses: Sequence[StatusFrom], stays: Sequence[Stay]) -> list[Episode]:
    """The period cut at each change; its statuses and stays are known to tile it."""
    moves = {stay.began_on: place for place, stay in enumerate(stays)}
    changes = {status.from_on: status.legal_status for status in statuses}
    cuts = sorted({*moves, *changes})
    rows: list[Episode] = []
    stay, status = stays[0], statuses[0].legal_status
    for place, cut in enumerate(cuts):
        moved, changed = cut in moves, cut in changes
        before, stay, status = stay, stays[moves[cut]] if moved else stay, changes.get(cut, status)
        last = place + 1 == len(cuts)
        following = None if last else cuts[place + 1]
        moves_on = following is not None and following in moves
        to_temporary = moves_on and stays[moves[following]].place in TEMPORARY_PLACES  # type: ignore[index]
        short_break = status in SHORT_BREAKS
        rows.append(
            Episode(
                decom=cut,
                rne=period.first_reason if not place else _reason(moved, changed, _same_carer(before, stay)),
                ls=status,
                cin=period.category_of_need,
                place=stay.place,
                place_provider=None if stay.place in WITHOUT_PROVIDER else stay.place_provider,
                dec=period.ended_on if last else following,
                rec=period.ending_reason if last else CONTINUES,
                reason_place_change=stay.change_reason if moves_on and not to_temporary and stay.place not in TEMPORARY_PLACES else None,
                home_post=None if short_break else _home(period, cut),
                pl_post=None if short_break else stay.postcode,
                urn=None if short_break or stay.place in WITHOUT_URN else stay.urn,
            )
        )
    return rows


def _same_carer(before: Stay, after: Stay) -> bool:
    return after.same_carer or (after.carer is not None and after.carer == before.carer)


def _reason(moved: bool, changed: bool, same_carer: bool) -> str:
    if not moved:
        return "L"
    if changed:
        return "U" if same_carer else "B"
    return "T" if same_carer else "P"


def _home(period: CarePeriod, day: date) -> str | None:
    held = [postcode for from_on, postcode in period.homes if from_on <= day]
    return held[-1] if held else None


def _missing_facts(period: CarePeriod, rows: Sequence[Episode], stays: Sequence[Stay]) -> Iterator[Gap]:
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        if row.place_provider is None and row.place not in WITHOUT_PROVIDER:
            yield Gap(GapRule.NO_PROVIDER, row.decom, row.dec)
        moves_on = following is not None and following.rne != "L"
        temporary = row.place in TEMPORARY_PLACES or (following is not None and following.place in TEMPORARY_PLACES)
        if moves_on and row.reason_place_change is None and not temporary:
            yield Gap(GapRule.NO_CHANGE_REASON, row.decom, row.dec)
        if row.ls in SHORT_BREAKS:
            continue
        if row.urn is None and row.place not in WITHOUT_URN and row.place != "H5":
            yield Gap(GapRule.NO_URN, row.decom, row.dec)
        if row.pl_post is None:
            yield Gap(GapRule.NO_PLACEMENT_POSTCODE, row.decom, row.dec)
        if row.home_post is None:
            yield Gap(GapRule.NO_HOME_POSTCODE, row.decom, row.dec)


def _moves_not_shown(stays: Sequence[Stay]) -> Iterator[Gap]:
    for before, after in pairwise(stays):
        if before.shown() == after.shown():
            yield Gap(GapRule.MOVE_NOT_SHOWN, after.began_on, after.ended_on)
