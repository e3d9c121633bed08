"""Alerts, dashboard and runbook: each asks for figures and labels that there are, fires when it should, and leads to a page."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess

import pytest
import yaml
from prometheus_client import REGISTRY

from hearth.arrangement import PORTS, SERVICES, roles_of
from hearth.backup import command as backup
from shared import problems
from shared.refusals import Reason, RefusalKind, Refused
from tests.deploy.test_doctor import ILL
from tests.running.figures import LABEL_FORMS, OBSERVABILITY, OF_PROMETHEUS, asked, panels, rules

ROOT = OBSERVABILITY.parents[1]
PROMTOOL = shutil.which("promtool")


def declared() -> dict[str, set[str]]:
    """Every figure that a process of ours can have, by the names its samples have, with its labels."""
    for service in SERVICES:
        importlib.import_module(f"{service}.app")
    found = {}
    for collector, names in REGISTRY._collector_to_names.items():
        for name in names:
            if name.startswith("hearth_"):
                labels = set(collector._labelnames)  # type: ignore[attr-defined]
                found[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    return found


def headings() -> set[str]:
    text = (ROOT / "docs/runbook.md").read_text()
    return {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)}


def test_every_query_asks_for_figures_and_labels_that_there_are() -> None:
    there = declared() | {"up": {"job", "instance"}, "ALERTS": {"alertname", "alertstate"}}
    wanted = list(asked())
    assert len({one.metric for one in wanted}) > 18
    assert {one.metric for one in wanted} - there.keys() == set()
    assert [(one.metric, sorted(one.labels - there[one.metric])) for one in wanted if one.labels - there[one.metric]] == []


def test_every_figure_is_drawn_or_watched_and_every_label_has_a_closed_form() -> None:
    used = {re.sub(r"_(bucket|sum|count|total|created)$", "", one.metric) for one in asked()} - OF_PROMETHEUS
    ours = {re.sub(r"_(bucket|sum|count|total|created)$", "", name) for name in declared()}
    assert ours - used == set(), "a figure that nobody looks at"
    assert {label for labels in declared().values() for label in labels} <= LABEL_FORMS.keys()


def test_every_alert_and_every_finding_leads_to_its_page_and_every_page_is_led_to() -> None:
    of_alerts = {rule["annotations"]["runbook"].partition("#")[2] for rule in rules()}
    of_findings = {page for _, page, _ in ILL.values()}
    assert (of_alerts | of_findings | set(backup.PAGES)) - headings() == set()
    assert headings() - of_alerts - of_findings - set(backup.PAGES) == set(), "no page that nothing leads to"


def test_every_alert_says_how_grave_it_is_for_how_long_and_what_it_means() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert re.fullmatch(r"\d+m", rule["for"]), rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    cases = yaml.safe_load((OBSERVABILITY / "alerts_test.yml").read_text())["tests"]
    for rule in rules():
        of_it = [case["alert_rule_test"][0]["exp_alerts"] for case in cases if case["alert_rule_test"][0]["alertname"] == rule["alert"]]
        assert sorted(bool(expected) for expected in of_it) == [False, True], rule["alert"]


@pytest.mark.skipif(PROMTOOL is None, reason="Prometheus' own judge is not installed: apt-get install prometheus")
@pytest.mark.parametrize(
    "question", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml"), ("check", "config", "prometheus.yml")]
)
def test_prometheus_itself_finds_the_rules_sound_and_each_alert_fires_and_stays_quiet(question: tuple[str, ...]) -> None:
    done = subprocess.run([str(PROMTOOL), *question], cwd=OBSERVABILITY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_prometheus_is_told_of_every_process_that_compose_starts() -> None:
    read = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())
    [job] = read["scrape_configs"]
    told = {target for each in job["static_configs"] for target in each["targets"]}
    assert job["job_name"] == "hearth"
    assert told == {f"{service}-{role}:{8100 + PORTS[service]}" for service in SERVICES for role in roles_of(service)}


def test_the_dashboard_is_laid_out_without_overlaps_and_begins_with_what_breaks() -> None:
    places = [panel["gridPos"] for panel in panels()]
    cells = [(x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    rows = [panel["title"] for panel in yaml.safe_load((OBSERVABILITY / "dashboard.json").read_text())["panels"] if panel["type"] == "row"]
    assert rows == ["What breaks", "What holds", "How fast"]
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))


def test_a_refusal_is_counted_by_a_rule_or_its_kind_and_never_by_what_was_sent() -> None:
    token = problems.broken_rules.set([])
    try:
        problems.of_refusal(Refused(RefusalKind.NOT_FOUND, "There is no such note."))
        problems.of_refusal(Refused(RefusalKind.INVALID, "", [Reason("a", "at_least", "x"), Reason("b", "at_least", "x")]))
        problems.of_refusal(Refused(RefusalKind.INVALID, "", [Reason("a", "Jane Smith, 14", "x")]))
        assert problems.broken_rules.get() == ["not-found", "at_least", "other"]
    finally:
        problems.broken_rules.reset(token)
