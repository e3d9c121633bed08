"""What an outside judge (Schemathesis, in an environment of its own) says of a service, and which of it nothing excuses."""

from __future__ import annotations

import collections
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.attack.accepted import excuse
from tests.judges.environment import judge_python

HERE = Path(__file__).parent
PHASES = {"whole": "examples,coverage,fuzzing,stateful", "small": "fuzzing", "sequences": "stateful"}


class JudgeFailed(Exception):
    """The judge did not finish; what it said last."""


@dataclass(frozen=True)
class Asking:
    """How much is asked: the size, how many requests are made up for each endpoint, and what they are made from."""

    size: str
    examples: int
    seed: int


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one service, asked by one of its people."""

    service: str
    who: str
    operations: int
    asked: int
    found: dict[str, list[str]]
    """Kind of finding → the endpoints it is about."""
    unfinished: list[str]

    def explained(self) -> Iterator[tuple[str, str, str]]:
        """Kind, endpoint and reason of each finding that is none."""
        for kind, endpoint in self._each():
            if (reason := excuse(kind, self.service, endpoint)) is not None:
                yield kind, endpoint, reason

    def unexplained(self) -> dict[str, list[str]]:
        """The findings no reason is declared for."""
        wrong: dict[str, list[str]] = collections.defaultdict(list)
        for kind, endpoint in self._each():
            if excuse(kind, self.service, endpoint) is None:
                wrong[kind].append(endpoint)
        return dict(wrong)

    def _each(self) -> Iterator[tuple[str, str]]:
        return ((kind, endpoint) for kind, where in self.found.items() for endpoint in sorted(set(where)))


def judge(address: str, token: str, service: str, who: str, asking: Asking, scratch: Path) -> Verdict:
    """Let the judge ask one service as one of its people; its own words stay in ``scratch``."""
    report = scratch / f"{service}-{who}.json"
    command = [
        *(judge_python("interface"), "-m", "schemathesis.cli", "--config-file", str(HERE / "judge.toml"), "run", f"{address}/openapi.json"),
        *("-H", f"Authorization: Bearer {token}", "--checks", "all", "--phases", PHASES[asking.size]),
        *("--max-examples", str(asking.examples), "--seed", str(asking.seed), "--continue-on-failure", "--no-shrink"),
        *("--rate-limit", "auto", "--request-timeout", "60", "--suppress-health-check", "all", "--generation-database", "none"),
        *("--report", "json", "--report-json-path", str(report)),
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "media_types", "PYTHONPATH": str(HERE)}
    said = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
    (scratch / f"{service}-{who}.txt").write_text(said.stdout + said.stderr)
    if not report.exists():
        raise JudgeFailed(f"{said.stdout[-3000:]}{said.stderr[-2000:]}")
    return verdict(service, who, json.loads(report.read_text()))


def judge_all(
    pairs: list[tuple[str, str]], address: Callable[[str], str], token: Callable[[str], str], asking: Asking, scratch: Path, *, at_once: int
) -> list[Verdict]:
    """Each service asked by each of its people: ``at_once`` services beside each other, but one person of a service after the other, since
    an address that takes one large file at a time rightly turns a second away (503), and that is not what is judged here."""
    judge_python("interface")  # built once, and not by several at once
    people: dict[str, list[str]] = collections.defaultdict(list)
    for service, who in pairs:
        people[service].append(who)

    def one_service(service: str) -> list[Verdict]:
        return [judge(address(service), token(who), service, who, asking, scratch) for who in people[service]]

    with ThreadPoolExecutor(at_once) as pool:
        return [verdict for verdicts in pool.map(one_service, people) for verdict in verdicts]


def said_of_wrong(verdicts: list[Verdict], scratch: Path) -> str:
    """The judge's own words wherever something is not explained: which request it was and what the answer said."""
    return "\n".join((scratch / f"{one.service}-{one.who}.txt").read_text() for one in verdicts if wrong_in([one]))


def verdict(service: str, who: str, report: dict[str, Any]) -> Verdict:
    """The judge's report, in our words."""
    found: dict[str, list[str]] = collections.defaultdict(list)
    for failure in report["failures"]:
        found[failure["type"]] += failure["operations"]
    unfinished = [str(error) for error in report["errors"]] + [
        f"{kind}: {', '.join(map(str, report['warnings'].get(kind) or []))}"
        for kind in ("unresolvable_reference", "unsupported_regex")
        if report["warnings"].get(kind)
    ]
    return Verdict(service, who, report["operations"]["tested"], report["test_cases"]["generated"], dict(found), unfinished)


def table(verdicts: list[Verdict]) -> str:
    """One line a service and person."""
    head = "| service | as | endpoints | requests | findings | of them explained |\n|---|---|---|---|---|---|"
    lines = [
        f"| {one.service} | {one.who} | {one.operations} | {one.asked} | {sum(len(set(where)) for where in one.found.values())} "
        f"| {len(list(one.explained()))} |"
        for one in verdicts
    ]
    return "\n".join([head, *lines])


def wrong_in(verdicts: list[Verdict]) -> list[str]:
    """Every finding that nothing excuses, and whatever could not be asked, in words."""
    wrong = [
        f"NOT EXPLAINED: {kind}, {one.service} as {one.who}: {', '.join(where)}"
        for one in verdicts
        for kind, where in one.unexplained().items()
    ]
    return wrong + [f"NOT ASKED: {one.service} as {one.who}: {words}" for one in verdicts for words in one.unfinished]
