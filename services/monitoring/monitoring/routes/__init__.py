"""HTTP in and out: who may ask, one transaction, one action."""

from monitoring.routes import alerts, archive, baseline, kpis, pages, past, returns, savings

ROUTERS = (
    kpis.router,
    savings.router,
    baseline.router,
    alerts.router,
    archive.router,
    past.router,
    returns.router,
    *pages.ROUTERS,
)
