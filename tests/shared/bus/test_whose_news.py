"""A council's news is about that council, whatever somebody puts into the queue."""

from __future__ import annotations

import pytest

from shared import clock, ids, tenancy
from shared.contracts import Envelope
from shared.contracts.referrals import ReferralWithdrawn
from shared.hearing import Hears, NotUnderstood, understood

SOUTHAMPTON, SLOUGH = "E06000045", "E06000039"


async def _nothing(*_: object) -> None:
    """Hears and does nothing."""


HEARS: Hears = {ReferralWithdrawn: _nothing}


def news(organisation: str, council: str | None, about: str) -> Envelope:
    withdrawn = ReferralWithdrawn(referral=ids.new_id(), council=about, reason="plan_changed", side="council")
    return Envelope.of(
        withdrawn,
        id=ids.new_id(),
        source="/test",
        time=clock.now(),
        subject="x",
        version=1,
        organisation=organisation,
        council=council,
        requestid=None,
    )


@pytest.mark.parametrize(
    "envelope",
    [
        news(f"council:{SLOUGH}", SLOUGH, SOUTHAMPTON),
        news(f"council:{SLOUGH}", SOUTHAMPTON, SOUTHAMPTON),
        news(f"council:{SLOUGH}", None, SOUTHAMPTON),
        news("agency:SC900001", SLOUGH, SOUTHAMPTON),
    ],
)
def test_news_of_one_council_about_another_is_not_understood(envelope: Envelope) -> None:
    databases = tenancy.Databases(tenancy.engine_for("postgresql://nobody@127.0.0.1/nothing"), source="/matching")
    with pytest.raises(NotUnderstood, match="about another"):
        understood("matching", HEARS, databases, envelope)


@pytest.mark.parametrize("envelope", [news(f"council:{SLOUGH}", SLOUGH, SLOUGH), news("agency:SC900001", SLOUGH, SLOUGH)])
def test_news_of_a_council_about_itself_and_of_an_agency_about_one_council_is(envelope: Envelope) -> None:
    databases = tenancy.Databases(tenancy.engine_for("postgresql://nobody@127.0.0.1/nothing"), source="/matching")
    assert understood("matching", HEARS, databases, envelope).envelope is envelope
