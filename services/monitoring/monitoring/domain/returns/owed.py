"""Which returns agencies owe: every form of a period that has ended, from every agency that was recorded by the day it is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from monitoring.domain.forms.form import Form
from monitoring.domain.returns.chasing import DueSettings
from monitoring.domain.returns.periods import due_on, period_before, period_holding
from monitoring.domain.returns.states import Head, Key


def owed(form: Form, settings: DueSettings, agencies: Iterable[str], opened: Collection[Key], today: date) -> Iterator[Head]:
    """Returns to be opened at ``today``: of every period that has ended and is not past its day, for each agency known, once.

    An agency that is recorded after the day owes nothing for the period; nobody is overdue for a time before it was here.
    """
    known = sorted(agencies)
    period = period_before(form.every, period_holding(form.every, today))
    while period.first >= form.in_force_from and today <= due_on(period, settings.due_after_days):
        for agency in known:
            key = Key(form.code, period.first, agency)
            if key not in opened:
                yield Head(key, form.version, period.last, due_on(period, settings.due_after_days))
        period = period_before(form.every, period)
