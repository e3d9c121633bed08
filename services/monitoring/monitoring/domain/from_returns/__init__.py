"""KPIs counted from what agencies return."""

from __future__ import annotations

from monitoring.domain.definition import Definition
from monitoring.domain.from_returns import children, fortnights, homes

KPIS: tuple[Definition, ...] = (*children.KPIS, *homes.KPIS, *fortnights.KPIS)
"""In the order people read them: children, homes and carers, what is unstable."""

COUNTED_FROM_RETURNS = frozenset(definition.name for definition in KPIS)
"""Their names, which the fields of the forms give as their use."""
