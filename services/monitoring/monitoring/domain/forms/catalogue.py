"""The forms that agencies return, read once from the data beside this file; a form that breaks a rule of forms stops the process here."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import date
from importlib import resources

from monitoring.domain.catalogue import KPIS
from monitoring.domain.forms.form import Form, code_lists, read_form
from monitoring.domain.returns.prefill import PREFILLERS

QUARTERLY, STABILITY = "quarterly", "stability"


def _text(name: str) -> str:
    return resources.files("monitoring.domain.forms").joinpath(name).read_text(encoding="utf-8")


def load(kpis: Collection[str]) -> tuple[Form, ...]:
    """Every version of every form, as ``forms.toml`` lists them; ``kpis`` are the names of the catalogue."""
    lists = code_lists(_text("codes.csv"))
    told = tomllib.loads(_text("forms.toml"))["form"]
    return tuple(read_form(about, _text(about["fields"]), lists=lists, kpis=kpis, prefillers=PREFILLERS) for about in told)


FORMS: tuple[Form, ...] = load(KPIS)


def form_of(code: str, version: int) -> Form | None:
    """One version of a form."""
    return next((form for form in FORMS if (form.code, form.version) == (code, version)), None)


def newest(code: str) -> Form | None:
    """The newest version of a form."""
    return max((form for form in FORMS if form.code == code), key=lambda form: form.version, default=None)


def in_force(code: str, begins: date) -> Form | None:
    """The version asked for in the period that begins on a day; None for an unknown form or a period before its first version."""
    known = [form for form in FORMS if form.code == code and form.in_force_from <= begins]
    return max(known, key=lambda form: form.version, default=None)
