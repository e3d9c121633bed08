"""The decision record as a page for printing."""

from __future__ import annotations

from referrals.routes import page
from referrals.schemas.decision_record import DecisionRecordBody


def decision_record(one: DecisionRecordBody) -> str:
    """What was decided and what the children said, on plain paper; every text of a child is shown as text and never as markup."""
    return page.rendered(
        "decision_record.html",
        one=one,
        plain=lambda word: str(word).replace("_", " "),
        day=lambda day: f"{day.day} {day:%B %Y}",
    )
