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
schemathesis.openapi.media_type("application/x-ndjson", _lines | st.binary(max_size=100))


@schemathesis.serializer("text/csv")
def _as_it_is(_: object, value: object) -> bytes:
    """A file of lines is described as text, with an example; a way to make one up would leave no room for the example."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
