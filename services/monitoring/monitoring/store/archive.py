"""What ``monitoring`` keeps of a council, to be taken out and loaded again: facts counted from, and baseline prices."""

from __future__ import annotations

from pathlib import Path

import monitoring
from monitoring.tables import metadata
from shared.archive import Keeping

LEFT_OUT = {
    "councils": "the consortium's",
    "agencies": "the consortium's",
    "lots": "the consortium's",
    "tier_lists": "the consortium's",
    "expectations": "the consortium's",
    "past_imports": "the consortium's",
    "page_sessions": "who is signed in to the pages just now: hours old at most",
    "agency_ratings": "the consortium's",
    "calendar_feeds": "the addresses of people's calendars: worthless elsewhere",
    "watched": "the consortium's: how far its alerts have looked",
    "counted": "counted anew from the facts",
    "counted_sums": "added up anew from those",
    "counted_through": "says how far that is done",
    "recount_due": "says what of that is to be done",
    "heard": "the log of events, whoever's they are: no organisation reads it",
    "return_heads": "the agencies' and the consortium's",
    "return_drafts": "the agencies'",
    "return_chasers": "the agencies' and the consortium's",
    "return_settings": "the consortium's",
    "price_indices": "the consortium's",
    "price_index_values": "the consortium's",
    "awarded_prices": "the consortium's",
    "ledger_lines": "counted from what is taken, again wherever it is loaded",
    "ledger_states": "what the ledger's lines were counted from",
    "idempotency_key": "replies kept for a few days for programs that ask again",
}
"""Tables that an archive does not hold, and why."""

assert monitoring.__file__ is not None
KEEPING = Keeping("monitoring", Path(monitoring.__file__).parent, metadata, LEFT_OUT)
