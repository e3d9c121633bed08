"""The national return's (SSDA903) code lists as dated data: which codes are good in which return year, and when a year is.

A return year is named by the year it ends in: 2026 is 1 April 2025 to 31 March 2026. Lists change by year (2024/25 turned
SEX 1/2 into M/F/U, 2025/26 dropped PLACE H5, P2 and Z1), so each code carries the first and last year it is good in.
Source: the 2025/26 rules of the sector's validator, meanings shortened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

YEAR_BEGINS = (4, 1)
"""The return year begins on 1 April."""


@dataclass(frozen=True)
class Code:
    """One code of a list: what it means and the return years it is good in, both included; None is open-ended."""

    meaning: str
    from_year: int | None = None
    to_year: int | None = None

    def good_in(self, year: int) -> bool:
        """Whether the code may be used in the return year that ends in ``year``."""
        return (self.from_year is None or self.from_year <= year) and (self.to_year is None or year <= self.to_year)


CodeList = Mapping[str, Code]

PLACE: CodeList = {
    "U1": Code("fostered by a relative or friend, long term"),
    "U2": Code("fostered by a relative or friend who is also approved to adopt"),
    "U3": Code("fostered by a relative or friend, neither long term nor to adopt"),
    "U4": Code("other foster carer, long term"),
    "U5": Code("other foster carer who is also approved to adopt"),
    "U6": Code("other foster carer, neither long term nor to adopt"),
    "A3": Code("placed for adoption with consent, with the present carer"),
    "A4": Code("placed for adoption with consent, not with the present carer"),
    "A5": Code("placed for adoption with a placement order, with the present carer"),
    "A6": Code("placed for adoption with a placement order, not with the present carer"),
    "K1": Code("secure children's home"),
    "K2": Code("children's home under the regulations"),
    "K3": Code("supported accommodation", from_year=2026),
    "H5": Code("semi-independent living, not under the home regulations", to_year=2025),
    "R1": Code("residential care home"),
    "R2": Code("NHS or medical establishment"),
    "R3": Code("family centre or mother-and-baby unit"),
    "R5": Code("young offender institution"),
    "S1": Code("residential school that is not also a children's home"),
    "P1": Code("with a parent or a person with parental responsibility"),
    "P2": Code("independent living", to_year=2025),
    "P3": Code("residential employment"),
    "T0": Code("any temporary move"),
    "T1": Code("temporary: in hospital"),
    "T2": Code("temporary: child on holiday"),
    "T3": Code("temporary: carer on holiday"),
    "T4": Code("temporary: up to seven days, other"),
    "Z1": Code("other", to_year=2025),
    "Z11": Code("other, first kind", from_year=2026),
    "Z12": Code("other, second kind", from_year=2026),
    "Z13": Code("other, third kind", from_year=2026),
    "Z14": Code("other, fourth kind", from_year=2026),
}

FOSTERING_PLACES = frozenset({"U1", "U2", "U3", "U4", "U5", "U6"})
"""The PLACE codes that are foster care: all a fostering lot may be asked for."""

LS: CodeList = {
    "C1": Code("interim care order"),
    "C2": Code("full care order"),
    "D1": Code("freeing order"),
    "E1": Code("placement order"),
    "V2": Code("section 20, single period"),
    "V3": Code("short breaks, episodes recorded"),
    "V4": Code("short breaks, agreement recorded"),
    "L1": Code("police protection"),
    "L2": Code("emergency protection order"),
    "L3": Code("child assessment order"),
    "J1": Code("remanded to council or youth detention accommodation"),
    "J2": Code("detained under PACE"),
    "J3": Code("youth rehabilitation order with residence or intensive fostering"),
}

CIN: CodeList = {
    "N1": Code("abuse or neglect"),
    "N2": Code("child's disability"),
    "N3": Code("parent's illness or disability"),
    "N4": Code("family in acute stress"),
    "N5": Code("family dysfunction"),
    "N6": Code("socially unacceptable behaviour"),
    "N7": Code("low income"),
    "N8": Code("absent parenting"),
}

ETHNIC: CodeList = {
    code: Code(meaning)
    for code, meaning in (
        ("WBRI", "White British"), ("WIRI", "White Irish"), ("WOTH", "any other White background"),
        ("WIRT", "Traveller of Irish heritage"), ("WROM", "Gypsy or Roma"), ("MWBC", "White and Black Caribbean"),
        ("MWBA", "White and Black African"), ("MWAS", "White and Asian"), ("MOTH", "any other mixed background"),
        ("AIND", "Indian"), ("APKN", "Pakistani"), ("ABAN", "Bangladeshi"), ("AOTH", "any other Asian background"),
        ("BCRB", "Caribbean"), ("BAFR", "African"), ("BOTH", "any other Black background"), ("CHNE", "Chinese"),
        ("OOTH", "any other ethnic group"), ("REFU", "refused"), ("NOBT", "not yet obtained"),
    )
}  # fmt: skip

SEX: CodeList = {
    "M": Code("male", from_year=2025),
    "F": Code("female", from_year=2025),
    "U": Code("unknown", from_year=2025),
    "1": Code("male", to_year=2024),
    "2": Code("female", to_year=2024),
}

REC: CodeList = {
    code: Code(meaning)
    for code, meaning in (
        ("X1", "next episode begins the same day"), ("E11", "adopted, unopposed"), ("E12", "adopted, consent dispensed with"),
        ("E2", "died"), ("E3", "taken over by another UK council"), ("E4A", "home to parent, planned"),
        ("E4B", "home to parent, not planned"), ("E13", "home to a relative or other without parental responsibility"),
        ("E41", "child arrangements order"), ("E45", "special guardianship to former foster carer, a relative"),
        ("E46", "special guardianship to former foster carer, other"), ("E47", "special guardianship to another carer, a relative"),
        ("E48", "special guardianship to another carer, other"), ("E5", "independent living with formal support"),
        ("E6", "independent living, no formal support"), ("E7", "adult-funded residential care"), ("E8", "any other reason"),
        ("E9", "sentenced to custody"), ("E14", "remand ended"), ("E15", "age assessed as 18 or over"), ("E16", "moved abroad"),
        ("E17", "18 or over, stayed with carer"),
    )
}  # fmt: skip

LISTS: Mapping[str, CodeList] = {"PLACE": PLACE, "LS": LS, "CIN": CIN, "ETHNIC": ETHNIC, "SEX": SEX, "REC": REC}


def return_year(day: date) -> int:
    """The return year a day falls in, named by the year it ends in: 31 March 2026 is 2026, 1 April 2026 is 2027."""
    return day.year + 1 if (day.month, day.day) >= YEAR_BEGINS else day.year


def year_start(year: int) -> date:
    """The first day of the return year that ends in ``year``."""
    return date(year - 1, *YEAR_BEGINS)


def good_code(name: str, code: str, day: date) -> bool:
    """Whether ``code`` is in the list called ``name`` in the return year of ``day``. KeyError for a list we do not hold."""
    found = LISTS[name].get(code)
    return found is not None and found.good_in(return_year(day))


def refusal_words(name: str, day: date) -> str:
    """What to tell a person whose code is not good: the list, the year, and the codes that are; never the code they sent."""
    year = return_year(day)
    good = ", ".join(code for code, entry in LISTS[name].items() if entry.good_in(year))
    return f"This is not a {name} code of the SSDA903 return for {year - 1}/{year % 100:02d}. Use one of {good}."
