"""What the judge sends where a body is no JSON: read in the judge's own environment, not in ours."""

import io
import zipfile

import schemathesis
from hypothesis import strategies as st


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


_names = st.sampled_from(["manifest.json", "Header.csv", "2026/Episodes.csv", "../../etc/passwd", "/absolute", "C:\\x", "x" * 300])
_zips = st.dictionaries(_names, st.binary(max_size=200), max_size=3).map(_zip)
_sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

for _kind in ("application/zip", _sheet, "application/octet-stream"):
    schemathesis.openapi.media_type(_kind, _zips | st.binary(max_size=400))
_lines = st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
for _kind in ("application/x-ndjson", "text/csv"):
    schemathesis.openapi.media_type(_kind, _lines | st.binary(max_size=100))


@schemathesis.serializer("text/csv", "application/x-ndjson")
def _as_it_is(_: object, value: object) -> bytes:
    """An address that takes JSON or lines: what was made up for the one may be sent as the other."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
