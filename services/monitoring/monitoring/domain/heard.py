"""What monitoring keeps of an event it heard: the whole envelope, but nothing that describes a child."""

from __future__ import annotations

import json
from typing import Any

from shared.contracts import Envelope

NOT_KEPT = ("near", "avoid_districts", "reference", "preferred_miles", "expected_weeks")
"""Of what a broadcast shows of a referral: no figure uses it, so it is not kept beyond its hearing."""
KEPT_OF_A_CHILD = ("child_number", "sex", "essential_needs", "risks_to_child", "risks_to_others")
"""What a home must bring is counted where homes are missing; age, languages and religion of one child are not kept here."""


def kept(envelope: Envelope) -> dict[str, Any]:
    """The envelope as it is kept: it still fits its contract and teaches what it taught."""
    whole: dict[str, Any] = json.loads(envelope.to_json())
    view = whole["data"].get("view")
    if isinstance(view, dict):
        children = [{"age_years": 0} | {name: child[name] for name in KEPT_OF_A_CHILD if name in child} for child in view["children"]]
        blank = {"near": [], "avoid_districts": [], "reference": ""}
        whole["data"]["view"] = {name: value for name, value in view.items() if name not in NOT_KEPT} | blank | {"children": children}
    return whole
