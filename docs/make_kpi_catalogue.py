"""Writes docs/kpis.md from the KPIs as the code declares them: ``.venv/bin/python docs/make_kpi_catalogue.py``."""

from __future__ import annotations

from pathlib import Path

from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.definition import Definition, Reader, Unit
from monitoring.domain.forms.catalogue import FORMS

PAGE = Path(__file__).parent / "kpis.md"
HEAD = """# The figures

Every figure that `monitoring` counts, written from its one declaration in the code by `docs/make_kpi_catalogue.py`.
Where a source says *numerator* or *denominator* it is of that part alone; else of both. A figure over no records says so. Who may see
a figure sees it over its own records: a council over its children's placements, an agency over its own, the consortium over all.
"""
WAYS = {"higher_is_better": "higher is better", "lower_is_better": "lower is better", "neither": "neither way is better"}


def page() -> str:
    """The whole page."""
    listed = [f"- [{kpi.title}](#{kpi.name})" for kpi in CATALOGUE]
    return "\n".join([HEAD, f"There are {len(CATALOGUE)} of them.\n", *listed, "", *(_of(kpi) for kpi in CATALOGUE)])


def _of(kpi: Definition) -> str:
    rows = [
        ("question", kpi.question),
        ("numerator", kpi.numerator),
        ("denominator", kpi.denominator or "none: it is a count"),
        ("unit", str(kpi.unit).replace("_", " ") + (", of pounds" if kpi.counted_in is Unit.POUNDS and kpi.unit is Unit.PER_CENT else "")),
        ("direction", WAYS[kpi.direction]),
        ("summed up as", str(kpi.summary).replace("_", " ")),
        ("sources", "; ".join([*kpi.sources, *_fields(kpi)])),
        ("owner", str(kpi.owner).replace("_", " ")),
        ("target", "none set" if kpi.target is None else f"{kpi.target}"),
        ("who may see it", ", ".join(str(reader) for reader in Reader if reader in kpi.seen_by)),
        ("can be divided by", ", ".join(sorted(kpi.divided_by))),
    ]
    table = "\n".join(f"| {name} | {text.replace('|', '/')} |" for name, text in rows)
    return f'<a id="{kpi.name}"></a>\n\n## {kpi.title}\n\n`{kpi.name}`\n\n| | |\n|---|---|\n{table}\n'


def _fields(kpi: Definition) -> list[str]:
    """The fields of the newest forms that it is counted from."""
    newest = {form.code: form for form in sorted(FORMS, key=lambda form: form.version)}
    return [f"{form.code} return: {field.name}" for form in newest.values() for field in form.fields if kpi.name in field.kpis]


if __name__ == "__main__":
    PAGE.write_text(page())
