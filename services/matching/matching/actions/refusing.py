"""The domain's faults as refusals."""

from __future__ import annotations

from collections.abc import Iterable

from matching.domain.faults import Fault
from shared.refusals import Reason, Refused, conflict, invalid


def told(faults: Iterable[Fault]) -> tuple[Reason, ...]:
    """Each fault as a reason a caller is given."""
    return tuple(Reason(fault.field, fault.rule, fault.message) for fault in faults)


def broken_rules(faults: Iterable[Fault]) -> Refused:
    """What was sent breaks these rules; all are named."""
    return invalid(*told(faults))


def not_now(faults: Iterable[Fault]) -> Refused:
    """The thing is not in a state that allows this; why is named."""
    reasons = told(faults)
    return conflict(reasons[0].message, *reasons)
