"""Templates into text: GOV.UK Frontend's macros and our own pages, every value escaped unless a template made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from monitoring.pages import words
from monitoring.pages.addresses import with_format
from monitoring.pages.static import STYLE_ADDRESS
from monitoring.pages.table import shown

_templates = Environment(
    loader=ChoiceLoader(
        [PackageLoader("monitoring", "templates"), PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    ),
    autoescape=True,  # everything, whatever a template is called
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_templates.globals["style_address"] = STYLE_ADDRESS
_templates.filters.update(
    day=words.day,
    month=words.month,
    moment=words.moment,
    number=words.number,
    plural=words.plural,
    cell=shown,
    with_format=with_format,
)


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """The text of a template of ``monitoring/templates``."""
    return _templates.get_template(template).render(values)
