"""The series that alerts watch, counted from a made-up past's own lines: by hand, without the service or its formulas."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hearth.simulate.found import Found
from monitoring.domain.alert import Alert, State
from monitoring.domain.alert import Found as Signal
from monitoring.domain.catalogue import KPIS
from monitoring.domain.special_cause import Way
from monitoring.domain.watch import LOOK, WATCHED, How, Month, Series, Watch
from shared import ids

UK = ZoneInfo("Europe/London")
NOUGHT = Decimal(0)


@dataclass
class Tally:
    """One series while it is counted: by month, marked, of how many, and single values."""

    marked: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    of: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    values: dict[date, list[Decimal]] = field(default_factory=lambda: defaultdict(list))

    def months(self) -> tuple[Month, ...]:
        """As alerts read them."""
        every = sorted({*self.marked, *self.of, *self.values})
        return tuple(Month(month, self.marked[month], self.of[month], tuple(sorted(self.values[month]))) for month in every)


class Counting:
    """Counts every watched figure of the consortium, each council and each agency."""

    def __init__(self, found: Found, lines: Iterable[bytes]) -> None:
        self.found = found
        self.series: dict[tuple[str, str], Tally] = defaultdict(Tally)
        self.begun: dict[str, datetime] = {}
        self.broadcast: dict[str, tuple[datetime, str]] = {}
        self.first: dict[str, tuple[Decimal, date]] = {}
        self.cancelled = set[str]()
        told = [json.loads(line) for line in lines]
        self.cancelled = {event["subject"] for event in told if event["type"] == "placement.cancelled"}
        placed = set[str]()
        for event in told:
            self._count(event, placed)
        for wait, month in self.first.values():
            self.series["time_to_first_offer_median", "consortium"].values[month].append(wait)

    def _count(self, event: dict[str, Any], placed: set[str]) -> None:
        data, at = event["data"], datetime.fromisoformat(event["time"])
        match event["type"]:
            case "referral.created":
                self.begun[event["subject"]] = at
            case "referral.broadcast":
                self.broadcast[event["subject"]] = (at, data["view"]["council"])
                for scope in ("consortium", *(f"agency:{one.urn}" for one in self.found.agencies)):
                    self.series["offers_per_referral", scope].of[_month(at)] += 1
            case "offer.made":
                self._offer(data)
            case "placement.agreed" if event["subject"] not in self.cancelled:
                self._agreed(data, at, placed)
            case "placement.ended":
                month = date.fromisoformat(data["ended_on"]).replace(day=1)
                for scope in _scopes(data):
                    self.series["unplanned_endings", scope].of[month] += 1
                    self.series["unplanned_endings", scope].marked[month] += not data["planned"]

    def _offer(self, data: dict[str, Any]) -> None:
        sent, _ = self.broadcast[data["referral"]]
        wait = Decimal((datetime.fromisoformat(data["made_at"]) - sent).total_seconds()) / 3600
        month = _month(sent)
        for scope in ("consortium", data["provider"]):
            self.series["offers_per_referral", scope].marked[month] += 1
        self.series["time_to_first_offer_median", data["provider"]].values[month].append(wait)
        known = self.first.get(data["referral"])
        if known is None or wait < known[0]:
            self.first[data["referral"]] = (wait, month)

    def _agreed(self, data: dict[str, Any], at: datetime, placed: set[str]) -> None:
        month, in_house = _month(at), data["provider"].startswith("council:")
        if data["referral"] not in placed and data["referral"] in self.begun:
            placed.add(data["referral"])
            days = Decimal((at - self.begun[data["referral"]]).total_seconds()) / 86400
            self.series["time_to_placement_median", "consortium"].values[month].append(days)
        self._share("placed_in_house", ["consortium"], month, in_house)
        if data["within_20_miles"] != "undecided":
            self._share("placed_within_20_miles", _scopes(data), month, data["within_20_miles"] == "yes")
        if in_house:
            return
        self._share("placed_tier_one", ["consortium"], month, data["tier"] == 1)
        lot = next(lot for lot in self.found.lots if lot.code == data["lot"])
        before = sum((self.found.baseline[data["council"], lot.code, lot.band_of(age) or ""] for age in data["ages"]), NOUGHT)
        below = before - Decimal(data["pounds_per_week"])
        for scope in _scopes(data):
            tally = self.series["agreed_below_baseline", scope]
            tally.marked[month] += below
            tally.of[month] += before
            tally.values[month].append(100 * below / before)

    def _share(self, kpi: str, scopes: Iterable[str], month: date, marked: bool) -> None:
        for scope in scopes:
            self.series[kpi, scope].of[month] += 1
            self.series[kpi, scope].marked[month] += marked

    def of(self, watch: Watch) -> dict[str, Series]:
        """The series that one watch looks at, by scope."""
        kind = f"{watch.whose}:" if watch.whose else "consortium"
        return {
            scope: Series(KPIS[watch.kpi], scope, scope, tally.months())
            for (kpi, scope), tally in list(self.series.items())
            if kpi == watch.counted and scope.startswith(kind)
        }


def alerts(counting: Counting, months: Iterable[date], scopes: set[str] | None = None) -> list[tuple[date, Signal]]:
    """Every alert that looking month by month raises, with the month in which it is raised; of some scopes only, if named."""
    told: dict[tuple[str, str, How], dict[Way, Alert]] = defaultdict(dict)
    found = []
    watched = [(watch, counting.of(watch)) for watch in WATCHED]
    for month in months:
        for watch, by_scope in watched:
            for scope, series in by_scope.items():
                if scopes is not None and scope not in scopes:
                    continue
                last = told[watch.kpi, scope, watch.how]
                for signal in LOOK[watch.how](series, last, through=month):
                    found.append((month, signal))
                    last[signal.way] = Alert(
                        ids.new_id(), signal, State.OPEN, datetime.combine(month, datetime.min.time(), UK), "", "", None
                    )
    return found


def _scopes(data: dict[str, Any]) -> list[str]:
    """Whose series a placement is in."""
    return ["consortium", f"council:{data['council']}", *([data["provider"]] if data["provider"].startswith("agency:") else [])]


def _month(at: datetime) -> date:
    return at.astimezone(UK).date().replace(day=1)
