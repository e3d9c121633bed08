"""Late, early and doubled news: the rows end as the latest version of each piece says."""

from __future__ import annotations

from itertools import permutations

from shared import clock, ids
from shared.contracts import HEARD_BY, event_types
from shared.contracts.matching import OfferMade
from shared.contracts.providers import LotRecorded, PriceBand, TierLine, TiersPublished
from shared.contracts.words import PlacementKind
from tests.monitoring.conftest import ASH, OAK, SOUTHAMPTON
from tests.monitoring.told import a_placement, baseline
from tests.running.services import RunningService


async def test_an_offer_told_late_does_not_undo_what_was_told_after_it(monitoring: RunningService) -> None:
    """All six orders of three versions of one offer end with the third's tier."""
    for order in permutations((1, 2, 3)):
        offer, referral = ids.new_id(), ids.new_id()
        for version in order:
            event = OfferMade(
                offer=offer,
                referral=referral,
                council=SOUTHAMPTON,
                provider=f"agency:{OAK}",
                vacancy=ids.new_id(),
                household=ids.new_id(),
                lot="general",
                tier=version,
                suitable=True,
                made_at=clock.now(),
            )
            await monitoring.deliver(event, subject=str(offer), version=version, organisation=f"agency:{OAK}", council=SOUTHAMPTON)
    for organisation in (f"agency:{OAK}", f"council:{SOUTHAMPTON}", "consortium"):
        kpi = (await monitoring.as_(organisation).get("/kpis/offers_made")).json()["kpi"]
        assert kpi["parts"] == [{"label": "tier 3", "value": "6"}]


async def test_the_same_envelope_twice_is_one_fact(monitoring: RunningService) -> None:
    event = TiersPublished(
        framework="f1",
        lot="general",
        round=ids.new_id(),
        published_at=clock.now(),
        tiers=2,
        lines=(TierLine(agency=OAK, rank=1, tier=1), TierLine(agency=ASH, rank=2, tier=2)),
    )
    envelope = await monitoring.deliver(event, subject="general", organisation="consortium")
    await monitoring.deliver_again(envelope)
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}")
    tiers = (await monitoring.as_("consortium").get("/summary")).json()["tiers"]
    assert tiers == [
        {"lot": "general", "tier": 1, "agencies": 1, "placements": 1},
        {"lot": "general", "tier": 2, "agencies": 1, "placements": 0},
    ]


async def test_an_older_record_of_a_lot_does_not_bring_back_its_old_bands(monitoring: RunningService) -> None:
    def lot(code: str) -> LotRecorded:
        now = clock.today()
        bands = (PriceBand(code=code, from_age=0, to_age=17),)
        kinds = (PlacementKind.SHORT_TERM,)
        return LotRecorded(framework="f1", lot="disabled", title="Disabled", kinds=kinds, price_bands=bands, starts_on=now, ends_on=now)

    await monitoring.deliver(lot("new"), subject="disabled", version=5, organisation="consortium")
    await monitoring.deliver(lot("old"), subject="disabled", version=4, organisation="consortium")
    council = monitoring.as_(f"council:{SOUTHAMPTON}")
    for band, status in (("old", 422), ("new", 200)):
        reply = await council.put("/baseline-prices", json={"prices": [baseline(lot="disabled", band=band)]})
        assert reply.status_code == status


def test_monitoring_hears_everything_the_contracts_promise_it() -> None:
    from monitoring.handlers import HEARS

    assert set(HEARS) == {event_types[name] for name, services in HEARD_BY.items() if "monitoring" in services}
