"""``hearth up`` and the commands beside it, as a person uses them: real processes, the wheel's PostgreSQL, no broker."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import make_url

from hearth.data_folder import DataFolder
from shared import ids, migrating, transport
from shared.contracts import HEARD_BY, SERVICES
from tests.journey.deployment import EXAMPLE, free_port_base
from tests.running.child import work_folder

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
HEARTH = [sys.executable, "-m", "hearth.commands"]


def hearth(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run([*HEARTH, *arguments], capture_output=True, text=True, timeout=900)


def start(folder: Path) -> subprocess.Popen[str]:
    """``hearth up`` on a data folder, once it says that it is up."""
    process = subprocess.Popen(
        [*HEARTH, "up", "--data", folder, "--port-base", str(free_port_base())], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 300
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


def test_the_drill_of_the_page_about_backups_works_as_written_beside_what_runs(up: subprocess.Popen[str], folder: Path) -> None:
    place = work_folder("drill", None)  # PostgreSQL's own user walks there; each new run of pytest closes the folders of all to it
    (drill,) = re.findall(r"^```bash\n(.*?)^```", (ROOT / "docs/backup.md").read_text(), re.DOTALL | re.MULTILINE)
    script = (
        drill.replace(".venv/bin/hearth", f"{sys.executable} -m hearth.commands") + "(cd drill/data && sha256sum -c --quiet SHA256SUMS)\n"
    )
    environment = {"PATH": "/usr/bin:/bin", "HEARTH_DATA": str(folder)}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, cwd=place, env=environment, timeout=900
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert ran.stdout.count("  holds   ") == 17
    assert ran.stdout.endswith("All agree. Start the services; then hearth doctor.\n")
    assert still_running(place) == []
    taken = {path.name for path in (place / "drill/data").iterdir()}
    assert taken == {"manifest.json", "SHA256SUMS", *(f"{service}.dump" for service in SERVICES)}
    for wrong, words in (
        (("take", place / "drill/data", "--keys", place / "elsewhere"), "is there already"),
        (("take", place / "drill/new", "--keys", place / "drill/new/keys"), "must lie apart"),
        (("restore", place / "nowhere", "--keys", place / "drill/keys"), "holds no backup"),
        (("restore", place / "drill/data", "--keys", place / "drill/keys"), "already runs"),
    ):
        refused = hearth("backup", *wrong, "--data", folder)
        assert (refused.returncode, words in refused.stderr) == (1, True), refused.stderr


def test_a_dead_letter_is_listed_shown_given_back_and_thrown_away_for_a_reason(up: subprocess.Popen[str], folder: Path) -> None:
    assert "no dead letters" in hearth("dead-letters", "list", "matching", "--data", folder).stdout
    assert hearth("dead-letters", "list", "--data", folder).stdout == "There are no dead letters.\n"
    event = str(ids.new_id())
    publish_unreadable(folder, event)
    deadline = time.monotonic() + 30
    while event not in (listed := hearth("dead-letters", "list", "matching", "--data", folder).stdout):
        assert time.monotonic() < deadline, listed
    assert '"it cannot be read"' in hearth("dead-letters", "show", "matching", event, "--data", folder).stdout
    assert hearth("dead-letters", "show", "matching", str(ids.new_id()), "--data", folder).returncode == 1
    assert hearth("dead-letters", "show", "--data", folder).returncode == 2
    assert event in hearth("dead-letters", "list", "--data", folder).stdout
    assert hearth("dead-letters", "replay", "matching", event, "--data", folder).stdout == "1 given back to matching.\n"
    deadline = time.monotonic() + 60
    while event not in (listed := hearth("dead-letters", "list", "matching", "--data", folder).stdout):
        assert time.monotonic() < deadline, listed  # nobody can ever work on it, so it comes back
    for lacking in (["matching", event], ["matching", "--reason", "why"], [event, "--reason", "why"]):
        assert hearth("dead-letters", "discard", *lacking, "--data", folder).returncode == 2
    gone = hearth("dead-letters", "discard", "matching", event, "--reason", "sent by a broken script", "--data", folder).stdout
    assert '"it cannot be read"' in gone, "it is printed whole once more"
    assert "1 thrown away" in gone
    assert "sent by a broken script" in gone
    assert "no dead letters" in hearth("dead-letters", "list", "matching", "--data", folder).stdout


def doctor(folder: Path, *before: str, **environment: str) -> tuple[int, dict[tuple[str, str], dict[str, str]]]:
    """(exit code, what ``hearth doctor --json`` finds by where and page), with a command before it."""
    done = subprocess.run(
        [*before, *HEARTH, "doctor", "--json", "--data", folder],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )
    told = json.loads(done.stdout)
    assert told["well"] is (done.returncode == 0), done.stderr
    return done.returncode, {(each["where"], each["page"].partition("#")[2]): each for each in told["findings"]}


def as_owner(folder: Path, service: str, *statements: str) -> None:
    """What an owner of a service's tables does by hand."""

    async def run() -> None:
        url = make_url(DataFolder(folder).running().database_urls[service]).set(username=f"{service}_owner")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        for statement in ("SELECT set_config('app.organisation', 'plumbing', false)", *statements):
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def publish_unreadable(folder: Path, event: str) -> None:
    """An event that no number of tries will make sense of."""
    body: dict[str, object] = {"specversion": "1.0", "id": event, "source": "/referrals", "type": "referral.withdrawn"}
    body |= {"time": "2026-01-01T00:00:00Z", "subject": "x", "version": 1, "organisation": "council:E06000045"}
    body["data"] = {"what": "it cannot be read"}

    async def publish() -> None:
        bus = transport.connect(DataFolder(folder).running().broker_url, prefix="hearth")
        await bus.declare(HEARD_BY, SERVICES)
        await bus.publish([transport.Message(event, "referral.withdrawn", json.dumps(body).encode())])
        await bus.close()

    asyncio.run(publish())


def forget_dead_letters(folder: Path) -> None:
    """Throw away what a test made dead; what was given back meanwhile dies once more, so it may take a second time."""

    async def forget() -> None:
        connection = await asyncpg.connect(DataFolder(folder).running().broker_url)
        await connection.execute("DELETE FROM bus_dead_letter")
        await connection.close()

    asyncio.run(forget())


def assert_well_again(folder: Path) -> None:
    """Within a minute: what was just loaded or mended takes a moment, and a busy machine can be slow to answer."""
    deadline = time.monotonic() + 60
    forget_dead_letters(folder)
    while (said := hearth("doctor", "--data", folder)).returncode or not said.stdout.startswith(
        "well   Hearth: All is well: every process answers"
    ):
        assert time.monotonic() < deadline, said.stdout
        forget_dead_letters(folder)


def test_the_doctor_says_when_all_is_well(up: subprocess.Popen[str], folder: Path) -> None:
    assert_well_again(folder)


def test_the_doctor_finds_lag_dead_letters_a_schema_behind_and_a_missing_key_at_once(up: subprocess.Popen[str], folder: Path) -> None:
    hearth("load", EXAMPLE, "--data", folder)
    keys, event = DataFolder(folder).vault_keys, str(ids.new_id())
    assert not keys.exists(), "keys for development are derived"
    newest = migrating.newest("monitoring")
    as_owner(
        folder,
        "referrals",
        "INSERT INTO outbox (id, type, envelope, recorded_at) VALUES (gen_random_uuid(), 'x', '{}', now() - interval '5 minutes')",
    )
    as_owner(folder, "monitoring", "UPDATE alembic_version SET version_num = '0001'")
    keys.write_text(hearth("vault-keys", "E10000014", "E10000025").stdout)
    publish_unreadable(folder, event)
    deadline = time.monotonic() + 60
    while (dead := ("matching's queue", "dead-letters")) not in (found := doctor(folder))[1]:
        assert time.monotonic() < deadline, found
    code, told = found
    assert code == 1
    assert {page for _, page in told} >= {"outbox-lag", "schema-behind", "key-missing", "dead-letters"}
    assert "referral.withdrawn" in told[dead]["what"]
    assert told[dead]["do"].endswith("hearth dead-letters replay matching")
    assert "1 events wait to be sent, the oldest for 5 minutes" in told[("referrals's database", "outbox-lag")]["what"]
    assert told[("monitoring's database", "schema-behind")]["what"] == f"has schema 0001, the newest is {newest}."
    assert told[("monitoring's database", "schema-behind")]["do"].endswith("hearth migrate monitoring")
    assert "E06000045" in told[("the vault", "key-missing")]["what"]
    assert told[("the vault", "key-missing")]["do"].endswith("hearth vault-keys E06000045")
    in_words = hearth("doctor", "--data", folder)
    assert in_words.returncode == 1
    assert in_words.stdout.count("WRONG") >= 4
    assert "More: docs/runbook.md#schema-behind" in in_words.stdout

    as_owner(folder, "referrals", "DELETE FROM outbox WHERE type = 'x'")
    as_owner(folder, "monitoring", f"UPDATE alembic_version SET version_num = '{newest}'")
    keys.unlink()
    assert_well_again(folder)


def test_the_doctor_finds_a_process_that_does_not_answer(up: subprocess.Popen[str], folder: Path) -> None:
    (providers,) = [child for child in psutil.Process(up.pid).children() if child.cmdline()[1:3] == ["-m", "providers"]]
    providers.suspend()
    try:
        code, told = doctor(folder)
    finally:
        providers.resume()
    assert code == 1
    assert ("providers", "a-process-does-not-answer") in told
    log = re.search(r"logs/\S+\.log", told[("providers", "a-process-does-not-answer")]["do"])
    assert log
    assert (folder / log.group()).exists(), "the log it names is there"


@pytest.mark.skipif(not shutil.which("faketime"), reason="a wrong clock is made by faketime: apt-get install faketime")
def test_the_doctor_finds_a_clock_that_is_wrong(up: subprocess.Popen[str], folder: Path) -> None:
    code, told = doctor(folder, "faketime", "-f", "+30m", FAKETIME_DONT_FAKE_MONOTONIC="1")
    assert code == 1
    assert "sweep-late" not in {page for _, page in told}, "nothing is called late that only seems so"
    wrong = {where: each["what"] for (where, page), each in told.items() if page == "clock-skew"}
    assert {"referrals", "providers", "matching", "monitoring", "matching's database"} <= wrong.keys()
    assert all("30 minutes behind this machine's" in what for what in wrong.values())


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
