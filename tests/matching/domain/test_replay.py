"""A decision comes out of its own record again, whatever has changed since; an altered record does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.agency_standing import AgencyStanding, Gate, Suspended
from matching.domain.decision import Grounds, Made, record
from matching.domain.fit import Weights
from matching.domain.guard import Circumstances
from matching.domain.ranking import judged, ranked
from matching.domain.replay import replayed
from shared.contracts.words import OfstedRating
from tests.matching.domain import given as any_
from tests.matching.domain.given import LAW, choice


@st.composite
def records(draw: st.DrawFn, least: int = 1) -> dict[str, Any]:
    """The record of a decision on any referral with any offers, as it comes back from the database."""
    referral, weighing = draw(any_.referrals), draw(any_.weights)
    found = draw(st.lists(any_.offers(), min_size=least, max_size=4, unique_by=lambda offer: offer.offer))
    chance = Random(draw(st.integers(0, 2**32)))
    miles = tuple(chance.choice((None, Decimal(chance.randrange(400)).scaleb(-1))) for _ in referral.places)
    grounds = {offer.offer: Grounds(any_.some_home(chance), miles, _known(chance)) for offer in found}
    options = [judged(one, (on := grounds[one.offer]).home, referral, on.miles, weighing, on.circumstances) for one in found]
    by = Made("council:E06000045", UUID(int=1), datetime(2026, 11, 2, 12, tzinfo=UTC), "officer", frozenset(), "00")
    made = record(by, choice(options[0]), options[0], ranked(options), referral, Weights(3, None, weighing), grounds)
    kept: dict[str, Any] = json.loads(json.dumps(made))
    return kept


def _known(chance: Random) -> Circumstances:
    """Agencies suspended or not, judged good or not, in lots that block or do not."""
    day = any_.TODAY
    suspended = chance.choice((None, Suspended("safeguarding_stop", day, chance.choice((None, day)))))
    standing = AgencyStanding(OfstedRating.GOOD, chance.choice((None, *OfstedRating)), suspended, Gate(blocks=chance.random() < 0.5))
    return Circumstances(day, day, chance.choice((None, Decimal("19.5"))), None, 20, chance.choice((None, standing)))


@LAW
@given(records())
def test_every_decision_comes_out_of_its_record_as_it_was(kept: dict[str, Any]) -> None:
    assert replayed(kept).differences == ()
    assert replayed(kept).same


def swap(kept: dict[str, Any]) -> None:
    kept["offers"].reverse()


def other_fit(kept: dict[str, Any]) -> None:
    kept["offers"][0]["fit"]["score"] = "101.0"


def other_words(kept: dict[str, Any]) -> None:
    kept["offers"][-1]["words"] = ["Chosen."]


def other_home(kept: dict[str, Any]) -> None:
    kept["offers"][0]["home"]["is_open"] = not kept["offers"][0]["home"]["is_open"]


def other_check(kept: dict[str, Any]) -> None:
    kept["offers"][0]["checks"][2]["outcome"] = "blocked"


@pytest.mark.parametrize("alter", [swap, other_fit, other_words, other_home, other_check])
@LAW
@given(kept=records(least=2))
def test_a_record_that_was_altered_does_not_come_out_the_same(alter: Callable[[dict[str, Any]], None], kept: dict[str, Any]) -> None:
    alter(kept)
    found = replayed(kept)
    assert found.replayable
    assert not found.same
    assert found.differences


@LAW
@given(records())
def test_a_record_made_under_other_rules_or_of_another_form_is_said_not_to_be_replayable(kept: dict[str, Any]) -> None:
    assert not replayed(kept | {"fit_rules": "2031-01"}).replayable
    del kept["offers"][0]["home"]
    assert not replayed(kept).replayable
    assert not replayed({"offers": []}).replayable
