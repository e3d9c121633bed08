"""The options side by side, with what each would truly cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from matching.actions.judging import Judged, judge, miles_from_home, miles_to_places
from matching.actions.panels import decided as panel_decided
from matching.actions.refusing import broken_rules
from matching.domain.fit import Fit, fit
from matching.domain.guard import Check, checks
from matching.domain.home import Home
from matching.domain.kernel import Candidate, candidates
from matching.domain.options_sheet import Basis, Compared, Priced, compared, price_in_house, price_of_offer
from matching.domain.panel import Outcome
from matching.domain.ranking import Ranked
from matching.domain.travel import Assumptions, faults_in_assumptions
from matching.store import register, vacancies
from shared import clock
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class PricedOffer:
    """An offer in its place among the options, its home, and what its stay would cost."""

    place: Ranked
    home: Home
    priced: Priced


@dataclass(frozen=True, slots=True)
class PricedInHouse:
    """The best of the council's own suitable carers, and what a stay there would cost."""

    candidate: Candidate
    fit: Fit
    miles: Decimal | None
    """From the child's home; None when not known."""
    checks: tuple[Check, ...]
    priced: Priced


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that one sheet of options says. ``in_house_suitable``: how many of the council's own homes could take the children."""

    judged: Judged
    basis: Basis
    shown_on: date
    compared: Compared
    offers: tuple[PricedOffer, ...]
    in_house: PricedInHouse | None
    in_house_suitable: int
    names: Mapping[str, str]
    lot_title: str | None
    panel: Outcome | None = None
    """What the last panel on the referral decided, once it has."""


async def see(transaction: Transaction, council: str, referral: UUID, assumed: Assumptions) -> Sheet:
    """The shortlist (or the best three offers), and beside them the council's best own carer if any could take the children.

    Refused: another council's referral; assumptions whose least is above their most.
    """
    if faults := faults_in_assumptions(assumed):
        raise broken_rules(faults)
    judged = await judge(transaction, council, referral)
    view = judged.referral
    basis = Basis(view, judged.known.aged_on, await register.bands(transaction, view.lot), assumed)
    which, places = compared(judged.ranking)
    offers = tuple(_priced(place, judged.homes[place.option.offer.terms.vacancy], basis) for place in places)
    columns = await vacancies.columns(transaction)
    # Nothing is awaited from here to the first home: the columns may not change under it.
    own = candidates(columns, view, {}, lambda _: None, only_provider=council)
    suitable = own.suitable
    best = max((own.at(place) for place in range(suitable)), key=lambda one: _own_fit(one, judged).score, default=None)
    names = await register.names(transaction, {offer.home.provider for offer in offers} | {council})
    return Sheet(
        judged=judged,
        basis=basis,
        shown_on=clock.today(),
        compared=which,
        offers=offers,
        in_house=None if best is None else _in_house(best, judged, basis),
        in_house_suitable=suitable,
        names=names,
        panel=await panel_decided(transaction, council, referral),
        lot_title=(await register.lot_titles(transaction)).get(view.lot),
    )


def _priced(place: Ranked, home: Home, basis: Basis) -> PricedOffer:
    miles = miles_to_places(basis.referral, home.district)
    return PricedOffer(place, home, price_of_offer(place.option.offer.terms, miles, basis))


def _own_fit(candidate: Candidate, judged: Judged) -> Fit:
    home, view = candidate.home, judged.referral
    return fit(home, view, miles_to_places(view, home.district), judged.weights.of)


def _in_house(candidate: Candidate, judged: Judged, basis: Basis) -> PricedInHouse:
    miles = miles_to_places(basis.referral, candidate.home.district)
    from_home = miles[0] if miles else None
    home, view = candidate.home, basis.referral
    checked = checks(home, view, (), judged.around.of(home, miles_from_home(view, home.district)))
    return PricedInHouse(candidate, _own_fit(candidate, judged), from_home, checked, price_in_house(home, miles, basis))
