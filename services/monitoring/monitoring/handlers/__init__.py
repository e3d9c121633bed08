"""What each piece of news adds to the facts: written once for every organisation that may read it.

News comes under the rights of whoever made it true; its fact is also the other side's to see, and the consortium's. Nothing here
depends on the order in which news comes, of one subject or of several.
"""

from __future__ import annotations

from monitoring.handlers import consortium, offers, placements, referrals, vacancies
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
    PlacementAgreed,
    PlacementCancelled,
    PlacementEnded,
    PlacementStarted,
    ReferralBroadcast,
    ReferralCreated,
    ReferralWithdrawn,
)
from shared.delivery import Hears

HEARS: Hears = {
    CouncilRecorded: consortium.on_council_recorded,
    AgencyRecorded: consortium.on_agency_recorded,
    LotRecorded: consortium.on_lot_recorded,
    TiersPublished: consortium.on_tiers_published,
    VacancyOpened: vacancies.on_vacancy_opened,
    VacancyChanged: vacancies.on_vacancy_changed,
    VacancyClosed: vacancies.on_vacancy_closed,
    VacancyHeld: vacancies.on_vacancy_held,
    VacancyRefused: vacancies.on_vacancy_refused,
    VacancyFilled: vacancies.on_vacancy_filled,
    VacancyFreed: vacancies.on_vacancy_freed,
    PlacesCounted: vacancies.on_places_counted,
    ReferralCreated: referrals.on_referral_created,
    ReferralBroadcast: referrals.on_referral_broadcast,
    ReferralWithdrawn: referrals.on_referral_withdrawn,
    PlacementAgreed: placements.on_placement_agreed,
    PlacementStarted: placements.on_placement_started,
    PlacementEnded: placements.on_placement_ended,
    PlacementCancelled: placements.on_placement_cancelled,
    OfferMade: offers.on_offer_made,
    OfferWithdrawn: offers.on_offer_withdrawn,
    OpportunityDeclined: offers.on_opportunity_declined,
    OfferShortlisted: offers.on_offer_shortlisted,
    OfferSelected: offers.on_offer_selected,
    OfferConfirmed: offers.on_offer_confirmed,
    OfferRefused: offers.on_offer_refused,
    OfferReleased: offers.on_offer_released,
}
"""Everything monitoring listens to."""
