"""What ``hearth load`` says about files before it sends anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.commands import main
from hearth.load.run import read

COUNCILS = "ons_code,name,joined_on,lead_roles\nE06000045,Southampton City Council,01/04/2012,procurement\n"
AGENCIES = "URN,name,sector,ofsted_rating,inspected_on,companies_house_number\nSC900001,First (example),PR4,good,2025-03-11,\n"
HOUSEHOLDS = (
    "provider,reference,postcode,from_age,to_age,sexes,places,kinds,skills,risks_to_child,risks_to_others,languages,religions,"
    "siblings_welcome,children_at_home,approved_on\n"
)
HOME = "agency:SC900001,H-1,SO14 7LY,0,17,F;M,2,short_term,,,,en,,yes,0,2020-01-31\n"


def faults_of(folder: Path, **files: str | bytes) -> list[str]:
    """The faults of a folder with these files, ``councils="…"`` for councils.csv."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return [str(fault) for fault in read(folder).faults]


def test_good_files_have_no_fault_and_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert faults_of(tmp_path, councils=COUNCILS, agencies=AGENCIES, households=HOUSEHOLDS + HOME) == []
    assert "vacancies.csv" in read(tmp_path).missing


def test_every_bad_row_of_every_file_is_named_by_file_line_and_column(tmp_path: Path) -> None:
    councils = COUNCILS + "E1,Short,01/04/2012,\nE10000014,,31/02/2012,\n"
    agencies = AGENCIES + "SC900002,Second (example),PR9,fine,2025-03-11,\n"
    said = faults_of(tmp_path, councils=councils, agencies=agencies)
    assert [line.split(": ")[:2] for line in said] == [
        ["agencies.csv:3", "ofsted_rating"],
        ["agencies.csv:3", "sector"],
        ["councils.csv:3", "ons_code"],
        ["councils.csv:4", "joined_on"],
        ["councils.csv:4", "name"],
    ]


def test_a_bad_cell_is_said_once_and_not_again_for_every_row_that_names_its_row(tmp_path: Path) -> None:
    councils = COUNCILS.replace("01/04/2012", "31/02/2012")
    prices = "council,lot,band,from_date,pounds_per_week\nE06000045,general,0-4,2012-04-01,800.00\n"
    said = faults_of(
        tmp_path, councils=councils, baseline_prices=prices, households=HOUSEHOLDS + HOME.replace("agency:SC900001", "council:E06000045")
    )
    assert said == ["councils.csv:2: joined_on: must be a date, written 31/12/2026 or 2026-12-31"]


def test_a_missing_column_is_named_once_and_not_on_every_row(tmp_path: Path) -> None:
    assert faults_of(tmp_path, councils=COUNCILS.replace(",joined_on", "").replace(",01/04/2012", "")) == [
        "councils.csv:1: joined_on: this column is missing from the first line"
    ]


def test_the_same_row_twice_is_named_with_the_line_it_repeats(tmp_path: Path) -> None:
    assert faults_of(tmp_path, councils=COUNCILS + COUNCILS.splitlines()[1]) == ["councils.csv:3: ons_code: the same as on line 2"]


def test_a_reference_to_nothing_is_named_only_when_the_file_that_should_hold_it_is_there(tmp_path: Path) -> None:
    vacancies = "provider,reference,household,lots,free_beds,available_from\nagency:SC900001,V-1,H-9,general,1,2026-01-01\n"
    assert faults_of(tmp_path, vacancies=vacancies) == []
    said = faults_of(tmp_path, households=HOUSEHOLDS + HOME)
    assert said == ["vacancies.csv:2: provider and household: is not in households.csv"]


def test_more_free_beds_than_approved_places_are_refused(tmp_path: Path) -> None:
    vacancies = "provider,reference,household,lots,free_beds,available_from\nagency:SC900001,V-1,H-1,general,3,2026-01-01\n"
    said = faults_of(tmp_path, vacancies=vacancies, households=HOUSEHOLDS + HOME)
    assert said == ["vacancies.csv:2: free_beds: is more than the household's approved places, 2"]


def test_a_byte_order_mark_and_a_line_break_inside_quotes_are_read_and_lines_stay_right(tmp_path: Path) -> None:
    councils = "\ufeff" + COUNCILS + 'E10000014,"Hampshire\r\nCounty Council",01/04/2012,\nE1,Bad,01/04/2012,\n'
    assert faults_of(tmp_path, councils=councils) == ["councils.csv:5: ons_code: must be a council's ONS code, such as E06000045"]


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    said = faults_of(tmp_path, councils=COUNCILS.replace("City", "Cité").encode("latin-1"))
    assert said == ["councils.csv: is not UTF-8 (at byte 60); save it as 'CSV UTF-8'"]


def test_a_row_with_too_few_cells_is_named(tmp_path: Path) -> None:
    assert faults_of(tmp_path, councils=COUNCILS + "E10000014,Hampshire\n") == [
        "councils.csv:3: has 2 cells where the first line names 4 columns"
    ]


def test_nothing_that_a_childs_row_says_is_repeated(tmp_path: Path) -> None:
    children = (
        "council,CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB,given_names,family_name,HOME_POST,school,nhs_number,LS,CIN\n"
        "E06000045,C1,X,32/13/2015,WBRI,nonsense,maybe,,Amy,Example,NOWHERE,School,123,C1,N1\n"
    )
    said = "\n".join(faults_of(tmp_path, children=children))
    assert said.count("\n") == 5
    assert not any(value in said for value in ("32/13/2015", "nonsense", "maybe", "NOWHERE", "123", "Amy"))


def test_a_bid_without_a_price_for_every_band_is_refused(tmp_path: Path) -> None:
    said = faults_of(
        tmp_path,
        price_bands="lot,band,from_age,to_age,expected_bed_weeks\ngeneral,0-4,0,4,100\ngeneral,5-10,5,10,100\n",
        bids="round,lot,URN,band,pounds_per_week\ng1,general,SC900001,0-4,700.00\n",
    )
    assert said == ["bids.csv:2: band: this bid has no price for: 5-10"]


def test_the_command_loads_nothing_and_ends_with_1_when_a_row_is_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faults_of(tmp_path, councils=COUNCILS + "E1,Bad,01/04/2012,\n")
    with pytest.raises(SystemExit) as ended:
        main(["load", str(tmp_path), "--data", str(tmp_path / "nothing-runs-here")])
    assert ended.value.code == 1
    assert "councils.csv:3: ons_code" in capsys.readouterr().err


def test_good_files_are_not_sent_when_nothing_runs_and_the_command_says_how_to_start_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faults_of(tmp_path, councils=COUNCILS)
    with pytest.raises(SystemExit) as ended:
        main(["load", str(tmp_path), "--data", str(tmp_path / "nothing-runs-here")])
    assert ended.value.code == 1
    assert "make up" in capsys.readouterr().err
