"""What each piece of news teaches: pure, one function an event, the whole list of what monitoring listens to.

News comes under the rights of whoever made it true; its fact is also the other side's to see, and the consortium's. Nothing here
depends on the order in which news comes, of one subject or of several.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitoring.domain.lessons import consortium, offers, placements, referrals, told_of_placements, vacancies
from monitoring.domain.lessons.lesson import Lesson, Subject
from shared.contracts import Envelope, Event
from shared.contracts.matching import (
    OfferConfirmed,
    OfferMade,
    OfferRefused,
    OfferReleased,
    OfferSelected,
    OfferShortlisted,
    OfferWithdrawn,
    OpportunityDeclined,
)
from shared.contracts.providers import (
    AgencyRecorded,
    CouncilRecorded,
    LotRecorded,
    PlacesCounted,
    PricesAwarded,
    TiersPublished,
    VacancyChanged,
    VacancyClosed,
    VacancyFilled,
    VacancyFreed,
    VacancyHeld,
    VacancyOpened,
    VacancyRefused,
)
from shared.contracts.referrals import (
    CouncilStabilityCounted,
    PlacementAgreed,
    PlacementCancelled,
    PlacementEnded,
    PlacementEventsCounted,
    PlacementNoticeGiven,
    PlacementNoticeWithdrawn,
    PlacementStarted,
    ReferralBroadcast,
    ReferralCreated,
    ReferralWithdrawn,
)

__all__ = ["TEACHES", "Lesson", "Subject", "taught"]

TEACHES: Mapping[type[Event], Callable[[Any, Envelope], tuple[Lesson, ...]]] = {
    CouncilRecorded: consortium.council_recorded,
    AgencyRecorded: consortium.agency_recorded,
    LotRecorded: consortium.lot_recorded,
    TiersPublished: consortium.tiers_published,
    PricesAwarded: consortium.prices_awarded,
    VacancyOpened: vacancies.vacancy_opened,
    VacancyChanged: vacancies.vacancy_changed,
    VacancyClosed: vacancies.vacancy_closed,
    VacancyHeld: vacancies.vacancy_held,
    VacancyRefused: vacancies.vacancy_refused,
    VacancyFilled: vacancies.vacancy_filled,
    VacancyFreed: vacancies.vacancy_freed,
    PlacesCounted: vacancies.places_counted,
    ReferralCreated: referrals.referral_created,
    ReferralBroadcast: referrals.referral_broadcast,
    ReferralWithdrawn: referrals.referral_withdrawn,
    PlacementAgreed: placements.placement_agreed,
    PlacementStarted: placements.placement_started,
    PlacementEnded: placements.placement_ended,
    PlacementCancelled: placements.placement_cancelled,
    PlacementNoticeGiven: told_of_placements.notice_given,
    PlacementNoticeWithdrawn: told_of_placements.notice_withdrawn,
    PlacementEventsCounted: told_of_placements.placement_events_counted,
    CouncilStabilityCounted: told_of_placements.council_stability_counted,
    OfferMade: offers.offer_made,
    OfferWithdrawn: offers.offer_withdrawn,
    OpportunityDeclined: offers.opportunity_declined,
    OfferShortlisted: offers.offer_shortlisted,
    OfferSelected: offers.offer_selected,
    OfferConfirmed: offers.offer_confirmed,
    OfferRefused: offers.offer_refused,
    OfferReleased: offers.offer_released,
}
"""Everything monitoring listens to, and what it learns from it."""


def taught(event: Event, envelope: Envelope) -> tuple[Lesson, ...]:
    """What one event teaches, a lesson for each organisation that may read the fact. KeyError for news nobody listens to."""
    return TEACHES[type(event)](event, envelope)
