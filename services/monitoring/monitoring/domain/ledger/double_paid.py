"""Nights paid for twice: more children's places paid for one need than it has children.

A need is a referral with its re-referrals. When a child moves, the placement it left may still be charged while the next one is lived in
already: those nights of the earlier placement are paid twice. Brothers and sisters placed apart are not: they are several children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from monitoring.domain.facts import Placement


@dataclass(frozen=True, slots=True)
class Need:
    """A chain of referrals, named by its first, and how many children it is for."""

    first: UUID
    children: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Nights of one placement, from the night of ``first`` to the night of ``last``, that were paid for while it was no longer needed."""

    placement: UUID
    first: date
    last: date


def double_paid(placements: Sequence[Placement], needs: Mapping[UUID, Need], *, today: date) -> Iterator[Overlap]:
    """The nights on which a need's placements had more children's places than the need has children.

    On such a night the placements begun earliest count, each only if all its children's places are surplus: where one of two stays
    behind, the home is still needed. Tonight has not been slept yet. A need whose children are not known has as many as its largest
    placement.
    """
    chains: dict[UUID, list[Placement]] = {}
    for each in placements:
        if each.started_on is not None and not each.cancelled:
            need = needs.get(each.referral)
            chains.setdefault(need.first if need else each.referral, []).append(each)
    for chain in chains.values():
        if len(chain) > 1:
            yield from _of_chain(chain, needs, today)


def _of_chain(chain: Sequence[Placement], needs: Mapping[UUID, Need], today: date) -> Iterator[Overlap]:
    stays = sorted((each.started_on or today, min(each.ended_on or today, today), str(each.id), each) for each in chain)
    told = [need.children for each in chain if (need := needs.get(each.referral))]
    children = max(told, default=0) or max(_places(each) for each in chain)
    boundaries = sorted({day for begins, ends, *_ in stays for day in (begins, ends)})
    for first, after in pairwise(boundaries):
        living = [each for begins, ends, _, each in stays if begins <= first and after <= ends]
        surplus = sum(_places(each) for each in living) - children
        for each in living:
            if _places(each) <= surplus:
                surplus -= _places(each)
                yield Overlap(each.id, first, after - timedelta(days=1))


def _places(placement: Placement) -> int:
    return len(placement.ages) or 1
