"""What a United Kingdom postcode looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The letters Royal Mail uses in each position. The letter after a single-letter area's digit is wider than today's list:
# the directory keeps ended postcodes (W1M, W1N, W1R, W1V, W1X and W1Y of London's West End), and old records name them.
_DISTRICT = r"[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKMNPR-Y]|[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRVWXY]"
_UNIT = r"\d[ABD-HJLNP-UW-Z]{2}"
_WRITTEN = re.compile(r"\s*([A-Za-z]{1,2}[0-9][A-Za-z0-9]?)\s*([0-9][A-Za-z]{2})\s*")
_DISTRICT_ONLY = re.compile(_DISTRICT, re.ASCII)
_UNIT_ONLY = re.compile(_UNIT, re.ASCII)


@dataclass(frozen=True, slots=True)
class Postcode:
    """A well-formed postcode: ``district`` ("SO14") and ``unit`` ("7LY"). Well formed does not mean that it exists."""

    district: str
    unit: str

    @property
    def text(self) -> str:
        """The postcode as it is written: upper case, one space."""
        return f"{self.district} {self.unit}"

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> Postcode | None:
    """Read a postcode as people type it: any case, any space or none between the two halves, space around it.

    None for anything else: a letter O typed for a zero, a space in the wrong place, half a postcode, two of them, letters
    that Royal Mail does not use in that position. Whether the postcode exists is asked of ``grid`` or ``council_of``.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    district, unit = written[1].upper(), written[2].upper()
    if not is_district(district) or _UNIT_ONLY.fullmatch(unit) is None:
        return None
    return Postcode(district, unit)


def is_district(text: str) -> bool:
    """Whether the text is formed like a postcode district, such as SO14 or EC1A: upper case, no space."""
    return _DISTRICT_ONLY.fullmatch(text) is not None
