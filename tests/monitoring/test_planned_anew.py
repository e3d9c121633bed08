"""Whoever reads figures reads with a plan made for what is asked: ten rows of a month, or three years."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import text

import monitoring.routes
from monitoring.routes.reading import reading
from shared.organisation import CONSORTIUM
from tests.running.services import RunningService


async def test_a_read_of_monitoring_is_planned_for_its_values_and_other_transactions_as_ever(monitoring: RunningService) -> None:
    request, caller = SimpleNamespace(app=monitoring.app), SimpleNamespace(organisation=CONSORTIUM)
    for _ in range(2):  # the second on the same connection, so that nothing of the first is left
        async with reading(cast("Any", request), cast("Any", caller)) as transaction:
            assert await transaction.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"
        async with monitoring.databases.shared.connect() as connection:
            assert await connection.scalar(text("SHOW plan_cache_mode")) == "auto"


def test_every_route_of_monitoring_reads_so() -> None:
    modules = [import_module(each.name) for each in pkgutil.walk_packages(monitoring.routes.__path__, "monitoring.routes.")]
    readers = {module.__name__: module.reading for module in modules if hasattr(module, "reading") and callable(module.reading)}
    assert len(readers) > 20
    assert {name for name, used in readers.items() if used is not reading} == set()
