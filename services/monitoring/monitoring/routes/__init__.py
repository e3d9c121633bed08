"""HTTP in and out: who may ask, one transaction, one action."""

from monitoring.routes import baseline, kpis, savings

ROUTERS = (kpis.router, savings.router, baseline.router)
