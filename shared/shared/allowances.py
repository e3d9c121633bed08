"""How much one organisation may ask of one process: so many reads and so many writes a minute, a whole minute's worth of them at once.

Counted by organisation, not by person or token: one council's runaway program must not slow the other ten down, and signing in once
more must not give it more. Kept in the process: nothing is asked of a database for it, so several processes allow several times as much.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from fastapi import Request

from shared.organisation import Organisation
from shared.refusals import Reason, RefusalKind, Refused

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_MINUTE = 60.0
_ROUNDING = 1e-3
"""Seconds. Sums of moments are rounded, and the last request of a minute's worth would be refused for a billionth of a second."""


@dataclass
class Allowance:
    """One kind of request: ``a_minute`` of them for each organisation, given back evenly; 0 means without limit."""

    a_minute: int
    _spent_until: dict[Organisation, float] = field(default_factory=dict)
    """When an organisation will have its whole minute's worth back."""

    def take(self, organisation: Organisation, now: float) -> float:
        """Take one; the seconds until there is one, if there is none (0.0: taken)."""
        if not self.a_minute:
            return 0.0
        after = max(self._spent_until.get(organisation, 0.0), now) + _MINUTE / self.a_minute
        if after - now > _MINUTE + _ROUNDING:
            return after - now - _MINUTE
        self._spent_until[organisation] = after
        return 0.0


@dataclass(frozen=True)
class Allowances:
    """What each organisation may still ask of this process."""

    reads: Allowance
    writes: Allowance

    def take(self, organisation: Organisation, *, reading: bool) -> None:
        """Take one request from what the organisation may ask; refused with the time to wait when it is used up."""
        allowance = self.reads if reading else self.writes
        wait = allowance.take(organisation, time.monotonic())
        if wait:
            seconds, what = math.ceil(wait), "reads" if reading else "writes"
            message = (
                f"Your organisation asked for more than {allowance.a_minute} {what} a minute. Nothing was done. "
                f"Wait {seconds} second{'' if seconds == 1 else 's'}, and ask for fewer at once."
            )
            raise Refused(RefusalKind.TOO_MANY, message, (Reason("Authorization", f"{what}_a_minute", message),), retry_after=seconds)


def take(request: Request, organisation: Organisation) -> None:
    """Count this request for the organisation that signed in; called where it is known who is asking, and nowhere else."""
    allowances: Allowances = request.app.state.allowances
    allowances.take(organisation, reading=request.method in _READS)
