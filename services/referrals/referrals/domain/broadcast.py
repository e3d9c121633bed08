"""What every provider of the lot sees of a referral: built here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from referrals.domain.ages import ADULT, age_on
from referrals.domain.blurs import Blur
from referrals.domain.counts import AGE_BANDS
from referrals.domain.disclosure import CHILD, NEAR_PLACE, REFERRAL, Stage, shown
from referrals.domain.identity import Identity
from referrals.domain.referral import ChildNeeds, Near, Referral
from shared.contracts.referrals import ReferralView


def view_of(
    referral: Referral,
    vault: Mapping[UUID, Identity],
    today: date,
    closes_at: datetime,
    *,
    age_bands: Sequence[tuple[int, int]] = (),
    has_words: bool = False,
) -> ReferralView:
    """The anonymised referral: ages in years (months under two), districts, closed words. Nothing that names or finds the child.

    ``has_words`` says only that there are words to be read at the council's own service: the words themselves are on no bus.

    ``vault`` holds the identity of every child of the referral; of it only birth date (made an age on ``today``, the UK date), sex and
    the home postcode (made a district, of the first child's home) are used. Brothers and sisters are numbered in the referral's order.
    What the referral has blurred is shown less exactly, an age as the one of ``age_bands`` that holds it.
    """
    first = vault[referral.terms.children[0].child]
    terms, blurred = referral.terms, frozenset(referral.terms.blurred)
    near = () if Blur.NEAR_DISTRICTS in blurred else terms.near
    if Blur.HOME_DISTRICT in blurred:
        near = tuple(place for place in near if place.what is not Near.HOME)
    values = {
        "referral": referral.id,
        "reference": referral.reference,
        "council": referral.council,
        "lot": terms.lot,
        "urgency": terms.urgency,
        "kind": terms.kind,
        "needed_by": terms.needed_by,
        "planned": terms.planned,
        "closes_at": closes_at,
        "expected_weeks": terms.expected_weeks,
        "siblings": terms.siblings,
        "children": [
            _child(number, needs, vault[needs.child], today, blurred, age_bands) for number, needs in enumerate(terms.children, start=1)
        ],
        "home_district": None if Blur.HOME_DISTRICT in blurred else district_of(first.home_postcode),
        "near": [shown(NEAR_PLACE, Stage.BROADCAST, {**vars(place), "what": str(place.what)}) for place in near],
        "avoid_districts": terms.avoid_districts,
        "preferred_miles": terms.preferred_miles,
        "re_referral_of": terms.re_referral_of,
        "has_words": has_words,
        "place": terms.place,
        "created_by": referral.created_by,
        "in_house_reason": referral.in_house_reason,
    }
    return ReferralView.model_validate(shown(REFERRAL, Stage.BROADCAST, values))


def _child(
    number: int,
    needs: ChildNeeds,
    identity: Identity,
    today: date,
    blurred: frozenset[Blur],
    age_bands: Sequence[tuple[int, int]],
) -> dict[str, Any]:
    age = age_on(identity.date_of_birth, today)
    youngest, oldest = band_of(age.years, age_bands) if Blur.AGE_BAND in blurred else (age.years, age.years)
    values = {
        "child_number": number,
        "age_years": youngest,
        "age_to_years": oldest if oldest > youngest else None,
        "age_months": None if blurred & {Blur.AGE_MONTHS, Blur.AGE_BAND} else age.months,
        "languages": () if Blur.LANGUAGES in blurred else needs.languages,
        "religion": None if Blur.RELIGION in blurred else needs.religion,
        "essential_needs": needs.essential_needs,
        "preferred_needs": () if Blur.PREFERRED_NEEDS in blurred else needs.preferred_needs,
        "risks_to_child": needs.risks_to_child,
        "risks_to_others": needs.risks_to_others,
        **identity.to_plain(),  # the table, not this list, decides: all of the vault record but the sex is stopped by it
    }
    return shown(CHILD, Stage.BROADCAST, values)


def band_of(years: int, age_bands: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The band an age in years lies in, from and to included, never past 17: one of ``age_bands``, else of the national tables."""
    for youngest, oldest in (*age_bands, *AGE_BANDS.values()):
        if youngest <= years <= oldest:
            return youngest, min(oldest, ADULT - 1)
    return years, years


def district_of(postcode: str | None) -> str | None:
    """The outward half of a postcode written with one space: ``SO14 7LY`` is in ``SO14``. None stays None."""
    return postcode.split(" ", 1)[0] if postcode else None


def ages_of(vault: Mapping[UUID, Identity], today: date) -> dict[UUID, int]:
    """Each child's age in whole years on ``today``."""
    return {child: age_on(identity.date_of_birth, today).years for child, identity in vault.items()}


def what_changed(seen: ReferralView, now: ReferralView) -> tuple[str, ...]:
    """The names, in alphabetical order, of what a provider who saw ``seen`` sees changed now; never the values."""
    return tuple(sorted(name for name in ReferralView.model_fields if getattr(seen, name) != getattr(now, name)))
