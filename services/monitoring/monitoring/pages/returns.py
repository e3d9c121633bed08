"""Returns in a reader's own page: the chasing board, an accepted return, what differs from the records, its versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from monitoring.actions.return_board import BoardLine
from monitoring.actions.returns import Seen
from monitoring.domain.definition import Reader
from monitoring.domain.forms.catalogue import FORMS, QUARTERLY, newest
from monitoring.domain.forms.form import Form
from monitoring.domain.period import Period
from monitoring.domain.returns.chasing import Chaser
from monitoring.domain.returns.differences import Difference
from monitoring.domain.returns.lines import LINE_REASONS, Cell
from monitoring.domain.returns.periods import ended_periods, in_words, period_before, period_holding
from monitoring.domain.returns.rules.given import labelled
from monitoring.domain.returns.states import CORRECTION_REASONS, Kept, State, Version
from monitoring.pages import addresses, words
from monitoring.pages.filters import Filters, Select
from monitoring.pages.table import Link, Table

STATES: dict[State, str] = {
    State.OVERDUE: "Overdue",
    State.NOT_BEGUN: "Not begun",
    State.DRAFT: "Draft",
    State.LATE: "Came late",
    State.ON_TIME: "Came on time",
}
SHOWN_YEARS = 3
CHASERS: dict[Chaser, str] = {Chaser.DUE_SOON: "due soon", Chaser.DUE_TODAY: "due today", Chaser.OVERDUE: "overdue"}


def address(line_form: str, begins: date, agency: str, reader: Reader, page: str = "") -> str:
    """Where a return is read; an agency has its own and need not be named."""
    whose = None if reader is Reader.AGENCY else agency
    return addresses.of(f"/pages/returns/{line_form}/{begins}{page}", agency=whose)


def period_of(form: Form, begins: date, ends: date) -> str:
    """A period in words."""
    return in_words(form.every, Period(begins, ends))


def last_period(form: Form, today: date) -> Period:
    """The period of a form that ended last."""
    return period_before(form.every, period_holding(form.every, today))


def board_filters(form: Form | None, begins: date | None, state: State | None, today: date) -> Filters:
    """What of the board is shown: one form or all, one of its periods of three years or all, one state or all."""
    titles = {each.code: each.title for each in FORMS}
    shown = form or newest(QUARTERLY)
    assert shown is not None
    since = date(today.year - SHOWN_YEARS, today.month, 1)
    periods = [(str(each.first), in_words(shown.every, each)) for each in ended_periods(shown.every, since, today)]
    selects = (
        Select("form", "Form", _choices([("all", "Every form"), *titles.items()], form.code if form else "all")),
        Select("begins", "Period", _choices([("", "Every period"), *periods], str(begins or ""))),
        Select("state", "State", _choices([("", "Every state"), *((str(code), said) for code, said in STATES.items())], state)),
    )
    said = [form.title if form else "Every form", STATES[state].lower() if state else "every state"]
    return Filters("/pages/returns", selects, ", ".join(said))


def _choices(given: Sequence[tuple[str, str]], chosen: str | None) -> tuple[dict[str, object], ...]:
    return tuple({"value": value, "text": text, "selected": value == (chosen or "")} for value, text in given)


def board_table(lines: Sequence[BoardLine], reader: Reader, *, leads: bool) -> Table:
    """Every return of the board: what it is, whose, how it stands, when it was chased; whether it leads to what is in it."""
    with_agency = reader is not Reader.AGENCY
    columns = ["Period", "Form", *(["Agency"] if with_agency else []), "State", "Due", "Received", "Days late", "Last chased"]
    rows = []
    for line in lines:
        key, form = line.head.key, newest(line.head.key.form)
        assert form is not None
        last = line.chased[-1] if line.chased else None
        chased = f"{CHASERS[last.chased.chaser]}, {words.day(last.at.date())}" if last else ""
        draft = line.head.drafted_at is not None
        state = STATES[line.state] + (", being corrected" if draft and line.head.accepted else ", begun" if draft else "")
        period = period_of(form, key.begins, line.head.ends)
        rows.append(
            [
                Link(period, address(key.form, key.begins, key.agency, reader)) if leads else period,
                form.title,
                *([line.agency_name] if with_agency else []),
                state,
                line.head.due_on,
                line.head.received_on,
                line.days_late or None,
                chased or None,
            ]
        )
    late = len(columns) - 2
    return Table("returns", "Returns and where each stands", columns, rows, frozenset({late}), frozenset({late - 2, late - 1}))


def board_counts(lines: Sequence[BoardLine]) -> list[tuple[str, int]]:
    """How many returns stand in each state, the ones to act on first."""
    return [(said, sum(line.state is state for line in lines)) for state, said in STATES.items()]


def lines_table(seen: Seen, lines: Sequence[Kept], name: str = "return") -> Table:
    """An accepted return line by line, with what Hearth held then."""
    rows = []
    for kept in lines:
        reason = LINE_REASONS[kept.line.reason] if kept.line.reason else ""
        said = f"{reason}: {kept.line.words}" if reason and kept.line.words else reason or kept.line.words
        rows.append([_label(seen, kept.line.cell), _value(seen, kept), kept.held, said or None])
    columns = ["Line", "Figure", "Hearth held", "Why it differs"]
    return Table(name, f"The lines of {_called(seen)}", columns, rows, frozenset({1, 2}))


def differences_table(seen: Seen, found: Sequence[Difference]) -> Table:
    """A return beside the records, line by line."""
    rows = [
        [
            _label(seen, each.cell),
            each.said,
            each.held_then,
            each.held_now,
            each.by if each.differs else None,
            LINE_REASONS[each.reason] if each.reason else None,
        ]
        for each in found
    ]
    columns = ["Line", "The agency said", "Hearth held then", "Hearth holds now", "More (or less) said", "The agency's reason"]
    return Table("differences", f"{_called(seen)} beside the records", columns, rows, frozenset({1, 2, 3, 4}))


def why(version: Version) -> str:
    """Why a version was made."""
    if version.reason is None:
        return "Brought in from before Hearth." if version.brought_in else "The return as first accepted."
    return f"Corrected: {CORRECTION_REASONS[version.reason].lower()}.{f' {version.words}' if version.words else ''}"


def reason_choices() -> list[dict[str, object]]:
    """Reasons of a correction."""
    return [{"value": code, "text": said} for code, said in CORRECTION_REASONS.items()]


def _called(seen: Seen) -> str:
    return f"{seen.form.title}, {in_words(seen.form.every, seen.period)}"


def _label(seen: Seen, cell: Cell) -> str:
    asked = seen.form.field_named(cell.field)
    return labelled(asked, cell.part, seen.councils) if asked else cell.name


def _value(seen: Seen, kept: Kept) -> str | date | Decimal:
    asked = seen.form.field_named(kept.line.cell.field)
    if isinstance(kept.value, str) and asked is not None:
        return asked.codes.get(kept.value, kept.value)
    return kept.value
