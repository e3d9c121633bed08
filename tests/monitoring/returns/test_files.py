"""A return as CSV and XLSX: taken as typed, nothing in it ever worked out, and neutralised when it goes out."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.returns.lines import cell_named
from monitoring.schemas.return_files import CSV, XLSX, csv_of, lines_in_csv, lines_in_workbook, workbook_of
from shared.refusals import Refused
from tests.monitoring.conftest import OAK, SLOUGH
from tests.monitoring.returns.filled import RIGHT, last_quarter
from tests.running.services import RunningService

PATH = f"/returns/quarterly/{last_quarter().first}"
ROWS = [(name, "", value, "", "") for name, value in RIGHT.items()]


def as_csv(rows: list[list[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def as_workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


MAKERS: dict[str, tuple[Callable[[list[list[str]]], bytes], Callable[[bytes], object]]] = {
    "csv": (as_csv, lines_in_csv),
    "xlsx": (as_workbook, lines_in_workbook),  # type: ignore[dict-item]
}
EACH = pytest.mark.parametrize("kind", MAKERS)


@pytest.mark.parametrize(("kind", "media"), [("csv", CSV), ("xlsx", XLSX)])
async def test_the_template_filled_in_and_sent_becomes_the_draft_and_is_accepted(monitoring: RunningService, kind: str, media: str) -> None:
    agency = monitoring.as_(f"agency:{OAK}")
    template = await agency.get(f"{PATH}/template", params={"as": kind})
    assert template.headers["content-type"].startswith(media)
    content = template.content
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        rows = [["" if cell is None else str(cell) for cell in row] for row in openpyxl.load_workbook(io.BytesIO(content))["Return"].values]
    assert {row[0] for row in rows[1:]} >= set(RIGHT)
    filled = [rows[0], *([row[0], row[1], RIGHT.get(row[0], ""), *row[3:]] for row in rows[1:])]
    draft = await agency.post(f"{PATH}/upload", content=MAKERS[kind][0](filled), headers={"Content-Type": media})
    assert (draft.status_code, draft.json().get("errors")) == (200, []), draft.text
    done = await agency.post(f"{PATH}/submission", headers={"If-Match": draft.headers["etag"]})
    assert {line["name"]: line["value"] for line in done.json()["lines"]} == RIGHT
    out = await monitoring.as_(f"council:{SLOUGH}").get(f"{PATH}/template", params={"agency": OAK})
    told = {row[0]: row[2] for row in csv.reader(io.StringIO(out.content.decode("utf-8-sig"))) if len(row) > 2 and row[2]}
    assert set(told) - {"name"} == {name for name in RIGHT if name.endswith(SLOUGH)}, "a council's file is its own part"


async def test_a_workbook_and_a_csv_that_libreoffice_saved_are_read_alike(monitoring: RunningService) -> None:
    """The template, filled in and saved by LibreOffice Calc 7.4 in both forms: its sheets, styles and numbers are its own."""
    folder, agency = Path(__file__).parent / "saved_by_libreoffice", monitoring.as_(f"agency:{OAK}")
    read = []
    for name, media in (("return.xlsx", XLSX), ("return.csv", CSV)):
        draft = await agency.post(f"{PATH}/upload", content=(folder / name).read_bytes(), headers={"Content-Type": media, "If-Match": "*"})
        assert draft.status_code == 200, draft.text
        read.append({line["name"]: (line["value"], line["words"]) for line in draft.json()["lines"] if line["value"]})
    assert read[0] == read[1]
    assert len(read[0]) == 47
    assert read[0]["households"] == ("20", "Counted by hand, 3 – 4 homes")


@EACH
def test_a_formula_is_refused_with_its_cell_named_and_nothing_of_it_said(kind: str) -> None:
    make, read = MAKERS[kind]
    content = make([["name", "value", "words"], ["households", "=HYPERLINK(A1)", ""], ["enquiries", "3", "@SUM(1)"], ["+cmd", "3", ""]])
    with pytest.raises(Refused) as refused:
        read(content)
    assert [(reason.field, reason.rule) for reason in refused.value.reasons] == [
        ("B2", "no_formula"),
        ("C3", "no_formula"),
        ("A4", "no_formula"),
    ]
    assert all(word not in reason.message for reason in refused.value.reasons for word in ("HYPERLINK", "SUM", "cmd"))


@EACH
@pytest.mark.parametrize("cell", [" =1+1", "\t=1+1", "\u00a0@SUM(1)", "\uff1d1+1", "-1+cmd", " +44"])
def test_a_formula_behind_a_space_or_with_a_wide_sign_is_one_too(kind: str, cell: str) -> None:
    make, read = MAKERS[kind]
    with pytest.raises(Refused) as refused:
        read(make([["name", "value", "words"], ["households", "3", cell]]))
    assert [(reason.field, reason.rule) for reason in refused.value.reasons] == [("C2", "no_formula")]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_csv_is_read_as_whichever_spreadsheet_writes_it(mark: str, ends: str, between: str) -> None:
    rows = [["words", "value", "name", "reason"], ["two; and, more", "1", "households", "other"], ["", "3", "enquiries", ""]]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=between, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(rows)
    first, second = lines_in_csv((mark + file.getvalue()).encode())
    assert (first.cell, first.typed, first.reason, first.words) == (cell_named("households"), "1", "other", "two; and, more")
    assert (second.cell, second.typed) == (cell_named("enquiries"), "3")


@EACH
def test_a_number_below_nought_is_no_formula(kind: str) -> None:
    make, read = MAKERS[kind]
    (line,) = read(make([["name", "value"], ["households", "-5"]]))  # type: ignore[misc]
    assert line.typed == "-5"


@EACH
def test_wrong_columns_unknown_reasons_and_rows_without_a_name_are_all_named(kind: str) -> None:
    make, read = MAKERS[kind]
    for rows, faults in (
        ([["line", "figure"], ["households", "1"]], {("A1", "columns_as_named")}),
        ([["name", "name", "value"]], {("A1", "columns_as_named")}),
        ([[""]], {("A1", "columns_as_named")}),
        (
            [["name", "value", "reason"], ["households", "1", "because"], ["", "2", ""]],
            {("C2", "reason_known"), ("A3", "line_of_the_form")},
        ),
        ([["name", "value"], ["households", "1", "surplus"]], {("C2", "columns_as_named")}),
        ([["name", "value"], *[["households", "1"]] * 2_002], {("A2002", "not_too_many")}),
    ):
        with pytest.raises(Refused) as refused:
            read(make(rows))
        assert {(reason.field, reason.rule) for reason in refused.value.reasons} == faults, rows[:3]


def test_figures_dates_and_truth_of_a_workbook_are_read_as_a_person_would_type_them() -> None:
    from datetime import date, datetime, time

    day = date(2012, 7, 1)
    rows = [["name", "value"], ["a", 12], ["b", 12.0], ["c", 4.5], ["d", day], ["e", datetime.combine(day, time(9))], ["f", True]]
    assert [line.typed for line in lines_in_workbook(as_workbook(rows))] == ["12", "12", "4.5", "2012-07-01", "2012-07-01", "True"]  # type: ignore[arg-type]


def changed(content: bytes, name: str, make: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its files replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, make(old.read(entry)) if entry.filename == name else old.read(entry))
    return file.getvalue()


def laughed(xml: bytes, laughs: bytes) -> bytes:
    return xml.replace(b"<worksheet", laughs + b"<worksheet", 1).replace(b"<sheetData>", b"<sheetData>&b;", 1)


def test_a_workbook_made_to_do_harm_is_refused_before_it_does() -> None:
    good = as_workbook([["name", "value"], ["households", 1]])
    sheet = "xl/worksheets/sheet1.xml"
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    tries = {
        "entities": changed(good, sheet, lambda xml: laughed(xml, laughs)),
        "an outside file": changed(good, sheet, lambda xml: xml.replace(b"<worksheet", outside + b"<worksheet", 1)),
        "a bomb": changed(good, sheet, lambda xml: xml + b" " * 30_000_000),
        "broken": changed(good, sheet, lambda xml: xml[: len(xml) // 2]),
        "no zip": b"PK\x03\x04 not really",
        "a zip of something else": changed(good, "[Content_Types].xml", lambda _: b""),
        "empty": b"",
    }
    for name, content in tries.items():
        with pytest.raises(Refused) as refused:
            lines_in_workbook(content)
        assert refused.value.kind in ("malformed", "too-large"), name


async def test_what_is_too_large_or_of_another_kind_is_refused_before_it_is_read(monitoring: RunningService) -> None:
    agency = monitoring.as_(f"agency:{OAK}")
    for content, media, status in (
        (b"name,value\n" + b"x" * 50_000_000, CSV, 413),
        (b"name,value\n", "application/pdf", 415),
        (b"name,value\n", "", 415),
        (b"\xff\xfe\x00", CSV, 400),
        (b"\x00\x01", XLSX, 400),
        (b'name,value\n"unclosed', CSV, 400),
        (b"", CSV, 422),
    ):
        reply = await agency.post(f"{PATH}/upload", content=content, headers={"Content-Type": media})
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), (media, reply.text)
    assert (await agency.get(PATH)).json()["version"] == 0


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)


@given(CELLS, CELLS)
def test_nothing_that_goes_out_can_be_taken_for_a_formula(typed: str, words: str) -> None:
    row = ("households", "Households", f"={typed}", "", words)
    for cells in csv.reader(io.StringIO(csv_of([row]).decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_a_workbook_that_goes_out_holds_figures_and_text_and_no_formula() -> None:
    rows = [*ROWS, ("x", "-label", "=1+1", "+2", "@SUM(A1)")]
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_of(rows)))["Return"]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s", "n"}
    assert sheet["C2"].value == 20
