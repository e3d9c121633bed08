"""``hearth figures`` as a person uses it, against the service itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from hearth import figures
from monitoring.actions import recounting
from shared import tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.monitoring.conftest import OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.told import a_placement
from tests.running.services import RunningService


@pytest.fixture
def folder(monitoring: RunningService, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A data folder whose monitoring is the service under test, and whose issuer gives its tokens."""

    async def of(organisation: str, *roles: str) -> str:
        return monitoring.key.token(organisation, *roles)

    client = partial(httpx.AsyncClient, transport=httpx.ASGITransport(monitoring.app))
    monkeypatch.setattr(figures.httpx, "AsyncClient", client)
    monkeypatch.setattr(figures, "signed_in", lambda *_: SimpleNamespace(of=of))
    return SimpleNamespace(running=lambda: SimpleNamespace(addresses={"monitoring": "http://monitoring.test"}))


async def test_a_rebuild_says_that_nothing_differs_names_what_does_and_puts_it_right(
    monitoring: RunningService, folder: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}")
    await recounting.sweep(monitoring.databases)
    assert await figures.rebuild(folder, write=False) == 0
    assert "No difference." in capsys.readouterr().out
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await transaction.execute(text("UPDATE placements SET tier = 3"))
    assert await figures.rebuild(folder, write=False) == 1
    said = capsys.readouterr().out
    assert "altered  consortium  placements" in said
    assert ": tier" in said
    assert await figures.rebuild(folder, write=True) == 0
    assert await figures.rebuild(folder, write=False) == 0


async def test_an_export_writes_the_facts_that_its_reader_may_see_and_nothing_over_another_file(
    monitoring: RunningService, folder: Any, tmp_path: Path
) -> None:
    own = await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}")
    other = await a_placement(monitoring, SLOUGH, f"agency:{OAK}")
    assert await figures.export(Organisation.council(SOUTHAMPTON), tmp_path, folder) == 0
    written = (tmp_path / "placements.csv").read_text()
    assert str(own) in written
    assert str(other) not in written
    assert "organisation" not in written.splitlines()[0]
    assert await figures.export(Organisation.council(SOUTHAMPTON), tmp_path, folder) == 1
