"""A lot's league table and the funnel beside it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from monitoring.actions.chart_sentences import funnel_sentence
from monitoring.actions.charts import FunnelShown, League
from monitoring.domain.funnel import Standing
from monitoring.pages.charts import Dot, Limits
from monitoring.pages.charts import funnel as drawn_funnel
from monitoring.pages.table import Cell, Link, Table, Written

STANDINGS = {
    Standing.INSIDE: "Inside the limits",
    Standing.OUTSIDE_95: "Outside 95 per cent",
    Standing.OUTSIDE_99_8: "Outside 99.8 per cent",
}


def table(found: League, names: dict[str, str]) -> Table:
    """The league table: each score with its derivation, and whom it cannot be told apart from."""
    rows: list[Sequence[Cell | Link | Written]] = []
    for line in found.lines:
        each, points = line.entrant, {part.part: part for part in line.parts}
        alike = len(line.alike)
        rows.append(
            (
                Link(each.name, f"/pages/agencies/{each.agency}"),
                each.tier,
                Written(f"{line.score:.1f}", f"{line.score:.1f} ({line.interval.lower:.0f} to {line.interval.upper:.0f})"),
                f"{line.best_rank}" if line.best_rank == line.worst_rank else f"{line.best_rank} to {line.worst_rank}",
                "none"
                if not alike
                else ", ".join(names.get(code, code) for code in line.alike[:3]) + (f" and {alike - 3} more" if alike > 3 else ""),
                *(
                    Written(f"{points[part].points:.1f}", f"{points[part].points:.0f}{'' if points[part].known else ' (not known)'}")
                    for part in ("carers", "ofsted", "stability")
                ),
                Written(each.unplanned, f"{each.unplanned} of {each.endings}"),
            )
        )
    columns = (
        "Agency",
        "Tier",
        "Score (95 per cent interval)",
        "Ranks it may have",
        "Cannot be told apart from",
        *(
            f"{part} points × {found.weights[key]:.0%}"
            for part, key in (("Carers", "carers"), ("Ofsted", "ofsted"), ("Stability", "stability"))
        ),
        "Unplanned endings",
    )
    return Table(f"league-{found.lot}"[:31], "League table", columns, rows, frozenset({1, 2, 5, 6, 7, 8}))


def funnel(shown: FunnelShown) -> tuple[Markup, str, Table] | None:
    """The drawn funnel, its sentence and its numbers; None where there is nothing to compare."""
    found = shown.funnel
    if found is None:
        return None
    sentence = funnel_sentence(shown)
    dots = [
        Dot(shown.names.get(p.code, p.code), p.records, 100 * p.marked / p.records, beyond=p.standing is Standing.OUTSIDE_99_8)
        for p in found.placed
    ]
    limits = [
        Limits("95%", [(b.records, 100 * b.lower_95, 100 * b.upper_95) for b in found.bands]),
        Limits("99.8%", [(b.records, 100 * b.lower_99_8, 100 * b.upper_99_8) for b in found.bands]),
    ]
    title = f"{shown.definition.title} by {shown.by}"
    drawn = drawn_funnel(title, sentence, dots, centre=100 * found.overall, limits=limits, sizes="records", written=_per_cent)
    rows: list[Sequence[Cell | Link | Written]] = [
        (
            shown.names.get(p.code, p.code),
            p.marked,
            p.records,
            Written(f"{100 * p.marked / p.records:.1f}", f"{100 * p.marked / p.records:.1f}%"),
            f"{100 * p.interval.lower:.1f}% to {100 * p.interval.upper:.1f}%",
            STANDINGS[p.standing],
            STANDINGS[p.widened],
        )
        for p in sorted(found.placed, key=lambda each: -each.records)
    ]
    columns = (
        "Agency",
        "Counted",
        "Records",
        "Share",
        "95 per cent interval (Wilson)",
        "In the funnel",
        "With limits as wide as they scatter",
    )
    return drawn, sentence, Table("funnel", title, columns, rows, frozenset({1, 2, 3}))


def _per_cent(value: object) -> str:
    return f"{float(str(value)):g}%"
