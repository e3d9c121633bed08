"""HTTP in and out: who may ask, one transaction, one action."""

from monitoring.routes import alerts, archive, baseline, charts, kpis, ledger, ledger_lists, pages, past, returns, savings

ROUTERS = (
    kpis.router,
    savings.router,
    ledger.router,
    ledger_lists.router,
    baseline.router,
    alerts.router,
    charts.router,
    archive.router,
    past.router,
    returns.router,
    *pages.ROUTERS,
)
