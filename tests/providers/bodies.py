"""Believable request bodies, to be changed where a test needs it."""

from __future__ import annotations

from typing import Any

SOUTHAMPTON, HAMPSHIRE, OXFORDSHIRE, SURREY = "E06000045", "E10000014", "E10000025", "E10000030"
COUNCIL, OTHER_COUNCIL = f"council:{SOUTHAMPTON}", f"council:{HAMPSHIRE}"
URNS = tuple(f"SC0{number:05d}" for number in range(1, 10))
AGENCY, OTHER_AGENCY = f"agency:{URNS[0]}", f"agency:{URNS[1]}"
CONSORTIUM = "consortium"


def council(**changes: Any) -> dict[str, Any]:
    """A founding council."""
    return {"name": "Southampton City Council", "joined_on": "2010-06-01", "lead_roles": []} | changes


def agency(**changes: Any) -> dict[str, Any]:
    """An agency judged good."""
    return {"name": "Alder Fostering", "sector": "PR4", "ofsted_rating": "good", "inspected_on": "2025-03-04"} | changes


def framework(**changes: Any) -> dict[str, Any]:
    """A framework of the consortium's own model, long established."""
    dates = {"established_on": "2012-04-01", "starts_on": "2026-04-01", "ends_on": "2030-03-31", "standstill_days": 10}
    return {"title": "Fostering framework"} | dates | changes


def bands(*weeks: str) -> list[dict[str, Any]]:
    """The usual four bands, with these bed-weeks."""
    ages = ((0, 4), (5, 10), (11, 15), (16, 18))
    return [
        {"code": f"{first}-{last}", "from_age": first, "to_age": last, "expected_bed_weeks": each}
        for (first, last), each in zip(ages, weeks, strict=False)
    ]


def lot(**changes: Any) -> dict[str, Any]:
    """A lot at 80/20 with two questions and three tiers by count."""
    return {
        "title": "General placements",
        "kinds": ["short_term", "long_term"],
        "price_weight": "80",
        "quality_weight": "20",
        "formula": "relative",
        "tier_rule": {"by": "count", "cuts": ["1", "1"]},
        "price_bands": bands("1000", "2000"),
        "quality_questions": [
            {"code": "q1", "title": "How do you match?", "max_score": "5", "weight": "60"},
            {"code": "q2", "title": "How do you keep a placement stable?", "max_score": "5", "weight": "40"},
        ],
    } | changes


def bid(first: str = "800.00", second: str = "850.00") -> dict[str, Any]:
    """A bid for the first two bands."""
    return {"prices": [{"band": "0-4", "pounds_per_week": first}, {"band": "5-10", "pounds_per_week": second}]}


def household(**changes: Any) -> dict[str, Any]:
    """A carer household in Southampton with two places."""
    return {
        "postcode": "SO14 7LY",
        "from_age": 0,
        "to_age": 17,
        "sexes": ["M", "F"],
        "places": 2,
        "kinds": ["short_term", "long_term"],
        "skills": ["autism"],
        "languages": ["en", "pl"],
        "siblings_welcome": True,
        "approved_on": "2020-05-05",
    } | changes


def vacancy(**changes: Any) -> dict[str, Any]:
    """A vacancy of household H1."""
    return {"household": "H1", "lots": ["general"], "free_beds": 1, "available_from": "2026-12-01"} | changes
