"""What the judge may say of our interface without being right: one place, each with its reason. Everything else fails the run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Excuse:
    """Why a kind of finding is none, and of which endpoints that is so: of all, where none is named."""

    reason: str
    only: frozenset[str] = frozenset()
    """``service METHOD /path``, as the service describes it."""

    def covers(self, service: str, endpoint: str) -> bool:
        """Whether it is an excuse for this endpoint."""
        return not self.only or f"{service} {endpoint}" in self.only


ACCEPTED: dict[str, tuple[Excuse, ...]] = {
    "RejectedPositiveData": (
        Excuse(
            "A schema says what a value looks like; whether that referral exists and is open, whose it is, "
            "and what the rules of placing say of it is no schema's to say. Such a request is refused with its reasons."
        ),
    ),
    "AcceptedNegativeData": (
        Excuse(
            "Each row of the file is judged by itself: the reply is 200 and says of that row that it was refused, and why.",
            frozenset({"providers POST /vacancies/bulk"}),
        ),
    ),
    "UnsupportedMethodResponse": (
        Excuse(
            "That word stands where another address has an id (/children/search and /children/{child}), which does have the method: "
            "the request is that address's, and refused as one whose id is none.",
            frozenset(
                {
                    "referrals GET /returns/ssda903/history",
                    "referrals PATCH /children/due-for-erasure",
                    "referrals PATCH /children/search",
                    "providers PUT /register/ofsted-list.xlsx",
                    "monitoring PUT /meetings/overdue",
                }
            ),
        ),
    ),
}
"""Kind of finding → why it is none."""


def excuse(kind: str, service: str, endpoint: str) -> str | None:
    """Why a finding is none; None where nothing excuses it."""
    return next((each.reason for each in ACCEPTED.get(kind, ()) if each.covers(service, endpoint)), None)
