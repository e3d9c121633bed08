"""From an agreed home to its ending: the start, notice, the last day, and where the child goes from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from hearth.simulate.chance import one_of
from hearth.simulate.children import Need, days_of_stay
from hearth.simulate.districts import districts_of
from hearth.simulate.homes import Household
from hearth.simulate.market import Provider
from hearth.simulate.old_beds import OldBed
from hearth.simulate.planting import Plant
from hearth.simulate.world import World
from shared.contracts.words import PlaceChangeReason, PlacementKind, Urgency

CANCELLED = 0.025
"""Agreements that never begin."""
CANCELLED_REASONS = ("child_refused", "plan_changed", "court_decided_otherwise", "carer_unavailable", "safeguarding_concern")
NOTICE = 0.11
"""Stays of two months or more in which one side gives notice."""
NOTICE_DAYS = 28
WITH_NOTICE_AFTER = 60
"""Stays of so many days are given notice of, which is paid for."""
LOOKS_LATE = 0.12
"""Of the planned moves from such a stay of which no notice was given, those whose next home is looked for only when the move is due:
notice is given then, the child moves within days, and both homes are paid until it ends. Chosen: of 1,000 nights not quite one is paid
twice."""
MOVES_ON = 0.8
"""After an unplanned ending another foster home is looked for at once so often; otherwise the child goes home, to family or elsewhere."""
MOVES_AS_PLANNED = 0.28
UNPLANNED_REASONS = (
    (PlaceChangeReason.CARER_ASKED_BEHAVIOUR, 38),
    (PlaceChangeReason.CARER_ASKED_OTHER, 22),
    (PlaceChangeReason.CHILD_ASKED, 16),
    (PlaceChangeReason.ALLEGATION, 6),
    (PlaceChangeReason.STANDARDS_OF_CARE, 4),
    (PlaceChangeReason.OTHER, 14),
)


@dataclass
class Stay:
    """One placement."""

    need: Need
    referral: str
    kind: PlacementKind
    provider: Provider
    home: Household
    hold: str
    offer: str | None
    id: str = ""
    started_on: date | None = None
    ends_on: date | None = None
    notice_by: str | None = None

    @property
    def about(self) -> dict[str, str]:
        """What every event of a placement says."""
        return {
            "placement": self.id,
            "referral": self.referral,
            "council": self.need.council,
            "provider": self.provider.code,
            "vacancy": self.home.vacancy,
            "hold": self.hold,
        }


@dataclass
class Living:
    """Follows placements."""

    world: World
    again: Callable[[datetime, Need, Urgency], None] = lambda *_: None
    """Begins the next referral of a child that must move."""
    here: dict[tuple[str, str], int] = field(default_factory=dict)
    """Council and provider → children living there now."""
    old_beds: list[OldBed] = field(default_factory=list)
    """Those paid to the end of notice while the child's next home was looked for."""

    def agree(self, moment: datetime, stay: Stay, how_soon: Urgency) -> str:
        """A home is agreed; the weekly price, as it is told."""
        world, chance, need = self.world, self.world.chance, stay.need
        stay.id = world.teller.id(moment)
        days = {Urgency.EMERGENCY: 0, Urgency.SAME_DAY: chance.randint(0, 1), Urgency.PLANNED: chance.randint(1, 9)}
        starts_on = moment.date() + timedelta(days=days.get(how_soon, chance.randint(5, 25)))
        pounds = str(world.pounds_per_week(need, stay.provider, moment.date()))
        data = stay.about | {
            "offer": stay.offer,
            "lot": need.lot,
            "kind": stay.kind,
            "children": len(need.ages),
            "ages": need.ages,
            "tier": None if stay.provider.in_house else stay.provider.tiers.get(need.lot),
            "pounds_per_week": pounds,
            "starts_on": starts_on.isoformat(),
            "within_20_miles": world.within_20_miles(need, stay.home, set(districts_of(need.council))),
            "agreed_at": moment.isoformat(),
        }
        world.say(moment, "placement.agreed", stay.id, 1, need, data)
        begins = max(_hour(starts_on, chance.uniform(10, 19)), world.after(moment, 0.5))
        if chance.random() < CANCELLED:
            world.agenda.at(begins, lambda due: self._cancel(due, stay))
        else:
            world.agenda.at(begins, lambda due: self.start(due, stay))
        return pounds

    def start(self, moment: datetime, stay: Stay, days: int | None = None) -> None:
        """The child moves in. ``days``: how much longer the stay lasts, where it is a stay that goes on from before the past."""
        world, chance, need = self.world, self.world.chance, stay.need
        stay.started_on = moment.date()
        if need.old_bed is not None:
            need.old_bed.moves_in(stay.id, stay.started_on)
            need.left_on = stay.started_on
        number = need.number_of(stay.started_on)
        world.say(
            moment,
            "placement.started",
            stay.id,
            2,
            need,
            stay.about | {"started_on": stay.started_on.isoformat(), "numbers_in_year": [number] * len(need.ages)},
        )
        world.beds.fill(moment, stay.home, need.council, hold=stay.hold, placement=stay.id, beds=len(need.ages))
        self._count(stay, len(need.ages))
        nights = days if days is not None else days_of_stay(stay.kind, chance)
        stay.ends_on = stay.started_on + timedelta(days=nights)
        if nights >= WITH_NOTICE_AFTER and chance.random() < NOTICE:
            world.agenda.at(_hour(stay.ends_on - timedelta(days=NOTICE_DAYS), 11), lambda due: self._notice(due, stay))
        world.agenda.at(max(_hour(stay.ends_on, chance.uniform(8, 17)), world.after(moment, 1)), lambda due: self._end(due, stay))

    def _cancel(self, moment: datetime, stay: Stay) -> None:
        world, need = self.world, stay.need
        reason = world.chance.choice(CANCELLED_REASONS)
        world.say(moment, "placement.cancelled", stay.id, 2, need, stay.about | {"reason": reason})
        world.beds.free(moment, stay.home, need.council, hold=stay.hold, beds=len(need.ages))
        if world.chance.random() < 0.5:
            self.again(world.after(moment, 20), need, Urgency.SAME_DAY)

    def _notice(self, moment: datetime, stay: Stay) -> None:
        """One side gives notice; now and then it is taken back, and the stay ends as it would have."""
        world, chance, need = self.world, self.world.chance, stay.need
        by = "provider" if chance.random() < 0.72 else "council"
        notice, about = self._say_notice(moment, stay, by)
        if chance.random() < 0.12:
            by_whom = stay.provider.code if by == "provider" else f"council:{need.council}"
            world.say(world.after(moment, 24 * chance.uniform(2, 12)), "placement.notice_withdrawn", notice, 2, need, about, by=by_whom)
        else:
            stay.notice_by = by

    def _say_notice(self, moment: datetime, stay: Stay, by: str) -> tuple[str, dict[str, str]]:
        """Notice to the day the stay ends; its id, and what every event of a notice says."""
        assert stay.ends_on is not None
        need, notice = stay.need, self.world.teller.id(moment)
        about = {"notice": notice, "placement": stay.id, "council": need.council, "provider": stay.provider.code}
        told = about | {"referral": stay.referral, "by": by, "notice_on": moment.date().isoformat(), "ends_on": stay.ends_on.isoformat()}
        by_whom = stay.provider.code if by == "provider" else f"council:{need.council}"
        self.world.say(moment, "placement.notice_given", notice, 1, need, told, by=by_whom)
        return notice, about

    def _end(self, moment: datetime, stay: Stay) -> None:
        """The stay ends; or, of some planned moves, the next home is looked for only now, and the bed paid to the end of notice."""
        world, chance, need = self.world, self.world.chance, stay.need
        assert stay.started_on is not None
        unplanned = chance.random() < self._chance_of_unplanned(stay, moment.date())
        if unplanned:
            reason = one_of(UNPLANNED_REASONS, chance)
        else:
            reason = PlaceChangeReason.CARE_PLAN if chance.random() < 0.9 else PlaceChangeReason.COUNCIL_ASKED
        moves = chance.random() < (MOVES_ON if unplanned else MOVES_AS_PLANNED) and need.moves < 6 and max(need.ages) < 17
        if moves and not unplanned and self._looks_late(moment.date(), stay):
            self._looks_under_notice(moment, stay, reason)
        else:
            self._leave(moment, stay, reason, planned=not unplanned)
        years = (moment.date() - stay.started_on).days // 365
        need.ages = [min(17, age + years) for age in need.ages]
        if moves:
            need.moves += 1
            need.referrals = 0
            soon = Urgency.PLANNED if not unplanned else chance.choice((Urgency.EMERGENCY, Urgency.SAME_DAY, Urgency.SAME_DAY))
            self.again(world.after(moment, chance.uniform(0.2, 3)), need, soon)

    def _looks_late(self, day: date, stay: Stay) -> bool:
        """Whether no notice was given yet when a planned move is due, of stays that have any."""
        assert stay.started_on is not None
        bound = (day - stay.started_on).days >= WITH_NOTICE_AFTER and stay.notice_by is None and stay.need.old_bed is None
        return bound and self.world.chance.random() < LOOKS_LATE

    def _looks_under_notice(self, moment: datetime, stay: Stay, reason: PlaceChangeReason) -> None:
        """The council gives notice today. The child moves as soon as there is a home; the bed is paid until the notice ends."""
        stay.ends_on = moment.date() + timedelta(days=NOTICE_DAYS)
        stay.notice_by = "council"
        self._say_notice(moment, stay, "council")
        stay.need.old_bed = OldBed(stay.id, stay.need.council, stay.provider.code, stay.ends_on)
        self.old_beds.append(stay.need.old_bed)
        leaves = _hour(stay.ends_on, self.world.chance.uniform(8, 17))
        self.world.agenda.at(leaves, lambda due: self._leave(due, stay, reason, planned=True))

    def _leave(self, moment: datetime, stay: Stay, reason: PlaceChangeReason, *, planned: bool) -> None:
        """The agreement ends and its beds can be taken again."""
        world, need, day = self.world, stay.need, moment.date()
        assert stay.started_on is not None
        days = {"started_on": stay.started_on.isoformat(), "ended_on": day.isoformat()}
        data = stay.about | days | {"planned": planned, "reason": reason, "children": len(need.ages)}
        world.say(moment, "placement.ended", stay.id, 3, need, data)
        world.beds.free(moment, stay.home, need.council, hold=stay.hold, beds=len(need.ages))
        self._count(stay, -len(need.ages))
        old = need.old_bed
        if old is not None and old.placement == stay.id:
            need.old_bed = None
            if old.lived:  # gone already: the day the child left is that of the move
                return
        elif old is not None:
            old.moves_out(stay.id, day)
        need.left_on = day

    def _chance_of_unplanned(self, stay: Stay, day: date) -> float:
        provider = stay.provider
        usual = provider.unplanned * provider.times(Plant.MORE_UNPLANNED_ENDINGS, day) * provider.times(Plant.FEWER_UNPLANNED_ENDINGS, day)
        if stay.kind in (PlacementKind.SHORT_BREAK, PlacementKind.FOSTERING_FOR_ADOPTION):
            usual *= 0.3
        if max(stay.need.ages) >= 12:
            usual *= 1.15
        return min(0.92, max(usual, 0.55) if stay.notice_by == "provider" else usual)

    def _count(self, stay: Stay, children: int) -> None:
        key = (stay.need.council, stay.provider.code)
        self.here[key] = self.here.get(key, 0) + children


def _hour(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(0), UTC) + timedelta(seconds=round(hour * 3600))
