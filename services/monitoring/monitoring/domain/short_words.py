"""A few words that a person adds to a record here: short, and never about a child.

Monitoring knows no child, so a name cannot be recognised; what identifies by its form alone (an NHS number, a telephone number, a
postcode, an e-mail address, a full date that is past) is refused, and every field that takes words says what must not be in them.
"""

from __future__ import annotations

from datetime import date

from shared.identifying_patterns import WORDS, patterns_in
from shared.refusals import Reason

MOST = 300
NEVER_A_CHILD = f"At most {MOST} letters about the figures or the work, never about a child or a carer's home."


def faults_of_words(field: str, words: str, *, today: date, needed: bool = False) -> tuple[Reason, ...]:
    """Every rule the words break. The words themselves are never repeated."""
    found = []
    if needed and not words.strip():
        found.append(Reason(field, "words_needed", "Say in a few words what was found or done."))
    if len(words) > MOST:
        found.append(Reason(field, "short_words", f"Use at most {MOST} letters: these words are read beside a figure."))
    kinds = sorted({pattern.kind for pattern in patterns_in(words, today=today)})
    found += [Reason(field, f"no_{kind}", f"{WORDS[kind]} Take it out: nothing here may be about one child.") for kind in kinds]
    return tuple(found)
