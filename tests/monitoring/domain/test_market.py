"""Who is commissioned: shares, concentration, what nobody uses."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.market import Use, market

AGENCIES = [f"SC00000{n}" for n in range(9)]


def use(agency: str, placements: int, *, tier: int | None = 1, lot: str = "general", pence: int = 0) -> Use:
    provider = agency if agency.startswith("council:") else f"agency:{agency}"
    return Use(provider, tier, lot, placements, 0, pence)


@given(st.dictionaries(st.sampled_from(AGENCIES), st.integers(1, 500), min_size=1))
def test_the_index_is_the_sum_of_the_squared_shares_and_lies_between_alike_and_alone(counts: dict[str, int]) -> None:
    found = market([use(agency, n) for agency, n in counts.items()], {}).by_placements
    whole = sum(counts.values())
    squares = sum((100 * n / whole) ** 2 for n in counts.values())
    assert found.index is not None
    assert abs(float(found.index) - squares) <= 0.51
    assert 10_000 / len(counts) - 1 <= float(found.index) <= 10_000
    assert found.top == round(Decimal(100 * sum(sorted(counts.values())[-3:])) / whole, 1) or abs(
        found.top - Decimal(100 * sum(sorted(counts.values())[-3:])) / whole
    ) <= Decimal("0.05")


def test_four_equal_agencies_and_a_monopoly_are_known_by_their_index() -> None:
    four = market([use(agency, 5) for agency in AGENCIES[:4]], {}).by_placements
    assert (four.index, four.top) == (Decimal(2500), Decimal("75.0"))
    alone = market([use(AGENCIES[0], 3)], {}).by_placements
    assert (alone.index, alone.top) == (Decimal(10_000), Decimal("100.0"))
    assert "highly concentrated" in alone.words
    many = market([use(f"SC{n:06d}", 1) for n in range(20)], {}).by_placements
    assert (many.index, "spread" in many.words) == (Decimal(500), True)


def test_own_carers_are_a_tier_and_no_share_of_the_agencies_market() -> None:
    found = market([use(AGENCIES[0], 3, pence=300), use("council:E06000045", 7, tier=None, pence=100)], {})
    assert [share.code for share in found.agencies] == [AGENCIES[0]]
    assert [(share.code, share.of_placements, share.of_spend) for share in found.tiers] == [
        ("tier 1", Decimal("30.0"), Decimal("75.0")),
        ("in-house", Decimal("70.0"), Decimal("25.0")),
    ]


def test_a_tier_and_an_agency_nobody_uses_are_visible() -> None:
    published = {"general": [(AGENCIES[0], 1), (AGENCIES[1], 2), (AGENCIES[2], 3)]}
    found = market([use(AGENCIES[0], 3), use(AGENCIES[1], 1, tier=2)], published)
    assert found.never_used == (AGENCIES[2],)
    assert [(each.tier, each.agencies, each.used, each.placements) for each in found.tiers_of_lots] == [
        (1, 1, 1, 3),
        (2, 1, 1, 1),
        (3, 1, 0, 0),
    ]


def test_nothing_bought_has_no_index_and_says_so() -> None:
    found = market([], {"general": [(AGENCIES[0], 1)]})
    assert (found.by_spend.index, found.by_spend.top) == (None, None)
    assert "nothing" in found.by_spend.words
