"""Sets Hearth up in .venv: an environment, the pinned packages with their hashes checked, our own six, the postcode index.

Run by the Makefile with whatever Python the machine has, before anything is installed: standard library only, and no
syntax newer than 3.6, so that a Python that is too old can still say so. A second run finds its stamp and is done at once.

    python3 deploy/install.py launcher    what make demo and make up need
    python3 deploy/install.py dev         the same, and what make check and make test need
"""

import hashlib
import os
import subprocess
import sys
import time

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PROGRAMS = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(PROGRAMS, "python")
OURS = ["shared", "services/referrals", "services/providers", "services/matching", "services/monitoring", "deploy"]


def main(kind: str) -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"Hearth needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]} ({sys.executable}).\n"
            "Name a newer one: make demo PYTHON=/path/to/python3.11"
        )
    requirements = os.path.join(ROOT, "requirements", kind + ".txt")
    stamp = os.path.join(VENV, f"installed-{kind}-{fingerprint(requirements)}")
    if os.path.exists(stamp):
        return
    make_environment()
    install(requirements)
    run("Installing Hearth's own six packages", pip("--no-deps", "--no-build-isolation", *editable()))
    # Written now, or the first start would wait for it.
    run("Compiling them", [PYTHON, "-m", "compileall", "-q"] + [os.path.join(ROOT, ours) for ours in OURS])
    run("Building the postcode index", [PYTHON, "-m", "shared.postcodes", "build"])
    open(stamp, "w").close()


def fingerprint(requirements: str) -> str:
    """Changes when what is to be installed changes, or the folder moves (an environment knows where it lies)."""
    told = hashlib.sha256(ROOT.encode())
    for path in [requirements] + [os.path.join(ROOT, ours, "pyproject.toml") for ours in OURS]:
        with open(path, "rb") as file:
            told.update(file.read())
    return told.hexdigest()[:16]


def make_environment() -> None:
    if os.path.exists(PYTHON) and subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0:
        return
    try:
        run("Making an environment in .venv", [sys.executable, "-m", "venv", VENV])
    except SystemExit:
        sys.exit("This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv")


def install(requirements: str) -> None:
    with open(requirements) as file:
        total = sum(1 for line in file if "==" in line and not line.startswith((" ", "#")))
    run(f"Installing {total} packages, hashes checked", pip("--require-hashes", "-r", requirements), total=total)


def editable() -> "list[str]":
    return [argument for ours in OURS for argument in ("-e", os.path.join(ROOT, ours))]


def pip(*arguments: str) -> "list[str]":
    return [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", *arguments]


def run(words: str, command: "list[str]", total: int = 0) -> None:
    """Run a command under one line of words: rewritten on a terminal, said again every few seconds elsewhere."""
    terminal = sys.stderr.isatty()
    clear = "\r\033[K" if terminal else ""
    began = said = time.monotonic()
    say(f"  {words} …", end="" if terminal else "\n")
    lines: list[str] = []
    done = 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    for line in process.stdout or []:
        lines.append(line)
        done += line.startswith(("Collecting ", "Requirement already satisfied"))
        if line.startswith("Installing collected"):
            words, total = words + ", unpacking them", 0
        if time.monotonic() - said > (0.2 if terminal else 5):
            said = time.monotonic()
            so_far = f" {min(done, total)} of {total}" if total else ""
            say(f"{clear}  {words} …{so_far} {said - began:.0f} s", end="" if terminal else "\n")
    if process.wait() != 0:
        say("\n" + "".join(lines[-40:]))
        sys.exit(f"{words} failed: what it said is above.")
    say(f"{clear}  {words}: done in {time.monotonic() - began:.0f} s")


def say(text: str, end: str = "\n") -> None:
    sys.stderr.write(text + end)
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1])
