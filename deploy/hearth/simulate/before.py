"""What savings are measured by besides former prices: nights before the framework, an index of prices, what a move costs.

Made up, and said to be: for a consortium and councils that have told none of their own. The nights are those of the past's own first year,
a little fewer, as if the year before it had been quieter; so volume and mix have something true to be counted against.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hearth.load.sending import Sender
from hearth.simulate import reading
from hearth.simulate.found import Found
from hearth.simulate.plan import Plan

GREW = Decimal("0.97")
"""Nights of the year before, by those of the past's first year."""
INDEX_BEGINS = date(2011, 4, 1)
INDEX_RISE = Decimal("1.0002")
"""By month: hardly any, since the made-up former prices are given for 2011 and are taken to have stood until the framework."""
MADE_UP = "made up for the example"
COSTS = ({"event": "move", "unit_cost": "5000.00", "per_1000_nights": "1.2", "source": MADE_UP},)
"""None of a double-paid night: the made-up past has none, and all that never happened would seem avoided."""


@dataclass
class FirstYear:
    """The nights that children lived in homes in the first twelve months, by council, lot and band, from the past's own lines."""

    plan: Plan
    found: Found
    nights: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _agreed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _begun: dict[str, date] = field(default_factory=dict)

    @property
    def ends(self) -> date:
        """The first day after it."""
        return date(self.plan.first.year + 1, self.plan.first.month, 1)

    def hear(self, event: Mapping[str, Any]) -> None:
        """One line."""
        match event["type"]:
            case "placement.agreed":
                self._agreed[event["subject"]] = event["data"]
            case "placement.started":
                self._begun[event["subject"]] = date.fromisoformat(event["data"]["started_on"])
            case "placement.ended":
                self._lived(event["subject"], date.fromisoformat(event["data"]["ended_on"]))

    def passing(self, months: Iterator[tuple[str, list[bytes]]]) -> Iterator[tuple[str, list[bytes]]]:
        """The same months, each heard as it passes."""
        for month, lines in months:
            for line in lines:
                self.hear(json.loads(line))
            yield month, lines

    def finish(self) -> dict[tuple[str, str, str], int]:
        """The nights, those counted who live there still."""
        for placement in list(self._begun):
            self._lived(placement, self.ends)
        return self.nights

    def _lived(self, placement: str, until: date) -> None:
        begun, agreed = self._begun.pop(placement, None), self._agreed.pop(placement, None)
        lot = None if agreed is None else next((lot for lot in self.found.lots if lot.code == agreed["lot"]), None)
        if begun is None or agreed is None or lot is None:
            return
        nights = max((min(until, self.ends) - max(begun, self.plan.first)).days, 0)
        for age in agreed["ages"]:
            if nights and (band := lot.band_of(age)):
                key = (agreed["council"], lot.code, band)
                self.nights[key] = self.nights.get(key, 0) + nights


async def tell(sender: Sender, found: Found, plan: Plan, lived: Mapping[tuple[str, str, str], int]) -> None:
    """Upload what is missing, each list as its owner: the councils' nights, the index and the costs of the consortium."""
    told = await reading.done(sender, "monitoring", "GET", "/baseline-nights", reading.CONSORTIUM, None)
    known = {head["author"] for head in told["periods"]}
    first, last = date(plan.first.year - 1, plan.first.month, 1), plan.first - timedelta(days=1)
    for council in (council for council in found.councils if council not in known):
        cells = [
            {"lot": lot, "band": band, "nights": str(max(int(nights * GREW), 1))}
            for (whose, lot, band), nights in sorted(lived.items())
            if whose == council
        ]
        if cells:
            body = {"first": first.isoformat(), "last": last.isoformat(), "cells": cells}
            await reading.done(sender, "monitoring", "PUT", "/baseline-nights", f"council:{council}", body)
    if not (await reading.done(sender, "monitoring", "GET", "/price-index", reading.CONSORTIUM, None))["months"]:
        body = {"source": f"an index {MADE_UP}", "months": index(plan)}
        await reading.done(sender, "monitoring", "PUT", "/price-index", reading.CONSORTIUM, body)
    if not (await reading.done(sender, "monitoring", "GET", "/unit-costs", reading.CONSORTIUM, None))["costs"]:
        await reading.done(sender, "monitoring", "PUT", "/unit-costs", reading.CONSORTIUM, {"costs": list(COSTS)})


def index(plan: Plan) -> list[dict[str, str]]:
    """Each month up to the past's last but one, as an index is published some weeks after."""
    found, month, value = [], INDEX_BEGINS, Decimal(100)
    while month < plan.months[-1]:
        found.append({"month": f"{month:%Y-%m}", "value": f"{value:.1f}"})
        month, value = date(month.year + month.month // 12, month.month % 12 + 1, 1), value * INDEX_RISE
    return found
