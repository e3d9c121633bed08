"""What a backup or a restore says when it does nothing."""

from __future__ import annotations


class RefusedError(Exception):
    """It is not done, and nothing was changed; the text says why and what to do."""
