"""Every KPI, in the order people read them: from need to answer, home, money and beds."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from importlib import resources

from monitoring.domain import answering, beds, demand, from_returns, growth, lasting, money, placing, stability
from monitoring.domain.definition import Definition, Owner, Reader

_RETURNED = ("accepted returns of agencies",)


def _declared() -> tuple[Definition, ...]:
    """The KPIs with their owners, targets and sources. A line for no KPI, or an event's KPI without a line, stops the process here."""
    text = resources.files("monitoring.domain").joinpath("kpi_sources.csv").read_text(encoding="utf-8")
    lines = {line["kpi"]: line for line in csv.DictReader(text.splitlines())}
    found = []
    for definition in _COUNTED:
        line = lines.pop(definition.name, None)
        if line is None:
            if definition not in from_returns.KPIS:
                raise LookupError(f"kpi_sources.csv has no line for {definition.name}")
            found.append(replace(definition, sources=_RETURNED))
            continue
        target = Decimal(line["target"]) if line["target"] else None
        sources = tuple(each.strip() for each in line["sources"].split(";"))
        found.append(replace(definition, owner=Owner(line["owner"]), target=target, sources=sources))
    if lines:
        raise LookupError(f"kpi_sources.csv has lines for no KPI: {', '.join(lines)}")
    return tuple(found)


_COUNTED: tuple[Definition, ...] = (
    *demand.KPIS,
    *answering.KPIS,
    *placing.KPIS,
    *lasting.KPIS,
    *stability.KPIS,
    *money.KPIS,
    *beds.KPIS,
    *growth.KPIS,
    *from_returns.KPIS,
)
CATALOGUE: tuple[Definition, ...] = _declared()

KPIS: dict[str, Definition] = {definition.name: definition for definition in CATALOGUE}


def seen_by(reader: Reader) -> tuple[Definition, ...]:
    """The KPIs that a kind of organisation may see, in the catalogue's order."""
    return tuple(definition for definition in CATALOGUE if reader in definition.seen_by)
