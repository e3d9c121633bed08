"""``hearth up`` and the commands beside it, as a person uses them: real processes, the wheel's PostgreSQL, no broker."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from hearth.data_folder import DataFolder
from shared import ids, transport
from shared.contracts import HEARD_BY, SERVICES
from tests.journey.deployment import EXAMPLE, free_port_base

pytestmark = pytest.mark.slow
HEARTH = [sys.executable, "-m", "hearth.commands"]


def hearth(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run([*HEARTH, *arguments], capture_output=True, text=True, timeout=300)


def start(folder: Path) -> subprocess.Popen[str]:
    """``hearth up`` on a data folder, once it says that it is up."""
    process = subprocess.Popen(
        [*HEARTH, "up", "--data", folder, "--port-base", str(free_port_base())], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 90
    while not (folder / "running.json").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return process


def still_running(folder: Path) -> list[str]:
    """Processes that have to do with a data folder: PostgreSQL names it on its command line, the services in their settings."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in " ".join(process.cmdline()) or str(folder) in str(process.environ().get("VAULT_KEYS_FILE")):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hearth") / "data"


@pytest.fixture(scope="module")
def up(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(folder)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=180)


def test_a_token_is_all_that_is_printed_and_a_service_takes_it(up: subprocess.Popen[str], folder: Path) -> None:
    printed = hearth("token", "--as", "council:E06000045", "--data", folder)
    assert (printed.returncode, printed.stderr) == (0, "")
    running = DataFolder(folder).running()
    reply = httpx.get(f"{running.addresses['referrals']}/settings", headers={"Authorization": f"Bearer {printed.stdout.strip()}"})
    assert reply.status_code == 200
    only = hearth("token", "--as", "council:E06000045", "--role", "reader", "--data", folder).stdout.strip()
    refused = httpx.post(f"{running.addresses['referrals']}/referrals", json={}, headers={"Authorization": f"Bearer {only}"})
    assert refused.status_code == 403


def test_a_second_launcher_on_the_same_folder_is_refused(up: subprocess.Popen[str], folder: Path) -> None:
    refused = hearth("up", "--data", folder, "--port-base", str(free_port_base()))
    assert refused.returncode == 1
    assert "already runs" in refused.stderr


def test_a_folder_is_loaded_and_what_a_service_refuses_is_named_by_file_and_line(
    up: subprocess.Popen[str], folder: Path, tmp_path: Path
) -> None:
    loaded = hearth("load", EXAMPLE, "--data", folder)
    assert (loaded.returncode, loaded.stdout.splitlines()[-1]) == (0, "Loaded."), loaded.stderr
    (tmp_path / "households.csv").write_text(
        "provider,reference,postcode,from_age,to_age,sexes,places,kinds,skills,risks_to_child,risks_to_others,languages,religions,"
        "siblings_welcome,children_at_home,approved_on\nagency:SC910001,H-1,SO14 7LY,0,17,F,1,short_term,,,,en,,yes,0,2020-01-31\n"
    )
    (tmp_path / "vacancies.csv").write_text(
        "provider,reference,household,lots,free_beds,available_from\n"
        "agency:SC910001,V-1,H-1,ordinary,1,2026-01-01\nagency:SC910001,V-2,H-1,no_such_lot,1,2026-01-01\n"
    )
    refused = hearth("load", tmp_path, "--data", folder)
    assert refused.returncode == 1
    assert "\nvacancies.csv:3: lots" in refused.stderr


def test_each_councils_ledger_is_verified_and_the_first_broken_line_is_printed(up: subprocess.Popen[str], folder: Path) -> None:
    southampton = hearth("ledger", "verify", "--council", "E06000045", "--data", folder)
    assert (southampton.returncode, southampton.stderr) == (0, "")
    assert southampton.stdout.startswith("E06000045  whole, 0 lines.")
    hearth("load", EXAMPLE, "--data", folder)
    every = hearth("ledger", "verify", "--data", folder)
    assert (every.returncode, len(every.stdout.splitlines())) == (0, 3)
    gone = hearth("ledger", "verify", "--council", "E06000045", "--kept", f"1:{'0' * 64}", "--data", folder)
    assert gone.returncode == 1
    assert "E06000045  BROKEN at line 1. This line is missing" in gone.stdout
    for wrong in (("--council", "nowhere"), ("--kept", "x"), ("--kept", f"1:{'0' * 64}")):
        assert hearth("ledger", "verify", *wrong, "--data", folder).returncode == 2


def test_a_dead_letter_is_listed_shown_and_given_back(up: subprocess.Popen[str], folder: Path) -> None:
    assert "no dead letters" in hearth("dead-letters", "list", "matching", "--data", folder).stdout
    assert hearth("dead-letters", "list", "--data", folder).stdout == "There are no dead letters.\n"
    event = str(ids.new_id())
    body: dict[str, object] = {"specversion": "1.0", "id": event, "source": "/referrals", "type": "referral.withdrawn"}
    body |= {"time": "2026-01-01T00:00:00Z", "subject": "x", "version": 1, "organisation": "council:E06000045"}
    body["data"] = {"what": "it cannot be read"}

    async def publish() -> None:
        bus = transport.connect(DataFolder(folder).running().broker_url, prefix="hearth")
        await bus.declare(HEARD_BY, SERVICES)
        await bus.publish([transport.Message(event, "referral.withdrawn", json.dumps(body).encode())])
        await bus.close()

    asyncio.run(publish())
    deadline = time.monotonic() + 30
    while event not in (listed := hearth("dead-letters", "list", "matching", "--data", folder).stdout):
        assert time.monotonic() < deadline, listed
    assert '"it cannot be read"' in hearth("dead-letters", "show", "matching", event, "--data", folder).stdout
    assert hearth("dead-letters", "show", "matching", str(ids.new_id()), "--data", folder).returncode == 1
    assert hearth("dead-letters", "show", "--data", folder).returncode == 2
    assert event in hearth("dead-letters", "list", "--data", folder).stdout
    assert hearth("dead-letters", "replay", "matching", event, "--data", folder).stdout == "1 given back to matching.\n"


def test_when_a_service_ends_the_launcher_says_which_and_stops_and_a_second_start_finds_the_data(
    up: subprocess.Popen[str], folder: Path
) -> None:
    (monitoring,) = [child for child in psutil.Process(up.pid).children() if child.cmdline()[1:3] == ["-m", "monitoring"]]
    monitoring.kill()
    _, said = up.communicate(timeout=180)
    assert up.returncode == 1
    assert "monitoring was ended by signal 9" in said
    assert "monitoring.log" in said
    assert still_running(folder) == []

    again = start(folder)
    token = hearth("token", "--as", "consortium", "--data", folder).stdout.strip()
    address = DataFolder(folder).running().addresses["providers"]
    kept = httpx.get(f"{address}/councils", headers={"Authorization": f"Bearer {token}"}).json()
    assert len(kept["items"]) == 3
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=180)
    assert again.returncode == 0
    assert still_running(folder) == []
    assert "make up" in hearth("token", "--as", "consortium", "--data", folder).stderr
