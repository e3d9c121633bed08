"""Pasts of two councils and two agencies, as the events that would have told of them; made by Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID

from hypothesis import strategies as st

from shared import clock, ids
from shared.contracts import Event
from shared.contracts import matching as said_by_matching
from shared.contracts import providers as said_by_providers
from shared.contracts import referrals as said_by_referrals
from shared.contracts.words import OfstedRating, PlaceChangeReason, PlacementKind, Sector, Siblings, Urgency
from tests.running.services import RunningService

LOTS = ("general", "parent_child")
BANDS = (("0-4", 0, 4), ("5-10", 5, 10), ("11-15", 11, 15))
"""Ages 16 and 17 have no band on purpose: their placements can have no baseline."""
DAYS = 500
"""How far the past goes back: more than a year, so that a 1 April and the default period both lie in it."""

NOW = clock.now().replace(minute=0, second=0, microsecond=0)
"""Read once: examples that are drawn again must be drawn alike."""

_numbers = count(10_000_000 + ids.new_id().int % 80_000_000)


@dataclass(frozen=True)
class Told:
    """One event with all that its envelope says."""

    event: Event
    subject: str
    organisation: str
    version: int
    time: datetime
    id: UUID
    council: str | None = None

    async def reach(self, service: RunningService) -> None:
        """Bring it to the service as its bus would."""
        await service.deliver(
            self.event,
            subject=self.subject,
            organisation=self.organisation,
            version=self.version,
            time=self.time,
            id=self.id,
            council=self.council,
        )


@dataclass(frozen=True)
class Past:
    """What happened, in the order it happened; whose it is; and the councils' prices before."""

    councils: tuple[str, ...]
    agencies: tuple[str, ...]
    told: tuple[Told, ...]
    baseline: tuple[tuple[str, str, str, date, Decimal], ...]
    """council, lot, band, from, pounds a week"""


def known() -> list[Told]:
    """The lots, which every past shares."""
    bands = tuple(said_by_providers.PriceBand(code=code, from_age=first, to_age=last) for code, first, last in BANDS)
    return [
        _told(
            said_by_providers.LotRecorded(
                framework="f1",
                lot=lot,
                title=lot,
                kinds=(PlacementKind.SHORT_TERM,),
                price_bands=bands,
                starts_on=date(2012, 4, 1),
                ends_on=date(2016, 3, 31),
            ),
            lot,
            "consortium",
            datetime(2012, 4, 1, tzinfo=UTC),
        )
        for lot in LOTS
    ]


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """A past with up to six referrals and four vacancies. Its organisations are new each time, so pasts do not mix."""
    councils = tuple(f"E{next(_numbers)}" for _ in range(2))
    agencies = tuple(f"SC{next(_numbers) % 1_000_000:06d}" for _ in range(2))
    told: list[Told] = []
    for code in councils:
        joined = said_by_providers.CouncilRecorded(council=code, name=f"Council {code}", joined_on=date(2012, 4, 1))
        told.append(_told(joined, code, "consortium", datetime(2012, 4, 1, tzinfo=UTC)))
    for urn in agencies:
        recorded = said_by_providers.AgencyRecorded(
            agency=urn, name=f"Agency {urn}", rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE
        )
        told.append(_told(recorded, urn, "consortium", datetime(2012, 4, 1, tzinfo=UTC)))
    begun: list[tuple[str, UUID]] = []
    for _ in range(draw(st.integers(0, 6))):
        told += _referral(draw, councils, agencies, begun)
    for _ in range(draw(st.integers(0, 4))):
        told += _vacancy(draw, councils, agencies)
    return Past(councils, agencies, tuple(told), tuple(_baseline(draw, councils)))


def _told(event: Event, subject: object, organisation: str, moment: datetime, version: int = 1, council: str | None = None) -> Told:
    return Told(event, str(subject), organisation, version, moment, ids.new_id(), council)


def _moment(draw: st.DrawFn, not_before: datetime | None = None) -> datetime:
    """Some minute of the past, often close to midnight, where a day in UK time and in UTC are not the same day."""
    earliest = datetime.combine(NOW.date() - timedelta(days=DAYS), time(0), UTC)
    begin = max(earliest, not_before) if not_before else earliest
    minutes = int((NOW - begin) / timedelta(minutes=1))
    return begin + timedelta(minutes=draw(st.integers(0, minutes)))


def _referral(draw: st.DrawFn, councils: Sequence[str], agencies: Sequence[str], begun: list[tuple[str, UUID]]) -> list[Told]:
    council, referral = draw(st.sampled_from(councils)), ids.new_id()
    lot, ages = draw(st.sampled_from(LOTS)), tuple(draw(st.lists(st.integers(0, 17), min_size=1, max_size=3)))
    earlier = [other for whose, other in begun if whose == council]
    again = draw(st.none() | st.sampled_from(earlier)) if earlier else None
    begun.append((council, referral))
    organisation = f"council:{council}"
    created_at = _moment(draw)
    created = said_by_referrals.ReferralCreated(
        referral=referral,
        council=council,
        lot=lot,
        urgency=draw(st.sampled_from(list(Urgency))),
        kind=PlacementKind.SHORT_TERM,
        planned=True,
        ages=ages,
        needed_by=created_at.date(),
        re_referral_of=again,
    )
    told = [_told(created, referral, organisation, created_at, 1, council)]
    version, after = 2, created_at
    if draw(st.booleans()):
        after = _moment(draw, created_at)
        view = _view(referral, council, lot, created.urgency, ages, after, again)
        broadcast = said_by_referrals.ReferralBroadcast(view=view, in_house_reason="no_vacancy")
        told.append(_told(broadcast, referral, organisation, after, version, council))
        version += 1
        told += [each for _ in range(draw(st.integers(0, 3))) for each in _offer(draw, referral, council, agencies, lot, after)]
    if draw(st.booleans()):
        told += _placement(draw, referral, council, agencies, lot, ages, after)
    elif draw(st.booleans()):
        withdrawn = said_by_referrals.ReferralWithdrawn(referral=referral, council=council, reason="stays_at_home", side="child")
        told.append(_told(withdrawn, referral, organisation, _moment(draw, after), version, council))
    return told


def _view(
    referral: UUID, council: str, lot: str, urgency: Urgency, ages: tuple[int, ...], moment: datetime, again: UUID | None
) -> said_by_referrals.ReferralView:
    children = tuple(said_by_referrals.ChildView(child_number=n, age_years=age, sex="F") for n, age in enumerate(ages, 1))
    return said_by_referrals.ReferralView(
        referral=referral,
        reference="ABCD2345",
        council=council,
        lot=lot,
        urgency=urgency,
        kind=PlacementKind.SHORT_TERM,
        needed_by=moment.date(),
        planned=True,
        closes_at=moment + timedelta(days=60),
        siblings=Siblings.TOGETHER,
        children=children,
        re_referral_of=again,
    )


def _offer(draw: st.DrawFn, referral: UUID, council: str, agencies: Sequence[str], lot: str, after: datetime) -> list[Told]:
    provider = f"agency:{draw(st.sampled_from(agencies))}"
    if draw(st.integers(0, 3)) == 0:
        moment = _moment(draw, after)
        declined = said_by_matching.OpportunityDeclined(
            referral=referral,
            council=council,
            provider=provider,
            reason="full",
            side=draw(st.sampled_from(["provider", "council"])),
            declined_at=moment,
        )
        return [_told(declined, f"{referral}/{provider}", provider, moment, int(moment.timestamp()), council)]
    offer, made_at, tier = ids.new_id(), _moment(draw, after), draw(st.sampled_from([1, 2, None]))
    parts = {"offer": offer, "referral": referral, "council": council, "provider": provider}
    made = said_by_matching.OfferMade(
        **parts, vacancy=ids.new_id(), household=ids.new_id(), lot=lot, tier=tier, suitable=True, made_at=made_at
    )
    told = [_told(made, offer, provider, made_at, 1, council)]
    later = _moment(draw, made_at)
    match draw(st.sampled_from(["left", "withdrawn", "confirmed", "refused", "released"])):
        case "withdrawn":
            event: Event = said_by_matching.OfferWithdrawn(**parts, reason="carer_unwell", side="provider")
            told.append(_told(event, offer, provider, later, 2, council))
        case "confirmed":
            told.append(_told(said_by_matching.OfferShortlisted(**parts), offer, f"council:{council}", later, 2, council))
            event = said_by_matching.OfferConfirmed(
                **parts,
                vacancy=made.vacancy,
                household=made.household,
                hold=ids.new_id(),
                lot=lot,
                tier=tier,
                pounds_per_week=Decimal("700.00"),
                available_on=later.date(),
                decision=ids.new_id(),
                confirmed_at=later,
            )
            told.append(_told(event, offer, f"council:{council}", later, 3, council))
        case "refused":
            event = said_by_matching.OfferRefused(**parts, reasons=("bed_gone",))
            told.append(_told(event, offer, f"council:{council}", later, 2, council))
        case "released":
            event = said_by_matching.OfferReleased(**parts, reason="another_chosen")
            told.append(_told(event, offer, f"council:{council}", later, 2, council))
    return told


def _placement(
    draw: st.DrawFn, referral: UUID, council: str, agencies: Sequence[str], lot: str, ages: tuple[int, ...], after: datetime
) -> list[Told]:
    placement, agreed_at = ids.new_id(), _moment(draw, after)
    provider = draw(st.sampled_from([f"council:{council}", *(f"agency:{urn}" for urn in agencies)]))
    organisation = f"council:{council}"
    common = {"placement": placement, "referral": referral, "council": council, "provider": provider}
    common |= {"vacancy": ids.new_id(), "hold": ids.new_id()}
    agreed = said_by_referrals.PlacementAgreed(
        **common,
        offer=None,
        lot=lot,
        kind=PlacementKind.SHORT_TERM,
        children=len(ages),
        ages=ages,
        tier=None if provider.startswith("council:") else draw(st.sampled_from([1, 2, None])),
        pounds_per_week=draw(st.decimals(Decimal(300), Decimal(2000), places=2)),
        starts_on=agreed_at.date(),
        within_20_miles=draw(st.sampled_from(["yes", "no", "undecided"])),
        agreed_at=agreed_at,
    )
    told = [_told(agreed, placement, organisation, agreed_at, 1, council)]
    fate = draw(st.sampled_from(["agreed", "cancelled", "started", "ended", "ended"]))
    if fate == "cancelled":
        cancelled = said_by_referrals.PlacementCancelled(**common, reason="child_stays")
        told.append(_told(cancelled, placement, organisation, _moment(draw, agreed_at), 2, council))
    if fate in ("started", "ended"):
        starts_at = _moment(draw, agreed_at)
        numbers = tuple(draw(st.integers(1, 4)) for _ in ages)
        started = said_by_referrals.PlacementStarted(**common, started_on=starts_at.date(), numbers_in_year=numbers)
        told.append(_told(started, placement, provider, starts_at, 2, council))
        if fate == "ended":
            ends_at = _moment(draw, starts_at)
            ended = said_by_referrals.PlacementEnded(
                **common,
                started_on=starts_at.date(),
                ended_on=ends_at.date(),
                planned=draw(st.booleans()),
                reason=PlaceChangeReason.CARE_PLAN,
                children=len(ages),
            )
            told.append(_told(ended, placement, organisation, ends_at, 3, council))
    return told


def _vacancy(draw: st.DrawFn, councils: Sequence[str], agencies: Sequence[str]) -> list[Told]:
    provider = draw(st.sampled_from([*(f"council:{c}" for c in councils), *(f"agency:{a}" for a in agencies)]))
    vacancy, household, beds, moment = ids.new_id(), ids.new_id(), draw(st.integers(1, 4)), _moment(draw)
    lots = tuple(draw(st.lists(st.sampled_from(LOTS), min_size=1, unique=True)))
    place = said_by_providers.PlacesCounted(provider=provider, households=1, approved_places=beds)
    told = [_told(place, provider, provider, moment, int(moment.timestamp()))]
    free, version = beds, 1

    def facts() -> said_by_providers.VacancyFacts:
        return said_by_providers.VacancyFacts(
            vacancy=vacancy,
            household=household,
            provider=provider,
            lots=lots,
            district="SO14",
            free_beds=free,
            available_from=moment.date(),
            from_age=0,
            to_age=17,
            sexes=("M", "F"),
            kinds=(PlacementKind.SHORT_TERM,),
            siblings_welcome=True,
        )

    told.append(_told(said_by_providers.VacancyOpened(facts=facts()), vacancy, provider, moment, version))
    for _ in range(draw(st.integers(0, 3))):
        council, moment, version = draw(st.sampled_from(councils)), _moment(draw, moment), version + 1
        common = {"vacancy": vacancy, "provider": provider, "council": council}
        request = {"held_for": said_by_providers.HoldFor.OFFER, "asked_by": ids.new_id(), "referral": ids.new_id()}
        if free == 0:
            refused = said_by_providers.VacancyRefused(**common, **request, reasons=("no_free_bed",))
            told.append(_told(refused, vacancy, f"council:{council}", moment, version, council))
            continue
        free, hold = free - 1, ids.new_id()
        held = said_by_providers.VacancyHeld(**common, **request, household=household, hold=hold, beds=1, free_beds=free)
        told.append(_told(held, vacancy, f"council:{council}", moment, version, council))
        if draw(st.booleans()):
            moment, version = _moment(draw, moment), version + 1
            filled = said_by_providers.VacancyFilled(**common, hold=hold, placement=ids.new_id(), beds=1, free_beds=free)
            told.append(_told(filled, vacancy, f"council:{council}", moment, version, council))
        if draw(st.booleans()):
            moment, version, free = _moment(draw, moment), version + 1, free + 1
            freed = said_by_providers.VacancyFreed(**common, hold=hold, beds=1, free_beds=free)
            told.append(_told(freed, vacancy, f"council:{council}", moment, version, council))
    if draw(st.booleans()):
        moment, version = _moment(draw, moment), version + 1
        closed = said_by_providers.VacancyClosed(vacancy=vacancy, provider=provider, reason="carer_break")
        told.append(_told(closed, vacancy, provider, moment, version))
    return told


def _baseline(draw: st.DrawFn, councils: Sequence[str]) -> list[tuple[str, str, str, date, Decimal]]:
    found = []
    for council in councils:
        for lot in LOTS:
            for band, _, _ in BANDS:
                for back in draw(st.lists(st.integers(0, DAYS), max_size=2, unique=True)):
                    day = NOW.date() - timedelta(days=back)
                    found.append((council, lot, band, day, draw(st.decimals(Decimal(300), Decimal(2500), places=2))))
    return found
