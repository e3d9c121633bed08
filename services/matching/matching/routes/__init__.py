"""HTTP in and out: what providers and councils ask of matching."""

from matching.routes.candidates import router as candidates
from matching.routes.choices import router as choices
from matching.routes.offers import router as offers
from matching.routes.opportunities import router as opportunities
from matching.routes.options_sheet import router as options_sheet

ROUTERS = (opportunities, offers, candidates, choices, options_sheet)
"""Every router of the service."""
