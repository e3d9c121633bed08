"""HTTP in and out: what providers and councils ask of matching."""

from matching.routes.approvals import router as approvals
from matching.routes.archive import router as archive
from matching.routes.candidates import router as candidates
from matching.routes.choices import router as choices
from matching.routes.home_holds import router as home_holds
from matching.routes.lookalikes import router as lookalikes
from matching.routes.notices import router as notices
from matching.routes.offers import router as offers
from matching.routes.opportunities import router as opportunities
from matching.routes.options_sheet import router as options_sheet
from matching.routes.panels import router as panels
from matching.routes.questions import router as questions
from matching.routes.replay import router as replay
from matching.routes.webhooks import router as webhooks

ROUTERS = (
    approvals,
    opportunities,
    offers,
    candidates,
    lookalikes,
    choices,
    home_holds,
    questions,
    options_sheet,
    panels,
    replay,
    notices,
    webhooks,
    archive,
)
"""Every router of the service."""
