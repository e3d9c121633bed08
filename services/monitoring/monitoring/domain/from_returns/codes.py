"""The words of the codes that returns are broken down by, as the forms have them."""

from __future__ import annotations

from importlib import resources

from monitoring.domain.forms.form import code_lists

LABELS = code_lists(resources.files("monitoring.domain.forms").joinpath("codes.csv").read_text(encoding="utf-8"))
"""List → code → label."""
