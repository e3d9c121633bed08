"""HTTP in and out, one module a noun: who may call, one transaction, one action."""

from providers.routes import agencies, bids, councils, evaluation, frameworks, households, parks, register, suspensions, tenders, vacancies

ROUTERS = (
    councils.router,
    agencies.router,
    suspensions.router,
    register.router,
    frameworks.router,
    tenders.router,
    bids.router,
    evaluation.router,
    households.router,
    parks.router,
    vacancies.router,
)
"""Every address of the service."""
