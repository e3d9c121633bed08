"""What is referred: children in the vault by number, and an ordinary referral for one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from referrals.domain.identity import Identity
from referrals.store import vault
from referrals.store.vault import Keyring
from shared import clock
from shared.organisation import Organisation

COUNCIL = Organisation.council("E06000045")
SENT_ALL_THE_SAME = {"acknowledged_small_cell": "needed_to_match"}
"""Of a broadcast: few looked-after children share what most of these referrals show."""
CHILD = "00000000-0000-4000-8000-{:012d}"
"""Children have numbers, so that a script of either load generator can name the next one without asking."""


def new_referral(child: str, **changes: Any) -> dict[str, Any]:
    """The body of an ordinary referral for one child."""
    needs = {
        "child": child,
        "languages": ["en", "pl"],
        "religion": "christian",
        "essential_needs": ["autism"],
        "preferred_needs": ["no_pets"],
        "risks_to_child": [],
        "risks_to_others": [],
    }
    return {
        "lot": "general",
        "kind": "short_term",
        "urgency": "planned",
        "planned": True,
        "needed_by": (clock.today() + timedelta(days=10)).isoformat(),
        "expected_weeks": 26,
        "siblings": "only_child",
        "children": [needs],
        "near": [{"what": "school", "district": "SO15", "visits_per_week": "5"}],
        "avoid_districts": ["PO1"],
        "preferred_miles": 10,
    } | changes


async def seal_children(administrator: asyncpg.Connection, ring: Keyring, count: int) -> None:
    """Put children 0 … count in the vault, sealed as POST /children seals them."""

    def rows(number: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        child = UUID(CHILD.format(number))
        identity = Identity(
            child_id=f"C{number}",
            given_names="Amy Rose",
            family_name="Example",
            date_of_birth=date(2015, 3, 2),
            sex="F",
            home_postcode="SO14 7LY",
            legal_status="C1",
            category_of_need="N1",
        )
        key = vault.new_data_key(ring, COUNCIL, child)
        sealed = vault.seal(ring, COUNCIL, child, key, identity)
        return (str(COUNCIL), child, 1, sealed, clock.now(), "bench"), (str(COUNCIL), child, key.key_id, key.wrapped_key)

    made = [rows(number) for number in range(count + 1)]
    columns = ["organisation", "id", "version", "sealed", "created_at", "created_by"]
    await administrator.copy_records_to_table("children", records=[record for record, _ in made], columns=columns)
    columns = ["organisation", "subject", "key_id", "wrapped_key"]
    await administrator.copy_records_to_table("data_keys", records=[key for _, key in made], columns=columns)
    await administrator.execute("ANALYZE children, data_keys")
