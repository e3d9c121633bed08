"""The lists and pages of the journey over JSON: who asks, and for what; for the bench at England's size and for the test of query plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.cursors import encode
from tests.bench.england import COUNCILS, OPEN, England, agency, council, moment_of, offer, placement, referral


@dataclass(frozen=True)
class Asked:
    """One request: what it is called, of which service, as whom (with which role, if not all), at which address."""

    name: str
    service: str
    organisation: str
    address: str
    role: str = ""


def asked(size: England, turn: int) -> Sequence[Asked]:
    """Each list and page once, for another council, agency and referral each turn."""
    newest = size.referrals - OPEN + (turn * 37) % OPEN  # an open referral
    earlier = next(number for number in range(size.referrals // 3 + turn, size.referrals) if number % 5 < 3)  # one that was placed
    half_way = encode([moment_of(size.referrals // 2, size), str(referral(size.referrals // 2))])
    half_way_offers = encode([moment_of(size.referrals // 2, size), str(offer(size.offers // 2))])
    ours, theirs, placed_by = council(newest), agency(turn * 7), council(earlier)
    offered = earlier * size.offers_each
    return [
        Asked("a council's referrals", "referrals", ours, "/referrals"),
        Asked("a council's referrals, half way back", "referrals", ours, f"/referrals?limit=20&cursor={half_way}"),
        Asked("a council's referrals sent to agencies", "referrals", ours, "/referrals?state=broadcast&limit=9"),
        Asked("a council's withdrawn referrals, half way back", "referrals", ours, f"/referrals?state=withdrawn&limit=9&cursor={half_way}"),
        Asked("one referral", "referrals", ours, f"/referrals/{referral(newest)}"),
        Asked("one referral that was placed", "referrals", placed_by, f"/referrals/{referral(earlier)}"),
        Asked("a council's placements", "referrals", ours, "/placements?limit=15"),
        Asked("a council's placements, half way back", "referrals", ours, f"/placements?limit=15&cursor={half_way}"),
        Asked("a council's running placements", "referrals", ours, "/placements?state=started&limit=3"),
        Asked("an agency's placements", "referrals", theirs, "/placements?limit=15"),
        Asked("an agency's ended placements, half way back", "referrals", theirs, f"/placements?state=ended&limit=15&cursor={half_way}"),
        Asked("the placements of one referral", "referrals", placed_by, f"/placements?referral={referral(earlier)}"),
        Asked("one placement", "referrals", placed_by, f"/placements/{placement(earlier)}"),
        Asked("placements without an agreement", "referrals", ours, "/placements/agreements-due?limit=3"),
        Asked("placements to look at", "referrals", ours, "/placements/watch?limit=3"),
        Asked("matching: a council's referrals", "matching", ours, "/referrals"),
        Asked("matching: a council's referrals, half way back", "matching", ours, f"/referrals?limit=20&cursor={half_way}"),
        Asked("options in order", "matching", ours, f"/referrals/{referral(newest)}/options"),
        Asked("candidates, first fifty", "matching", ours, f"/referrals/{referral(newest)}/candidates"),
        Asked("questions on a referral", "matching", ours, f"/referrals/{referral(newest)}/questions"),
        Asked("a council's panels", "matching", ours, "/panels"),
        Asked("an agency's open opportunities", "matching", agency(newest), "/opportunities"),
        Asked("one opportunity", "matching", agency(newest), f"/opportunities/{referral(newest)}"),
        Asked("an agency's offers", "matching", theirs, "/offers"),
        Asked("an agency's offers, half way back", "matching", theirs, f"/offers?cursor={half_way_offers}"),
        Asked("one offer", "matching", agency(earlier), f"/offers/{offer(offered)}"),
        Asked("an agency's notices", "matching", theirs, "/notices"),
        Asked("an agency's vacancies", "providers", theirs, "/vacancies"),
        Asked("an agency's open vacancies", "providers", theirs, "/vacancies?status=open"),
        Asked("every open vacancy", "providers", council(turn % COUNCILS), "/vacancies"),
        Asked("an agency's households", "providers", theirs, "/households"),
        Asked("agencies", "providers", "consortium", "/agencies?limit=200"),
        Asked("councils", "providers", "consortium", "/councils?limit=200"),
    ]
