"""Archives in the tests: opened, changed, made anew."""

from __future__ import annotations

import io
import struct
import zipfile

Files = dict[str, bytes]


def files(content: bytes) -> Files:
    """Every file of a zip, which must be whole."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(inside: Files) -> bytes:
    """A zip of these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in inside.items():
            archive.writestr(name, data)
    return file.getvalue()


def spoilt(content: bytes) -> bytes:
    """The zip with the packed bytes of its first file made nonsense."""
    name, extra = struct.unpack("<HH", content[26:30])
    begins = 30 + name + extra
    return content[:begins] + b"\xff\xfe\xfd\xfc" + content[begins + 4 :]
