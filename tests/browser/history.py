"""Two and a half years of a small consortium, as the events that would have told of them: always the same, up to last month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from monitoring.domain.monthly import months_before
from shared.contracts import Envelope, Event
from shared.contracts.matching import OfferMade
from shared.contracts.providers import (
    AgencyRecorded,
    AwardedPrice,
    CouncilRecorded,
    LotRecorded,
    PriceBand,
    PricesAwarded,
    TierLine,
    TiersPublished,
    VacancyFacts,
    VacancyOpened,
)
from shared.contracts.referrals import (
    ChildView,
    PlacementAgreed,
    PlacementEnded,
    PlacementStarted,
    ReferralBroadcast,
    ReferralCreated,
    ReferralView,
)
from shared.contracts.words import Need, OfstedRating, PlaceChangeReason, PlacementKind, Sector, Siblings, Urgency

COUNCILS = {"E06000045": "Southampton City Council", "E10000014": "Hampshire County Council", "E06000044": "Portsmouth City Council"}
AGENCIES = {
    "SC900001": "Larkspur Fostering (example)",
    "SC900002": "Bramble Gate Families (example)",
    "SC900003": "Copper Kettle Fostering (example)",
    "SC900004": "Dove and Acorn Foster Care (example)",
    "SC900005": "Elderflower Lane Families (example)",
    "SC900006": "Fiddlehead Fostering (example)",
}
HOMES = {"E06000045": ("SO14", "SO16", "SO19"), "E10000014": ("RG21", "SO22", "GU14", "BH24"), "E06000044": ("PO1", "PO4")}
"""Where children's homes are, by council."""
TIERS = {"SC900001": 1, "SC900002": 1, "SC900003": 1, "SC900004": 2, "SC900005": 2, "SC900006": 2, "SC900007": 3}
"""The published list; nobody uses its third tier."""
BEDS = {urn: UUID(int=900 + place) for place, urn in enumerate(AGENCIES)}
NEEDED = (Need.EMOTIONAL_SUPPORT, Need.EMOTIONAL_SUPPORT, Need.AUTISM, Need.SCHOOL_TRANSPORT, Need.NO_PETS)
BEDS_IN = ("SO15", "SO16", "PO4", "RG21", "OX1", "SO14")
"""One vacancy an agency, and in which district each lies."""
MONTHS = 30
SLIPS = "SC900002"
"""This agency's placements end badly more often from a year ago on."""


def envelopes(today: date) -> list[Envelope]:
    """Everything, in the order it happened."""
    found = [*_reference(), *_framework(today), *_placing(Random(5), today)]
    return sorted(found, key=lambda each: each.time)


def _told(chance: Random, event: Event, subject: object, organisation: str, moment: datetime, version: int, council: str = "") -> Envelope:
    return Envelope.of(
        event,
        id=_id(chance),
        source="/test",
        time=moment,
        subject=str(subject),
        version=version,
        organisation=organisation,
        council=council or None,
        requestid="past",
    )


def _id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _reference() -> Iterator[Envelope]:
    chance, began = Random(1), datetime(2012, 4, 1, tzinfo=UTC)
    bands = tuple(
        PriceBand(code=code, from_age=first, to_age=last) for code, first, last in (("0-4", 0, 4), ("5-10", 5, 10), ("11-17", 11, 17))
    )
    lot = LotRecorded(
        framework="f1",
        lot="general",
        title="General foster care",
        kinds=(PlacementKind.SHORT_TERM,),
        price_bands=bands,
        starts_on=date(2012, 4, 1),
        ends_on=date(2030, 3, 31),
    )
    yield _told(chance, lot, "general", "consortium", began, 1)
    for code, name in COUNCILS.items():
        yield _told(chance, CouncilRecorded(council=code, name=name, joined_on=date(2012, 4, 1)), code, "consortium", began, 1)
    for urn, name in AGENCIES.items():
        recorded = AgencyRecorded(agency=urn, name=name, rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE)
        yield _told(chance, recorded, urn, "consortium", began, 1)


def _framework(today: date) -> Iterator[Envelope]:
    """The list with its prices, published before the past begins; and each agency's vacancy, for children from five on."""
    chance, began = Random(2), datetime.combine(months_before(today.replace(day=1), MONTHS + 1), time(9), UTC)
    list_of = {"framework": "f1", "lot": "general", "round": UUID(int=77)}
    lines = tuple(TierLine(agency=urn, rank=rank, tier=tier) for rank, (urn, tier) in enumerate(TIERS.items(), 1))
    published = TiersPublished(**list_of, published_at=began, tiers=3, lines=lines)
    yield _told(chance, published, "general", "consortium", began, 2)
    prices = tuple(
        AwardedPrice(agency=urn, tier=tier, band=band, pounds_per_week=Decimal(700 + 20 * tier + 7 * rank + extra))
        for rank, (urn, tier) in enumerate(TIERS.items())
        for band, extra in (("0-4", 0), ("5-10", 40), ("11-17", 90))
    )
    yield _told(chance, PricesAwarded(**list_of, awarded_at=began, prices=prices), "general", "consortium", began, 2)
    for urn, district in zip(AGENCIES, BEDS_IN, strict=True):
        facts = VacancyFacts(
            vacancy=BEDS[urn],
            household=_id(chance),
            provider=f"agency:{urn}",
            lots=("general",),
            district=district,
            free_beds=1,
            available_from=began.date(),
            from_age=5,
            to_age=12,
            sexes=("M", "F"),
            kinds=(PlacementKind.SHORT_TERM,),
            siblings_welcome=True,
        )
        yield _told(chance, VacancyOpened(facts=facts), BEDS[urn], f"agency:{urn}", began, 1)


def _placing(chance: Random, today: date) -> Iterator[Envelope]:
    this_month = today.replace(day=1)
    for back in range(MONTHS, 0, -1):
        month = months_before(this_month, back)
        for council in COUNCILS:
            for _ in range(chance.randint(3, 6)):
                moment = datetime.combine(month + timedelta(days=chance.randrange(27)), time(9, chance.randrange(60)), UTC)
                yield from _one(chance, council, moment, today, slipping=back <= 12)


def _one(chance: Random, council: str, begun: datetime, today: date, *, slipping: bool) -> Iterator[Envelope]:
    referral, organisation, age = _id(chance), f"council:{council}", chance.randint(1, 16)
    urgency = chance.choice(list(Urgency))
    common = {"lot": "general", "urgency": urgency, "kind": PlacementKind.SHORT_TERM, "planned": True}
    created = ReferralCreated(referral=referral, council=council, ages=(age,), needed_by=begun.date(), re_referral_of=None, **common)
    yield _told(chance, created, referral, organisation, begun, 1, council)
    sent, aside = begun + timedelta(hours=1), Random(referral.int)
    view = ReferralView(
        referral=referral,
        reference="ABCD2345",
        council=council,
        needed_by=begun.date(),
        closes_at=sent + timedelta(days=3),
        siblings=Siblings.TOGETHER,
        children=(ChildView(child_number=1, age_years=age, sex="F", essential_needs=(aside.choice(NEEDED),)),),
        home_district=aside.choice(HOMES[council]),
        re_referral_of=None,
        **common,
    )
    yield _told(chance, ReferralBroadcast(view=view, in_house_reason="no_vacancy"), referral, organisation, sent, 2, council)
    offers = []
    for urn in chance.sample(sorted(AGENCIES), chance.randint(0, 3)):
        made_at, offer, tier = sent + timedelta(minutes=chance.randint(60, 3000)), _id(chance), chance.choice([1, 1, 2])
        made = OfferMade(
            offer=offer,
            referral=referral,
            council=council,
            provider=f"agency:{urn}",
            vacancy=BEDS[urn],
            household=_id(chance),
            lot="general",
            tier=tier,
            suitable=True,
            made_at=made_at,
        )
        offers.append((urn, tier))
        yield _told(chance, made, offer, f"agency:{urn}", made_at, 1, council)
    if offers:
        urn, tier = chance.choice(offers)
        yield from _stay(
            chance, council, f"agency:{urn}", tier, referral, age, sent + timedelta(days=3), today, bad=slipping and urn == SLIPS
        )


def _stay(
    chance: Random, council: str, provider: str, tier: int, referral: UUID, age: int, agreed_at: datetime, today: date, *, bad: bool
) -> Iterator[Envelope]:
    placement, begins = _id(chance), agreed_at.date() + timedelta(days=2)
    parts = {
        "placement": placement,
        "referral": referral,
        "council": council,
        "provider": provider,
        "vacancy": _id(chance),
        "hold": _id(chance),
    }
    agreed = PlacementAgreed(
        offer=None,
        lot="general",
        kind=PlacementKind.SHORT_TERM,
        children=1,
        ages=(age,),
        tier=tier,
        pounds_per_week=Decimal(chance.randint(640, 980)),
        starts_on=begins,
        within_20_miles=chance.choice(["yes", "yes", "no"]),
        agreed_at=agreed_at,
        **parts,
    )
    yield _told(chance, agreed, placement, f"council:{council}", agreed_at, 1, council)
    if begins >= today:
        return
    moment = datetime.combine(begins, time(12), UTC)
    yield _told(chance, PlacementStarted(started_on=begins, numbers_in_year=(1,), **parts), placement, provider, moment, 2, council)
    ends = begins + timedelta(days=chance.randint(20, 400))
    if ends < today:
        planned = chance.random() > (0.6 if bad else 0.15)
        reason = chance.choice(list(PlaceChangeReason))
        ended = PlacementEnded(started_on=begins, ended_on=ends, planned=planned, reason=reason, children=1, **parts)
        yield _told(chance, ended, placement, provider, datetime.combine(ends, time(12), UTC), 3, council)
