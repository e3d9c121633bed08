"""Numbers and addresses online in a text: those held, however they are spaced, and whatever has such a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from referrals.domain.findings.finding import Finding, Kind, Sureness, Why
from shared.folding import Folded
from shared.identifying_patterns import PatternKind, patterns_in

_LEAST = 3


def _spaced(number: str) -> re.Pattern[str] | None:
    signs = [re.escape(sign) for sign in number if sign.isalnum()]
    if len(signs) < _LEAST:
        return None
    return re.compile(rf"(?i)(?<![A-Za-z0-9]){'[ ./_-]{0,2}'.join(signs)}(?![A-Za-z0-9])")


def _most_of(postcode: str) -> re.Pattern[str]:
    """The first half with the next figure, or that and a letter: only the first half may be told. ``RG13`` alone is a first half too."""
    first, figure, letter = postcode[:-3].strip(), postcode[-3], postcode[-2]
    apart = "[ ./_-]{0,2}".join(first)
    return re.compile(rf"(?i)(?<![A-Za-z0-9]){apart}(?:[ ./_-]{{1,3}}{figure}{letter}?|{figure}{letter})(?![A-Za-z0-9])")


class Numbers:
    """The numbers to look for, made ready once for all texts of a referral."""

    def __init__(self, held: Iterable[tuple[Kind, str]]) -> None:
        known = tuple(held)
        self._parts = tuple(_most_of(number) for kind, number in known if kind is Kind.POSTCODE)
        self._held = tuple((kind, form) for kind, number in known if (form := _spaced(number)))

    def in_text(self, plain: Folded, text: str, today: date) -> Iterator[Finding]:
        """Every number held, and everything that identifies by its form."""
        for kind, form in self._held:
            for match in form.finditer(plain.text):
                yield Finding(*plain.span(*match.span()), kind, Why.NUMBER_HELD, Sureness.CERTAIN)
        for form in self._parts:
            for match in form.finditer(plain.text):
                yield Finding(*plain.span(*match.span()), Kind.POSTCODE, Why.PART_OF_A_POSTCODE, Sureness.LIKELY)
        for pattern in patterns_in(text, today=today):
            possible = pattern.kind in (PatternKind.DATE, PatternKind.ONLINE_NAME)
            sureness = Sureness.POSSIBLE if possible else Sureness.LIKELY
            yield Finding(pattern.start, pattern.end, Kind(pattern.kind), Why.BY_ITS_FORM, sureness)
