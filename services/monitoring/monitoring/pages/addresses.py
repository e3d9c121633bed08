"""Addresses of pages: the filters live in them, so that a page can be kept, sent to somebody and printed as it was."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from monitoring.domain.scope import Scope


def of(address: str, scope: Scope | None = None, **more: str | None) -> str:
    """A page about one scope; what is None or empty is left out."""
    asked: dict[str, str | None] = {}
    if scope is not None:
        period = scope.period
        asked = {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "council": scope.council,
            "agency": scope.agency,
            "lot": scope.lot,
        }
    query = urlencode({name: value for name, value in {**asked, **more}.items() if value})
    return f"{address}?{query}" if query else address


def with_format(address: str, form: str) -> str:
    """The same page as a file."""
    parts = urlsplit(address)
    query = urlencode([*((name, value) for name, value in parse_qsl(parts.query) if name != "format"), ("format", form)])
    return f"{parts.path}?{query}"
