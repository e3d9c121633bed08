"""What a council knows to be identifying of the children of a referral and their relatives, as a text is compared with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from referrals.domain.findings.finding import Kind
from referrals.domain.findings.words import keys_of, word_list
from referrals.domain.identity import Identity, real_upn


@dataclass(frozen=True)
class Person:
    """A child or a relative by the words of the name; of a relative it is not said which are given names, so all may be."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    is_the_child: bool

    @property
    def words(self) -> tuple[str, ...]:
        """Given names, then family name."""
        return self.given + self.family


@dataclass(frozen=True)
class Known:
    """All that is held of the children of one referral."""

    people: tuple[Person, ...]
    births: frozenset[date]
    schools: tuple[str, ...]
    addresses: tuple[str, ...]
    numbers: tuple[tuple[Kind, str], ...]


_NOT_A_NAME = word_list("not_a_name")


def known_of(children: Iterable[Identity]) -> Known:
    """Everything in these children's records that says who they are or where to find them."""
    records = tuple(children)
    people: list[Person] = []
    numbers: list[tuple[Kind, str]] = []
    for child in records:
        people.append(Person(keys_of(child.given_names), keys_of(child.family_name), is_the_child=True))
        for relative in child.relatives:
            words = tuple(key for key in keys_of(relative.name) if key not in _NOT_A_NAME)
            people.append(Person(words[:-1] or words, words[-1:] if len(words) > 1 else (), is_the_child=False))
        for kind, number in (
            (Kind.COUNCIL_ID, child.child_id),
            (Kind.NHS_NUMBER, child.nhs_number),
            (Kind.UPN, real_upn(child.upn)),
            (Kind.POSTCODE, child.home_postcode),
        ):
            if number:
                numbers.append((kind, number))
    births = {day for child in records for day in (child.date_of_birth, child.mother_child_date_of_birth) if day}
    return Known(
        tuple(dict.fromkeys(person for person in people if person.words)),
        frozenset(births),
        tuple(dict.fromkeys(child.school for child in records if child.school)),
        tuple(dict.fromkeys(child.home_address for child in records if child.home_address)),
        tuple(dict.fromkeys(numbers)),
    )
