"""What a chart, a funnel and a league table show, in a sentence or two."""

from __future__ import annotations

from monitoring.actions.charts import Chart, FunnelShown, League
from monitoring.domain.funnel import Standing
from monitoring.domain.special_cause import in_words, reading_of

ADVICE = "Signals are places to look, not verdicts: ask what changed in the month named first."


def chart_sentence(given: Chart) -> str:
    """What a chart shows, in a sentence or two."""
    if not any(point.value is not None for phase in given.phases for point in phase.points):
        return "No records in these months."
    last = given.phases[-1]
    if last.limits is None:
        return last.why
    if not given.signals:
        return "Ordinary variation only: no signal by any of the rules."
    latest = max(given.signals, key=lambda each: (each.last, each.points))
    words = in_words(latest, reading_of(latest.way, given.definition.direction))
    return f"{words} It began in {latest.first:%B %Y}. {ADVICE}"


def funnel_sentence(given: FunnelShown) -> str:
    """What a funnel shows, in a sentence or two."""
    found = given.funnel
    if found is None:
        return "No records to compare."
    out = [each for each in found.placed if each.standing is Standing.OUTSIDE_99_8]
    names = ", ".join(f"{given.names.get(each.code, each.code)} ({'above' if each.above else 'below'})" for each in out) or "none"
    words = f"Together {100 * found.overall:.1f} per cent ({found.marked} of {found.records}). Outside the 99.8 per cent limits: {names}."
    if found.scatter > 1:
        still = sum(each.widened is Standing.OUTSIDE_99_8 for each in found.placed)
        words += f" They differ {found.scatter:.1f} times as much as by chance; with limits so widened {still} stay outside."
    return words


def league_sentence(given: League) -> str:
    """How far the table's order can be trusted."""
    if not given.lines:
        return "No agency is on the list of this lot, and none had an ending in it."
    first, many = given.lines[0], len(given.lines)
    if not first.alike:
        return f"{first.entrant.name} stands first of {many}, and no other can be told to be as good."
    return f"{first.entrant.name} has the highest score of {many}, but cannot be told apart from {len(first.alike)} others."
