"""The example consortium: complete, consistent, and plainly fictional where it must be."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from shared import postcodes
from shared.contracts import words
from tests.deploy.example_files import COLUMNS, DAY, DEPLOY, EXAMPLE, age, every, keys, many, rows

# --- the files -------------------------------------------------------------------------------------------------------


def test_the_folder_holds_the_agreed_files_with_the_agreed_columns() -> None:
    assert {path.stem for path in EXAMPLE.glob("*.csv")} == set(COLUMNS)
    for name, columns in COLUMNS.items():
        with (EXAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            assert next(csv.reader(lines)) == columns.split(), name


def test_the_pages_about_the_files_name_every_file_and_every_column() -> None:
    dictionary = (DEPLOY.parent / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    page = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for name, columns in COLUMNS.items():
        assert f"| `{name}.csv` |" in dictionary
        part = page[page.index(f"**{name}.csv**") :]
        part = part[: part.find("\n**", 2)] if "\n**" in part[2:] else part
        missing = [column for column in columns.split() if f"`{column}`" not in part]
        assert missing == [] or name == "moderated_scores", (name, missing)  # that one is told as a difference from the one before


def test_running_the_maker_again_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "example_data.make_example", str(tmp_path)], cwd=DEPLOY, check=True, capture_output=True, timeout=120
    )
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in EXAMPLE.glob("*.csv")}


def test_there_is_as_much_as_was_asked_for() -> None:
    assert len(rows("councils")) == 11
    assert len(rows("agencies")) >= 24
    assert keys("lots", "lot") == {("general",), ("parent_and_child",), ("disabled_children",)}
    assert (len(rows("households")), len(rows("vacancies")), len(rows("children"))) == (300, 200, 60)
    assert every("referrals", "CHILD") == every("children", "CHILD")
    assert (
        every("children", "council")
        == every("referrals", "council")
        == every("baseline_prices", "council")
        == every("councils", "ons_code")
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("councils", "ons_code"),
        ("agencies", "URN"),
        ("lots", "lot"),
        ("price_bands", "lot band"),
        ("tender_rounds", "round"),
        ("bids", "round URN band"),
        ("quality_scores", "round URN question evaluator_council"),
        ("moderated_scores", "round URN question"),
        ("households", "provider reference"),
        ("vacancies", "provider reference"),
        ("vacancies", "provider household"),
        ("children", "council CHILD"),
        ("children", "UPN"),
        ("children", "nhs_number"),
        ("referrals", "council CHILD"),
        ("baseline_prices", "council lot band from_date"),
    ],
)
def test_no_key_occurs_twice(name: str, key: str) -> None:
    counted = Counter(tuple(row[column] for column in key.split()) for row in rows(name))
    assert [each for each, times in counted.items() if times > 1 and each != ("UN1",)] == []


def test_every_reference_leads_somewhere() -> None:
    lots, councils, agencies = keys("lots", "lot"), keys("councils", "ons_code"), keys("agencies", "URN")
    providers = {f"council:{code}" for (code,) in councils} | {f"agency:{urn}" for (urn,) in agencies}
    rounds, bands = keys("tender_rounds", "round", "lot"), keys("price_bands", "lot", "band")
    assert keys("lots", "framework") | keys("tender_rounds", "framework") == keys("frameworks", "code")
    assert {(lot,) for lot in every("vacancies", "lots")} <= lots
    assert keys("referrals", "lot") <= lots
    for name in ("bids", "quality_scores", "moderated_scores"):
        assert keys(name, "round", "lot") == rounds
        assert keys(name, "URN") <= agencies
    assert keys("bids", "lot", "band") == bands == keys("baseline_prices", "lot", "band")
    assert keys("quality_scores", "evaluator_council") <= councils
    assert every("households", "provider") == providers
    assert keys("vacancies", "provider", "household") <= keys("households", "provider", "reference")
    children = keys("children", "council", "CHILD")
    assert all((row["council"], child) in children for row in rows("referrals") for child in many(row["CHILD"]))


@pytest.mark.parametrize(
    ("name", "column", "vocabulary"),
    [
        ("agencies", "sector", words.Sector),
        ("agencies", "ofsted_rating", words.OfstedRating),
        ("lots", "kinds", words.PlacementKind),
        ("households", "sexes", words.Sex),
        ("households", "kinds", words.PlacementKind),
        ("households", "skills", words.Need),
        ("households", "risks_to_child", words.RiskToChild),
        ("households", "risks_to_others", words.RiskToOthers),
        ("households", "religions", words.Religion),
        ("children", "SEX", words.Sex),
        ("referrals", "kind", words.PlacementKind),
        ("referrals", "urgency", words.Urgency),
        ("referrals", "siblings", words.Siblings),
        ("referrals", "religion", words.Religion),
        ("referrals", "essential_needs", words.Need),
        ("referrals", "preferred_needs", words.Need),
        ("referrals", "risks_to_child", words.RiskToChild),
        ("referrals", "risks_to_others", words.RiskToOthers),
    ],
)
def test_every_word_is_of_its_closed_list(name: str, column: str, vocabulary: Iterable[str]) -> None:
    assert every(name, column) <= {str(word) for word in vocabulary}


def test_every_need_risk_urgency_kind_and_religion_is_asked_for_and_offered_somewhere() -> None:
    assert every("referrals", "essential_needs") | every("referrals", "preferred_needs") == every("households", "skills") == set(words.Need)
    assert every("referrals", "risks_to_child") == every("households", "risks_to_child") == set(words.RiskToChild)
    assert every("referrals", "risks_to_others") == every("households", "risks_to_others") == set(words.RiskToOthers)
    assert every("referrals", "urgency") == set(words.Urgency)
    assert every("referrals", "kind") == every("households", "kinds") == set(words.PlacementKind)
    assert every("referrals", "religion") == every("households", "religions") == set(words.Religion)
    assert every("referrals", "siblings") == set(words.Siblings)


def test_codes_of_the_national_return_are_its_own() -> None:
    from referrals.domain import ssda903  # the service that judges them; the files are its input

    for name, column in (("referrals", "PLACE"), ("children", "ETHNIC"), ("children", "LS"), ("children", "CIN"), ("children", "SEX")):
        assert all(ssda903.good_code(column, code, DAY) for code in every(name, column)), column


# --- who is real and who is not --------------------------------------------------------------------------------------


def test_the_eleven_councils_are_the_real_ones_with_one_leader_for_each_work_stream() -> None:
    assert every("councils", "ons_code") == {
        "E06000045",
        "E10000014",
        "E10000025",
        "E06000044",
        "E10000030",
        "E06000039",
        "E06000038",
        "E06000040",
        "E06000036",
        "E06000037",
        "E06000041",
    }
    leads = {row["ons_code"]: row["lead_roles"] for row in rows("councils") if row["lead_roles"]}
    assert leads == {"E06000045": "procurement", "E10000014": "specification", "E10000025": "communication"}
    joined = Counter(row["joined_on"][:4] for row in rows("councils"))
    assert joined == {"2010": 5, "2011": 6}


def test_agencies_and_schools_say_that_they_are_made_up() -> None:
    assert all(row["name"].endswith(" (example)") for row in rows("agencies"))
    assert all(re.fullmatch(r"SC9\d{5}", row["URN"]) for row in rows("agencies"))  # Ofsted has given no number from SC9 on
    assert all(row["companies_house_number"].startswith("99") for row in rows("agencies"))
    assert all(row["school"].endswith(" (example)") for row in rows("children") if row["school"])
    assert all(row["UPN"] == "UN1" or row["UPN"][4:8] == "0000" for row in rows("children"))  # no school has this number
    assert all(re.fullmatch(r"999\d{7}", row["nhs_number"]) for row in rows("children"))


def test_every_postcode_is_real_and_a_childs_home_is_in_its_council() -> None:
    for row in (*rows("households"), *rows("children")):
        text = row.get("postcode") or row["HOME_POST"]
        postcode = postcodes.parse(text)
        assert postcode is not None
        assert postcode.text == text
        assert postcodes.grid(postcode) is not None, text
        if "HOME_POST" in row:
            assert postcodes.council_of(postcode) == row["council"], text
        elif row["provider"].startswith("council:"):
            assert row["provider"] == f"council:{postcodes.council_of(postcode)}", text
    near = {place.split(":")[1] for place in every("referrals", "near")}
    assert all(postcodes.district_exists(district) for district in near | every("referrals", "avoid_districts"))
    assert {place.split(":")[0] for place in every("referrals", "near")} == {"home", "school", "contact", "worship", "health"}


def test_pupil_and_nhs_numbers_check() -> None:
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    for row in rows("children"):
        upn = row["UPN"]
        if upn != "UN1":
            assert len(upn) == 13
            assert upn[0] == letters[sum(int(digit) * weight for digit, weight in zip(upn[1:], range(2, 14), strict=True)) % 23]
        digits = [int(digit) for digit in row["nhs_number"]]
        assert sum(digit * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11 == 0


def test_a_child_has_no_pupil_number_before_school_age() -> None:
    assert all((row["UPN"] == "UN1") == (age(row["DOB"]) < 4) for row in rows("children"))
