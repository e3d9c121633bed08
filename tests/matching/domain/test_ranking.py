"""The order of offers: total, decided from each offer alone, and explained."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from matching.domain.choice import ChoiceReason, Consideration, faults_of_choice, faults_of_shortlist, passed_over
from matching.domain.decision import Grounds, Made, plain, record
from matching.domain.decision_hash import canonical
from matching.domain.fit import DEFAULT_WEIGHTS, Fit, Weights
from matching.domain.offer import OfferState
from matching.domain.ranking import Criterion, Option, decided_by, ranked
from matching.domain.referral import Referral
from matching.domain.release import ReleaseReason, why_not_chosen
from matching.domain.suitability import Barrier, Obstacle, Reason
from tests.matching.domain import given as any_
from tests.matching.domain.given import LAW, choice
from tests.matching.domain.test_suitability import HOME

options_of = any_.judged_offers


@LAW
@given(options_of(), st.randoms())
def test_ranking_is_a_total_order_whatever_order_the_offers_came_in(options: list[Option], chance: st.DataObject) -> None:
    shuffled = list(options)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked(options) == ranked(shuffled)
    assert [place.rank for place in ranked(options)] == list(range(1, len(options) + 1))
    for one in options:
        for other in options:
            assert (one.key < other.key) + (one.key > other.key) + (one is other) == 1


@LAW
@given(options_of(least=1), st.data())
def test_removing_a_loser_changes_nobodys_suitability_and_no_order_of_the_others(options: list[Option], data: st.DataObject) -> None:
    before = [place.option for place in ranked(options)]
    gone = data.draw(st.sampled_from(before))
    after = [place.option for place in ranked([option for option in options if option is not gone])]
    assert after == [option for option in before if option is not gone]
    assert [option.suitable for option in after] == [option.suitable for option in before if option is not gone]


@LAW
@given(options_of(least=2))
def test_suitable_comes_before_unsuitable_then_tier_one_then_fit_then_price_then_distance(options: list[Option]) -> None:
    order = [place.option for place in ranked(options)]
    for better, worse in pairwise(order):
        assert better.suitable >= worse.suitable
        if better.suitable == worse.suitable:
            tiers = [99 if one.offer.tier is None else one.offer.tier for one in (better, worse)]
            assert tiers[0] <= tiers[1]
            if tiers[0] == tiers[1]:
                assert better.fit.score >= worse.fit.score
                if better.fit.score == worse.fit.score:
                    assert better.offer.terms.pounds_per_week <= worse.offer.terms.pounds_per_week


def option(options: list[Option], place: int, **changes: object) -> Option:
    """One of these offers with other facts: tier, fit, suitable."""
    one = options[place]
    offer = replace(one.offer, tier=changes.get("tier", 1), state=changes.get("state", OfferState.MADE))  # type: ignore[arg-type]
    against = () if changes.get("suitable", True) else (Obstacle(Barrier.LOT),)
    words = tuple(Reason(one.barrier, None, "Not in the lot.") for one in against)
    return Option(offer, against, words, Fit(Decimal(str(changes.get("fit", 50))), ()), one.miles)


@LAW
@given(options_of(least=3, most=3))
def test_choosing_past_a_suitable_tier_one_offer_owes_a_reason_that_names_each_one_passed(options: list[Option]) -> None:
    first, second, third = option(options, 0), option(options, 1, suitable=False), option(options, 2, tier=2)
    everyone = [first, second, third]
    assert [one.offer.offer for one in passed_over(third, everyone)] == [first.offer.offer]
    [fault] = faults_of_choice(choice(third), third, everyone)
    assert fault.rule == "reason_for_passing_tier_one"
    assert str(first.offer.offer) in fault.message
    assert faults_of_choice(choice(third, reason=ChoiceReason.NEARER_HOME), third, everyone) == ()
    assert faults_of_choice(choice(first), first, everyone) == ()


@LAW
@given(options_of(least=1, most=1))
def test_an_unsuitable_offer_owes_a_reason_even_when_it_passes_nobody(options: list[Option]) -> None:
    only = option(options, 0, suitable=False)
    assert [fault.rule for fault in faults_of_choice(choice(only), only, [only])] == ["reason_for_unsuitable_offer"]


@LAW
@given(options_of(least=2, most=2))
def test_every_fault_of_a_choice_is_named_at_once(options: list[Option]) -> None:
    listed, chosen = option(options, 0, state=OfferState.SHORTLISTED), option(options, 1, tier=2)
    faults = faults_of_choice(choice(chosen, considerations={}), chosen, [listed, chosen])
    assert [fault.rule for fault in faults] == ["each_consideration_answered"] * len(Consideration) + [
        "from_the_shortlist",
        "reason_for_passing_tier_one",
    ]


@LAW
@given(options_of(least=4, most=4))
def test_a_shortlist_holds_two_or_three_offers_that_stand(options: list[Option]) -> None:
    everyone = [option(options, place) for place in range(4)]
    ids = [one.offer.offer for one in everyone]
    assert faults_of_shortlist(ids[:2], everyone, None) == faults_of_shortlist(ids[:3], everyone, None) == ()
    assert [fault.rule for fault in faults_of_shortlist(ids, everyone, None)] == ["two_or_three"]
    assert [fault.rule for fault in faults_of_shortlist(ids[:1], everyone, None)] == ["two_or_three"]
    assert faults_of_shortlist(ids[:1], everyone[:1], None) == ()
    gone = [replace(everyone[0], offer=replace(everyone[0].offer, state=OfferState.WITHDRAWN)), *everyone[1:]]
    assert [fault.rule for fault in faults_of_shortlist([ids[0], ids[1], ids[1]], gone, None)] == ["offer_stands", "each_offer_once"]


@LAW
@given(options_of(least=2, most=4), st.data())
def test_what_a_provider_is_told_is_the_same_whatever_anybodys_price_was(options: list[Option], data: st.DataObject) -> None:
    few = st.sampled_from((1, 2))
    alike = [option(options, place, tier=data.draw(few), fit=data.draw(few), suitable=data.draw(few) == 1) for place in range(len(options))]
    chosen, *others = data.draw(st.permutations(alike))
    told = [why_not_chosen(one, chosen) for one in others]

    def repriced(one: Option) -> Option:
        terms = replace(one.offer.terms, pounds_per_week=data.draw(any_.prices))
        return replace(one, offer=replace(one.offer, terms=terms))

    other_chosen = repriced(chosen)
    assert [why_not_chosen(repriced(one), other_chosen) for one in others] == told
    for _, words in told:
        assert "£" not in " ".join(words)


@LAW
@given(options_of(least=1, most=1), st.uuids(), st.uuids())
def test_two_offers_alike_in_all_that_counts_still_have_one_order(options: list[Option], one: UUID, other: UUID) -> None:
    alike = [replace(options[0], offer=replace(options[0].offer, offer=identifier)) for identifier in {one, other}]
    orders = [[place.option.offer.offer for place in ranked(given_in)] for given_in in (alike, alike[::-1])]
    assert orders == [sorted({one, other})] * 2


@LAW
@given(options_of(least=2), st.data())
def test_what_a_provider_is_told_afterwards_says_nothing_of_the_child(options: list[Option], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(options))
    for one in options:
        reason, words = why_not_chosen(one, chosen)
        said = " ".join(words)
        assert not {"Language", "Religion"} & set(said.replace(":", "").split())
        assert reason is ReleaseReason.BETTER_FIT_CHOSEN or not any(sign.isdigit() for sign in said)


@LAW
@given(options_of(least=2, most=2))
def test_an_offer_not_chosen_is_told_the_first_thing_that_told_against_it(options: list[Option]) -> None:
    chosen = option(options, 0, tier=1, fit=80)
    assert why_not_chosen(option(options, 1, suitable=False), chosen)[0] is ReleaseReason.NOT_SUITABLE
    assert why_not_chosen(option(options, 1, tier=2, fit=99), chosen)[0] is ReleaseReason.HIGHER_TIER_CHOSEN
    assert why_not_chosen(option(options, 1, tier=1, fit=79), chosen)[0] is ReleaseReason.BETTER_FIT_CHOSEN
    assert why_not_chosen(option(options, 1, tier=1, fit=80), chosen)[0] is ReleaseReason.CLOSE_COMPARISON
    assert why_not_chosen(option(options, 1, tier=1, fit=81), chosen)[0] is ReleaseReason.COUNCIL_JUDGED_OTHERWISE


@LAW
@given(options_of(least=1), any_.referrals)
def test_the_decision_record_holds_every_offer_as_it_stood_in_plain_values(options: list[Option], referral: Referral) -> None:
    ranking = ranked(options)
    chosen = ranking[-1].option
    made = Made("council:E06000045", UUID(int=1), datetime(2026, 11, 2, 12, 0, 0, 5, tzinfo=UTC), "officer", frozenset({"b", "a"}), "00")
    grounds = {one.offer.offer: Grounds(HOME, (None,) * len(referral.places)) for one in options}
    kept = record(made, choice(chosen), chosen, ranking, referral, Weights(0, None, DEFAULT_WEIGHTS), grounds)
    assert [one["offer"]["offer"] for one in kept["offers"]] == [str(place.option.offer.offer) for place in ranking]
    assert [one["offer"]["terms"]["pounds_per_week"] for one in kept["offers"]] == [
        str(place.option.offer.terms.pounds_per_week) for place in ranking
    ]
    assert [one["told_if_not_chosen"] is None for one in kept["offers"]].count(True) == 1
    assert plain(kept) == kept
    assert json.loads(canonical(kept)) == kept, "what is hashed says all that is kept"
    for one in kept["offers"]:
        assert sorted(one["met"] + one["missed"]) == sorted(referral.essential_needs)
        assert not set(one["met"]) & set(one["missed"])


@LAW
@given(options_of(least=2), st.data())
def test_what_an_offer_is_told_says_nothing_of_any_other_offer(options: list[Option], data: st.DataObject) -> None:
    """Told beside one chosen home or beside the same home of another agency at another price, with other words: not a byte differs."""
    few = st.sampled_from((1, 2))
    fits = st.sampled_from((41, 62, 83))
    alike = [
        option(options, place, tier=data.draw(few), fit=data.draw(fits), suitable=data.draw(few) == 1) for place in range(len(options))
    ]
    one, chosen = data.draw(st.permutations(alike))[:2]
    told = why_not_chosen(one, chosen)
    of_another = replace(
        chosen.offer,
        offer=chosen.offer.offer,
        provider="agency:SC999999",
        household=UUID(int=7),
        reference="ZZZZ-ZZZZ",
        terms=replace(chosen.offer.terms, pounds_per_week=data.draw(any_.prices), message="quite another message", vacancy=UUID(int=8)),
    )
    assert why_not_chosen(one, replace(chosen, offer=of_another)) == told
    said = " ".join(told[1])
    own = {str(one.fit.score), *(str(number) for part in one.fit.parts for number in (part.points, part.most)), "100"}
    assert set(re.findall(r"\d+(?:\.\d+)?", said)) <= own, "the only numbers are its own"
    for other in options:
        for secret in (other.offer.provider, str(other.offer.offer), str(other.offer.household), str(other.offer.terms.vacancy)):
            assert secret not in said


@LAW
@given(options_of(least=2, most=2))
def test_the_criterion_named_is_the_first_on_which_two_offers_differ(options: list[Option]) -> None:
    assert decided_by(option(options, 0), option(options, 1, suitable=False)) is Criterion.SUITABILITY
    assert decided_by(option(options, 0), option(options, 1, tier=2, fit=99)) is Criterion.TIER
    assert decided_by(option(options, 0, fit=51), option(options, 1)) is Criterion.FIT
