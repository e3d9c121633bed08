"""Who a child is: everything that names or finds the child, kept in the vault and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from referrals.domain.ages import ADULT, age_on
from referrals.domain.ssda903 import good_code, refusal_words
from shared.refusals import Reason

_UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]")
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_NO_UPN = frozenset({"UN1", "UN2", "UN3", "UN4", "UN5"})
_NHS_DIGITS = 10
_DAYS = ("date_of_birth", "mother_child_date_of_birth", "unaccompanied_until")


class Confirmation(StrEnum):
    """Why a record that looks like one the council holds is nevertheless of another child."""

    TWIN_OR_SIBLING = "twin_or_sibling"
    SAME_NAME_OTHER_CHILD = "same_name_other_child"
    CHECKED_WITH_SOCIAL_WORKER = "checked_with_social_worker"


@dataclass(frozen=True)
class Relative:
    """A relative whose name identifies the child."""

    name: str
    relationship: str


@dataclass(frozen=True)
class Identity:
    """One child as its own council knows it. Column names of the SSDA903 header are given where they differ.

    ``child_id`` is CHILD, the council's own id; ``mother`` (MOTHER) says whether the child is a mother and
    ``mother_child_date_of_birth`` (MC_DOB) when her child was born; ``upn`` may be UN1 to UN5, the return's reasons for having none.
    ``unaccompanied`` says whether the child is, or was, an unaccompanied asylum-seeking child, and ``unaccompanied_until`` (DUC) the day on
    which that ceased, or is to cease with the eighteenth birthday; None where an earlier return left it blank.
    """

    child_id: str
    given_names: str
    family_name: str
    date_of_birth: date
    sex: str
    ethnicity: str | None = None
    upn: str | None = None
    nhs_number: str | None = None
    home_address: str | None = None
    home_postcode: str | None = None
    school: str | None = None
    mother: bool | None = None
    mother_child_date_of_birth: date | None = None
    unaccompanied: bool | None = None
    unaccompanied_until: date | None = None
    legal_status: str | None = None
    category_of_need: str | None = None
    relatives: tuple[Relative, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """The record as plain JSON values, for sealing."""
        plain = asdict(self)
        for name in _DAYS:
            plain[name] = plain[name].isoformat() if plain[name] else None
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """The record back from :meth:`to_plain`, also from one sealed before a field was thought of."""
        days = {name: date.fromisoformat(plain[name]) for name in _DAYS if plain.get(name)}
        return cls(
            **{
                **plain,
                **days,
                "relatives": tuple(Relative(**relative) for relative in plain["relatives"]),
            }
        )


def real_upn(upn: str | None) -> str | None:
    """The pupil number, or None where there is none or the return's reason for having none stands in its place."""
    return None if upn is None or upn in _NO_UPN else upn


def upn_is_sound(upn: str) -> bool:
    """Whether a pupil number could be real: 13 characters whose first is the check letter, or UN1 to UN5.

    The letter is the one at place (2·d1 + 3·d2 + … + 13·d12) mod 23 of the alphabet without I, O and S; in a temporary number the
    last character is a letter and counts as its place in that alphabet.
    """
    if upn in _NO_UPN:
        return True
    if not _UPN.fullmatch(upn):
        return False
    values = [int(c) if c.isdigit() else _UPN_LETTERS.index(c) for c in upn[1:]]
    return _UPN_LETTERS[sum(weight * value for weight, value in enumerate(values, start=2)) % 23] == upn[0]


def nhs_number_is_sound(number: str) -> bool:
    """Whether a ten-digit NHS number could be real: its last digit is 11 less the weighted sum (10 to 2) mod 11, 11 counting as 0."""
    if len(number) != _NHS_DIGITS or not number.isascii() or not number.isdigit():
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(number[:9], range(10, 1, -1), strict=True)) % 11
    return int(number[9]) == check % 11


def broken_rules(identity: Identity, today: date) -> tuple[Reason, ...]:
    """Every rule the record breaks: born by today and not yet 18, codes of this return year, numbers that could be real."""
    return tuple(_broken(identity, today))


def _broken(identity: Identity, today: date) -> Iterator[Reason]:
    if identity.date_of_birth > today:
        yield Reason("date_of_birth", "not_in_the_future", "The date of birth is in the future.")
    elif age_on(identity.date_of_birth, today).years >= ADULT:
        yield Reason("date_of_birth", "under_18", "This person is 18 or older and cannot be referred as a child.")
    for field, name, code in (
        ("sex", "SEX", identity.sex),
        ("ethnicity", "ETHNIC", identity.ethnicity),
        ("legal_status", "LS", identity.legal_status),
        ("category_of_need", "CIN", identity.category_of_need),
    ):
        if code is not None and not good_code(name, code, today):
            yield Reason(field, "ssda903_code", refusal_words(name, today))
    if identity.upn is not None and not upn_is_sound(identity.upn):
        yield Reason("upn", "check_letter", "This is not a pupil number (UPN): check it, or give UN1 to UN5 if there is none.")
    if identity.nhs_number is not None and not nhs_number_is_sound(identity.nhs_number):
        yield Reason("nhs_number", "check_digit", "This is not an NHS number: check its ten digits.")
    mother_of = identity.mother_child_date_of_birth
    if mother_of is not None and not identity.mother:
        yield Reason("mother_child_date_of_birth", "only_for_a_mother", "Give her child's date of birth only for a child who is a mother.")
    if mother_of is not None and not identity.date_of_birth < mother_of <= today:
        yield Reason("mother_child_date_of_birth", "between_birth_and_today", "Her child's birth must lie between her own and today.")
