"""Why one home cannot take the children of a referral, and the nearest change that would make it possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from matching.actions.judging import miles_from_home, own_referral
from matching.actions.surroundings import surroundings
from matching.domain.change import Case
from matching.domain.guard import Check, checks
from matching.domain.offer import LIVE, Offer
from matching.domain.referral import KnownReferral, ReferralState
from matching.domain.suitability import reasons, standing
from matching.domain.why_not import WhyNot, why_not
from matching.store import offers, opportunities, register, vacancies
from shared.refusals import not_found
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class SeenWhyNot:
    """The answer for one home, by which offer of it was judged (None: by the vacancy as published), and the provider's name."""

    known: KnownReferral
    case: Case
    answer: WhyNot
    checks: tuple[Check, ...]
    offer: Offer | None
    provider_name: str | None


async def see(transaction: Transaction, council: str, referral: UUID, vacancy: UUID) -> SeenWhyNot:
    """Every reason why the home with this vacancy cannot take the children of the council's referral, and what would change it.

    Where its provider has offered it for this referral, the offer's own word counts, as among the options. Before the broadcast an
    agency is held against the lot's list as it is published now. Refused: another council's referral, a vacancy not heard of.
    """
    known, view = await own_referral(transaction, council, referral)
    home = (await vacancies.homes(transaction, [vacancy])).get(vacancy)
    if home is None:
        raise not_found("vacancy")
    tiers = await _listed(transaction, known, view.lot)
    offer = _newest_of(await offers.of_referral(transaction, council, referral), vacancy)
    available_on = None if offer is None else offer.terms.available_on
    around = await surroundings(transaction, view, [home])
    circumstances = around.of(home, miles_from_home(view, home.district), available_on)
    case = Case(
        home,
        view,
        standing(home.provider, view.council, tiers),
        answers=None if offer is None else {answer.need: answer.met for answer in offer.terms.answers},
        available_on=available_on,
        stopped=circumstances.stopped,
    )
    names = await register.names(transaction, [home.provider])
    told = reasons(case.obstacles, home, view, available_on=case.available_on)
    return SeenWhyNot(known, case, why_not(case), checks(home, view, told, circumstances), offer, names.get(home.provider))


async def _listed(transaction: Transaction, known: KnownReferral, lot: str) -> Mapping[str, int]:
    if known.state in (ReferralState.IN_HOUSE, ReferralState.MATCHED_IN_HOUSE):
        return await register.listed(transaction, lot)
    return await opportunities.tiers(transaction, known.council, known.referral)


def _newest_of(found: list[Offer], vacancy: UUID) -> Offer | None:
    live = [offer for offer in found if offer.terms.vacancy == vacancy and offer.state in LIVE]
    return live[-1] if live else None
