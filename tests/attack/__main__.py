"""`make attack`: an outside judge (Schemathesis) asks every endpoint of every service, as a council, an agency and the project manager,
for what its OpenAPI document promises, with values right and wrong. Prints a table; ends with 1 when there is a finding that
tests/attack/accepted.py does not explain.

    python -m tests.attack --seed 1 --examples 20            # everything, on a Hearth of its own with the example consortium
    python -m tests.attack --only matching --as agency       # a part
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from hearth.arrangement import PORTS, SERVICES
from tests.attack.accepted import ACCEPTED, NEVER
from tests.judges.environment import ROOT, judge_python
from tests.running.child import free_port

HEARTH = str(Path(sys.executable).with_name("hearth"))
PEOPLE = {"council": "council:E06000045", "agency": "agency:SC900001", "consortium": "consortium"}
PHASES = {"whole": "examples,coverage,fuzzing", "small": "fuzzing"}


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

    def unexplained(self) -> dict[str, list[str]]:
        """The findings no reason is declared for."""
        return {kind: where for kind, where in self.found.items() if kind not in ACCEPTED or kind in NEVER}


@contextlib.contextmanager
def hearth_with_the_example(folder: Path) -> Iterator[int]:
    """A Hearth of its own with the example consortium loaded; its first port."""
    base = _five_free_ports()
    command = [HEARTH, "up", "--port-base", str(base), "--data", str(folder)]
    with (folder.parent / "up.log").open("w") as log:
        child = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        for _ in range(1200):
            with contextlib.suppress(httpx.HTTPError):
                if all(httpx.get(f"http://127.0.0.1:{base + PORTS[one]}/health/ready").status_code == 200 for one in SERVICES):
                    break
            if child.poll() is not None:
                sys.exit((folder.parent / "up.log").read_text())
            time.sleep(0.25)
        subprocess.run(
            [HEARTH, "load", "--data", str(folder), "deploy/example"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        yield base
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(60)


def _five_free_ports() -> int:
    while True:
        base = free_port()
        with contextlib.suppress(OSError):
            held = [socket.create_server(("127.0.0.1", base + n)) for n in range(5)]
            for one in held:
                one.close()
            return base


def token(data: Path, organisation: str) -> str:
    """An access token of the local issuer."""
    command = [HEARTH, "token", "--data", str(data), "--as", organisation]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def judge(base: int, data: Path, service: str, who: str, asked: argparse.Namespace, scratch: Path) -> Verdict:
    """Let the judge ask one service as one of its people."""
    report = scratch / f"{service}-{who}.json"
    command = [
        *(judge_python("interface"), "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{base + PORTS[service]}/openapi.json"),
        *("-H", f"Authorization: Bearer {token(data, PEOPLE[who])}", "--checks", "all", "--phases", PHASES[asked.size]),
        *("--max-examples", str(asked.examples), "--seed", str(asked.seed), "--continue-on-failure", "--no-shrink"),
        *("--rate-limit", "auto", "--request-timeout", "60", "--suppress-health-check", "all"),
        *("--report", "json", "--report-json-path", str(report)),
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "media_types", "PYTHONPATH": str(Path(__file__).parent)}
    said = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
    (scratch / f"{service}-{who}.txt").write_text(said.stdout + said.stderr)
    if not report.exists():
        sys.exit(f"The judge did not finish:\n{said.stdout[-3000:]}{said.stderr[-2000:]}")
    return verdict(service, who, json.loads(report.read_text()))


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
        f"| {one.service} | {one.who} | {one.operations} | {one.asked} | {sum(map(len, one.found.values()))} "
        f"| {sum(len(where) for kind, where in one.found.items() if kind not in one.unexplained())} |"
        for one in verdicts
    ]
    return "\n".join([head, *lines])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=10, help="how many requests are made up for each endpoint")
    parser.add_argument("--only", choices=SERVICES, action="append", help="these services alone")
    parser.add_argument("--as", dest="people", choices=PEOPLE, action="append", help="as these people alone")
    parser.add_argument("--size", choices=PHASES, default="whole", help="small: only made-up requests")
    parser.add_argument("--running", nargs=2, metavar=("PORT_BASE", "DATA"), help="ask a Hearth that is up, instead of one of its own")
    parser.add_argument("--keep", type=Path, help="a folder to keep the judge's own words in")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        data, scratch = Path(folder) / "data", asked.keep or Path(folder) / "judge"
        data.mkdir()
        scratch.mkdir(exist_ok=True, parents=True)
        if asked.running:
            data = Path(asked.running[1])
        with contextlib.nullcontext(int(asked.running[0])) if asked.running else hearth_with_the_example(data) as base:
            verdicts = [
                judge(base, data, service, who, asked, scratch) for service in asked.only or SERVICES for who in asked.people or PEOPLE
            ]
    print(table(verdicts))
    print(f"\nSeed {asked.seed}, {asked.examples} made-up requests an endpoint.")
    for kind in sorted({kind for one in verdicts for kind in one.found} & set(ACCEPTED)):
        print(f"\nExplained: {kind}. {ACCEPTED[kind]}")
    wrong = [(one, kind, where) for one in verdicts for kind, where in one.unexplained().items()]
    for one, kind, where in wrong:
        print(f"\nNOT EXPLAINED: {kind}, {one.service} as {one.who}: {', '.join(sorted(set(where)))}")
    for one in verdicts:
        for words in one.unfinished:
            print(f"\nNOT ASKED: {one.service} as {one.who}: {words}")
    return 1 if wrong or any(one.unfinished for one in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
