"""Which return somebody means, and what a return's lines must be to be kept at all: every fault of what was sent at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from monitoring.domain.forms.catalogue import FORMS, in_force
from monitoring.domain.forms.form import Form
from monitoring.domain.period import Period
from monitoring.domain.returns.chasing import DueSettings
from monitoring.domain.returns.lines import MOST_LINES, MOST_TYPED, MOST_WORDS, Line, cell_known, placement_part
from monitoring.domain.returns.periods import due_on, period_before, period_beginning, period_holding
from monitoring.domain.returns.prefill import Stay
from monitoring.domain.returns.states import Head, Key
from monitoring.store import return_settings
from shared.identifying_patterns import WORDS, patterns_in
from shared.organisation import Kind, Organisation
from shared.refusals import Reason, invalid, not_allowed, not_found
from shared.tenancy import Transaction


def agency_asked_for(asking: Organisation, agency: str | None) -> str:
    """Whose return is meant: an agency's own; councils and the consortium name the agency."""
    if asking.kind is Kind.AGENCY:
        if agency not in (None, asking.code):
            raise not_allowed("This is another agency's return. Ask without the agency, and you get your own.")
        return asking.code
    if agency is None:
        raise invalid(Reason("agency", "agency_named", "Say whose return you mean: agency= and its Ofsted number, as in SC012345."))
    return agency


def form_and_period(form: str, begins: date, *, today: date) -> tuple[Form, Period]:
    """The form's version in force and the period that begins on a day; refused when there is none, or it has not ended."""
    if form not in {each.code for each in FORMS}:
        raise not_found("form")
    found = in_force(form, begins)
    every = (found or next(each for each in FORMS if each.code == form)).every
    period = period_beginning(every, begins)
    if found is None or period is None:
        ended = period_before(every, period_holding(every, today))
        words = f"No {every} of this form begins on that day. Name it by its first day: the last that ended began on {ended.first}."
        raise invalid(Reason("begins", "first_day_of_a_period", words))
    if period.last >= today:
        words = f"This {every} has not ended. Its return can be made from {date.fromordinal(period.last.toordinal() + 1)} on."
        raise invalid(Reason("begins", "period_has_ended", words))
    return found, period


async def due_settings(transaction: Transaction, form: Form) -> DueSettings:
    """When a form is due and chased: as the project manager set it, else as the form says."""
    found = await return_settings.of_form(transaction, form.code)
    return found[0] if found else form.due


async def fresh_head(transaction: Transaction, form: Form, period: Period, key: Key) -> Head:
    """A return as it would be opened now: the day it is due on stays, whatever is set later."""
    settings = await due_settings(transaction, form)
    return Head(key, form.version, period.last, due_on(period, settings.due_after_days))


def check_lines(form: Form, lines: Sequence[Line], *, councils: Collection[str], stays: Iterable[Stay]) -> None:
    """Refuse, with every reason, lines that cannot even be kept as a draft."""
    placements = {placement_part(stay.placement) for stay in stays}
    reasons = list(line_faults(form, lines, councils=councils, placements=placements))
    if reasons:
        raise invalid(*reasons)


def line_faults(
    form: Form, lines: Sequence[Line], *, councils: Collection[str], placements: Collection[str], at: str = "lines"
) -> Iterator[Reason]:
    """What keeps lines from being kept at all: none of the form, one twice, a figure too long, words that look like somebody's details."""
    if len(lines) > MOST_LINES:
        yield Reason(at, "not_too_many", f"There are more than {MOST_LINES} lines. Send each line of the form once.")
        return
    seen = set()
    for number, line in enumerate(lines, start=1):
        if not cell_known(form, line.cell, councils=councils, placements=placements):
            words = (
                f"Line {number}: the form has no such line. Use the names of the template; a council is named by its ONS code, "
                "a placement by its id, and only one you held in this period."
            )
            yield Reason(f"{at}.{number}", "line_of_the_form", words)
            continue
        name = f"{at}.{line.cell.name}"
        if line.cell in seen:
            yield Reason(name, "once_each", f"Line {number}: this line is there twice. Keep one of the two.")
        seen.add(line.cell)
        if len(line.typed) > MOST_TYPED:
            yield Reason(name, "short", f"Line {number}: a figure has at most {MOST_TYPED} characters.")
        yield from word_faults(line.words, name)


def check_words(words: str, field: str, *, needed: bool) -> None:
    """Refuse words that are too long, look like a person's details, or are missing where they are owed."""
    reasons = list(word_faults(words, field))
    if needed and not words.strip():
        reasons.append(Reason(field, "said_in_words", "Say in a few words why. Name no child and no carer."))
    if reasons:
        raise invalid(*reasons)


def word_faults(words: str, field: str) -> Iterator[Reason]:
    """What is wrong with words that councils and the consortium will read: length, and what identifies somebody by its form."""
    if len(words) > MOST_WORDS:
        yield Reason(field, "short", f"Say it in at most {MOST_WORDS} characters.")
        return
    for kind in dict.fromkeys(found.kind for found in patterns_in(words)):
        yield Reason(field, f"no_{kind}", f"Take this out: {WORDS[kind]} A return is about figures and never about a child or a carer.")
