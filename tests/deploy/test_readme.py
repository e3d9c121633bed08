"""The README is true: its commands are run as they stand, one after the other, against a Hearth that was just started."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hearth.data_folder import DataFolder
from tests.deploy.test_launcher import start

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def commands() -> str:
    """Every block marked as bash, in order: what a reader pastes into the second terminal."""
    return "\n".join(re.findall(r"^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE))


def test_the_first_calls_of_a_council_an_agency_and_the_project_manager_work_as_written(tmp_path: Path) -> None:
    assert shutil.which("curl"), "the README's calls need curl: apt-get install curl"
    process = start(tmp_path / "data")
    try:
        issuer = DataFolder(tmp_path / "data").running().addresses["issuer"]
        base = int(issuer.rpartition(":")[2])
        script = (
            commands().replace(".venv/bin/hearth", f"{sys.executable} -m hearth.commands").replace("python3 -c", f"{sys.executable} -c")
        )
        script = re.sub(r"127\.0\.0\.1:810(\d)", lambda port: f"127.0.0.1:{base + int(port[1])}", script)
        script = script.replace("curl -s ", "curl -sf -w '\\n' ")  # -f: a refusal fails the script
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "HEARTH_DATA": str(tmp_path / "data")},
            timeout=600,
        )
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
        replies = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        first, managed, walked = replies[:11], replies[11:21], replies[21:]
        referrals, preview, said, found, history, opportunities, vacancies, notices, webhook, webhooks, summary = first
        assert said["held_by"] == found["held_by"] == 1
        assert found["items"][0]["kind"] == "telephone"
        assert len(referrals["items"]) == 1
        assert (preview["view"]["urgency"], preview["view"]["siblings"]) == ("planned", "only_child")
        assert history["children_created"] > 0, history
        assert "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN" in ran.stdout
        assert opportunities["items"] == []
        assert len(vacancies["items"]) == 2
        assert notices["cursor"]
        assert webhook["secret"].startswith("whsec_")
        assert [one["webhook"] for one in webhooks["items"]] == [webhook["webhook"]]
        assert int(summary["figures"]["referrals"]["value"]) > 0
        alerts, figure, records, by_agency, ledger_of_savings, gaps, market, league, returns, meetings = managed
        assert isinstance(alerts["items"], list)
        assert figure["kpi"]["denominator"] is not None
        assert {each["kind"] for each in records["items"]} == {"placement"}
        assert by_agency, "the figure divided by agency"
        assert ledger_of_savings["total"]
        assert gaps
        assert market
        assert league
        assert len(returns["items"]) == 3
        assert meetings["items"] == []
        shown, findings, mended, *_, sent, offered, options, chosen, decisions, replays, child, known, ledger = walked
        assert shown["small_cells"]["best_blur"], "the preview says which single blur helps most"
        assert (len(findings["items"]), mended["held_by"], sent["state"]) == (1, 0, "broadcast")
        assert offered["offer"] == options["options"][0]["offer"]
        assert options["options"][0]["suitable"], options["options"][0]["reasons"]
        assert options["options"][0]["fit"]["parts"]
        assert chosen["state"] == "pending"
        assert decisions["items"][0]["state"] == "confirmed", decisions["items"][0]["words"]
        assert replays["items"][0]["same"], replays["items"][0]["differences"]
        assert child["children"][0]["family_name"]
        assert {"broadcast", "placement_agreed"} <= {one["right"] for one in known["known_by"]}
        assert ledger["whole"]
        assert ledger["lines"] > 0
        assert "<html" in (ROOT / "options-sheet.html").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=180)
        for made in ("homes.json", "preview.json", "offer.json", "options.json", "choice.json", "agency.txt", "options-sheet.html"):
            (ROOT / made).unlink(missing_ok=True)
        (ROOT / "history.zip").unlink(missing_ok=True)


@pytest.mark.parametrize("address", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_page_the_readme_points_to_is_there(address: str) -> None:
    assert (ROOT / address).exists()


@pytest.mark.parametrize("folder", sorted(set(re.findall(r"`((?:services|tests|shared|deploy|docs)(?:/[\w-]+)*)`", README))))
def test_every_folder_the_readme_names_is_there(folder: str) -> None:
    assert (ROOT / folder).is_dir()
