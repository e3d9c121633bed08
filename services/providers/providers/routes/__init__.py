"""HTTP in and out, one module a noun: who may call, one transaction, one action."""

from providers.routes import agencies, bids, councils, evaluation, frameworks, households, register, tenders, vacancies

ROUTERS = (
    councils.router,
    agencies.router,
    register.router,
    frameworks.router,
    tenders.router,
    bids.router,
    evaluation.router,
    households.router,
    vacancies.router,
)
"""Every address of the service."""
