"""What ``matching`` keeps of a council, to be taken out and loaded again."""

from __future__ import annotations

from pathlib import Path

import matching
from matching.tables import metadata
from shared.archive import Keeping

LEFT_OUT = {
    "organisations": "the consortium's",
    "lots": "the consortium's",
    "tier_lists": "the consortium's",
    "tier_lines": "the consortium's",
    "vacancies": "the providers'",
    "beds_held": "the providers'",
    "hold_lengths": "the consortium's",
    "idempotency_key": "replies kept for a few days for programs that ask again",
    "lookalike_marks": "found anew while a referral is open",
    "lookalikes": "what coincides with another council's open referral: found anew while both are open, and half another council's",
    "notices": "news of this deployment, told once and cleared away",
    "notice_feeds": "news of this deployment",
    "webhooks": "addresses and their secrets, to be registered anew",
    "webhook_deliveries": "news of this deployment",
    "webhook_owners": "addresses, to be registered anew",
}
"""Tables that an archive does not hold, and why."""

assert matching.__file__ is not None
KEEPING = Keeping(
    "matching",
    Path(matching.__file__).parent,
    metadata,
    LEFT_OUT,
    authors={"declines": "provider", "offers": "provider", "questions": "provider"},
)
