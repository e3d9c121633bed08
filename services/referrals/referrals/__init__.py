"""Children (an identity vault), referrals, what is disclosed to whom, and placements.

Publishes referral.created, .sent_in_house, .broadcast, .amended, .withdrawn; in_house_match.taken; placement.agreed, .started, .ended,
.cancelled; council_settings.changed. Hears council.recorded, agency.recorded, lot.recorded (names and lots), offer.confirmed, vacancy.held
and vacancy.refused (a bed for an in-house match).
"""
