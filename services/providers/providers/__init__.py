"""The framework side of fostering: who may provide, on what terms, in which tier, and which beds are free.

Owns councils of the consortium, agencies, frameworks and lots, tender rounds from sealed bid to published tiers,
carer households, vacancies and the holds on them. Knows of no child.

Publishes ``council.recorded``, ``agency.recorded``, ``lot.recorded``, ``tiers.published``, ``vacancy.opened``,
``vacancy.changed``, ``vacancy.closed``, ``vacancy.held``, ``vacancy.refused``, ``vacancy.filled``, ``vacancy.freed``
and ``places.counted``. Hears the offers of ``matching`` and the matches and placements of ``referrals``.
"""
