"""The savings page does not count while somebody waits: it shows the lines as kept and says of when, and the sweep counts them again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitoring.actions import ledger
from tests.monitoring.conftest import OAK, SOUTHAMPTON
from tests.monitoring.pages.browsing import Pages
from tests.monitoring.pages.test_savings_gaps_market import a_past, shown
from tests.monitoring.told import a_placement


async def test_pages_show_the_lines_as_last_counted_until_the_sweep_has_counted_again(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_past(pages.service)
    assert await ledger.sweep(pages.service.databases) == 1  # though nobody has asked for it yet
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    assert ". Counted " in await shown(manager, "/pages/savings")
    before = await shown(manager, "/pages/savings/lines")
    await a_placement(pages.service, SOUTHAMPTON, f"agency:{OAK}", days_ago=30, pounds="701.00")
    assert await shown(manager, "/pages/savings/lines") == before
    assert await ledger.sweep(pages.service.databases) == 0  # it was counted a moment ago
    monkeypatch.setattr(ledger, "AT_MOST_EVERY", timedelta(0))
    assert await ledger.sweep(pages.service.databases) == 1
    assert await shown(manager, "/pages/savings/lines") != before
