"""Postcodes, councils and miles: against the directory itself, the return's own formula and the laws of a distance."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext
from importlib.metadata import files
from pathlib import Path
from typing import Any

import brotli
import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import postcodes
from shared.postcodes import Grid, Postcode, building, directory
from shared.postcodes.postcode import is_district


def known(text: str) -> Postcode:
    postcode = postcodes.parse(text)
    assert postcode is not None, text
    return postcode


def placed(text: str) -> Grid:
    point = postcodes.grid(known(text))
    assert point is not None, text
    return point


def as_in_the_wheel(letter: str) -> dict[str, list[Any]]:
    part = next(part for part in files(building.WHEEL) or () if part.name == f"postcodes_{letter}.msgpack.br")
    columns: dict[str, list[Any]] = msgpack.unpackb(brotli.decompress(Path(str(part.locate())).read_bytes()))["data"]
    return columns


def sample(number: int, seed: int) -> list[Postcode]:
    opened = directory.opened()
    chooser = random.Random(seed)
    rows = [chooser.randrange(len(opened.keys)) for _ in range(number)]
    texts = [int(opened.keys[row]).to_bytes(8, "big")[:7].decode() for row in rows]
    return [found for text in texts if (found := postcodes.parse(text)) is not None]


# --- how a postcode is written ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "text", "district"),
    [
        ("SO14 7LY", "SO14 7LY", "SO14"),
        ("so14 7ly", "SO14 7LY", "SO14"),
        ("SO147LY", "SO14 7LY", "SO14"),
        ("SO14  7LY", "SO14 7LY", "SO14"),
        (" SO14 7LY\n", "SO14 7LY", "SO14"),
        ("SO14\u00a07LY", "SO14 7LY", "SO14"),  # the space that web pages are copied with
        ("B1 1AA", "B1 1AA", "B1"),
        ("B1  1AA", "B1 1AA", "B1"),
        ("rg11aa", "RG1 1AA", "RG1"),
        ("EC1A1BB", "EC1A 1BB", "EC1A"),
        ("W1A 0AX", "W1A 0AX", "W1A"),
        ("M60 1NW", "M60 1NW", "M60"),
        ("W1M 0AA", "W1M 0AA", "W1M"),  # ended, and still in old records
    ],
)
def test_a_postcode_is_read_as_people_type_it(typed: str, text: str, district: str) -> None:
    postcode = postcodes.parse(typed)
    assert postcode is not None
    assert (postcode.text, str(postcode), postcode.district) == (text, text, district)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "SO14",  # a district is not a postcode
        "7LY",
        "SO14 7L",
        "SO14 7LYY",
        "S014 7LY",  # a zero for the letter O
        "SO14 OAA",  # the letter O for a zero
        "SO1O 1AA",
        "SOI4 7LY",  # the letter I for a one
        "SO1 47LY",  # the space in the wrong place
        "S O14 7LY",
        "SO14 7 LY",
        "SO14-7LY",
        "SO14 7LY SO14 7LZ",
        "SO14 7CY",  # C, I, K, M, O and V never stand in the last two places
        "QO14 7LY",  # no area begins with Q
        "SI14 7LY",  # no area has I second
        "12345",
        "ſO14 7LY",  # a long s that upper() would turn into S
        "SO١٤ 7LY",  # digits, but not ours
        "SO14 7LY; DROP TABLE",
    ],
)
def test_what_is_not_a_postcode_is_refused(typed: str) -> None:
    assert postcodes.parse(typed) is None


@given(st.text(max_size=12))
def test_parsing_any_text_refuses_or_settles(typed: str) -> None:
    postcode = postcodes.parse(typed)
    assert postcode is None or postcodes.parse(postcode.text) == postcode


def test_every_district_of_the_directory_is_well_formed_but_two_historic_oddities() -> None:
    outward = np.unique(directory.opened().keys >> np.uint64(32))
    districts = [int(code).to_bytes(4, "big").decode().rstrip() for code in outward]
    assert {district for district in districts if not is_district(district)} == {"NPT", "GIR"}
    assert len(districts) > 3_000


# --- where it is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["S", "Z", "B"])
def test_the_index_answers_what_the_directory_says(letter: str) -> None:
    rows = as_in_the_wheel(letter)
    chooser = random.Random(letter)
    for row in chooser.sample(range(len(rows["pcd"])), 700):
        postcode = known(rows["pcd"][row])
        east, north = rows["oseast1m"][row], rows["osnrth1m"][row]
        elsewhere = np.isnan(east) or str(rows["laua"][row]).startswith("N")  # no reference, or one on the Irish grid
        assert postcodes.grid(postcode) == (None if elsewhere else Grid(int(east), int(north)))


def test_a_postcode_that_does_not_exist_has_no_place_and_no_council() -> None:
    nowhere = known("SO14 9ZZ")
    assert postcodes.grid(nowhere) is None
    assert postcodes.council_of(nowhere) is None
    assert postcodes.grid(known("ZE9 9ZZ")) is None  # past the last one of the directory
    assert postcodes.grid(known("AB1 0AB")) is not None  # among the first


def test_a_postcode_without_a_british_grid_reference_has_no_place() -> None:
    belfast, jersey = known("BT1 5GS"), known("JE2 3AB")
    assert postcodes.grid(belfast) is None
    assert postcodes.council_of(belfast) == "N09000003"
    assert postcodes.grid(jersey) is None
    assert postcodes.council_of(jersey) is None  # no United Kingdom council looks after children there
    assert postcodes.district_exists("BT1")
    assert postcodes.district_centroid("BT1") is None


@pytest.mark.parametrize(
    ("postcode", "council"),
    [
        ("SO14 7LY", "E06000045"),  # Southampton civic centre
        ("PO1 2AL", "E06000044"),  # Portsmouth
        ("SO23 8UJ", "E10000014"),  # Winchester, a district of Hampshire
        ("OX1 1ND", "E10000025"),  # Oxford, a district of Oxfordshire
        ("GU1 1AA", "E10000030"),  # Guildford, a district of Surrey
        ("RG1 2LU", "E06000038"),  # Reading
        ("CF10 3AT", "W06000015"),  # Cardiff
    ],
)
def test_a_place_belongs_to_the_council_with_social_care_duties(postcode: str, council: str) -> None:
    assert postcodes.council_of(known(postcode)) == council


def test_no_district_of_a_county_is_left_below_its_county() -> None:
    assert not [code for code in directory.opened().council_codes if code.startswith("E07")]
    with Path(building.__file__).with_name("counties.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert all(row["district_code"].startswith("E07") and row["county_code"].startswith("E10") for row in rows)
    assert len({row["district_code"] for row in rows}) == len(rows)


def test_a_districts_middle_is_the_mean_of_its_postcodes() -> None:
    rows = as_in_the_wheel("Z")
    lerwick = [row for row, text in enumerate(rows["pcd"]) if text.startswith("ZE1 ") and not np.isnan(rows["oseast1m"][row])]
    middle = postcodes.district_centroid("ZE1")
    assert middle == Grid(
        round(sum(rows["oseast1m"][row] for row in lerwick) / len(lerwick)),
        round(sum(rows["osnrth1m"][row] for row in lerwick) / len(lerwick)),
    )


@pytest.mark.parametrize(
    ("district", "exists"), [("SO14", True), ("RG45", True), ("SO99", False), ("so14", False), ("SO14 7LY", False), ("", False)]
)
def test_a_district_exists_or_not(district: str, exists: bool) -> None:
    assert postcodes.district_exists(district) is exists


# --- how far ---------------------------------------------------------------------------------------------------------

ON_THE_GRID = st.builds(Grid, st.integers(0, 700_000), st.integers(0, 1_300_000))


def test_the_known_distance_comes_out() -> None:
    assert postcodes.miles(placed("MK9 3EJ"), placed("NN16 0AP")) == Decimal("24.5")
    assert str(postcodes.miles(placed("SO14 7LY"), placed("SO14 7LY"))) == "0.0"
    assert Decimal("999.9") == postcodes.UNKNOWN_MILES


@given(ON_THE_GRID, ON_THE_GRID)
def test_there_is_as_far_as_back(a: Grid, b: Grid) -> None:
    assert postcodes.miles(a, b) == postcodes.miles(b, a) >= 0


@given(ON_THE_GRID)
def test_a_place_is_no_distance_from_itself(a: Grid) -> None:
    assert postcodes.miles(a, a) == Decimal("0.0")


@given(ON_THE_GRID, ON_THE_GRID, ON_THE_GRID)
def test_a_detour_is_never_shorter_but_for_rounding(a: Grid, b: Grid, c: Grid) -> None:
    # Three figures, each within 0.05 of the truth.
    assert postcodes.miles(a, c) <= postcodes.miles(a, b) + postcodes.miles(b, c) + Decimal("0.1")


@given(ON_THE_GRID, ON_THE_GRID)
def test_miles_are_the_returns_formula_worked_to_fifty_places(a: Grid, b: Grid) -> None:
    with localcontext(prec=50):
        metres = (Decimal(a.easting - b.easting) ** 2 + Decimal(a.northing - b.northing) ** 2).sqrt()
        exact = (metres / 1000 / Decimal("1.6093")).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert postcodes.miles(a, b) == exact


def test_miles_agree_with_the_sectors_validator_on_real_pairs() -> None:
    pairs = [
        (a, b)
        for one, other in zip(sample(2_000, seed=1), sample(2_000, seed=2), strict=False)
        if (a := postcodes.grid(one)) and (b := postcodes.grid(other))
    ]
    assert len(pairs) > 1_500
    ours = [postcodes.miles(a, b) for a, b in pairs]
    east, north = np.array([(a.easting - b.easting, a.northing - b.northing) for a, b in pairs], dtype=float).T
    theirs = (np.sqrt(east**2 + north**2) / 1000 / 1.6093).round(decimals=1)  # as csc-validator-be-903 has it
    assert [float(figure) for figure in ours] == theirs.tolist()


def test_districts_are_about_as_far_apart_as_their_postcodes() -> None:
    about = postcodes.about_miles("SO14", "RG1")
    assert about is not None
    assert abs(about - postcodes.miles(placed("SO14 7LY"), placed("RG1 2LU"))) < 5
    assert postcodes.about_miles("SO14", "SO14") == Decimal("0.0")
    assert postcodes.about_miles("SO14", "SO99") is None
    assert postcodes.about_miles("SO14", "BT1") is None


# --- the index on disk -----------------------------------------------------------------------------------------------


def test_four_processes_that_begin_at_once_build_one_index(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "postcodes"
    ask = "from shared import postcodes; print(postcodes.grid(postcodes.parse('MK9 3EJ')))"
    environment = {**os.environ, "POSTCODES_FOLDER": str(folder)}
    began = [subprocess.Popen([sys.executable, "-c", ask], env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0].strip() for process in began]
    assert answers == ["Grid(easting=485085, northing=239043)"] * 4
    assert sorted(path.name for path in folder.iterdir()) == [".lock", building.edition()]  # and nothing half-made beside it


def test_an_interrupted_build_leaves_no_index(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if "postcodes_C" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        directory.built(tmp_path, progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_building_again_is_done_already_and_says_where(tmp_path: Path) -> None:
    (tmp_path / building.edition()).mkdir()
    command = [sys.executable, "-m", "shared.postcodes", "build", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == str(tmp_path / building.edition())
    assert ran.stderr == ""
