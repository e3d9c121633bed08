"""The kinds of faults, one function each: break something, look at what must be seen meanwhile, leave the healing to the runner."""

from tests.faults.kinds import broker, databases, deliveries, disks, kills, lines, races, standstill, trespass, versions

_KINDS = (kills, broker, databases, lines, deliveries, standstill, disks, races, trespass, versions)
FAULTS = tuple(sorted((fault for kind in _KINDS for fault in kind.FAULTS), key=lambda fault: int(fault.code[1:])))
SHORT = ("F1", "F2", "F3", "F5", "F9", "F17")
"""The set for every build."""

__all__ = ["FAULTS", "SHORT"]
