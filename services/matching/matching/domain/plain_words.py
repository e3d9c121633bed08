"""Codes and days as people read them."""

from __future__ import annotations

from datetime import date


def plain(word: str) -> str:
    """A code as words: ``long_term`` is *long term*."""
    return str(word).replace("_", " ")


def dated(given: date) -> str:
    """``22 November 2026``."""
    return f"{given.day} {given:%B %Y}"
