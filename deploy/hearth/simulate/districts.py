"""Postcode districts of the eleven areas, where made-up carers live."""

from __future__ import annotations

DISTRICTS = {
    "E06000045": ("SO14", "SO15", "SO16", "SO17", "SO18", "SO19"),
    "E10000014": ("SO22", "SO50", "SO53", "PO14", "RG21", "GU11", "GU14", "SP10"),
    "E10000025": ("OX2", "OX4", "OX11", "OX14", "OX16", "OX26", "OX28"),
    "E06000044": ("PO1", "PO2", "PO3", "PO4", "PO6"),
    "E10000030": ("GU1", "GU7", "GU15", "GU21", "KT10", "KT22", "RH2", "TW18"),
    "E06000039": ("SL1", "SL2", "SL3"),
    "E06000038": ("RG1", "RG2", "RG30", "RG31"),
    "E06000040": ("SL4", "SL5", "SL6"),
    "E06000036": ("RG12", "RG42", "GU47"),
    "E06000037": ("RG14", "RG18", "RG7"),
    "E06000041": ("RG40", "RG41", "RG5", "RG6"),
}
"""By council, as the Royal Mail's districts lie; a few of each, typed from a map."""

ELSEWHERE = ("SO51", "HP20", "BN17")


def districts_of(council: str) -> tuple[str, ...]:
    """Districts of a council's area; of a council that is not among the eleven, some near by."""
    return DISTRICTS.get(council, ELSEWHERE)
