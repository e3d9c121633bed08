"""Agencies' quarterly returns of a made-up past: what its own events say, and around them what only an agency knows.

They come in by ``POST /past-returns``, as an agency's returns of before Hearth would (docs/past-facts.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from hearth.simulate.plan import Plan
from hearth.simulate.planting import Plant, Planted

DUE_AFTER_DAYS = 21
NOT_AVAILABLE = ("carer_break", "child_alone", "carer_family", "approval_review", "held_for_child")
COUNTED = {"missing_episode": "missing_episodes", "allegation": "allegations", "complaint": "complaints"}

Lines = dict[str, str]


@dataclass
class Stay:
    """Children of one council who live with one agency."""

    agency: str
    council: str
    children: int
    since: date


@dataclass
class Quarter:
    """What one agency's quarter came to: by line of the form."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    nights: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Returns:
    """Hears the past month by month and makes each quarter's returns when it has ended."""

    plan: Plan
    planted: Sequence[Planted]
    made: list[dict[str, Any]] = field(default_factory=list)
    _living: dict[str, Stay] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _places: dict[str, tuple[int, int]] = field(default_factory=dict)
    _households_before: dict[str, int] = field(default_factory=dict)
    _quarters: dict[tuple[date, str], Quarter] = field(default_factory=lambda: defaultdict(Quarter))
    _closed: date | None = None

    def hear(self, event: Mapping[str, Any]) -> None:
        """One event, in the order of time."""
        day = date.fromisoformat(str(event["time"])[:10])
        self._close_before(quarter_of(day))
        data = event["data"]
        provider = str(data.get("provider", ""))
        if not provider.startswith("agency:"):
            return
        agency, council = provider.removeprefix("agency:"), str(data.get("council", ""))
        match event["type"]:
            case "places.counted":
                self._places[agency] = (data["households"], data["approved_places"])
            case "placement.agreed":
                self._sizes[data["placement"]] = data["children"]
            case "placement.started":
                started = date.fromisoformat(data["started_on"])
                stay = self._living[data["placement"]] = Stay(agency, council, self._sizes[data["placement"]], started)
                self._of(started, agency).counts[f"starts.{council}"] += stay.children
            case "placement.ended":
                self._ended(data, agency, council)
            case "placement_events.counted" if data["kind"] in COUNTED:
                month = date.fromisoformat(data["month"])
                self._of(month, agency).counts[f"{COUNTED[data['kind']]}.{council}"] += data["count"]

    def finish(self) -> list[dict[str, Any]]:
        """All returns that were received by the past's last day."""
        self._close_before(quarter_of(self.plan.until + timedelta(days=1)))
        return [one for one in self.made if date.fromisoformat(one["received_on"]) <= self.plan.until]

    def _ended(self, data: Mapping[str, Any], agency: str, council: str) -> None:
        stay = self._living.pop(data["placement"])
        ended = date.fromisoformat(data["ended_on"])
        quarter = self._of(ended, agency)
        quarter.counts[f"endings_{'planned' if data['planned'] else 'unplanned'}.{council}"] += stay.children
        if not data["planned"]:
            quarter.counts[f"unplanned_reasons.{data['reason']}"] += stay.children
        quarter.nights[council] += stay.children * (ended - max(stay.since, quarter_of(ended))).days

    def _of(self, day: date, agency: str) -> Quarter:
        return self._quarters[quarter_of(day), agency]

    def _close_before(self, begins: date) -> None:
        """Make the returns of every quarter that has ended."""
        if self._closed is None:
            self._closed = begins
        while self._closed < begins:
            ends = next_quarter(self._closed) - timedelta(days=1)
            if ends >= self.plan.first:
                self.made += [self._return(agency, self._closed, ends) for agency in sorted(self._places)]
            self._closed = next_quarter(self._closed)

    def _return(self, agency: str, begins: date, ends: date) -> dict[str, Any]:
        chance = Random(f"hearth past {self.plan.seed} return {agency} {begins}")  # noqa: S311 (made up, the same every time)
        quarter = self._quarters.pop((begins, agency), Quarter())
        lines = {name: str(count) for name, count in sorted(quarter.counts.items()) if count}
        here: dict[str, int] = defaultdict(int)
        for stay in self._living.values():
            if stay.agency == agency:
                here[stay.council] += stay.children
                quarter.nights[stay.council] += stay.children * ((ends - max(stay.since, begins)).days + 1)
        councils = sorted({*here, *(name.partition(".")[2] for name in lines if name.startswith(("starts.", "endings_")))})
        for council in councils:
            came, left = quarter.counts[f"starts.{council}"], self._left(quarter, council)
            lines[f"children_at_start.{council}"] = str(here[council] + left - came)
            lines[f"children_at_end.{council}"] = str(here[council])
            lines[f"child_weeks.{council}"] = f"{quarter.nights[council] / 7:.1f}"
        lines |= self._of_children(quarter, lines, councils, sum(here.values()), chance)
        lines |= self._of_homes(agency, sum(here.values()), chance)
        received = ends + timedelta(days=self._days_to_receive(agency, ends, chance))
        return {
            "form": "quarterly",
            "begins": begins.isoformat(),
            "agency": agency,
            "received_on": received.isoformat(),
            "lines": [{"name": name, "value": value} for name, value in lines.items()],
        }

    def _left(self, quarter: Quarter, council: str) -> int:
        return quarter.counts[f"endings_planned.{council}"] + quarter.counts[f"endings_unplanned.{council}"]

    def _of_children(self, quarter: Quarter, told: Lines, councils: list[str], children: int, chance: Random) -> Lines:
        """Education, health and safety: what no event tells."""
        lines: Lines = {}
        for council in councils:
            episodes = quarter.counts[f"missing_episodes.{council}"]
            there = int(told[f"children_at_start.{council}"]) + quarter.counts[f"starts.{council}"]
            if episodes:
                lines[f"missing_children.{council}"] = str(max(1, min(episodes, there, round(episodes * 0.6))))
                lines[f"return_interviews.{council}"] = str(_some(episodes, 0.82, chance))
        complaints = sum(count for name, count in quarter.counts.items() if name.startswith("complaints."))
        if complaints:
            by_child = _some(complaints, 0.35, chance)
            lines |= {"complaints_by.child": str(by_child), "complaints_by.parent": str(complaints - by_child)}
        school = round(children * 0.72)
        health, dental = round(children * 0.3), round(children * 0.4)
        asked = max(4, round(children * 0.8))
        answers = _some(asked, 0.55, chance)
        lines |= {
            "children_school_age": str(school),
            "children_full_time": str(_some(school, 0.9, chance)),
            "children_missed_school": str(_some(school, 0.11, chance)),
            "health_due": str(health),
            "health_done": str(_some(health, 0.87, chance)),
            "dental_due": str(dental),
            "dental_done": str(_some(dental, 0.8, chance)),
            "feedback_asked": str(asked),
            "feedback_answers": str(answers),
            "feedback_satisfied": str(_some(answers, 0.83, chance)),
        }
        return lines

    def _of_homes(self, agency: str, filled: int, chance: Random) -> Lines:
        """Homes, carers and staff."""
        households, told = self._places[agency]
        approved = max(told, filled, households)
        away = _some(approved - filled, 0.55, chance)
        grown = households - self._households_before.get(agency, households)
        self._households_before[agency] = households
        enquiries = chance.randint(2, 6) + households // 6
        workers = max(2.0, round(households / 9, 1))
        lines = {
            "households": str(households),
            "places_approved": str(approved),
            "places_filled": str(filled),
            "places_vacant": str(approved - filled - away),
            "enquiries": str(enquiries),
            "assessments_begun": str(_some(enquiries, 0.2, chance)),
            "households_approved": str(max(grown, 0)),
            "training_due": str(households),
            "training_complete": str(_some(households, 0.86, chance)),
            "social_workers": f"{workers:.1f}",
            "social_worker_vacancies": f"{chance.choice((0.0, 0.0, 0.5, 1.0)):.1f}",
            "supervising_social_workers": f"{max(1.0, round(workers * 0.6, 1)):.1f}",
        }
        if away:
            lines[f"places_not_available.{chance.choice(NOT_AVAILABLE)}"] = str(away)
        return lines

    def _days_to_receive(self, agency: str, ends: date, chance: Random) -> int:
        usual = chance.randint(6, 20) if chance.random() < 0.97 else DUE_AFTER_DAYS + chance.randint(1, 4)
        late = any(one.plant is Plant.LATE_RETURNS and one.agency == agency and ends >= one.since for one in self.planted)
        return DUE_AFTER_DAYS + 24 + chance.randint(-4, 4) if late else usual


def quarter_of(day: date) -> date:
    """The first day of the quarter in which a day falls."""
    return date(day.year, 1 + 3 * ((day.month - 1) // 3), 1)


def next_quarter(begins: date) -> date:
    """The first day of the quarter after."""
    return date(begins.year + begins.month // 10, begins.month % 12 + 3 if begins.month < 10 else 1, 1)


def _some(of: int, share: float, chance: Random) -> int:
    """About such a share of so many, never more than all."""
    return sum(chance.random() < share for _ in range(of))
