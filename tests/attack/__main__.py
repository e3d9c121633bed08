"""`make attack`: an outside judge (Schemathesis) asks every endpoint of every service, as a council, an agency and the project manager,
for what its OpenAPI document promises, with values right and wrong. Prints a table; ends with 1 when there is a finding that
tests/attack/accepted.py does not explain.

    python -m tests.attack --seed 1 --examples 20            # everything, on a Hearth of its own with the example consortium
    python -m tests.attack --only matching --as agency       # a part
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from hearth.arrangement import PORTS, SERVICES
from tests.attack.judging import PHASES, Asking, JudgeFailed, judge_all, table, wrong_in
from tests.judges.environment import ROOT
from tests.running.child import free_port

HEARTH = str(Path(sys.executable).with_name("hearth"))
PEOPLE = {"council": "council:E06000045", "agency": "agency:SC900001", "consortium": "consortium"}


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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=10, help="how many requests are made up for each endpoint")
    parser.add_argument("--only", choices=SERVICES, action="append", help="these services alone")
    parser.add_argument("--as", dest="people", choices=PEOPLE, action="append", help="as these people alone")
    parser.add_argument("--size", choices=PHASES, default="whole", help="small: made-up requests; sequences: of requests")
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
            pairs = [(service, who) for service in asked.only or SERVICES for who in asked.people or PEOPLE]
            asking = Asking(asked.size, asked.examples, asked.seed)
            try:
                verdicts = judge_all(
                    pairs,
                    lambda service: f"http://127.0.0.1:{base + PORTS[service]}",
                    lambda who: token(data, PEOPLE[who]),
                    asking,
                    scratch,
                    at_once=1,
                )
            except JudgeFailed as failed:
                sys.exit(f"The judge did not finish:\n{failed}")
    print(table(verdicts))
    print(f"\nSeed {asked.seed}, {asked.examples} made-up requests an endpoint.")
    explained = {(kind, reason) for one in verdicts for kind, _, reason in one.explained()}
    for kind, reason in sorted(explained):
        print(f"\nExplained: {kind}. {reason}")
    wrong = wrong_in(verdicts)
    for words in wrong:
        print(f"\n{words}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
