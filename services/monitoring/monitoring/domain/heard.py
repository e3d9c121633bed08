"""What monitoring keeps of an event it heard: the whole envelope, but nothing that describes a child."""

from __future__ import annotations

import json
from typing import Any

from shared.contracts import Envelope

NOT_KEPT = ("children", "near", "avoid_districts")
"""Of what a broadcast shows of children: needs, risks, places. No figure uses it, so it is not kept beyond its hearing."""


def kept(envelope: Envelope) -> dict[str, Any]:
    """The envelope as it is kept: it still fits its contract and teaches what it taught."""
    whole: dict[str, Any] = json.loads(envelope.to_json())
    view = whole["data"].get("view")
    if isinstance(view, dict):
        whole["data"]["view"] = {name: [] if name in NOT_KEPT else value for name, value in view.items() if name != "home_district"}
    return whole
