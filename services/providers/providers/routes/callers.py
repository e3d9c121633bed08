"""Callers that only this service tells apart, and the parameters its addresses share."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Path

from shared.contracts.words import AgencyUrn, OnsCode
from shared.cursors import Wanted, another_lists
from shared.organisation import ROLES, Kind, Role
from shared.signin import Caller, signed_in

ConsortiumOfficer = Annotated[Caller, Depends(signed_in({Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER, Role.PROCUREMENT_LEAD})}))]
"""Who keeps the consortium's registers: its project manager or procurement lead."""
EvaluatorOrConsortium = Annotated[
    Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.EVALUATOR}), Kind.CONSORTIUM: ROLES[Kind.CONSORTIUM]}))
]
"""A council's evaluator, or anybody in the consortium."""
AgencyOrConsortium = Annotated[Caller, Depends(signed_in({Kind.AGENCY: ROLES[Kind.AGENCY], Kind.CONSORTIUM: ROLES[Kind.CONSORTIUM]}))]
"""Anybody in an agency or in the consortium."""
OwnRecords = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.FOSTERING_SERVICE}), Kind.AGENCY: ROLES[Kind.AGENCY]}))]
"""Who may read a provider's own households: anybody in the agency, or a council's fostering service."""
PlacingCouncil = Annotated[
    Caller,
    Depends(signed_in({Kind.COUNCIL: frozenset({Role.PLACEMENTS_OFFICER, Role.SOCIAL_WORKER, Role.FOSTERING_SERVICE})})),
]
"""Those in a council who look for a home."""

OnsCodeInPath = Annotated[OnsCode, Path(description="ONS code of the council, as in E06000045")]
UrnInPath = Annotated[AgencyUrn, Path(description="Ofsted URN of the agency, as in SC012345")]
CodeInPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
ReferenceInPath = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="your own reference: letters, digits, . _ -, at most 64")
]


_CODE = re.compile(r"[A-Za-z0-9_]{1,64}")


def after_code(page: Wanted) -> str:
    """The code after which a page begins, empty for the first; refused when the cursor is another list's."""
    if page.after is None:
        return ""
    if len(page.after) != 1 or not _CODE.fullmatch(page.after[0]):
        raise another_lists()
    return page.after[0]
