"""A zip or workbook that is broken inside, or unpacks to far more than it is, is refused in words, whatever reads it."""

from __future__ import annotations

import contextlib
import io
import resource
import socket
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hearth.archive import RefusedError
from hearth.archive import _parts as parts_of
from monitoring.schemas.return_files import lines_in_workbook
from referrals.schemas.returns import MOST_BYTES, unzipped
from shared.refusals import Refused
from tests.monitoring.returns.test_files import as_workbook, changed, laughed
from tests.running.archives import spoilt

SHEET = "xl/worksheets/sheet1.xml"
GOOD = as_workbook([["name", "value"], ["households", 1]])


def zipped(method: int = zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/") + ".csv", content)
    return packed.getvalue()


def said_to_be(content: bytes, size: int) -> bytes:
    """The zip, its directory saying of its first file that it unpacks to so many bytes."""
    at = content.index(b"PK\x01\x02") + 24
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


HISTORIES = {
    "a bomb": zipped(**{"2026__Header": b"a" * (MOST_BYTES + 1)}),
    "a bomb said to be small": said_to_be(zipped(**{"2026__Header": b"a" * (MOST_BYTES + 1)}), 10),
    "many that are too much together": zipped(**{f"2026__{number}": b"a" * (MOST_BYTES // 4) for number in range(5)}),
    "spoilt": spoilt(zipped(**{"2026__Header": b"CHILD,SEX\n" * 50})),
    "spoilt, packed by another method": spoilt(zipped(zipfile.ZIP_LZMA, **{"2026__Header": b"CHILD,SEX\n" * 50})),
    "spoilt, packed by a third": spoilt(zipped(zipfile.ZIP_BZIP2, **{"2026__Header": b"CHILD,SEX\n" * 50})),
    "a zip in a zip": zipped(**{"2026__Header": zipped(**{"2026__Header": b"\xff" * 1000})}),
}


@contextlib.contextmanager
def taking_little() -> Iterator[None]:
    """What is inside takes no more memory than a quarter of what a history may hold: it was refused before it was unpacked."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES // 4, "it was unpacked before it was refused"
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_made_to_do_harm_is_refused_before_it_does(name: str) -> None:
    with taking_little(), pytest.raises(Refused) as refused:
        unzipped(HISTORIES[name], None)
    assert refused.value.kind in ("malformed", "too-large", "invalid")


PATHS = [
    "../../etc/2026__Header",
    "/etc__2026__Header",
    "C:\\2026__Header",
    "2026__He\r\nSet-Cookie: a=b",
    '2026__";x="',
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_in_a_history_is_neither_followed_nor_said_again(path: str) -> None:
    try:
        named = [label for label, _, _ in unzipped(zipped(**{path: b"CHILD\n"}), 2026)]
    except Refused as refused:
        named = [str(refused), *map(str, refused.reasons)]
    assert all(part not in "".join(named) for part in ("etc", "Cookie", "C:", ";x"))


def rows_that_repeat(count: int) -> bytes:
    """A sheet that names a cell far away: a reader that fills the gap would never end."""
    return f'<row r="{count}"><c r="XFD{count}" t="inlineStr"><is><t>x</t></is></c></row>'.encode()


WORKBOOKS = {
    "a billion laughs": changed(
        GOOD,
        SHEET,
        lambda xml: laughed(
            xml,
            b"<!DOCTYPE x [<!ENTITY a0 'ha'>"
            + b"".join(b"<!ENTITY a%d '%s'>" % (n + 1, b"&a%d;" % n * 10) for n in range(9))
            + b"<!ENTITY b '&a9;'>]>",
        ),
    ),
    "one long entity many times": changed(
        GOOD, SHEET, lambda xml: laughed(xml, b"<!DOCTYPE x [<!ENTITY b '" + b"x" * 100_000 + b"'>]>").replace(b"&b;", b"&b;" * 10_000)
    ),
    "an entity from outside": changed(GOOD, SHEET, lambda xml: laughed(xml, b'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>')),
    "entities in the list of sheets": changed(
        GOOD, "xl/workbook.xml", lambda xml: xml.replace(b"<workbook", b"<!DOCTYPE x [<!ENTITY a 'x'>]><workbook", 1)
    ),
    "a cell at the far end of a million rows": changed(
        GOOD, SHEET, lambda xml: xml.replace(b"</sheetData>", rows_that_repeat(1_048_576) + b"</sheetData>")
    ),
    "spoilt": changed(GOOD, SHEET, lambda xml: b"\xff\xfe\xfd" + xml[9:]),
    "a zip in a zip": zipped(**{"2026__Header": GOOD}),
}


def test_a_workbook_whose_parts_unpack_to_more_than_is_said_of_them_is_refused_before_they_do() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * (MOST_BYTES + 1))
    with taking_little(), pytest.raises(Refused) as refused:
        lines_in_workbook(said_to_be(packed.getvalue(), 10))
    assert refused.value.kind == "malformed"


def test_an_archive_on_disk_whose_files_unpack_to_more_than_is_said_of_them_is_refused_before_they_do(tmp_path: Path) -> None:
    made = tmp_path / "archive.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("referrals/children.csv", b"a" * (MOST_BYTES + 1))
    made.write_bytes(said_to_be(made.read_bytes(), 10))
    with taking_little(), pytest.raises(RefusedError, match="cannot be read as a zip"):
        parts_of(made)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_made_to_do_harm_is_refused_before_it_does(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(Refused) as refused:
        lines_in_workbook(WORKBOOKS[name])
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert refused.value.kind in ("malformed", "too-large", "invalid")
    assert (after.ru_maxrss - before.ru_maxrss) * 1024 < 100_000_000
    assert after.ru_utime - before.ru_utime < 3, "seconds of the processor for one small file"


def test_a_document_type_from_outside_is_not_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.settimeout(0.2)
        named = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:%d/x.dtd"><worksheet' % outside.getsockname()[1]
        with contextlib.suppress(Refused):
            lines_in_workbook(changed(GOOD, SHEET, lambda xml: xml.replace(b"<worksheet", named, 1)))
        with pytest.raises(TimeoutError):
            outside.accept()
