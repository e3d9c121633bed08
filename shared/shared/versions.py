"""Changing what somebody else may have changed: an ETag out, an If-Match in, a stale one refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from shared.refusals import Reason, RefusalKind, Refused


def etag(version: int) -> str:
    """The ETag of a version: ``"3"``."""
    return f'"{version}"'


@dataclass(frozen=True)
class Expected:
    """The version the caller believes it is changing."""

    header: str | None

    def require(self, current: int) -> None:
        """Refuse when the caller names no version, or one that has been changed since."""
        if self.header is None:
            raise Refused(
                RefusalKind.VERSION_NEEDED,
                "Say which version you are changing: send If-Match with the ETag you were given when you read it.",
                (Reason("If-Match", "version_named", "The If-Match header is missing."),),
            )
        self.check(current)

    def check(self, current: int) -> None:
        """Refuse a stale version; a caller who names none is taken to mean the present one."""
        if self.header is None or self.header.strip() == "*":
            return
        given = {part.strip().removeprefix("W/") for part in self.header.split(",")}
        if etag(current) not in given:
            raise Refused(
                RefusalKind.STALE,
                "Somebody changed this after you read it. Read it again, look at what changed, and send your change with the new ETag.",
                (Reason("If-Match", "version_is_current", "The version named is no longer the current one."),),
            )


IfMatchHeader = Annotated[str | None, Header(description='ETag of the version being changed, as in "3"', max_length=200)]
"""What the header may be, before anybody looks at what it names."""


async def _expected(if_match: IfMatchHeader = None) -> Expected:
    return Expected(if_match)


IfMatch = Annotated[Expected, Depends(_expected)]
"""Parameter type of a route that changes a versioned thing."""
