"""How likely counts are by chance alone: exact tails, and the interval around a share.

Floating point through logarithms of factorials; good to about twelve digits, which is more than any threshold here needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, fsum, lgamma, log, sqrt

Z_95 = 1.959963984540054
"""How many standard deviations hold 95 in a hundred of a normal distribution."""


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def binomial(n: int, p: float) -> list[float]:
    """The chance of each count from 0 to ``n``, each record marked with chance ``p``."""
    if p <= 0.0 or p >= 1.0:
        return [float(k == (0 if p <= 0.0 else n)) for k in range(n + 1)]
    # From the likeliest count outwards, each by its neighbour: a tenth of the time of working each out alone.
    likeliest = min(n, int((n + 1) * p))
    found = [0.0] * (n + 1)
    found[likeliest] = exp(_log_choose(n, likeliest) + likeliest * log(p) + (n - likeliest) * log(1 - p))
    for k in range(likeliest, n):
        found[k + 1] = found[k] * (n - k) / (k + 1) * p / (1 - p)
    for k in range(likeliest, 0, -1):
        found[k - 1] = found[k] * k / (n - k + 1) * (1 - p) / p
    return found


def binomial_tails(k: int, n: int, p: float) -> tuple[float, float]:
    """The chances of at most ``k`` and of at least ``k`` of ``n``, each with chance ``p``; both count ``k`` itself."""
    terms = binomial(n, p)
    return min(fsum(terms[: k + 1]), 1.0), min(fsum(terms[k:]), 1.0)


def same_share_tails(k: int, n: int, others_k: int, others_n: int) -> tuple[float, float]:
    """Fisher's exact tails: of ``n`` and ``others_n`` records with together ``k + others_k`` marked, the chances that at most and at
    least ``k`` of the marked fall among the ``n``, if nothing but chance decides where they fall. No common share need be known.
    """
    marked, everything = k + others_k, n + others_n
    least, most = max(0, n - (everything - marked)), min(n, marked)
    whole = _log_choose(everything, n)
    terms = {i: exp(_log_choose(marked, i) + _log_choose(everything - marked, n - i) - whole) for i in range(least, most + 1)}
    return min(fsum(t for i, t in terms.items() if i <= k), 1.0), min(fsum(t for i, t in terms.items() if i >= k), 1.0)


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which two shares (0 to 1) the true one lies, 95 times in a hundred."""

    lower: float
    upper: float

    def overlaps(self, other: Interval) -> bool:
        """Whether the two may be the same share."""
        return self.lower <= other.upper and other.lower <= self.upper


def wilson(k: int, n: int, *, z: float = Z_95) -> Interval:
    """Wilson's interval around a share of ``n`` records (not nought): never outside 0 to 1, sound for small numbers too."""
    share, square = k / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return Interval(max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)))
