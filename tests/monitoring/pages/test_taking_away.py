"""Files hold exactly what the page shows, and no cell of them is ever a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from monitoring.pages.table import Link, Table, Written, shown
from monitoring.pages.taking import WIDEST, as_csv, as_file, as_xlsx

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=HYPERLINK(\"http://x\")", "-2+3+cmd|' /C calc'!A0"]  # fmt: skip


def table(*cells: object) -> Table:
    return Table("t", "Caption", ("Name", "Value"), [("row", cell) for cell in cells])  # type: ignore[misc]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text_in_both(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(as_csv(table(text)).decode("utf-8-sig"), newline=""))
    assert row[1] == f"'{text}"
    sheet = load_workbook(io.BytesIO(as_xlsx([table(text)]))).active
    assert sheet is not None
    cell = sheet["B3"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


@given(st.text(max_size=30))
def test_no_text_becomes_a_formula(text: str) -> None:
    sheet = load_workbook(io.BytesIO(as_xlsx([table(text)]))).active
    assert sheet is not None
    assert sheet["B3"].data_type != "f"
    (_, row) = csv.reader(io.StringIO(as_csv(table(text)).decode("utf-8-sig"), newline=""))
    assert not row[1].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_values_are_taken_away_as_values_and_shown_in_words() -> None:
    cells = [Decimal("-1234.50"), 7, date(2026, 11, 2), None, Link("Oak", "/pages/x"), Written(Decimal("12.3"), "12.3%")]
    read = [row[1] for row in csv.reader(io.StringIO(as_csv(table(*cells)).decode("utf-8-sig")))][1:]
    assert read == ["-1234.50", "7", "2026-11-02", "", "Oak", "12.3"]
    sheet = load_workbook(io.BytesIO(as_xlsx([table(*cells)]))).active
    assert sheet is not None
    kept = [sheet.cell(number, 2).value for number in range(3, 9)]
    assert kept == [-1234.5, 7, datetime(2026, 11, 2), None, "Oak", 12.3]  # noqa: DTZ001
    assert [shown(cell) for cell in cells] == ["-1,234.50", "7", "2 November 2026", "–", "Oak", "12.3%"]  # type: ignore[arg-type]


def test_a_moment_is_written_in_uk_time() -> None:
    summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert shown(summer) == "2 July 2026 at 12:30am"
    assert b"2026-07-02T00:30+01:00" in as_csv(table(summer))


def test_several_tables_are_several_files_or_sheets() -> None:
    content, kind, ending = as_file([table(1), Table("u", "Other", ("A",), [("x",)])])
    assert (kind, ending) == ("application/zip", "zip")
    assert ZipFile(io.BytesIO(content)).namelist() == ["t.csv", "u.csv"]
    assert load_workbook(io.BytesIO(as_xlsx([table(1), Table("u", "Other", ("A",), [])]))).sheetnames == ["t", "u"]


def test_a_column_is_as_wide_as_its_days_and_numbers() -> None:
    """LibreOffice shows a day or number in ### when its column is narrower."""
    given = table(date(2026, 11, 2), datetime(2026, 7, 1, 23, 30, tzinfo=UTC), Decimal("12345678901.23"), "w" * 200)
    sheet = load_workbook(io.BytesIO(as_xlsx([given]))).active
    assert sheet is not None
    assert sheet.column_dimensions["B"].width == WIDEST
    sheet = load_workbook(io.BytesIO(as_xlsx([table(datetime(2026, 7, 1, 23, 30, tzinfo=UTC))]))).active
    assert sheet is not None
    assert sheet.column_dimensions["B"].width > len("2026-07-02 00:30:00")
    assert sheet.column_dimensions["A"].width >= len("Name")
