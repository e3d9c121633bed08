"""The pages: who reads, one transaction, one action, one template."""

from monitoring.routes.pages import (
    agencies,
    alerts,
    anything,
    gaps,
    kpi,
    leagues,
    ledger,
    market,
    meetings,
    overview,
    returns,
    signing,
)

ROUTERS = (
    signing.router,
    overview.router,
    kpi.router,
    agencies.router,
    alerts.router,
    leagues.router,
    ledger.router,
    gaps.router,
    market.router,
    returns.router,
    meetings.router,
    anything.router,
)
"""``anything`` answers what no page before it does, so it stays last."""
