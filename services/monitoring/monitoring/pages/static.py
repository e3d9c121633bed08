"""What a page needs besides itself: one style sheet and one picture, both from this very service."""

from __future__ import annotations

import hashlib
from importlib import resources

_FOLDER = resources.files("monitoring") / "static"
_KINDS = {"hearth.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}

FILES: dict[str, tuple[bytes, str]] = {name: ((_FOLDER / name).read_bytes(), kind) for name, kind in _KINDS.items()}
"""Name → content and media type."""

STYLE_ADDRESS = f"/pages/static/hearth.css?v={hashlib.sha256(FILES['hearth.css'][0]).hexdigest()[:12]}"
"""Another address whenever the style sheet is another, so that a browser may keep it."""
