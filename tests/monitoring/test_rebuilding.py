"""Everything built again from the log of events: no difference after late, doubled and shuffled news; a fact altered by hand is found."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from monitoring.actions import rebuilding, recounting
from monitoring.domain.heard import kept
from monitoring.domain.lessons import taught
from monitoring.domain.rebuilt import Kind
from shared import ids, tenancy
from shared.contracts import Envelope
from shared.contracts.referrals import ChildView, NearPlace, ReferralBroadcast, ReferralView
from shared.contracts.words import Need, PlacementKind, RiskToChild, Siblings, Urgency
from shared.organisation import CONSORTIUM
from tests.monitoring.conftest import OAK, SOUTHAMPTON
from tests.monitoring.histories import Past, pasts
from tests.monitoring.test_duckdb_recount import told_besides
from tests.monitoring.told import a_placement
from tests.running.services import RunningService


@pytest.mark.slow
# No shrinking: each example goes through PostgreSQL.
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.explicit, Phase.generate])
@given(past=pasts(), order=st.integers(0, 2**32))
async def test_after_late_doubled_and_shuffled_news_a_rebuild_shows_no_difference(
    monitoring: RunningService, past: Past, order: int
) -> None:
    chance = Random(order)
    news = [*past.told, *told_besides(past, chance)]
    news += chance.sample(news, k=len(news) // 3)
    chance.shuffle(news)
    for told in news:
        await told.reach(monitoring)
    await recounting.sweep(monitoring.databases)
    found = await rebuilding.rebuild(monitoring.databases, write=False)
    assert found.differences == []
    assert found.events >= len({told.id for told in news})


async def test_a_fact_altered_or_taken_in_by_hand_is_found_and_put_right_from_the_log(monitoring: RunningService) -> None:
    placement = await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=40)
    await recounting.sweep(monitoring.databases)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await transaction.execute(text("UPDATE placements SET pounds_per_week = 1"))
        await transaction.execute(text("DELETE FROM counted WHERE kpi = 'placements'"))
    manager = monitoring.as_("consortium")
    body = (await manager.post("/rebuild", json={})).json()
    kinds = {(each["kind"], each["reader"], each["table"]) for each in body["differences"]}
    assert ("altered", "consortium", "placements") in kinds
    assert ("counted_otherwise", "consortium", "placements") in kinds
    (altered,) = [each for each in body["differences"] if each["kind"] == Kind.ALTERED]
    assert altered["columns"] == ["pounds_per_week"]
    assert str(placement) in altered["key"]
    written = (await manager.post("/rebuild", json={"write": True})).json()
    assert written["put_right"] == 1
    assert (await manager.post("/rebuild", json={})).json()["different"] == 0


async def test_what_was_put_in_without_an_event_is_named(monitoring: RunningService) -> None:
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await transaction.execute(
            text("INSERT INTO referrals (organisation, id, council) VALUES ('consortium', :id, 'E06000045')"), {"id": ids.new_id()}
        )
    (difference,) = (await rebuilding.rebuild(monitoring.databases, write=False)).differences
    assert (difference.kind, difference.table) == (Kind.NOT_IN_THE_LOG, "referrals")


async def test_no_line_of_the_log_can_be_read_changed_or_taken_away(monitoring: RunningService) -> None:
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM heard")) == 0, "not even by the consortium"
    for statement in ("UPDATE heard SET type = 'x'", "DELETE FROM heard"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
                await transaction.execute(text(statement))


def test_what_is_kept_of_a_broadcast_teaches_the_same_and_leaves_out_what_describes_the_child() -> None:
    child = ChildView(
        child_number=1,
        age_years=7,
        sex="F",
        languages=("cy",),
        religion="jewish",
        essential_needs=(next(iter(Need)),),
        risks_to_child=(next(iter(RiskToChild)),),
    )
    view = ReferralView(
        referral=ids.new_id(),
        reference="ABCD2345",
        council=SOUTHAMPTON,
        lot="general",
        urgency=Urgency.PLANNED,
        kind=PlacementKind.SHORT_TERM,
        needed_by=date(2012, 6, 1),
        planned=True,
        closes_at=datetime(2012, 6, 3, tzinfo=UTC),
        siblings=Siblings.TOGETHER,
        children=(child,),
        home_district="SO14",
        near=(NearPlace(what="school", district="SO15"),),
    )
    event = ReferralBroadcast(view=view, in_house_reason="no_vacancy")
    envelope = Envelope.of(
        event,
        id=ids.new_id(),
        source="/referrals",
        time=datetime(2012, 6, 1, tzinfo=UTC),
        subject="x",
        version=2,
        organisation=f"council:{SOUTHAMPTON}",
        council=SOUTHAMPTON,
        requestid=None,
    )
    again = Envelope.model_validate(kept(envelope))
    assert taught(again.event(), again) == taught(event, envelope)
    written = again.to_json().decode()
    assert not [word for word in ("SO15", '"cy"', "jewish", "ABCD2345", '"age_years":7') if word in written.replace(" ", "")]
