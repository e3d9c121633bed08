"""A request's route is looked for among those whose address begins with the same word, not among all of a service's.

The framework asks one route after the other, and each router it was given twice: with a hundred addresses, most of a small request's
time went into regular expressions that could not match. Order and answers stay the framework's own: every group is one of its routers.
"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send


class ByFirstWord:
    """Stands before an application's router. ``words`` says of each of its routes with which words its addresses begin."""

    def __init__(self, whole: APIRouter, words: Iterable[tuple[BaseRoute, frozenset[str]]]) -> None:
        self._whole = whole
        self._otherwise: ASGIApp = whole.app
        self._groups: dict[str, APIRouter] = {}
        for route, begins in words:
            for word in begins:
                group = self._groups.setdefault(word, APIRouter(redirect_slashes=whole.redirect_slashes, default=whole.default))
                group.routes.append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        group = self._groups.get(_first_word(scope["path"])) if scope["type"] == "http" and not scope.get("root_path") else None
        if group is None:
            await self._otherwise(scope, receive, send)
            return
        scope.setdefault("router", self._whole)
        await group.app(scope, receive, send)


def first_words(router: APIRouter) -> frozenset[str]:
    """The words with which a router's addresses begin. ValueError when one begins with something the caller chooses."""
    words = frozenset(_first_word(route.path) for route in router.routes)  # type: ignore[attr-defined]
    if any("{" in word for word in words):
        raise ValueError(f"an address that begins with a parameter would be looked for under every word: {sorted(words)}")
    return words


def _first_word(path: str) -> str:
    return path.partition("/")[2].partition("/")[0]
