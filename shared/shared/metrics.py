"""What a process counts of itself, at ``/metrics`` in Prometheus' form. Labels are routes and codes, never ids or names."""

from prometheus_client import Counter, Gauge, Histogram

requests = Counter("hearth_requests_total", "Requests answered", ["service", "method", "route", "status"])
faults = Counter("hearth_faults_total", "Requests that failed by a fault of ours (500)", ["service"])
"""Of a service and not of each route: told from the start, at nought, or the first fault of a route would be no increase."""
seconds = Histogram(
    "hearth_request_seconds",
    "How long a request took",
    ["service", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
refusals = Counter("hearth_refusals_total", "Requests refused, once for each rule that they broke", ["service", "rule"])
pool_in_use = Gauge("hearth_database_pool_in_use", "Connections to a database that are at work", ["service", "database"])
pool_size = Gauge("hearth_database_pool_size", "Connections to a database that the process may have", ["service", "database"])
