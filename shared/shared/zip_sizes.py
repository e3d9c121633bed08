"""A zip is read only when each of its files unpacks to no more than the zip says of it.

Limits are kept by the sizes that a zip states of its files before any is unpacked. Whoever makes one to do harm understates them, and
a reader that asks for a whole file unpacks a block of it whole before it cuts off what was not announced: 5 MB become 5 GB.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from typing import IO

UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError),
    UnicodeDecodeError,  # a name that says it is UTF-8 and is not
)
"""What reading a zip raises when it is none, is broken inside, or is packed in a way that is not read."""

_AT_ONCE = 65_536
_LOCAL_HEADER = 30
"""Bytes of a file's own header before its name; the lengths of name and extra field are its last four."""


def hold_to_their_sizes(archive: zipfile.ZipFile) -> None:
    """Unpack every file once, a little at a time and keeping nothing; BadZipFile for one that comes to more than is said of it.

    NotImplementedError for a way of packing other than none and deflate, which are what spreadsheets and zip programs write:
    the others cannot be unpacked a little at a time here. The caller has bounded the sum of what is said.
    """
    assert archive.fp is not None
    for entry in archive.infolist():
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError("a way of packing that is not read here")
        if entry.compress_type == zipfile.ZIP_STORED and entry.compress_size > entry.file_size:
            raise zipfile.BadZipFile("a file is larger than it is said to be")
        if entry.compress_type == zipfile.ZIP_DEFLATED and _unpacked(archive.fp, entry) > entry.file_size:
            raise zipfile.BadZipFile("a file unpacks to more than it is said to")


def _unpacked(content: IO[bytes], entry: zipfile.ZipInfo) -> int:
    """How many bytes a deflated file comes to, counted until it is more than is said."""
    if entry.header_offset < 0:  # where the zip's own list is not where its end says
        raise zipfile.BadZipFile("a file is not where it is said to be")
    content.seek(entry.header_offset)
    header = content.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER:
        raise zipfile.BadZipFile("a file is not where it is said to be")
    content.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    unpacking, size, left = zlib.decompressobj(-zlib.MAX_WBITS), 0, entry.compress_size
    while left > 0 and not unpacking.eof and size <= entry.file_size:
        packed = content.read(min(left, _AT_ONCE))
        if not packed:
            break
        left -= len(packed)
        while packed and size <= entry.file_size:
            size += len(unpacking.decompress(packed, _AT_ONCE))
            packed = unpacking.unconsumed_tail
    return size
