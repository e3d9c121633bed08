"""An archive over HTTP: sent in pieces, and what was loaded of one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from shared.archive import MOST_BYTES_SENT

_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
GIVES_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": _ZIP}}
TAKES_ZIP: dict[str, Any] = {"requestBody": {"required": True, "content": _ZIP}}
LARGER_BODIES = {"/archive": MOST_BYTES_SENT}


class LoadedRows(BaseModel):
    """What was loaded of an archive."""

    rows: dict[str, int] = Field(description="by table")

    @classmethod
    def of(cls, rows: Mapping[str, int]) -> Self:
        """As shown."""
        return cls(rows=dict(rows))


async def sent(pieces: AsyncIterator[bytes], name: str) -> StreamingResponse:
    """The reply that sends an archive while it is made. What goes wrong before its first piece is refused in words as everywhere; after it
    the zip ends without its directory, so that nobody takes a part for the whole."""
    first = await anext(pieces, b"")

    async def everything() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return StreamingResponse(everything(), media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'})
