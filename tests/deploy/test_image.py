"""The image of a service holds the kit and that one service: built for real, and asked."""

from __future__ import annotations

import os

import pytest

from hearth.arrangement import SERVICES
from tests.running.child import CannotHave
from tests.running.docker import Engine, debian_with_python, engine

SERVICE = "matching"


@pytest.fixture(scope="module")
def docker() -> Engine:
    try:
        return engine()
    except CannotHave as reason:
        if os.geteuid() == 0:
            raise
        pytest.skip(f"NOT TESTED: no image was built. {reason}")


@pytest.mark.slow
def test_the_image_of_one_service_holds_no_other_and_does_not_run_as_root(docker: Engine) -> None:
    base = debian_with_python(docker)
    name = f"hearth-test/{SERVICE}"
    arguments = ["--network", "host", "--build-arg", f"BASE={base}", "--build-arg", f"SERVICE={SERVICE}"]
    docker.run("build", "-q", "-f", "deploy/image/Dockerfile", *arguments, "-t", name, ".")

    def inside(*command: str, check: bool = True) -> tuple[int, str]:
        done = docker.run("run", "--rm", "--network", "none", "--read-only", name, *command, check=check)
        return done.returncode, done.stdout + done.stderr

    assert inside("python", "-c", f"import {SERVICE}.app, os; print(os.geteuid())") == (0, "10001\n")
    for other in {*SERVICES, "hearth"} - {SERVICE}:
        code, said = inside("python", "-c", f"import {other}", check=False)
        assert (code, f"No module named '{other}'" in said) == (1, True), said
    assert "migrate" in inside("python", "-m", SERVICE, "--help")[1]
    looked_up = "from shared import postcodes; print(postcodes.council_of(postcodes.parse('SO14 7LY')))"
    assert inside("python", "-c", looked_up) == (0, "E06000045\n")
