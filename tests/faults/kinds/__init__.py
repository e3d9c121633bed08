"""The kinds of faults, one function each: break something, look at what must be seen meanwhile, leave the healing to the runner."""

from tests.faults.kinds import broker, databases, deliveries, kills, lines

FAULTS = tuple(
    sorted(
        (*kills.FAULTS, *broker.FAULTS, *databases.FAULTS, *lines.FAULTS, *deliveries.FAULTS),
        key=lambda fault: int(fault.code[1:]),
    )
)
SHORT = ("F1", "F2", "F3", "F5")
"""The set for every build."""

__all__ = ["FAULTS", "SHORT"]
