"""Environments of outside judges: tools that cannot live beside our own libraries, pinned with hashes, built once into the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = (3, 11)
"""The validator needs pandas < 2, which has no build for a newer Python."""


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hearth" / "judges"


def _python() -> str:
    if sys.version_info[:2] == NEEDED:
        return sys.executable
    found = shutil.which("python3.11")
    if found is None:
        pytest.fail(
            "The sector's validator needs Python 3.11 beside the one that runs the tests: install python3.11 (Debian: python3.11-venv)."
        )
    return found


def ssda903_python() -> str:
    """The Python of the SSDA903 validator's environment."""
    return judge_python("ssda903", _python())


@lru_cache
def judge_python(judge: str, python: str = sys.executable) -> str:
    """The Python of a judge's environment, built if it is not there; the test fails, saying how, when it cannot be."""
    requirements = ROOT / "requirements" / f"judges-{judge}.txt"
    name = f"{judge}-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    home = _cache() / name
    own = home / "bin" / "python"
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "built").exists():
            shutil.rmtree(home, ignore_errors=True)
            _run([python, "-m", "venv", "--without-pip", str(home)])
            install(str(own), "--require-hashes", "-r", str(requirements))
            (home / "built").touch()
    return str(own)


def install(python: str | Path, *what: str | Path) -> None:
    """Install into another environment: with uv, six times as quick; with pip where uv cannot reach the index that pip is set up for."""
    uv = [sys.executable, "-m", "uv", "pip", "install", "-q", "--native-tls", "--python", str(python), *map(str, what)]
    if subprocess.run(uv, capture_output=True, check=False).returncode:
        _run([sys.executable, "-m", "pip", "--python", str(python), "install", "-q", *map(str, what)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"The judge's environment could not be built: {' '.join(command)}\n{done.stderr[-2000:]}")


def judged(year: int, ofsted: Path, folders: Iterable[tuple[Path, str]]) -> dict[str, Any]:
    """What the sector's validator says of each (folder, council), by folder name."""
    named = [f"{folder}={council}" for folder, council in folders]
    answers = _asked("ssda903.py", str(year), str(ofsted), *named)
    return {Path(folder).name: answer for folder, answer in answers.items()}


def codes_refused(codes: Path) -> dict[str, dict[str, list[str]]]:
    """Which codes of a file (columns list, code) the validator refuses: return year → list → codes."""
    answers: dict[str, dict[str, list[str]]] = _asked("ssda903_codes.py", str(codes))
    return answers


def _asked(runner: str, *arguments: str) -> Any:
    command = [ssda903_python(), str(Path(__file__).with_name(runner)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"The validator did not finish:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)
