"""The kernel over columns gives what the rule in plain Python gives, for every home, obstacle by obstacle."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain.home import Home
from matching.domain.kernel import BIT, Columns, candidates, masks, obstacles_of
from matching.domain.referral import Referral
from matching.domain.suitability import OBSTACLES, Barrier, obstacles, standing
from tests.matching.domain import given as any_

unique_homes = st.lists(any_.homes, max_size=6, unique_by=lambda home: home.vacancy)


def test_every_obstacle_has_a_bit_of_its_own_in_one_signed_64_bit_number() -> None:
    assert sorted(BIT.values()) == list(range(len(OBSTACLES)))
    assert len(OBSTACLES) <= 63


@settings(max_examples=120, deadline=None)
@given(unique_homes, any_.referrals, any_.tiers, any_.stopped)
def test_the_kernel_and_the_plain_rule_give_the_same_obstacles(
    homes: list[Home], referral: Referral, tiers: dict[str, int], stopped: dict[str, frozenset[Barrier]]
) -> None:
    columns = Columns()
    columns.put(homes)
    found = masks(columns, referral, tiers, stopped)
    for home, mask in zip(columns.homes, found, strict=True):
        plain = obstacles(home, referral, standing(home.provider, referral.council, tiers), stopped=stopped.get(home.provider, ()))
        assert obstacles_of(int(mask)) == plain


@settings(max_examples=60, deadline=None)
@given(unique_homes, st.data(), any_.referrals, any_.tiers)
def test_columns_that_were_changed_in_any_order_answer_like_columns_made_anew(
    homes: list[Home], data: st.DataObject, referral: Referral, tiers: dict[str, int]
) -> None:
    changed = Columns()
    newest = {home.vacancy: home for home in homes}
    for home in data.draw(st.permutations(homes)):
        changed.put([replace(data.draw(any_.homes), vacancy=home.vacancy)])
    for part in (homes[::2], homes[1::2]):
        changed.put(part)
    anew = Columns()
    anew.put(list(newest.values()))
    first = candidates(changed, referral, tiers, lambda _: None)
    second = candidates(anew, referral, tiers, lambda _: None)
    assert [first.at(place) for place in range(len(first))] == [second.at(place) for place in range(len(second))]


@settings(max_examples=60, deadline=None)
@given(unique_homes, any_.referrals, any_.tiers, st.dictionaries(st.sampled_from(any_.DISTRICTS), st.decimals(0, 200, places=1)))
def test_candidates_are_all_open_homes_once_fewest_obstacles_first_then_tier_then_miles_then_id(
    homes: list[Home], referral: Referral, tiers: dict[str, int], miles: dict[str, Decimal]
) -> None:
    columns = Columns()
    columns.put(homes)
    found = candidates(columns, referral, tiers, miles.get)
    shown = [found.at(place) for place in range(len(found))]
    assert {one.home.vacancy for one in shown} == {home.vacancy for home in homes if home.is_open}

    def order(home: Home) -> tuple[object, ...]:
        rank = 0 if home.provider == f"council:{referral.council}" else tiers.get(home.provider, 255)
        against = obstacles(home, referral, standing(home.provider, referral.council, tiers))
        return len(against), rank, miles.get(home.district, Decimal("999.9")), home.vacancy

    assert [one.home for one in shown] == sorted((home for home in homes if home.is_open), key=order)
    assert found.suitable == sum(not one.obstacles for one in shown)
    assert dict(found.counted()) == {o: n for o in OBSTACLES if (n := sum(o in one.obstacles for one in shown))}


@settings(max_examples=50, deadline=None)
@given(unique_homes, any_.referrals, any_.tiers, st.integers(0, 12))
def test_the_list_goes_on_after_any_candidate_without_losing_or_repeating_one(
    homes: list[Home], referral: Referral, tiers: dict[str, int], stop: int
) -> None:
    columns = Columns()
    columns.put(homes)
    found = candidates(columns, referral, tiers, lambda _: Decimal(5))
    if stop < len(found):
        assert found.position_after(found.key_of(stop), found.home_of(stop).vacancy) == stop + 1


@settings(max_examples=50, deadline=None)
@given(unique_homes, any_.referrals, any_.tiers)
def test_while_the_council_looks_in_house_only_its_own_carers_are_considered(
    homes: list[Home], referral: Referral, tiers: dict[str, int]
) -> None:
    columns = Columns()
    columns.put(homes)
    own = f"council:{referral.council}"
    found = candidates(columns, referral, tiers, lambda _: None, only_provider=own)
    assert {found.home_of(place).vacancy for place in range(len(found))} == {
        home.vacancy for home in homes if home.is_open and home.provider == own
    }
