"""A no as a page: what it is, why, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitoring.pages.frame import Crumb
from shared.refusals import Refused

BACK = Crumb("Go to the overview", "/pages")
AGAIN = Crumb("Sign in", "/pages/sign-in")

FIELDS = {"from": "From", "to": "To", "council": "Council", "agency": "Agency", "lot": "Lot"}
"""Filters, as the pages label them."""

TITLES = {
    401: "You are not signed in",
    403: "This is not for you to see or do",
    404: "Nothing is here",
    409: "Not possible as things stand",
    422: "Something needs mending",
    500: "Something went wrong on our side",
    503: "Not available just now",
}


def of_refusal(refused: Refused, status: int) -> tuple[str, dict[str, Any]]:
    """The title and the values of the page of a refusal."""
    reasons = [
        f"{FIELDS[each.field]}: {each.message}" if each.field in FIELDS else each.message
        for each in refused.reasons
        if each.message != refused.detail
    ]
    detail = refused.detail.replace("; each is listed under errors.", ":") if reasons else refused.detail
    return TITLES.get(status, "This cannot be done"), _values(detail, reasons, [AGAIN] if status == 401 else [BACK])


def of_fault() -> tuple[str, dict[str, Any]]:
    """The title and the values of the page of what nobody foresaw."""
    return TITLES[500], _values("Nothing was written. Try again in a moment.", [], [BACK])


def _values(detail: str, reasons: Sequence[str], steps: Sequence[Crumb]) -> dict[str, Any]:
    return {"detail": detail, "reasons": reasons, "steps": steps}
