"""matching: which home could take which child, what providers offer, and how a council decides.

Owns opportunities (a referral as a provider may see it), offers, their ranking, the shortlist and the decision record.
Keeps its own copies of what it must know of others: vacancies without addresses, published tiers, lots, names, a council's
weights. Never knows who a child is.

Publishes ``offer.made``, ``offer.withdrawn``, ``opportunity.declined``, ``offer.shortlisted``, ``offer.selected``,
``offer.confirmed``, ``offer.refused``, ``offer.released``. What it hears is listed in ``handlers.HEARS``.
What happened is told to agencies and councils as notices: a feed to poll, and webhooks (``python -m matching send``).
"""
