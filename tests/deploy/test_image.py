"""The image of a service holds the kit and that one service: built for real, and asked."""

from __future__ import annotations

import json
import os

import pytest

from hearth.arrangement import SERVICES
from tests.running.child import CannotHave
from tests.running.docker import Engine, debian_with_python, engine

SERVICE = "matching"
ASKED = """
import importlib.util, json, os, {service}.app
from shared import postcodes
there = {{other: importlib.util.find_spec(other) is not None for other in {others}}}
council = postcodes.council_of(postcodes.parse("SO14 7LY"))
print(json.dumps({{"user": os.geteuid(), "others": there, "council": council}}))
"""


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

    def inside(*command: str) -> str:
        return docker.run("run", "--rm", "--network", "none", "--read-only", name, *command).stdout

    others = sorted({*SERVICES, "hearth"} - {SERVICE})
    found = json.loads(inside("python", "-c", ASKED.format(service=SERVICE, others=others)))
    assert found == {"user": 10001, "others": dict.fromkeys(others, False), "council": "E06000045"}
    assert "migrate" in inside("python", "-m", SERVICE, "--help")
