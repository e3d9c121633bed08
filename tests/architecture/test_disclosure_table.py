"""What the other services send an agency, or everybody, of a referral, an offer and a household: only what the declared table shows there.

Which fields every reply may have at all is held to the table by ``test_every_reply.py``; here, what the earlier stages see.
Services share no rule, so ``matching`` and ``providers`` build their replies themselves; this is what holds them to the table. When a reply
gets a new field, decide who may see it: a line in ``services/referrals/referrals/domain/disclosure.csv``, a new version beside it, and
``hearth disclosure-table > docs/disclosure.html``.
"""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from matching.schemas import for_providers
from matching.schemas.notices import Notice
from providers.schemas.vacancies import Vacancy
from referrals.domain.disclosure import Noun, Reader, Stage, fields_seen

OWN_REFERENCES = {"reference", "household_reference"}
"""Null but for the provider itself; its tests say so."""

SENT = [
    (for_providers.Opportunity, (Noun.REFERRAL, Noun.OPPORTUNITY), Reader.PROVIDER_OF_THE_LOT, set()),
    (for_providers.Offer, (Noun.OFFER,), Reader.SHORTLISTED_PROVIDER, set()),
    (Notice, (Noun.NOTICE,), Reader.PROVIDER_OF_THE_LOT, set()),
    (Vacancy, (Noun.HOUSEHOLD,), Reader.PROVIDER_OF_THE_LOT, OWN_REFERENCES),
    (Vacancy, (Noun.HOUSEHOLD,), Reader.OTHER_COUNCILS, OWN_REFERENCES),
    (Vacancy, (Noun.HOUSEHOLD,), Reader.PROJECT_MANAGER, OWN_REFERENCES),
]


@pytest.mark.parametrize(("body", "nouns", "reader", "empty_for_others"), SENT)
def test_a_reply_carries_only_fields_the_declared_table_shows_its_reader(
    body: type[BaseModel], nouns: tuple[Noun, ...], reader: Reader, empty_for_others: set[str]
) -> None:
    shown = frozenset[str]().union(*(fields_seen(noun, Stage.BROADCAST, reader) for noun in nouns))
    undeclared = set(body.model_fields) - empty_for_others - shown
    assert not undeclared, f"{body.__module__}.{body.__name__} tells what the table does not show: {sorted(undeclared)}"
