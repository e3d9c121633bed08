"""Reading under the caller's own row security."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from fastapi import Request

from shared import tenancy
from shared.signin import Caller


def reading(
    request: Request, caller: Caller, *, council: str | None = None, planned_anew: bool = False
) -> AbstractAsyncContextManager[tenancy.Transaction]:
    """The caller's transaction for a route that only reads; ``council`` and ``planned_anew`` as in :func:`shared.tenancy.transaction`."""
    databases: tenancy.Databases = request.app.state.databases
    return tenancy.transaction(databases, caller.organisation, council=council, planned_anew=planned_anew)
