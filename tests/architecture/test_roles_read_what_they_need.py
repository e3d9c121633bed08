"""A process reads the modules of its roles and no others: what every relay and consumer carried of routes was a third of its memory."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from hearth.arrangement import SERVICES

ASKED = """
import json, sys
from {service}.app import SERVICE
read = lambda: sorted(name for name in sys.modules if name.startswith(("{service}.routes", "{service}.handlers", "{service}.actions")))
found = [read()]
SERVICE.hears
found.append(read())
SERVICE.routers
found.append(read())
print(json.dumps(found))
"""


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_answers_and_hears_is_read_where_a_process_does_it(service: str) -> None:
    said = subprocess.run([sys.executable, "-c", ASKED.format(service=service)], capture_output=True, text=True, check=True).stdout
    declared, hearing, answering = json.loads(said)
    assert declared == []
    assert f"{service}.handlers" in hearing
    assert not [name for name in hearing if name.startswith(f"{service}.routes")]
    assert f"{service}.routes" in answering
