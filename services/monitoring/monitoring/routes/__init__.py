"""HTTP in and out: who may ask, one transaction, one action."""

from monitoring.routes import (
    alerts,
    archive,
    baseline,
    charts,
    kpis,
    ledger,
    ledger_lists,
    market,
    pages,
    past,
    past_returns,
    return_board,
    return_files,
    returns,
    savings,
)

ROUTERS = (
    kpis.router,
    savings.router,
    ledger.router,
    ledger_lists.router,
    market.router,
    baseline.router,
    alerts.router,
    charts.router,
    archive.router,
    past.router,
    past_returns.router,
    return_board.router,
    return_files.router,
    returns.router,
    *pages.ROUTERS,
)
