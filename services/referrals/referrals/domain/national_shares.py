"""What is assumed of looked-after children where a council has uploaded no count: published national shares, as dated data.

The data is ``looked_after_shares.csv`` beside this file, one line a share, each with its source in words and on what it rests:
``published`` (rounded as published), ``approximate`` (the right size, not the exact figure) or ``assumption`` (no figure is published).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from importlib import resources

from referrals.domain.counts import Attribute


class Basis(StrEnum):
    """On what a figure rests."""

    COUNTED = "counted"
    """Uploaded by the council whose children they are."""
    PUBLISHED = "published"
    APPROXIMATE = "approximate"
    ASSUMPTION = "assumption"


@dataclass(frozen=True)
class Share:
    """One line of the data: the share of children (or, of ``total``, their number) with its basis, date and source."""

    attribute: str
    value: str
    share: Fraction
    basis: Basis
    as_of: date
    source: str


_TEXT = resources.files("referrals.domain").joinpath("looked_after_shares.csv").read_text(encoding="utf-8")
LINES: tuple[Share, ...] = tuple(
    Share(row["attribute"], row["value"], Fraction(row["share"]), Basis(row["basis"]), date.fromisoformat(row["as_of"]), row["source"])
    for row in csv.DictReader(_TEXT.splitlines())
)
_BY_TRAIT: Mapping[tuple[str, str], Share] = {(line.attribute, line.value): line for line in LINES}

ANY_OTHER = "any_other"
MULTIPLE_BIRTH: Share = _BY_TRAIT["multiple_birth", "same_age"]
"""How often brothers and sisters shown with the same age are so: twins or more."""


def share_of(attribute: Attribute, value: str) -> Share | None:
    """The default share of looked-after children with this value; a language not listed has the share of any other; else None."""
    return _BY_TRAIT.get((attribute, value)) or _BY_TRAIT.get((attribute, ANY_OTHER))


def total_of(council: str) -> Share | None:
    """About how many children the council looks after, while it has uploaded no count; None for a council not in the data."""
    return _BY_TRAIT.get(("total", council))
