"""Each service can be installed with the kit and nothing else: what its image holds, tried without a container."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hearth.arrangement import SERVICES
from tests.judges.environment import install


@pytest.mark.slow
def test_an_environment_of_one_service_holds_the_kit_and_no_other_service(tmp_path: Path) -> None:
    service = "matching"
    # The folders are copied, so that building leaves nothing beside the sources and finds nothing there.
    for folder in ("shared", f"services/{service}"):
        shutil.copytree(folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    python = tmp_path / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    install(python, "--require-hashes", "-r", f"requirements/{service}.txt")
    install(python, "--no-deps", "--no-build-isolation", tmp_path / "shared", tmp_path / f"services/{service}")

    def imports(name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([python, "-c", f"import {name}"], cwd=tmp_path / "venv", capture_output=True, text=True)

    assert imports(f"shared, {service}.app").returncode == 0, imports(f"{service}.app").stderr
    for other in {*SERVICES, "hearth"} - {service}:
        refused = imports(other)
        assert refused.returncode != 0
        assert f"No module named '{other}'" in refused.stderr
    started = subprocess.run([python, "-m", service, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert "migrate" in started.stdout
