"""Values that the rules of a tender are tried on: small ranges, so that ties and edges are met often."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from providers.domain.bid import BandPrice, Bid
from providers.domain.evaluation import FirstScore, ModeratedScore, Scores
from providers.domain.lot import LotTerms, PriceBand, QualityQuestion
from providers.domain.tiers import CutBy, TierRule

AGENCIES = tuple(f"SC{number:06d}" for number in range(1, 9))
BANDS = (
    PriceBand("0-4", 0, 4, Decimal(100), Decimal("2000")),
    PriceBand("5-10", 5, 10, Decimal(250), Decimal("2000")),
    PriceBand("11-18", 11, 18, Decimal(0), Decimal("2000")),
)
QUESTIONS = (QualityQuestion("q1", "Matching", Decimal(5), Decimal(2)), QualityQuestion("q2", "Stability", Decimal(10), Decimal(1)))


def terms(formula: str = "relative", rule: TierRule | None = None, price_weight: int = 80) -> LotTerms:
    """A lot's terms, sound unless a test spoils them."""
    tiers = rule or TierRule(CutBy.COUNT, (Decimal(2), Decimal(3)))
    return LotTerms(Decimal(price_weight), Decimal(100 - price_weight), formula, tiers, BANDS, QUESTIONS)


def prices(first: str, second: str, third: str = "900") -> Bid:
    """A bid in the three bands."""
    return Bid(tuple(BandPrice(band.code, Decimal(price)) for band, price in zip(BANDS, (first, second, third), strict=True)))


def marks(first: int, second: int) -> Scores:
    """Two councils and moderation agree on these scores for q1 and q2."""
    councils = ("E06000045", "E10000014")
    given = {"q1": Decimal(first), "q2": Decimal(second)}
    return Scores(
        {question: tuple(FirstScore(council, score, "seen") for council in councils) for question, score in given.items()},
        {question: ModeratedScore(score, "agreed") for question, score in given.items()},
    )


_PRICE = st.sampled_from([Decimal("700.00"), Decimal("750.50"), Decimal("800.00"), Decimal("999.99")])
_BID = st.builds(lambda one, two, three: prices(str(one), str(two), str(three)), _PRICE, _PRICE, _PRICE)
_SCORES = st.builds(marks, st.integers(0, 5), st.integers(0, 10))
_ENTRY = st.tuples(_BID, _SCORES)

entries = st.dictionaries(st.sampled_from(AGENCIES), _ENTRY, min_size=1, max_size=8)
"""Who bid what, and how it was scored: up to eight agencies, many of them level."""

rules = st.one_of(
    st.lists(st.integers(1, 4), min_size=1, max_size=2).map(lambda cuts: TierRule(CutBy.COUNT, tuple(map(Decimal, cuts)))),
    st.lists(st.integers(0, 100), min_size=1, max_size=2, unique=True).map(
        lambda cuts: TierRule(CutBy.SCORE, tuple(map(Decimal, sorted(cuts, reverse=True))))
    ),
)
"""Sound tier rules of both kinds."""
