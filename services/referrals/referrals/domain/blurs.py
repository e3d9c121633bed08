"""Blurs: what a council may show less exactly of a referral, each named, with what is then shown instead.

A blur changes what is sent and nothing else: providers, the distance and the judging of offers all work from what is shown.
What a home must meet (essential needs, risks, dates, sex, districts to avoid) cannot be blurred: a home chosen without knowing it
would be the wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Blur(StrEnum):
    """One thing shown less exactly, in the order in which blurs of equal worth are named."""

    AGE_MONTHS = "age_months"
    PREFERRED_NEEDS = "preferred_needs"
    NEAR_DISTRICTS = "near_districts"
    RELIGION = "religion"
    LANGUAGES = "languages"
    AGE_BAND = "age_band"
    HOME_DISTRICT = "home_district"


WORDS: Mapping[Blur, str] = {
    Blur.AGE_MONTHS: "Show the age of a child under two in years, not in months.",
    Blur.PREFERRED_NEEDS: "Do not show what a home should meet, only what it must.",
    Blur.NEAR_DISTRICTS: "Do not show the districts of school, contact and other places to be near.",
    Blur.RELIGION: "Do not show the religion.",
    Blur.LANGUAGES: "Do not show which languages the child speaks.",
    Blur.AGE_BAND: "Show the age as the lot's age band, not in years. A home is then judged suitable only if it takes the whole band.",
    Blur.HOME_DISTRICT: "Do not show the home district. Distances from home are then not known to providers, nor when offers are judged.",
}
