"""Who reads a page: known by a session's cookie, checked as an API caller is; and that a form comes from our own page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from monitoring.actions import page_sessions
from monitoring.domain.definition import Reader
from monitoring.domain.page_session import Held, PageSession, same
from monitoring.pages.frame import Visit
from monitoring.routes.pages.doorway import doorway
from monitoring.routes.question import may_see_small
from shared import allowances, tenancy
from shared.organisation import ROLES, Kind, Role
from shared.refusals import Reason, RefusalKind, Refused, not_allowed
from shared.signin import COUNCIL_STAFF, Caller, roles_except_reader, signed_in

FORM_TOKEN = "form_token"  # noqa: S105 (a field's name)
_SAFE = frozenset({"GET", "HEAD"})


async def _visitor(request: Request) -> Caller:
    """Who the session's cookie says is reading; refused when there is none or it is past."""
    held = held_by(request)
    if held is None:
        raise _not_signed_in()
    async with tenancy.transaction(request.app.state.databases, held.organisation) as transaction:
        found = await page_sessions.current(transaction, held, doorway(request).lasting)
    if found is None:
        raise _not_signed_in()
    session, name = found
    caller = _caller(held, session)
    request.state.organisation = str(held.organisation)
    allowances.take(request, held.organisation)
    request.state.visit = Visit(
        Reader(held.organisation.kind.value),
        name,
        tuple(sorted(role.replace("_", " ") for role in caller.roles)),
        held.form_token,
        may_see_small(caller),
    )
    return caller


def held_by(request: Request) -> Held | None:
    """What the browser holds; None when it holds nothing that could be a session."""
    return Held.read(request.cookies.get(doorway(request).session_cookie, ""))


def _caller(held: Held, session: PageSession) -> Caller:
    kept = frozenset(Role(name) for name in session.roles if name in set(Role))
    return Caller(held.organisation, kept & ROLES[held.organisation.kind], session.subject)


def _not_signed_in() -> Refused:
    message = "You are not signed in, or have not been here for a while. Sign in, and go on where you were."
    return Refused(RefusalKind.NOT_SIGNED_IN, message, (Reason("session", "signed_in", message),))


async def own_form(request: Request) -> None:
    """That what changes something was sent by a form of this very session on our own page (against cross-site request forgery).

    Three checks: the browser says where the request comes from (``Sec-Fetch-Site``, ``Origin``), and the form carries what only a page
    of this session could have shown. A browser that says nothing is held to the last.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    held = held_by(request)
    if held is None:
        raise _not_signed_in()
    elsewhere = site not in (None, "same-origin") or origin not in (None, doorway(request).origin)
    given = (await request.form()).get(FORM_TOKEN, "")
    if elsewhere or isinstance(given, UploadFile) or not same(given, held.form_token):
        message = (
            "This form was not sent from a page you have open here, or you have signed in anew since. Open the page again and repeat it."
        )
        raise not_allowed(message, Reason(FORM_TOKEN, "own_form", message))


AnyVisitor = Annotated[Caller, Depends(signed_in(ROLES | {Kind.COUNCIL: COUNCIL_STAFF}, by=_visitor))]
"""Anybody who is signed in with any role but that of a panel member."""
BuyingVisitor = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF, Kind.CONSORTIUM: ROLES[Kind.CONSORTIUM]}, by=_visitor))]
"""A council or the consortium: what compares or prices the work of several agencies."""
ConsortiumVisitor = Annotated[Caller, Depends(signed_in({Kind.CONSORTIUM: ROLES[Kind.CONSORTIUM]}, by=_visitor))]
"""Anybody of the consortium."""
ManagingVisitor = Annotated[Caller, Depends(signed_in({Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})}, by=_visitor))]
"""The project manager."""
AgencyVisitor = Annotated[Caller, Depends(signed_in({Kind.AGENCY: ROLES[Kind.AGENCY]}, by=_visitor))]
"""Anybody of an agency."""
AlertVisitor = Annotated[
    Caller,
    Depends(
        signed_in(
            {
                Kind.COUNCIL: COUNCIL_STAFF - {Role.READER},
                Kind.AGENCY: roles_except_reader(Kind.AGENCY),
                Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER}),
            },
            by=_visitor,
        )
    ),
]
"""Whom an alert or a meeting may concern, in a role that changes things."""
SeeingVisitor = Annotated[
    Caller,
    Depends(
        signed_in(
            {Kind.COUNCIL: COUNCIL_STAFF, Kind.AGENCY: ROLES[Kind.AGENCY], Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})},
            by=_visitor,
        )
    ),
]
"""Who sees alerts, which tell of single records: a council and an agency of their own, of the consortium the project manager."""
ComparingVisitor = Annotated[
    Caller, Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF, Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})}, by=_visitor))
]
"""Who compares agencies over records that may be few."""
PlanningVisitor = Annotated[
    Caller,
    Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF - {Role.READER}, Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})}, by=_visitor)),
]
"""Who may plan a meeting."""
ActingVisitor = Annotated[
    Caller,
    Depends(
        signed_in(
            {
                Kind.COUNCIL: COUNCIL_STAFF - {Role.READER},
                Kind.AGENCY: roles_except_reader(Kind.AGENCY),
                Kind.CONSORTIUM: roles_except_reader(Kind.CONSORTIUM),
            },
            by=_visitor,
        )
    ),
]
"""Anybody who may change something, whichever organisation: readers only read."""
ActingAgency = Annotated[Caller, Depends(signed_in({Kind.AGENCY: roles_except_reader(Kind.AGENCY)}, by=_visitor))]
"""Those in an agency who answer for it: what its officers may do through the API."""
