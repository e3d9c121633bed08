"""Alerts on pages: the list, one alert, and what may be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from monitoring.domain.alert import ActionKind, Alert, Cause, ClosingReason, State, Step, agency_of, council_of
from monitoring.domain.catalogue import KPIS
from monitoring.domain.looked import Looked
from monitoring.domain.period import end_of_month, month_of
from monitoring.domain.special_cause import one_in
from monitoring.pages import addresses, words
from monitoring.pages.table import Cell, Link, Table, Written

STATES = {State.OPEN: "Open", State.ACKNOWLEDGED: "Acknowledged", State.ACTED_ON: "Acted on", State.CLOSED: "Closed"}
IN_HAND = (State.OPEN, State.ACKNOWLEDGED, State.ACTED_ON)
CAUSES = {
    Cause.OUTSIDE: "a month outside the limits of the chart",
    Cause.RUN: "a run on one side of the mean",
    Cause.TREND: "a trend",
    Cause.CHANGED_SHARE: "a share that changed (exact test)",
    Cause.CHANGED_LEVEL: "a wait or price that changed (order of records)",
    Cause.OFSTED_DOWNGRADE: "a fall in Ofsted's rating",
    Cause.LATE_RETURNS: "returns that keep coming late",
}
NUMBERS = {
    "marked": "Records that count",
    "records": "Records",
    "marked_before": "Records that count, before",
    "records_before": "Records, before",
    "excess": "Months differ so many times as much as by chance alone",
}
"""How the numbers behind a changed share are called."""
STEPS = {Step.RAISED: "Raised", Step.ACKNOWLEDGED: "Acknowledged", Step.ACTED: "Action", Step.CLOSED: "Closed"}


def heading(alert: Alert) -> str:
    """What a reader calls it: the figure, or what else it is about."""
    definition = KPIS.get(alert.found.kpi)
    if definition is not None:
        return definition.title
    return {"ofsted_rating": "Ofsted's rating", "returns_on_time": "Returns on time"}.get(alert.found.kpi, words.of_code(alert.found.kpi))


def about(alert: Alert, names: Mapping[str, str]) -> str:
    """Whose series it is."""
    code = agency_of(alert.found.scope) or council_of(alert.found.scope)
    return names.get(code, code) if code else "All councils"


def listed(alerts: Sequence[Alert], names: Mapping[str, str]) -> Table:
    """The list, one row an alert."""
    rows: list[Sequence[Cell | Link | Written]] = [
        (
            Link(f"{heading(each)}: {about(each, names)}", f"/pages/alerts/{each.id}"),
            words.of_code(each.found.reading),
            each.found.first,
            each.found.words,
            STATES[each.state],
            each.person or None,
            each.raised_at,
        )
        for each in alerts
    ]
    columns = ("Alert", "Reading", "Since", "What changed", "State", "Taken on by", "Raised")
    return Table("alerts", "Alerts, the last raised first", columns, rows)


def sentence(alerts: Sequence[Alert], *, all_states: bool) -> str:
    """How many, and how many of them nobody has taken on."""
    if not alerts:
        return "No alert." if all_states else "No alert is open or in hand."
    waiting = sum(each.state is State.OPEN for each in alerts)
    concerns = sum(each.found.reading == "concern" for each in alerts)
    return f"{words.plural(len(alerts), 'alert')}, {concerns} of them of concern; {waiting} not taken on by anybody yet."


def how_far(looked: Looked) -> str:
    """How far alerts have looked, when last, and what is still to come."""
    if looked.through is None and not looked.to_look:
        return "Alerts have not looked at anything yet: no month with records has ended."
    to_come = f"{words.plural(looked.to_look, 'month')} still to look at"
    if looked.through is None:
        said = f"No month looked at yet; {to_come}."
    else:
        assert looked.at is not None
        said = f"Looked through to the end of {words.month(looked.through)}" + (f"; {to_come}." if looked.to_look else ".")
        said += f" Last looked on {words.moment(looked.at)}."
    if not looked.to_look:
        return said
    if looked.waiting:
        return f"{said} Their figures are being counted first."
    return f"{said} That goes on by itself, some months at a time: load the page again to see how far."


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert as its page shows it."""

    heading: str
    about: str
    rows: tuple[tuple[str, str, str], ...]
    """Key, value, and an address where it leads on."""
    history: Table
    numbers: Table
    may_acknowledge: bool
    may_act: bool
    may_close: bool
    kinds: tuple[dict[str, str], ...]
    reasons: tuple[dict[str, str], ...]


def shown(alert: Alert, names: Mapping[str, str], *, acts: bool, closes: bool) -> Shown:
    """One alert. ``acts``: the reader may take it on; ``closes``: and close it."""
    found = alert.found
    asked = {"council": council_of(found.scope), "agency": agency_of(found.scope)}
    rows = [("What changed", found.words, ""), ("Reading", words.of_code(found.reading), ""), ("Rule", CAUSES[found.cause], "")]
    if found.chance is not None:
        rows.append(("How unlikely", f"About {one_in(Fraction(max(found.chance, 1e-12)))} without a change", ""))
    rows += [("Who owns it", alert.owner, ""), ("Taken on by", alert.person or "Nobody yet", ""), ("State", STATES[alert.state], "")]
    if found.kpi in KPIS:
        span = {"from": month_of(found.first).isoformat(), "to": end_of_month(found.last).isoformat()}
        behind = addresses.of(f"/pages/figures/{found.kpi}/records", None, **asked, **span)
        if found.cause is Cause.CHANGED_SHARE and KPIS[found.kpi].summary.divides and {"marked", "records"} <= found.figures.keys():
            of_them = f"{found.figures['marked']} of {found.figures['records']}"
            what = KPIS[found.kpi].numerator.removeprefix("of those, ")
            rows.append(("Those that count", f"The {of_them}: {what}", f"{behind}&side=numerator"))
        rows.append(("Records", "The records of these months", behind))
        rows.append(("Chart", f"{heading(alert)}, month by month", addresses.of(f"/pages/figures/{found.kpi}", None, **asked)))
    if asked["agency"]:
        rows.append(("Agency", f"Scorecard of {about(alert, names)}", f"/pages/agencies/{asked['agency']}"))
    if alert.former is not None:
        rows.append(("Former alert", "The former alert of the same series", f"/pages/alerts/{alert.former}"))
    history = Table(
        "history",
        "What was done, in order",
        ("Step", "When", "By", "For", "Why", "In words"),
        [
            (STEPS[each.step], each.at, each.by, each.organisation, words.of_code(each.reason) if each.reason else None, each.words or None)
            for each in alert.steps
        ],
    )
    numbers = Table(
        "numbers",
        "The numbers behind it, as they stood",
        ("Number", "Value"),
        [
            (NUMBERS.get(key, words.of_code(key)), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            for key, value in found.figures.items()
        ],
    )
    open_ = alert.state is State.OPEN
    in_hand = alert.state in (State.ACKNOWLEDGED, State.ACTED_ON)
    return Shown(
        heading(alert),
        about(alert, names),
        tuple(rows),
        history,
        numbers,
        acts and open_,
        acts and in_hand,
        closes and in_hand,
        tuple({"value": str(each), "text": words.of_code(each)} for each in ActionKind),
        tuple({"value": str(each), "text": words.of_code(each)} for each in ClosingReason),
    )
