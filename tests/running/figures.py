"""What alerts and dashboard ask of the figures, and the closed form that each label's values have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import Metric

from shared.contracts import HEARD_BY, SERVICES

OBSERVABILITY = Path(__file__).resolve().parents[2] / "deploy/observability"
OF_PROMETHEUS = {"up", "ALERTS"}
"""What Prometheus itself has."""

LABEL_FORMS: Mapping[str, str] = {
    "service": "|".join(SERVICES),
    "method": "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|other",
    "route": r"\(none\)|\(busy\)|(/[a-z0-9._-]+|/\{[a-z_]+(:path)?\})+",
    "status": r"\d{3}|[1-5]xx",
    "rule": r"[a-z][a-z_-]{1,59}",
    "type": "|".join(re.escape(type) for type in (*HEARD_BY, "unknown")),
    "database": r"\d{1,3}",
    "outcome": "[a-z_]+",
    "because": "[a-z_]+",
    "le": r"[0-9.e+-]+|\+Inf",
}
"""No id, no name, no address: each label has as many values as we have routes, rules and types."""


@dataclass(frozen=True)
class Asked:
    """One figure that a query asks for, with the labels the query names."""

    metric: str
    labels: frozenset[str]
    query: str


def rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    return [rule for group in yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Every panel of the dashboard, without the headings of its rows."""
    read: dict[str, Any] = json.loads((OBSERVABILITY / "dashboard.json").read_text())
    return [panel for panel in read["panels"] if panel["type"] != "row"]


def queries() -> list[tuple[str, str]]:
    """(query, text that is written with its labels) of every alert and panel."""
    of_alerts = [(rule["expr"], " ".join(rule["annotations"].values())) for rule in rules()]
    return of_alerts + [(target["expr"], target["legendFormat"]) for panel in panels() for target in panel["targets"]]


def asked() -> Iterator[Asked]:
    """Every figure with every label that a query selects, groups by or shows by."""
    for query, text in queries():
        grouped = {name.strip() for names in re.findall(r"by \(([^)]*)\)", query) for name in names.split(",")} - {"alertname"}
        shown = set(re.findall(r"\{\{ *(?:\$labels\.)?(\w+) *\}\}", text)) - {"instance", "job", "alertname"}
        for metric, selected in re.findall(r"\b(hearth_\w+|up|ALERTS)\b(?:\{([^}]*)\})?", query):
            chosen = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", selected))
            of_it = chosen | grouped | (shown if not grouped else set())
            yield Asked(metric, frozenset(of_it), query)


def open_labels(families: Mapping[str, Metric]) -> list[str]:
    """Labels of our own figures whose value is not in its closed form; a test wants none."""
    return sorted(
        {
            f"{sample.name}{{{name}={value}}}"
            for family in families.values()
            if family.name.startswith("hearth_")
            for sample in family.samples
            for name, value in sample.labels.items()
            if not re.fullmatch(LABEL_FORMS.get(name, "(?!)"), value)
        }
    )
