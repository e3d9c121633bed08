"""The service with its pages, beside the real local issuer on loopback; people sign in as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hearth.issuer import Keys
from hearth.serving import issuer_running
from shared.signin import KeySet, SignIn
from tests.monitoring.pages.browsing import Browser, Pages
from tests.running.child import free_port
from tests.running.services import AUDIENCE, RunningService

ORIGIN = "http://127.0.0.1:8104"


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The local issuer's address, where the pages of these tests are registered."""
    folder: Path = tmp_path_factory.mktemp("issuer")
    with issuer_running(
        Keys.kept_in(folder / "keys.json"), free_port(), development=True, redirects=[f"{ORIGIN}/pages/signed-in"]
    ) as address:
        yield address


@pytest.fixture
async def pages(running: Any, issuer: str) -> Pages:
    """Monitoring with its pages; ``await pages.visitor("priya.shah")`` is a browser in which she has signed in."""
    service: RunningService = await running("monitoring", pages_url=ORIGIN, issuer=issuer)
    service.app.state.signin = SignIn(KeySet(issuer), issuer, AUDIENCE)
    return Pages(service, issuer, ORIGIN)


@pytest.fixture
def browser(pages: Pages) -> Browser:
    """A browser nobody has signed in with."""
    return pages.browser()
