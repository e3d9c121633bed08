"""Made-up vacancies in real districts, as matching keeps them; the same ones in every run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from shared import clock
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers

DISTRICTS = tuple(
    f"{area}{number}"
    for area, last in (("SO", 24), ("PO", 22), ("BH", 25), ("RG", 31), ("GU", 35), ("SP", 11), ("DT", 11))
    for number in range(1, last)
)
"""Postcode districts of the south; the few of them that do not exist count as unknown, as they would in use."""

COLUMNS = (
    "provider", "vacancy", "household", "lots", "district", "free_beds", "available_from", "from_age", "to_age", "sexes", "kinds",
    "siblings_welcome", "skills", "risks_to_child", "risks_to_others", "languages", "religions", "children_at_home", "is_open",
    "facts_version", "beds_version", "changed_in",
)  # fmt: skip


def agency(number: int) -> str:
    """The Ofsted URN of one of the bench's agencies."""
    return f"SC{100000 + number}"


def rows(first: int, last: int, agencies: int) -> Iterator[tuple[Any, ...]]:
    """Vacancies number ``first`` to ``last``: most of them fail for two or three reasons, one in some hundreds for none."""
    for number in range(first, last):
        pick = Random(number)
        from_age = pick.choice((0, 0, 5, 8, 11))

        def some(of: Sequence[Any], share: float, pick: Random = pick) -> list[str]:
            return [str(word) for word in of if pick.random() < share]

        yield (
            f"agency:{agency(pick.randrange(agencies))}",
            UUID(int=pick.getrandbits(128)),
            UUID(int=pick.getrandbits(128)),
            pick.choice((["general"], ["general", "parent_child"], ["complex"])),
            pick.choice(DISTRICTS),
            pick.choice((0, 1, 1, 1, 2, 3)),
            clock.today() + timedelta(days=pick.randrange(-60, 60)),
            from_age,
            min(17, from_age + pick.choice((5, 8, 12, 17))),
            pick.choice((["M", "F", "U"], ["M"], ["F"])),
            some(list(PlacementKind), 0.6) or ["short_term"],
            pick.random() < 0.4,
            some(list(Need), 0.4),
            some(list(RiskToChild), 0.5),
            some(list(RiskToOthers), 0.5),
            ["en", *some(("pl", "ur", "ar"), 0.1)],
            some(list(Religion), 0.2),
            pick.choice((0, 0, 1, 2)),
            True,
            1,
            1,
            1,
        )


async def fill(administrator: asyncpg.Connection, first: int, last: int, agencies: int) -> None:
    """Put vacancies ``first`` to ``last`` into matching's table."""
    await administrator.copy_records_to_table("vacancies", records=rows(first, last, agencies), columns=COLUMNS)
    await administrator.execute("VACUUM ANALYZE vacancies")
