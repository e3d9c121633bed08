"""What people ask for in a run: the services' own actions, each in the transaction a route opens for it, under an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from matching import schemas as matching_schemas
from matching.actions import choices, home_holds, offers, opportunities
from matching.domain.offer import DeclineReason
from matching.domain.offer import WithdrawalReason as OfferWithdrawal
from providers.actions import vacancies
from providers.domain.vacancy import CloseReason, Wanted
from referrals.actions import placements, referrals
from referrals.domain.placement import Ending
from referrals.domain.reasons import CancellationReason, WithdrawalReason
from referrals.domain.small_cells_words import SmallCellReason
from referrals.store.vault import Keyring
from shared import clock, tenancy
from shared.contracts.words import PlaceChangeReason
from shared.idempotency import once
from shared.organisation import Organisation, Role
from shared.signin import Caller
from shared.tenancy import Transaction
from shared.versions import Expected
from tests.matching.scene import CONSIDERED

Work = Callable[[Transaction], Awaitable[Any]]
ANY_VERSION = Expected("*")
SUBJECT = "somebody@model.test"
_ROLES = frozenset({Role.PLACEMENTS_OFFICER})


@cache
def ring() -> Keyring:
    """The councils' keys."""
    return Keyring("", development=True)


async def asked(databases: tenancy.Databases, organisation: str, key: str, path: str, work: Work) -> None:
    """One write as a route does it: the key claimed, the work done and the reply kept, in one transaction."""
    caller = Caller(Organisation.parse(organisation), _ROLES, SUBJECT)

    async def body() -> bytes:
        return b"{}"

    request: Any = SimpleNamespace(
        app=SimpleNamespace(state=SimpleNamespace(databases=databases)),
        headers={"idempotency-key": key},
        method="POST",
        url=SimpleNamespace(path=path, query=""),
        body=body,
    )
    async with once(request, caller) as attempt:
        if attempt.kept is None:
            await work(attempt.transaction)
            attempt.reply(None, status=204)


def broadcast(referral: UUID) -> Work:
    """To every provider of the lot."""
    return lambda transaction: referrals.broadcast(
        transaction, ring(), referral, ANY_VERSION.check, acknowledged=SmallCellReason.NEEDED_TO_MATCH, subject=SUBJECT
    )


def amend(referral: UUID, needed_by: date) -> Work:
    """Another day."""
    return lambda transaction: referrals.amend(
        transaction,
        ring(),
        referral,
        {"needed_by": needed_by},
        ANY_VERSION.check,
        restart_clock=False,
        acknowledged=SmallCellReason.NEEDED_TO_MATCH,
        subject=SUBJECT,
    )


def withdraw(referral: UUID) -> Work:
    """The plan changed."""
    return lambda transaction: referrals.withdraw(transaction, referral, WithdrawalReason.PLAN_CHANGED, ANY_VERSION.check)


def offer(provider: str, referral: UUID, vacancy: UUID, pounds: str) -> Work:
    """One of the provider's own vacancies, every need met."""
    body = {
        "referral": referral,
        "vacancy": vacancy,
        "pounds_per_week": pounds,
        "available_on": clock.today(),
        "needs": [{"need": "autism", "met": True}],
    }
    terms = matching_schemas.NewOffer.model_validate(body).terms()
    return lambda transaction: offers.make(transaction, provider, referral, terms)


def take_back(provider: str, offered: UUID) -> Work:
    """The carer thinks otherwise."""
    return lambda transaction: offers.withdraw(transaction, provider, offered, OfferWithdrawal.CARER_CHANGED_THEIR_MIND)


def stand_by(provider: str, offered: UUID) -> Work:
    """Confirm an offer that was asked about again."""
    return lambda transaction: offers.confirm(transaction, provider, offered, offers.Changed())


def decline(provider: str, referral: UUID) -> Work:
    """No room."""
    return lambda transaction: opportunities.decline(transaction, provider, referral, DeclineReason.NO_VACANCY)


def choose(council: str, referral: UUID, offered: UUID) -> Work:
    """One offer, with all that choosing may owe."""
    approvals = [
        {
            "approved_for": approved_for,
            "officer": "N. Officer",
            "office": "nominated_officer",
            "reason": "no_suitable_home_nearer",
            "approved_on": str(clock.today()),
        }
        for approved_for in (("out_of_area",) if council != "council:E06000045" else ())
    ]
    body: Mapping[str, Any] = {
        "offer": offered,
        "considerations": CONSIDERED,
        "wishes": "followed",
        "reason_code": "childs_wishes",
        "approvals": approvals,
    }
    said = matching_schemas.NewChoice.model_validate(body)
    return lambda transaction: choices.choose(
        transaction,
        council,
        referral,
        said.choice(),
        decided_by=SUBJECT,
        roles=_ROLES,
        offer_version=None,
        approved=[one.approval() for one in said.approvals],
    )


def shortlist(council: str, referral: UUID, wanted: list[UUID]) -> Work:
    """These to compare."""
    said = matching_schemas.NewShortlist.model_validate({"offers": wanted, "reason_code": "time_does_not_allow"})
    return lambda transaction: choices.shortlist(transaction, council, referral, said.offers, said.reason_code, ANY_VERSION_NAMED)


class _AnyVersionNamed(Expected):
    def require(self, current: int) -> None:
        """Somebody who has just read it."""


ANY_VERSION_NAMED = _AnyVersionNamed("*")


def keep(council: str, referral: UUID, offered: UUID) -> Work:
    """A short hold on an offered home."""
    return lambda transaction: home_holds.take(transaction, council, referral, offered)


def start(placement: UUID) -> Work:
    """The child moved in today."""
    return lambda transaction: placements.start(
        transaction, placement, clock.today(), ANY_VERSION.check, earlier_than_agreed=True, subject=SUBJECT
    )


def end(placement: UUID) -> Work:
    """The child moved out today."""
    ending = Ending(clock.today(), False, PlaceChangeReason.CARE_PLAN)
    return lambda transaction: placements.end(transaction, placement, ending, ANY_VERSION.check, subject=SUBJECT)


def cancel(placement: UUID) -> Work:
    """It will not begin."""
    return lambda transaction: placements.cancel(
        transaction, placement, CancellationReason.CHILD_REFUSED, ANY_VERSION.check, subject=SUBJECT
    )


def publish(reference: str, beds: int) -> Work:
    """The home's vacancy, with this many free beds."""
    wanted = Wanted(reference=reference, household=reference, lots=("general",), free_beds=beds, available_from=clock.today())
    return lambda transaction: vacancies.publish(transaction, wanted, lambda version: None)


def close(reference: str) -> Work:
    """The home's vacancy is off the list."""
    return lambda transaction: vacancies.close(transaction, reference, CloseReason.CARER_UNAVAILABLE, lambda version: None)
