"""Who may import whom, checked by import-linter and ruff; and that both would notice a breach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.contracts import SERVICES

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "shared" / "shared", *(ROOT / "services" / service / service for service in SERVICES)]
MOST_LINES = 330
"""About 300: a longer file holds two nouns."""
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "managers"}

BREACHES = {
    "The four services know nothing of each other": ("services/referrals/referrals/actions/__init__.py", "import matching"),
    "The kit knows no service and no launcher": ("shared/shared/ids.py", "import providers"),
    "providers: one way down, nothing beside the layers": ("services/providers/providers/store/__init__.py", "import providers.app"),
    "matching: only the store touches tables": ("services/matching/matching/routes/__init__.py", "import matching.tables"),
    "monitoring: the domain is pure": ("services/monitoring/monitoring/domain/money.py", "import sqlalchemy"),
    "monitoring: no HTTP below the routes": ("services/monitoring/monitoring/actions/figures.py", "import fastapi"),
    "matching: one way down, nothing beside the layers": ("services/matching/matching/utils.py", "X = 1"),
}
"""Contract → a file of it and a line that breaks it. The last one adds a module beside the layers."""


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the sources under ``folder``, with that folder's contracts."""
    roots = [folder / "shared", folder / "deploy", *(folder / "services" / service for service in SERVICES)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, roots)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", "pyproject.toml"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_every_import_contract_is_kept() -> None:
    found = lint_imports(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.slow
def test_a_planted_breach_of_each_contract_is_caught(tmp_path: Path) -> None:
    nothing = shutil.ignore_patterns("__pycache__", "example", "*.egg-info", ".venv")
    for part in ("shared", "services", "deploy"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=nothing)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for where, line in BREACHES.values():
        with (tmp_path / where).open("a") as source:
            source.write(f"\n{line}\n")
    found = lint_imports(tmp_path)
    assert found.returncode == 1
    broken = {line.removesuffix(" BROKEN") for line in found.stdout.splitlines() if line.endswith(" BROKEN")}
    assert broken >= set(BREACHES), found.stdout


def ruff(*arguments: str, typed: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ruff's rule on banned calls and imports with the repository's settings."""
    command = [str(Path(sys.executable).parent / "ruff"), "check", "--no-cache", "--select", "TID251", *arguments]
    return subprocess.run(command, cwd=ROOT, input=typed, capture_output=True, text=True, check=False)


def test_only_the_kit_reads_clock_and_environment_makes_ids_and_speaks_to_the_broker() -> None:
    found = ruff(*map(str, SOURCES))
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    "line",
    [
        "import datetime; datetime.datetime.now()",
        "import datetime; datetime.date.today()",
        "import time; time.time()",
        "import uuid; uuid.uuid4()",
        "import os; os.environ",
        "import os; os.getenv('X')",
        "import pika",
    ],
)
def test_a_banned_call_in_a_service_is_caught(line: str) -> None:
    found = subprocess.run(
        [
            str(Path(sys.executable).parent / "ruff"),
            "check",
            "--select",
            "TID251",
            "--stdin-filename",
            "services/matching/matching/x.py",
            "-",
        ],
        input=line.replace("; ", "\n") + "\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "TID251" in found.stdout, found.stdout + found.stderr


def test_no_file_holds_two_nouns() -> None:
    """Migrations are exempt: one release's SQL stays in one file, and it is never worked on again."""
    paths = [path for source in SOURCES for path in source.rglob("*.py") if "versions" not in path.parts]
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in paths}
    assert {str(path): lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {path for source in SOURCES for path in source.rglob("*.py") if path.stem in NAMES_THAT_SAY_NOTHING}
    assert names == set()


def test_no_module_leaves_its_purpose_unsaid() -> None:
    silent = {
        str(path.relative_to(ROOT))
        for source in SOURCES
        for path in source.rglob("*.py")
        if path.read_text().strip() and not path.read_text().lstrip().startswith(('"""', "'''"))
    }
    assert silent == set()
