"""What other services' news makes matching do, one function each."""

from matching.handlers import placements, referrals, register, vacancies
from shared.contracts import providers as from_providers
from shared.contracts import referrals as from_referrals
from shared.delivery import Hears

HEARS: Hears = {
    from_providers.CouncilRecorded: register.on_council_recorded,
    from_providers.AgencyRecorded: register.on_agency_recorded,
    from_providers.LotRecorded: register.on_lot_recorded,
    from_providers.TiersPublished: register.on_tiers_published,
    from_providers.VacancyOpened: vacancies.on_vacancy_opened,
    from_providers.VacancyChanged: vacancies.on_vacancy_opened,
    from_providers.VacancyClosed: vacancies.on_vacancy_closed,
    from_providers.VacancyHeld: vacancies.on_vacancy_held,
    from_providers.VacancyRefused: vacancies.on_vacancy_refused,
    from_providers.VacancyFilled: vacancies.on_beds_changed,
    from_providers.VacancyFreed: vacancies.on_beds_changed,
    from_referrals.ReferralSentInHouse: referrals.on_referral_sent_in_house,
    from_referrals.ReferralBroadcast: referrals.on_referral_broadcast,
    from_referrals.ReferralAmended: referrals.on_referral_amended,
    from_referrals.ReferralWithdrawn: referrals.on_referral_withdrawn,
    from_referrals.InHouseMatchTaken: referrals.on_in_house_match_taken,
    from_referrals.PlacementAgreed: referrals.on_placement_agreed,
    from_referrals.PlacementStarted: placements.on_placement_started,
    from_referrals.PlacementEnded: placements.on_placement_ended,
    from_referrals.PlacementCancelled: placements.on_placement_cancelled,
    from_referrals.CouncilSettingsChanged: register.on_council_settings_changed,
}
"""Everything matching listens to."""
