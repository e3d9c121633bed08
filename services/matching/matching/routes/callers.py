"""Who may call, where the kit's own parameter types do not say it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from shared.organisation import ROLES, Kind, Role
from shared.signin import Caller, signed_in

AgencyOrCouncil = Annotated[Caller, Depends(signed_in({kind: ROLES[kind] for kind in (Kind.AGENCY, Kind.COUNCIL)}))]
"""Anybody of an agency or a council; row security shows each its own."""

WebhookKeeper = Annotated[
    Caller,
    Depends(
        signed_in({Kind.AGENCY: frozenset({Role.ADMINISTRATOR, Role.REFERRALS_OFFICER}), Kind.COUNCIL: frozenset({Role.ADMINISTRATOR})})
    ),
]
"""Who decides where an organisation's notices are sent: its administrator; in an agency its referrals officer too."""
