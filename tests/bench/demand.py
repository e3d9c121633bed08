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

    def row(number: int) -> tuple[Any, ...]:
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
        sealed = vault.seal(ring, COUNCIL, child, identity)
        return (str(COUNCIL), child, 1, sealed.key.key_id, sealed.key.wrapped_key, sealed.sealed, clock.now(), "bench")

    columns = ["organisation", "id", "version", "key_id", "wrapped_key", "sealed", "created_at", "created_by"]
    await administrator.copy_records_to_table("children", records=[row(number) for number in range(count + 1)], columns=columns)
    await administrator.execute("ANALYZE children")
