"""Monitoring: facts heard from events, and the figures people steer by.

Owns the facts (referrals, offers, declines, placements, vacancies, approved places), the councils' baseline prices, and the
KPIs counted from them. Publishes nothing. Hears everything that changes a figure: see ``handlers.HEARS``. Never knows who a
child is: no event says so.
"""
