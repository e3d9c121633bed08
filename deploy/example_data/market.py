"""The tender: the framework, its lots, the agencies' bids and how evaluators scored them, and what councils paid before."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from example_data.region import BY_CODE, COUNCILS, stream

FRAMEWORK = "south_east_fostering"
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot with each band's (code, from age, to age, expected bed-weeks, typical pounds a week) and its three evaluators."""

    code: str
    title: str
    kinds: str
    tier_rule: str
    bands: tuple[tuple[str, int, int, int, int], ...]
    evaluators: tuple[str, str, str]


LOTS = (
    Lot(
        "general",
        "General fostering placements",
        "emergency;short_term;long_term;fostering_for_adoption",
        "count:5/10",
        (("0-4", 0, 4, 3800, 735), ("5-10", 5, 10, 5200, 785), ("11-15", 11, 15, 7600, 835), ("16-18", 16, 18, 4100, 880)),
        ("E06000045", "E10000014", "E10000025"),
    ),
    Lot(
        "parent_and_child",
        "Parent and child placements",
        "parent_and_child",
        "count:4/5",
        (("0-4", 0, 4, 640, 1590), ("5-18", 5, 18, 110, 1640)),
        ("E06000044", "E10000030", "E06000038"),
    ),
    Lot(
        "disabled_children",
        "Placements for disabled children",
        "short_term;long_term;short_break",
        "count:5/5",
        (("0-4", 0, 4, 420, 1010), ("5-10", 5, 10, 900, 1085), ("11-15", 11, 15, 1150, 1160), ("16-18", 16, 18, 620, 1230)),
        ("E10000025", "E06000041", "E06000039"),
    ),
)

QUESTIONS = (
    ("matching", "How do you match a child with a carer, and what do you do when a placement begins to shake?", 40),
    ("support", "What support do carers get at night and at weekends?", 30),
    ("outcomes", "How do you know that children in your homes do well at school and in health?", 30),
)
MAX_SCORE = 5

SAVED = 0.054
"""The share by which framework prices lie below what councils paid before: the report's average of the first year."""

CHEAPEST, CHEAP_COUNTS = 5, 20
"""How far an average call-off leans to the cheap end. Set so that placing every child of this example with a suitable agency of
the best tier saves about ``SAVED``; the tests work that out from the files."""


@dataclass(frozen=True, slots=True)
class Agency:
    """A made-up agency: ``level`` is its price against the typical one, ``quality`` the score it tends to get."""

    urn: str
    name: str
    sector: str
    rating: str
    inspected_on: str
    lots: tuple[str, ...]
    areas: tuple[str, ...]
    level: float
    quality: float

    @property
    def provider(self) -> str:
        """The agency as a provider."""
        return f"agency:{self.urn}"

    @property
    def initials(self) -> str:
        """What its own references begin with."""
        return "".join(word[0] for word in self.name.split() if word[0].isalpha())[:3].upper() + self.urn[-2:]


PASSES = ("outstanding", "good")

# name, sector, Ofsted's judgement, day of the inspection, lots (g, p, d), councils it is strongest in, price level, quality
_AGENCIES = (
    ("Larkspur Fostering", "PR4", "outstanding", "2025-03-11", "gpd", "E06000045 E10000014", 0.955, 4.6),
    ("Bramble Gate Families", "PR5", "good", "2024-09-24", "gd", "E10000014 E06000044", 0.965, 4.4),
    ("Copper Kettle Fostering", "PR4", "good", "2025-01-15", "gp", "E10000025 E06000037", 0.968, 4.1),
    ("Dove and Acorn Foster Care", "PR5", "outstanding", "2024-05-21", "gpd", "E10000030 E06000040", 0.972, 4.7),
    ("Elderflower Lane Families", "PR4", "good", "2024-11-06", "gd", "E06000038 E06000041", 0.975, 4.2),
    ("Fiddlehead Fostering", "PR4", "good", "2023-10-10", "g", "E06000045 E06000044", 0.985, 3.9),
    ("Goldfinch Row Foster Care", "PR4", "good", "2025-06-03", "gpd", "E06000036 E10000030", 0.99, 3.6),
    ("Hollyhock Yard Families", "PR5", "good", "2024-02-27", "gd", "E10000025", 0.993, 4.0),
    ("Inkwell Fostering", "PR4", "outstanding", "2025-09-16", "gp", "E10000014 E06000037", 0.998, 4.8),
    ("Juniper Hat Foster Care", "PR4", "good", "2024-07-09", "gd", "E06000039 E06000040", 1.0, 3.5),
    ("Kestrel and Plum Fostering", "PR4", "good", "2023-12-05", "gpd", "E10000014 E06000045", 1.003, 3.8),
    ("Lantern Post Families", "PR5", "good", "2025-04-29", "g", "E06000044 E10000014", 1.006, 4.0),
    ("Marmalade House Fostering", "PR4", "good", "2024-03-12", "gpd", "E10000030", 1.01, 3.7),
    ("Nettle and Dock Foster Care", "PR4", "good", "2025-02-18", "gd", "E06000041 E06000036", 1.012, 3.3),
    ("Oxeye Daisy Chain Fostering", "PR5", "outstanding", "2024-10-01", "gd", "E10000025 E06000038", 1.016, 4.7),
    ("Paper Boat Families", "PR4", "good", "2023-11-14", "gp", "E06000044", 1.02, 3.4),
    ("Quince Ladder Foster Care", "PR4", "good", "2025-05-20", "gd", "E10000014 E10000030", 1.024, 3.2),
    ("Red Wellies Fostering", "PR4", "good", "2024-06-18", "gp", "E06000045", 1.03, 3.9),
    ("Saltmarsh Sky Families", "PR5", "good", "2025-07-08", "gd", "E06000044 E06000045", 1.035, 3.1),
    ("Teasel Comb Fostering", "PR4", "good", "2024-01-30", "gp", "E06000039 E06000038", 1.04, 3.0),
    ("Umbrella Stand Foster Care", "PR4", "good", "2024-12-10", "gd", "E06000037 E10000025", 1.045, 3.4),
    ("Violet Kite Fostering", "PR4", "good", "2025-10-07", "pd", "E10000030 E06000036", 1.0, 4.1),
    ("Windfall Apple Families", "PR4", "requires_improvement", "2025-08-12", "gpd", "E10000014", 0.94, 3.0),
    ("Yellow Door Mat Foster Care", "PR4", "requires_improvement", "2024-08-20", "g", "E06000038", 0.96, 2.6),
    ("Zephyr Biscuit Fostering", "PR4", "inadequate", "2024-02-06", "gd", "E10000030", 1.09, 2.0),
    ("Morning Pebble Families", "PR5", "not_yet_inspected", "", "gp", "E10000025", 0.98, 3.5),
)
_LOT_LETTERS = {"g": "general", "p": "parent_and_child", "d": "disabled_children"}

AGENCIES = tuple(
    Agency(
        f"SC9{number:05d}",
        f"{name} (example)",
        sector,
        rating,
        inspected_on,
        tuple(_LOT_LETTERS[letter] for letter in lots),
        tuple(areas.split()),
        level,
        quality,
    )
    for number, (name, sector, rating, inspected_on, lots, areas, level, quality) in enumerate(_AGENCIES, start=1)
)

CEILING = 1.07
"""The tender publishes a highest price for each band, this many times the typical one; one agency here bids above it."""


def ceiling(typical: int) -> str:
    """The published highest price of a band, in whole five pounds a week."""
    return f"{round(typical * CEILING / 5) * 5}.00"


Prices = dict[tuple[str, str, str], float]


def prices() -> Prices:
    """What each agency asks in each lot and band, in pounds a week, by (lot, URN, band)."""
    choices = stream("bids")
    asked: Prices = {}
    for lot in LOTS:
        for agency in AGENCIES:
            if lot.code not in agency.lots:
                continue
            # Prices of parent-and-child homes lie closer together than the others.
            level = 1 + (agency.level - 1) * (0.5 if lot.code == "parent_and_child" else 1)
            for band, _, _, _, typical in lot.bands:
                asked[lot.code, agency.urn, band] = round(typical * level * choices.uniform(0.992, 1.008) * 4) / 4
    return asked


def bid_rows() -> list[Row]:
    """``bids.csv``: every agency bids for each band of the lots it wants, those that Ofsted's judgement will keep out too."""
    return [
        {"round": round_of(lot), "lot": lot, "URN": urn, "band": band, "pounds_per_week": f"{pounds:.2f}"}
        for (lot, urn, band), pounds in prices().items()
    ]


def round_of(lot: str) -> str:
    """The tender round of a lot."""
    return f"{lot}_1"


_WORDS = {
    0: "No answer to the question.",
    1: "Says what is meant to happen, with nothing to show that it does.",
    2: "Partly answered; no figures for the last year.",
    3: "Answered; figures given, not explained.",
    4: "Clear answer with figures and one example from practice.",
    5: "Clear, with figures for three years and what was changed because of them.",
}


def score_rows() -> tuple[list[Row], list[Row]]:
    """``quality_scores.csv`` and ``moderated_scores.csv``: three councils' evaluators, then the one score they settled on.

    Only agencies that pass the gate are scored.
    """
    choices = stream("scores")
    first: list[Row] = []
    moderated: list[Row] = []
    for lot in LOTS:
        for agency in AGENCIES:
            if lot.code not in agency.lots or agency.rating not in PASSES:
                continue
            for question, _, _ in QUESTIONS:
                cell: Row = {"round": round_of(lot.code), "lot": lot.code, "URN": agency.urn, "question": question}
                scores = [_score(choices, agency.quality) for _ in lot.evaluators]
                for evaluator, score in zip(lot.evaluators, scores, strict=True):
                    first.append(cell | {"evaluator_council": evaluator, "score": score, "reason": _WORDS[score]})
                settled = sorted(scores)[1]
                moderated.append(cell | {"score": settled, "reason": _moderation(scores, settled)})
    return first, moderated


def _score(choices: Random, tends_to: float) -> int:
    return max(0, min(MAX_SCORE, round(tends_to + choices.uniform(-0.9, 0.9))))


def _moderation(scores: list[int], settled: int) -> str:
    if len(set(scores)) == 1:
        return "All three evaluators agreed."
    if max(scores) - min(scores) == 1:
        return f"Two of three gave {settled}; the third agreed after reading the answer again."
    return f"Scores from {min(scores)} to {max(scores)} were talked through; the evidence supports {settled}."


def baseline_rows() -> list[Row]:
    """``baseline_prices.csv``: what each council paid before, so that an average call-off on the framework saves ``SAVED``.

    The average counts the cheaper agencies of a lot more, because a suitable offer of tier one is taken before any other.
    """
    choices, asked = stream("baseline"), prices()
    passing = {agency.urn for agency in AGENCIES if agency.rating in PASSES}
    rows: list[Row] = []
    leanings = {council.ons_code: choices.uniform(-0.006, 0.006) for council in COUNCILS}
    middle = sum(leanings.values()) / len(leanings)
    for code in BY_CODE:
        for lot in LOTS:
            for band, _, _, _, _ in lot.bands:
                called_off = sorted(
                    pounds for (of_lot, urn, at), pounds in asked.items() if (of_lot, at) == (lot.code, band) and urn in passing
                )
                weights = [CHEAP_COUNTS if place < CHEAPEST else 1 for place in range(len(called_off))]
                average = sum(w * pounds for w, pounds in zip(weights, called_off, strict=True)) / sum(weights)
                paid = average / (1 - SAVED) * (1 + leanings[code] - middle)
                rows.append({"council": code, "lot": lot.code, "band": band, "from_date": "2011-04-01", "pounds_per_week": f"{paid:.2f}"})
    return rows
