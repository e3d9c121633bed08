"""Every KPI, in the order people read them: from need to answer, home, money and beds."""

from __future__ import annotations

from monitoring.domain import beds, demand, from_returns, money, placing, stability
from monitoring.domain.definition import Definition, Reader

CATALOGUE: tuple[Definition, ...] = (*demand.KPIS, *placing.KPIS, *stability.KPIS, *money.KPIS, *beds.KPIS, *from_returns.KPIS)

KPIS: dict[str, Definition] = {definition.name: definition for definition in CATALOGUE}


def seen_by(reader: Reader) -> tuple[Definition, ...]:
    """The KPIs that a kind of organisation may see, in the catalogue's order."""
    return tuple(definition for definition in CATALOGUE if reader in definition.seen_by)
