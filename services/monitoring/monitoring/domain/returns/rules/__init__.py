"""The rules of a return, numbered; each a small function of its own. A return is accepted when none of them finds anything."""

from __future__ import annotations

from monitoring.domain.returns.rules import against_last, figures, totals
from monitoring.domain.returns.rules.given import Finding, Given, Rule, Severity

__all__ = ["RULES", "Finding", "Given", "Rule", "Severity", "findings"]

RULES: tuple[Rule, ...] = (*figures.RULES, *totals.RULES, *against_last.RULES)


def findings(given: Given, *, alone: bool = False) -> tuple[Finding, ...]:
    """Everything that keeps a return from being accepted, all at once, errors first and each in the form's order.

    ``alone``: only what can be asked of a return by itself, for one that was made elsewhere long ago.
    """
    order = {field.name: place for place, field in enumerate(given.form.fields)}
    found = [each for rule in RULES if rule.alone or not alone for each in rule.findings(given)]
    return tuple(sorted(found, key=lambda each: (each.severity is Severity.WARNING, order[each.cell.field], each.cell.part, each.rule)))
