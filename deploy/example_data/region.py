"""The eleven councils of the consortium, with real postcodes of their areas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

import numpy as np

from shared import postcodes
from shared.postcodes import directory


@dataclass(frozen=True, slots=True)
class Council:
    """One member: ``upn_number`` is its number at the Department for Education, which a pupil number carries."""

    ons_code: str
    name: str
    joined_on: str
    lead_roles: str
    upn_number: int
    children: int
    households: int

    @property
    def provider(self) -> str:
        """The council's own fostering service, as a provider."""
        return f"council:{self.ons_code}"


# Which five councils founded the consortium is not published: these five are this example's own choice, as are the dates.
FOUNDED, JOINED = "2010-04-01", "2011-11-01"

COUNCILS = (
    Council("E06000045", "Southampton City Council", FOUNDED, "procurement", 852, 8, 10),
    Council("E10000014", "Hampshire County Council", FOUNDED, "specification", 850, 11, 16),
    Council("E10000025", "Oxfordshire County Council", FOUNDED, "communication", 931, 7, 12),
    Council("E06000044", "Portsmouth City Council", FOUNDED, "", 851, 6, 8),
    Council("E10000030", "Surrey County Council", FOUNDED, "", 936, 8, 14),
    Council("E06000039", "Slough Borough Council", JOINED, "", 871, 4, 6),
    Council("E06000038", "Reading Borough Council", JOINED, "", 870, 4, 7),
    Council("E06000040", "Royal Borough of Windsor and Maidenhead", JOINED, "", 868, 3, 5),
    Council("E06000036", "Bracknell Forest Council", JOINED, "", 867, 3, 5),
    Council("E06000037", "West Berkshire Council", JOINED, "", 869, 3, 5),
    Council("E06000041", "Wokingham Borough Council", JOINED, "", 872, 3, 4),
)

BY_CODE = {council.ons_code: council for council in COUNCILS}

# Agencies also have carers just outside the eleven areas: Buckinghamshire, West Sussex, Dorset, Wiltshire.
NEIGHBOURS = ("E06000060", "E10000032", "E06000059", "E06000054")


def stream(name: str) -> Random:
    """A source of choices of its own for each part, so that changing one part leaves the others' bytes alone."""
    return Random(f"hearth example {name}")  # noqa: S311 (made-up data must come out the same every time)


# Royal Mail gave these up, or keeps them for large users: nobody lives there. The directory keeps ended postcodes without saying so.
ENDED = frozenset(
    "SO1 SO2 SO3 SO4 SO5 SO9 SO97 GU13 GU95 RG3 RG11 RG13 RG15 RG16 OX6 OX8 OX9 SL60 SL95 BN4 BN95 BN99 RH77".split()  # noqa: SIM905
)
FEWEST = 200
"""A district with fewer postcodes of a council lies mostly in another's area, and is left out."""


@lru_cache(maxsize=64)
def _rows(ons_code: str, districts: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    held = directory.opened()
    rows = np.flatnonzero((held.councils == held.council_codes.index(ons_code)) & (held.eastings >= 0))
    outward = held.keys[rows] >> np.uint64(32)
    numbers, counts = np.unique(outward, return_counts=True)
    named = {int(number): int(number).to_bytes(4, "big").decode("ascii").rstrip() for number in numbers[counts >= FEWEST]}
    wanted = [number for number, name in named.items() if name not in ENDED and (not districts or name in districts)]
    return rows[np.isin(outward, np.array(wanted, dtype=np.uint64))]


def postcode_in(choices: Random, ons_code: str, *districts: str) -> postcodes.Postcode:
    """A real postcode of the council's area, in one of the districts if any is named."""
    rows = _rows(ons_code, districts)
    row = rows[choices.randrange(len(rows))]
    text = int(directory.opened().keys[row]).to_bytes(8, "big")[:7].decode("ascii")
    found = postcodes.parse(text)
    return found if found is not None else postcode_in(choices, ons_code, *districts)
