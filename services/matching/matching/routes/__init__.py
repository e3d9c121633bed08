"""HTTP in and out: what providers and councils ask of matching."""

from matching.routes.candidates import router as candidates
from matching.routes.choices import router as choices
from matching.routes.offers import router as offers
from matching.routes.opportunities import router as opportunities

ROUTERS = (opportunities, offers, candidates, choices)
"""Every router of the service."""
