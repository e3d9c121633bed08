"""Reading under the caller's own row security, as figures are read: over a month or over years."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from fastapi import Request

from shared import tenancy
from shared.signin import Caller


def reading(request: Request, caller: Caller, *, council: str | None = None) -> AbstractAsyncContextManager[tenancy.Transaction]:
    """The caller's transaction for a route that only reads; ``council`` as in :func:`shared.tenancy.transaction`."""
    databases: tenancy.Databases = request.app.state.databases
    return tenancy.transaction(databases, caller.organisation, council=council, planned_anew=True)
