"""Who may call, where the kit's own parameter types do not say it; and the vault's keys for a route."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from referrals.store.vault import Keyring
from shared.organisation import Kind, Role
from shared.settings import Settings
from shared.signin import Caller, roles_except_reader, signed_in

OFFICERS = frozenset({Role.PLACEMENTS_OFFICER, Role.SOCIAL_WORKER})
"""Those of a council who may know any of its children."""
_KNOW_THE_CHILD = OFFICERS | {Role.FOSTERING_SERVICE}

InHouseDecider = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: _KNOW_THE_CHILD}))]
"""A council's officers, or its in-house fostering service: those who say whether a carer of its own takes the child."""

PlacementParty = Annotated[
    Caller, Depends(signed_in({kind: frozenset(role for role in Role) - {Role.PANEL_MEMBER} for kind in (Kind.COUNCIL, Kind.AGENCY)}))
]
"""Anybody of a council or an agency; row security shows each its own placements."""

PlacementRecorder = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: _KNOW_THE_CHILD, Kind.AGENCY: roles_except_reader(Kind.AGENCY)}))]
"""Who records that a child moved in or out, and who may read who the child of a placement is: officers and in-house service of the
council, and everybody in an agency who may change something."""


AgreementParty = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: OFFICERS, Kind.AGENCY: roles_except_reader(Kind.AGENCY)}))]
"""Who proposes, signs and declines an agreement and gives notice: the council's officers, and everybody in an agency who may change
something."""

WordsReader = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: _KNOW_THE_CHILD, Kind.AGENCY: roles_except_reader(Kind.AGENCY)}))]
"""Who may read what is said of a child in words: officers and in-house service of the council, and everybody in an agency who may change
something; the referral must have been sent to them."""


def vault_keys(request: Request) -> Keyring:
    """The councils' keys, read again whenever their file changes. Asked for where they are needed: as a dependency of the route they cost
    a tenth of what the framework does for a request.
    """
    state = request.app.state
    if not hasattr(state, "keyring"):
        settings: Settings = state.settings
        state.keyring = Keyring(settings.vault_keys_file, development=settings.development)
    ring: Keyring = state.keyring
    return ring
