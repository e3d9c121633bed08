"""Homes, referrals and offers of every shape, for the laws of matching."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st

from matching.domain.choice import Choice, Consideration, Considered, Wishes
from matching.domain.fit import Part
from matching.domain.home import Exemption, Home
from matching.domain.offer import Answer, Offer, OfferState, Terms
from matching.domain.ranking import Option, judged
from matching.domain.referral import Child, Referral
from matching.domain.suitability import Barrier
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex, Siblings, Urgency

LAW = settings(max_examples=50, deadline=None)
"""Enough for a law over several offers at once: each example is hundreds of drawn values."""

TODAY = date(2026, 11, 20)
COUNCIL = "E06000045"
AGENCIES = ("agency:SC900001", "agency:SC900002", "agency:SC900003")
PROVIDERS = (*AGENCIES, f"council:{COUNCIL}", "council:E10000030")
DISTRICTS = ("SO14", "SO15", "GU1", "RG1")
LOTS = ("general", "parent_and_child", "disabled")


def some(of: Any, most: int = 3) -> st.SearchStrategy[frozenset[Any]]:
    """A few of these words."""
    return st.frozensets(st.sampled_from(sorted(of)), max_size=most)


exemptions = st.builds(Exemption, st.integers(4, 7), st.just(0), st.just(COUNCIL), st.just(TODAY - timedelta(30)), st.none())
"""In force on every day that is drawn; what its days mean is tried by name."""

stopped = st.dictionaries(st.sampled_from(AGENCIES), st.frozensets(st.sampled_from((Barrier.SUSPENDED, Barrier.RATING))), max_size=3)
"""Agencies that may take no child, whatever the home."""

homes = st.builds(
    Home,
    vacancy=st.uuids(),
    household=st.uuids(),
    provider=st.sampled_from(PROVIDERS),
    lots=some(LOTS),
    district=st.sampled_from(DISTRICTS),
    free_beds=st.integers(0, 4),
    available_from=st.dates(TODAY - timedelta(9), TODAY + timedelta(30)),
    from_age=st.integers(0, 12),
    to_age=st.integers(5, 18),
    sexes=some(Sex),
    kinds=some(PlacementKind, 6),
    siblings_welcome=st.booleans(),
    skills=some(Need, 8),
    risks_to_child=some(RiskToChild, 6),
    risks_to_others=some(RiskToOthers, 5),
    languages=st.sampled_from((("en",), ("en", "pl"), ("so",), ())),
    religions=some(Religion).map(lambda found: tuple(sorted(found))),
    children_at_home=st.integers(0, 4),
    is_open=st.sampled_from((True, True, True, False)),
    prefers_from_age=st.none() | st.integers(0, 12),
    prefers_to_age=st.none() | st.integers(5, 18),
    prefers_sexes=some(Sex, 1),
    approved_places=st.none() | st.integers(1, 6),
    fostered_children=st.none() | st.integers(0, 4),
    fostered_are_siblings=st.sampled_from((None, True, False)),
    lives_in=st.none() | st.sampled_from((COUNCIL, "E10000030")),
    exemptions=st.lists(exemptions, max_size=2).map(tuple),
    placed_here=st.integers(0, 3),
)

_children = st.builds(
    Child,
    number=st.just(1),
    age=st.integers(0, 17),
    sex=st.sampled_from(Sex),
    languages=st.sampled_from((("en",), ("pl", "en"), ("ur",), ())),
    religion=st.none() | st.sampled_from(Religion),
    essential_needs=some(Need),
    preferred_needs=some(Need),
    risks_to_child=some(RiskToChild, 2),
    risks_to_others=some(RiskToOthers, 2),
)

referrals = st.builds(
    Referral,
    referral=st.uuids(),
    reference=st.just("ABCD2345"),
    council=st.just(COUNCIL),
    lot=st.sampled_from(LOTS),
    urgency=st.sampled_from(Urgency),
    kind=st.sampled_from(PlacementKind),
    needed_by=st.dates(TODAY, TODAY + timedelta(20)),
    closes_at=st.just(datetime(2026, 11, 21, 17, tzinfo=UTC)),
    siblings=st.sampled_from(Siblings),
    children=st.lists(_children, min_size=1, max_size=3).map(tuple),
    home_district=st.none() | st.sampled_from(DISTRICTS),
    near=st.lists(st.tuples(st.sampled_from(("school", "contact")), st.sampled_from(DISTRICTS)), max_size=2).map(tuple),
    avoid_districts=some(DISTRICTS, 2),
    preferred_miles=st.none() | st.integers(0, 30),
)

tiers = st.dictionaries(st.sampled_from(AGENCIES), st.integers(1, 3), max_size=3)
miles = st.none() | st.decimals(0, 300, places=1)
weights = st.dictionaries(st.sampled_from(Part), st.decimals(0, 100, places=2))
prices = st.decimals(Decimal("100.00"), Decimal("2000.00"), places=2)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    """An offer that stands, with answers to any needs."""
    answers = tuple(Answer(need, draw(st.booleans())) for need in sorted(draw(some(Need, 2))))
    terms = Terms(draw(st.uuids()), draw(prices), draw(st.dates(TODAY, TODAY + timedelta(30))), answers)
    made_at = datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 3)))
    return Offer(
        offer=draw(st.uuids()),
        council=f"council:{COUNCIL}",
        referral=UUID(int=1),
        reference="ABCD2345",
        lot="general",
        provider=draw(st.sampled_from(AGENCIES)),
        tier=draw(st.none() | st.integers(1, 3)),
        household=draw(st.uuids()),
        terms=terms,
        state=draw(st.sampled_from((OfferState.MADE, OfferState.SHORTLISTED))),
        made_at=made_at,
        changed_at=made_at,
        version=1,
    )


def some_home(chance: Random) -> Home:
    """A home drawn at once from a seed: for laws over several offers, where drawing field by field would take a second each."""

    def few(of: Any) -> frozenset[Any]:
        return frozenset(chance.sample(sorted(of), chance.randrange(len(list(of)))))

    return Home(
        vacancy=UUID(int=chance.getrandbits(128)),
        household=UUID(int=chance.getrandbits(128)),
        provider=chance.choice(PROVIDERS),
        lots=few(LOTS),
        district=chance.choice(DISTRICTS),
        free_beds=chance.randrange(5),
        available_from=TODAY + timedelta(chance.randrange(-9, 30)),
        from_age=chance.randrange(12),
        to_age=chance.randrange(5, 18),
        sexes=few(Sex),
        kinds=few(PlacementKind),
        siblings_welcome=chance.random() < 0.5,
        skills=few(Need),
        risks_to_child=few(RiskToChild),
        risks_to_others=few(RiskToOthers),
        languages=("en",),
        religions=tuple(few(Religion)),
        children_at_home=chance.randrange(5),
        is_open=chance.random() < 0.8,
        prefers_to_age=chance.choice((None, chance.randrange(5, 18))),
    )


@st.composite
def judged_offers(draw: st.DrawFn, least: int = 0, most: int = 5) -> list[Option]:
    """Offers on one referral, all judged by the same weights; suitable ones are frequent."""
    referral, weighing = draw(referrals), draw(weights)
    found = draw(st.lists(offers(), min_size=least, max_size=most, unique_by=lambda offer: offer.offer))
    chance = Random(draw(st.integers(0, 2**32)))
    return [_judged(chance, offer, referral, weighing) for offer in found]


def _judged(chance: Random, offer: Offer, referral: Referral, weighing: dict[Part, Decimal]) -> Option:
    known = tuple(chance.choice((None, Decimal(chance.randrange(999)).scaleb(-1))) for _ in referral.places)
    option = judged(offer, some_home(chance), referral, known, weighing)
    return Option(option.offer, (), (), option.fit, option.miles) if chance.random() < 0.5 else option


def choice(option: Option, **changes: Any) -> Choice:
    """A choice of this offer with every consideration answered."""
    considered = dict.fromkeys(Consideration, Considered.MET)
    return Choice(**{"offer": option.offer.offer, "reason": None, "considerations": considered, "wishes": Wishes.FOLLOWED} | changes)
