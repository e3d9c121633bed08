"""What a zip says of its files' sizes holds before one of them is unpacked."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.zip_sizes import UNREADABLE, hold_to_their_sizes


def packed(method: int, *contents: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.csv", content)
    return into.getvalue()


def opened(content: bytes, said: int | None = None) -> zipfile.ZipFile:
    """The zip, and of its first file it is said that it comes to so many bytes."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    if said is not None:
        archive.infolist()[0].file_size = said
    return archive


@given(st.lists(st.binary(max_size=2000) | st.integers(0, 300_000).map(lambda size: b"a" * size), max_size=4))
def test_a_zip_that_says_what_it_holds_is_let_through(contents: list[bytes]) -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with opened(packed(method, *contents)) as archive:
            hold_to_their_sizes(archive)
            assert [archive.read(entry) for entry in archive.infolist()] == contents


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(("size", "said"), [(1, 0), (200_000, 199_999), (200_000, 10)])
def test_a_file_that_comes_to_more_than_is_said_is_found(method: int, size: int, said: int) -> None:
    with opened(packed(method, b"a" * size), said) as archive, pytest.raises(zipfile.BadZipFile):
        hold_to_their_sizes(archive)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_a_little_at_a_time_is_not_read(method: int) -> None:
    with opened(packed(method, b"a" * 100)) as archive, pytest.raises(UNREADABLE):
        hold_to_their_sizes(archive)


def test_a_zip_whose_list_is_not_where_its_end_says_is_broken_and_no_fault() -> None:
    content = bytearray(packed(zipfile.ZIP_DEFLATED, b"a" * 100))
    end = content.rindex(b"PK\x05\x06")
    content[end + 16 : end + 20] = (int.from_bytes(content[end + 16 : end + 20], "little") + 5000).to_bytes(4, "little")
    with opened(bytes(content)) as archive, pytest.raises(zipfile.BadZipFile):
        hold_to_their_sizes(archive)


def test_a_zip_with_a_name_that_is_not_the_utf_8_it_says_is_unreadable() -> None:
    content = bytearray(packed(zipfile.ZIP_DEFLATED, b"a"))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 9] |= 0x08
    content[entry + 46] = 0xFF
    with pytest.raises(UNREADABLE):
        opened(bytes(content))
