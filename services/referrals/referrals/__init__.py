"""Children (an identity vault), referrals, what is disclosed to whom, and placements.

A child's time in care, from which the national return (SSDA903) is made, is the council's own here too and is on no bus.

Publishes referral.created, .sent_in_house, .broadcast, .amended, .withdrawn; in_house_match.taken; placement.agreed, .started, .ended,
.cancelled; council_settings.changed. Hears council.recorded, agency.recorded, lot.recorded (names and lots), tiers.published (who may read
the words of a referral), offer.confirmed, vacancy.held and vacancy.refused (a bed for an in-house match).
"""
