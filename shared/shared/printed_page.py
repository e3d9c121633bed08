"""Pages that are read or printed instead of JSON: who would rather have one, and what goes out with it."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256


def wanted(accept: str) -> bool:
    """Whether a caller would rather have HTML than JSON, by the weights it gives; JSON when it does not say."""
    weights = {"text/html": 0.0, "application/json": 0.0}
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind in weights:
            weights[kind] = next((_weight(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
    return weights["text/html"] > weights["application/json"]


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def headers(style: str) -> dict[str, str]:
    """What goes out with a page: only this very style sheet; no script, no picture, no form, no frame, no request of any kind."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; sandbox allow-modals",
        "Referrer-Policy": "no-referrer",
    }
