"""How many, how old, how long: the shares that a made-up past is drawn from, and where each comes from.

Published figures are for all of England and are typed here as headline shares, in whole per cent; they make a past believable and prove
nothing about any council. What no release publishes is marked as chosen for the example.
"""

from __future__ import annotations

from shared.contracts.words import PlacementKind, Urgency

AGE_GROUPS = ((0, 0, 5), (1, 4, 13), (5, 9, 18), (10, 15, 38), (16, 17, 26))
"""First age, last age, per cent of children looked after. Department for Education, Children looked after in England including adoptions,
year ending 31 March 2023: under 1 5 %, 1 to 4 13 %, 5 to 9 18 %, 10 to 15 38 %, 16 and over 26 %."""

INSIDE_COUNCIL_PER_CENT = 63
"""Foster placements inside the council's boundary: DfE, SFR 34/2015, additional tables (31 March 2015)."""

PLACES_FILLED_PER_CENT, PLACES_VACANT_PER_CENT = 60, 16
"""Of all approved fostering places in England, as Ofsted publishes them; the rest are not available, for a stated reason."""

CHILDREN_BY_COUNCIL = {
    "E10000014": 25, "E10000030": 23, "E10000025": 13, "E06000045": 9, "E06000044": 8, "E06000039": 6, "E06000038": 5,
    "E06000037": 3, "E06000041": 3, "E06000040": 3, "E06000036": 2,
}  # fmt: skip
"""Share of the consortium's demand in per cent: chosen, in the order of the councils' populations. Another council counts as 3."""

MONTHS = (1.06, 0.97, 1.05, 0.96, 1.02, 1.07, 1.05, 0.84, 1.06, 1.08, 1.04, 0.80)
"""Demand of each month beside the mean month, January first: chosen, with fewer referrals in the school holidays. Adds up to 12."""
WEEKDAYS = (1.32, 1.27, 1.24, 1.24, 1.33, 0.33, 0.27)
"""Demand of each day of the week, Monday first: chosen. Adds up to 7."""

URGENCIES = ((Urgency.EMERGENCY, 12), (Urgency.SAME_DAY, 20), (Urgency.PLANNED, 53), (Urgency.LONG_TERM, 15))
"""Chosen; the domain says that many referrals call themselves emergencies."""
WINDOW_HOURS = {Urgency.EMERGENCY: 2.0, Urgency.SAME_DAY: 4.0, Urgency.PLANNED: 48.0, Urgency.LONG_TERM: 120.0}
"""From broadcast to closing, as the deadlines of the domain (§6) without their working calendar."""

SIBLING_GROUPS = ((1, 80), (2, 15), (3, 5))
"""Children on one referral, in per cent of referrals: chosen."""

NEEDS_OF_A_CHILD = ((0, 58), (1, 30), (2, 12))
ESSENTIAL_NEEDS = (
    ("emotional_support", 22),
    ("behaviour_support", 20),
    ("trauma_informed_care", 18),
    ("autism", 9),
    ("adhd", 8),
    ("learning_disability", 7),
    ("asylum_seeking", 6),
    ("no_other_children", 5),
    ("medication", 3),
    ("wheelchair_access", 2),
)
"""What a home must bring, in per cent of what is asked for: chosen."""

LOTS = {"general": 88, "parent_and_child": 5, "disabled_children": 7}
"""Share of referrals by lot in per cent: chosen. Another consortium's lots share alike."""

STAY_DAYS = {
    PlacementKind.EMERGENCY: (12, 0.8),
    PlacementKind.SHORT_TERM: (150, 0.9),
    PlacementKind.LONG_TERM: (800, 0.7),
    PlacementKind.SHORT_BREAK: (9, 0.5),
    PlacementKind.PARENT_AND_CHILD: (95, 0.5),
    PlacementKind.FOSTERING_FOR_ADOPTION: (260, 0.4),
}
"""Median days and spread (of the logarithm) of a stay: chosen, so that some 2,400 placements run at a time."""

IN_HOUSE_POUNDS = (213, 408, 489)
"""Least, mean and most for a week with a council's own carers: Devon 2021-22, as the domain's §5 states it."""
USUAL_POUNDS = {"general": 814, "parent_and_child": 1598, "disabled_children": 1150}
"""For a week where a council has told no price of its own: Lincolnshire 2022-23 (§5); for disabled children chosen."""

SAVED_BY_TIER = {1: 0.064, 2: 0.050, 3: 0.036, None: 0.008}
"""How far below the baseline each tier's prices lie: chosen so that the mean comes to the 5.4 % that the consortium expected."""
