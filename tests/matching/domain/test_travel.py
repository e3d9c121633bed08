"""What is assumed where nobody has said: length of stay, mileage, school transport; and the sheet's least and most."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from matching.domain.cost import LineKind
from matching.domain.offer import Terms
from matching.domain.options_sheet import Basis, price_in_house, price_of_offer
from matching.domain.pricing import Extra, ExtraWhat, Pricing
from matching.domain.referral import Referral
from matching.domain.travel import Assumptions, faults_in_assumptions, travel, unknown_places, weeks_of
from tests.matching.domain import given as any_
from tests.matching.domain.given import LAW, TODAY
from tests.matching.domain.test_cost import BANDS, fees, pricings
from tests.matching.domain.test_suitability import HOME, REFERRAL

_weeks = st.none() | st.integers(1, 200)


@given(_weeks, _weeks, _weeks)
def test_the_shortest_stay_is_never_longer_than_the_longest_and_what_is_asked_is_kept(
    stated: int | None, first: int | None, last: int | None
) -> None:
    assumed = Assumptions(weeks_from=first, weeks_to=last)
    shortest, longest = weeks_of(replace(REFERRAL, expected_weeks=stated), assumed)
    assert shortest >= 1
    if not faults_in_assumptions(assumed):
        assert shortest <= longest
        assert first is None or shortest == first
        assert last is None or longest == last
        if first is last is None and stated is not None:
            assert (shortest, longest) == (stated, stated)


@LAW
@given(any_.referrals, fees, pricings, st.data())
def test_the_least_is_never_more_than_the_most_for_offers_and_for_own_carers(
    referral: Referral, fee: Decimal, pricing: Pricing, data: st.DataObject
) -> None:
    miles = [data.draw(any_.miles) for _ in referral.places]
    basis = Basis(replace(referral, expected_weeks=data.draw(_weeks)), TODAY, BANDS, Assumptions())
    terms = Terms(HOME.vacancy, fee, TODAY, (), None, pricing)
    for priced in (price_of_offer(terms, miles, basis), price_in_house(HOME, miles, basis)):
        assert priced.least.total <= priced.most.total
        assert priced.least.arrives_on >= referral.needed_by


NEAR = replace(REFERRAL, home_district="SO14", near=(("school", "RG1"), ("contact", "GU1"), ("worship", "SO15")))
MILES = [Decimal(1), Decimal(10), Decimal(20), Decimal(5)]


def weekly(referral: Referral, miles: list[Decimal | None], pricing: Pricing | None = None) -> dict[LineKind, Decimal]:
    return {one.kind: one.pounds_per_week for one in travel(referral, miles, pricing or Pricing(), Assumptions())}


def test_school_is_paid_there_and_back_on_school_days_and_contact_by_the_mile() -> None:
    # 2 journeys × 10 miles × £2.00 × 5 days × 39 of 52 weeks; 2 ways × 20 miles × £0.45, once a week.
    assert weekly(NEAR, [*MILES]) == {LineKind.SCHOOL_TRANSPORT: Decimal(150), LineKind.CONTACT_MILEAGE: Decimal(18)}
    often = replace(NEAR, visits=(None, Decimal(3), None))
    assert weekly(often, [*MILES])[LineKind.CONTACT_MILEAGE] == 54


def test_a_school_near_by_costs_nothing_and_an_unknown_distance_is_named_not_guessed() -> None:
    assert LineKind.SCHOOL_TRANSPORT not in weekly(NEAR, [Decimal(1), Decimal(3), None, None])
    assert unknown_places(NEAR, [Decimal(1), Decimal(3), None, None]) == ("contact", "worship")
    away = replace(NEAR, home_district=None)
    assert weekly(away, [Decimal(10), Decimal(20), Decimal(5)]) == weekly(NEAR, [*MILES])


def test_what_the_offer_states_is_not_assumed_as_well() -> None:
    stated = Pricing(extras=tuple(Extra(what, Decimal(5)) for what in (ExtraWhat.SCHOOL_TRANSPORT, ExtraWhat.CONTACT_TRAVEL)))
    assert weekly(NEAR, [*MILES], stated) == {}
