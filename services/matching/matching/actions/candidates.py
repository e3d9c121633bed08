"""Which published vacancies could take the children of a referral, and every reason why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from matching.actions.judging import about_miles, miles_to_places, own_referral
from matching.actions.surroundings import stopped_agencies
from matching.domain.fit import Fit, fit
from matching.domain.kernel import Candidate, candidates
from matching.domain.referral import KnownReferral, Referral, ReferralState
from matching.domain.suitability import Obstacle, Reason, reasons
from matching.store import opportunities, register, vacancies, weights
from shared.cursors import another_lists
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Seen:
    """One candidate as the council sees it, with the key by which the list goes on after it."""

    candidate: Candidate
    reasons: tuple[Reason, ...]
    fit: Fit
    offers_elsewhere: int
    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class SeenCandidates:
    """A page of candidates, and what holds for all of them."""

    known: KnownReferral
    referral: Referral
    considered: int
    suitable: int
    why_not: Sequence[tuple[Obstacle, int]]
    page: Sequence[Seen]
    names: Mapping[str, str]


_IN_HOUSE = (ReferralState.IN_HOUSE, ReferralState.MATCHED_IN_HOUSE)


async def see(transaction: Transaction, council: str, referral: UUID, after: tuple[str, ...] | None, limit: int) -> SeenCandidates:
    """Every open vacancy held against the referral: the council's own carers from the moment it looks in-house, everybody's
    once it has broadcast. Fewest obstacles first (none: could take the children), then tier, then distance."""
    known, view = await own_referral(transaction, council, referral)
    in_house = known.state in _IN_HOUSE
    tiers = {} if in_house else await opportunities.tiers(transaction, council, referral)
    counting = await weights.current(transaction, council)
    stopped = await stopped_agencies(transaction, view.lot)
    columns = await vacancies.columns(transaction)
    # Nothing is awaited from here to the page: the columns may not change under it.
    only = council if in_house else None
    found = candidates(columns, view, tiers, lambda district: _from_home(view, district), only_provider=only, stopped=stopped)
    start = found.position_after(*_position(after)) if after else 0
    rows = [(found.at(position), found.key_of(position)) for position in range(start, min(start + limit, len(found)))]
    counted, total, suitable = found.counted(), len(found), found.suitable
    elsewhere = await vacancies.offers_elsewhere(transaction, (candidate.home.vacancy for candidate, _ in rows), council)
    page = [
        Seen(
            candidate=candidate,
            reasons=reasons(candidate.obstacles, candidate.home, view),
            fit=fit(candidate.home, view, miles_to_places(view, candidate.home.district), counting.of),
            offers_elsewhere=elsewhere.get(candidate.home.vacancy, 0),
            key=(str(key), str(candidate.home.vacancy)),
        )
        for candidate, key in rows
    ]
    names = await register.names(transaction, (seen.candidate.home.provider for seen in page))
    return SeenCandidates(known, view, total, suitable, counted, page, names)


def _from_home(referral: Referral, district: str) -> Decimal | None:
    return about_miles(referral.places[0][1], district) if referral.places else None


def _position(after: tuple[str, ...]) -> tuple[int, UUID]:
    try:
        key, vacancy = after
        return int(key), UUID(vacancy)
    except ValueError as error:
        raise another_lists() from error
