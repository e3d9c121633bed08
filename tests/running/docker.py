"""A Docker engine for the tests: the one that answers, or one of their own where root may start it. No registry is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.running.child import CannotHave, Child, apt_install, at_end, work_folder

HOW = "This test needs a Docker engine: start one (and set DOCKER_HOST if it listens elsewhere), or run the tests as root on Debian."
BASE = "hearth-test/debian:python"


class Engine:
    """A Docker engine, and commands given to it."""

    def __init__(self, client: str, host: str) -> None:
        self._client = client
        self._environment = {**os.environ, **({"DOCKER_HOST": host} if host else {}), "DOCKER_BUILDKIT": "0"}

    def run(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One docker command; with ``check`` its failure fails the test, showing what it said."""
        done = subprocess.run([self._client, *arguments], env=self._environment, capture_output=True, text=True)
        assert not check or done.returncode == 0, f"docker {arguments[0]}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def answers(self) -> bool:
        """Whether the engine answers."""
        return self.run("version", check=False).returncode == 0


def engine() -> Engine:
    """The engine that answers here; else, for root on Debian, a private one. CannotHave otherwise, with what to do."""
    client = shutil.which("docker")
    if client and Engine(client, "").answers():
        return Engine(client, "")
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotHave(HOW)
    if not shutil.which("dockerd"):
        apt_install("docker.io", "iptables")
    # Debian's own client goes with Debian's engine; another on PATH may be too new for it.
    debian = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else client
    daemon = shutil.which("dockerd")
    if not debian or not daemon:
        raise CannotHave(HOW)
    return _private(debian, daemon)


def _private(client: str, daemon: str) -> Engine:
    folder = work_folder("docker", None)
    socket = f"unix://{folder}/docker.sock"
    settings = {
        "data-root": f"{folder}/data",
        "exec-root": f"{folder}/exec",
        "pidfile": f"{folder}/pid",
        "hosts": [socket],
        "iptables": False,
        "ip6tables": False,
        "bridge": "none",
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
    }
    (folder / "daemon.json").write_text(json.dumps(settings))
    child = Child([daemon, "--config-file", str(folder / "daemon.json")], os.environ, folder / "log", None)
    made = Engine(client, socket)
    at_end(_end, child, folder)
    child.wait_until(made.answers, "dockerd")
    return made


def _end(child: Child, folder: Path) -> None:
    """Let the engine end by itself, and take away what it mounted: a killed one leaves both for ever."""
    child.stop()
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in reversed([place for place in mounted if place.startswith(f"{folder}/")]):
        subprocess.run(["umount", "--lazy", place], capture_output=True)


def debian_with_python(docker: Engine) -> str:
    """The name of a base image with Debian's Python, made from Debian's packages: nothing is pulled from a registry.

    The packages are this machine's own where it has them, in two seconds; else debootstrap fetches them, in a minute. The image is given
    this machine's certificates and pip settings, so that pip works in it as it does here.
    """
    files = _files_of_this_machine()
    if files:
        _imported(docker, ["tar", "-C", "/", "--no-recursion", "--ignore-failed-read", "-c", "-T", "-"], "\n".join(files))
        return BASE
    if not shutil.which("debootstrap") and not apt_install("debootstrap"):
        raise CannotHave("This test makes a base image with debootstrap: apt-get install debootstrap")
    root = work_folder("debian", None) / "root"
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", root, _mirror()],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    for file in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf"):
        if Path(file).exists():
            shutil.copy(file, root / file.lstrip("/"))
    _imported(docker, ["tar", "-C", str(root), "-c", "."], "")
    return BASE


PACKAGES = ("python3", "python3-venv", "ca-certificates")
OF_EVERY_DEBIAN = ("base-files", "base-passwd", "coreutils", "dash", "libc-bin", "libstdc++6", "sed", "grep", "findutils")
NO_PACKAGES_OWN = ("bin", "sbin", "lib", "lib64", "etc/passwd", "etc/group", "etc/ld.so.cache")
NO_PACKAGES_OWN += ("etc/ssl/certs/ca-certificates.crt", "etc/pip.conf")
"""What a Debian has that no package brings: links to folders that became one, and what is written when packages are installed."""


def _files_of_this_machine() -> list[str]:
    """Every file of these packages and of what they need, where this machine is a Debian of that release and has them all; else nothing."""
    if not shutil.which("apt-cache") or "VERSION_CODENAME=bookworm" not in Path("/etc/os-release").read_text():
        return []
    wanted = [*PACKAGES, *OF_EVERY_DEBIAN]
    only = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
    needed = subprocess.run(["apt-cache", "depends", "--recurse", "--installed", *only, *wanted], capture_output=True, text=True).stdout
    packages = {line for line in needed.splitlines() if line and not line.startswith((" ", "<"))}
    told = subprocess.run(["dpkg-query", "-L", *sorted(packages)], capture_output=True, text=True)
    if told.returncode or not set(wanted) <= {name.partition(":")[0] for name in packages}:
        return []
    files = {_where_it_lies(line) for line in told.stdout.splitlines() if line.startswith("/") and line != "/."}
    return sorted({*files, *(file for file in NO_PACKAGES_OWN if Path("/", file).exists())})


def _where_it_lies(file: str) -> str:
    """A package may still say /bin of what has lain in /usr/bin since the two became one; a folder of a link's name would hide the link."""
    folder, _, within = file.lstrip("/").partition("/")
    return f"usr/{folder}/{within}" if within and Path("/", folder).is_symlink() else file.lstrip("/")


def _imported(docker: Engine, packing: list[str], named: str) -> None:
    with subprocess.Popen(packing, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as packed:
        assert packed.stdin is not None
        command = [docker._client, "import", "-", BASE]
        with subprocess.Popen(
            command, stdin=packed.stdout, env=docker._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as taken:
            packed.stdin.write(named.encode())
            packed.stdin.close()
            _, said = taken.communicate()
    assert taken.returncode == 0, said


def _mirror() -> str:
    """The Debian mirror this machine's own packages come from."""
    for file in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]:
        for line in file.read_text(errors="replace").splitlines() if file.is_file() else []:
            words = line.split()
            if line.startswith("URIs:") and "debian" in words[1] and "security" not in words[1]:
                return words[1]
            if line.startswith("deb ") and "security" not in line:
                for word in words[1:]:
                    if word.startswith("http") and "/debian" in word:
                        return word
    raise CannotHave("This test makes a base image from the Debian mirror that /etc/apt names, and none is named there.")
