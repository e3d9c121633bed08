"""What was asked of the services and what each caller knows of it: done, refused, or unknown because no answer came.

A write goes out under an Idempotency-Key of its own. When no clear answer comes back (a connection that broke, a fault, a 503) a caller
that means it asks again under the same key, as the API invites everybody to; one that gives up leaves it open, and afterwards the same key
says which of the two it was. Every body is looked through as it comes in for what its reader may not know, and then forgotten.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import httpx

from hearth.issuer import Keys
from hearth.tokens import TokenRefusedError, Tokens
from tests.faults.consortium import CARERS_LIVE
from tests.faults.ground import Ground

PAUSES = (0.2, 0.5, 1.0, 2.0, 3.0, 4.0)
"""Seconds before a caller without an answer asks again."""
FIRST_BIRTH = date(2011, 1, 3)
BIRTHS = 4000
_MARKED = re.compile(r"(?:REC|Zeph|Quil|Marrow|Bevois |Ottol)((?:[bcdfghjklm]u){6})", re.IGNORECASE)
_DAY = re.compile(r"20[12]\d-\d\d-\d\d")
_DIGITS = {letter: str(number) for number, letter in enumerate("bcdfghjklm")}
_CARER = re.compile("|".join(CARERS_LIVE))


class Outcome(StrEnum):
    """What the caller knows."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """What came back, in the end: the status (0: nothing), what it says, and how often it was asked."""

    outcome: Outcome
    status: int
    said: Any
    tries: int = 1

    @property
    def done(self) -> bool:
        """Whether the caller saw that it was done."""
        return self.outcome is Outcome.DONE


@dataclass(frozen=True)
class Sent:
    """One write and what came of it."""

    service: str
    organisation: str
    method: str
    path: str
    body: Any
    key: str
    answer: Answer
    mark: str = ""
    """What the thing is known by to whoever looks for it."""


@dataclass(frozen=True)
class Strayed:
    """Somebody was told what is not theirs to know, unless a right is found for it."""

    organisation: str
    asked: str
    child: int | None
    """A child's number; None for a carer's postcode, which ``postcode`` has."""
    postcode: str = ""


def mark_of(number: int) -> str:
    """What stands in every identifying value of a made-up child."""
    letters = {digit: letter for letter, digit in _DIGITS.items()}
    return "".join(letters[digit] + "u" for digit in f"{number:06d}")


def born(number: int) -> date:
    """A birth date no other child has."""
    return FIRST_BIRTH + timedelta(days=(37 * number) % BIRTHS)


def identity(number: int, postcode: str) -> dict[str, Any]:
    """A made-up child, each identifying value of which is found again in whatever text it strays into."""
    mark = mark_of(number)
    return {
        "child_id": f"REC{mark.upper()}",
        "given_names": f"Zeph{mark}",
        "family_name": f"Quil{mark}",
        "date_of_birth": born(number).isoformat(),
        "sex": "F",
        "home_address": f"7 Marrow{mark} Lane",
        "home_postcode": postcode,
        "school": f"Bevois {mark} Primary",
        "legal_status": "C2",
        "category_of_need": "N1",
        "relatives": [{"name": f"Ottol{mark} Quil{mark}", "relationship": "mother"}],
    }


def children_in(text: str, births: Mapping[str, int]) -> Iterator[int]:
    """The numbers of the children whom a text says anything identifying of; ``births`` has those born on each day."""
    for mark in set(_MARKED.findall(text)):
        yield int("".join(_DIGITS[letter] for letter in mark.lower()[::2]))
    for day in set(_DAY.findall(text)) & births.keys():
        yield births[day]


def carers_in(text: str) -> set[str]:
    """The carers' postcodes in a text."""
    return set(_CARER.findall(text))


@dataclass
class Asking:
    """The way to the services for everybody, and the record of it."""

    ground: Ground
    http: httpx.AsyncClient
    seed: str
    sent: list[Sent] = field(default_factory=list)
    strayed: list[Strayed] = field(default_factory=list)
    births: dict[str, int] = field(default_factory=dict)
    children: dict[int, str] = field(default_factory=dict)
    """Number → its council."""
    forged: set[str] = field(default_factory=set)
    """Ids of events that no service said."""
    counted: Counter[str] = field(default_factory=Counter)
    """How many answers of each kind."""
    slowest: float = 0.0
    _tokens: Tokens | None = None
    _numbers: int = 0

    @property
    def tokens(self) -> Tokens:
        """Signs anybody in."""
        if self._tokens is None:
            keys: Keys = self.ground.deployment.keys
            self._tokens = Tokens(self.http, self.ground.deployment.where.issuer, keys)
        return self._tokens

    def new_child(self, council: str, postcode: str) -> tuple[int, dict[str, Any]]:
        """A child nobody knows yet: its number and who it is."""
        number = len(self.children) + 1
        made = identity(number, postcode)
        self.children[number] = council
        self.births[made["date_of_birth"]] = number
        return number, made

    def new_key(self) -> str:
        """A key for one write."""
        self._numbers += 1
        return f"{self.seed}-{self._numbers}"

    async def write(
        self,
        service: str,
        organisation: str,
        method: str,
        path: str,
        body: Any,
        *,
        role: str = "",
        key: str = "",
        gives_up: bool = False,
        mark: str = "",
    ) -> Answer:
        """One write, asked again under its key while no clear answer comes; a caller who gives up asks once."""
        key = key or self.new_key()
        answer = await self.once(service, organisation, method, path, body, role=role, key=key)
        for pause in () if gives_up else PAUSES:
            if answer.outcome is not Outcome.UNKNOWN:
                break
            await asyncio.sleep(pause)
            again = await self.once(service, organisation, method, path, body, role=role, key=key)
            answer = Answer(again.outcome, again.status, again.said, answer.tries + 1)
        self.sent.append(Sent(service, organisation, method, path, body, key, answer, mark))
        return answer

    async def read(self, service: str, organisation: str, path: str, *, role: str = "") -> Answer:
        """One look, asked again while no answer comes."""
        answer = await self.once(service, organisation, "GET", path, None, role=role)
        for pause in PAUSES:
            if answer.outcome is not Outcome.UNKNOWN:
                break
            await asyncio.sleep(pause)
            answer = await self.once(service, organisation, "GET", path, None, role=role)
        return answer

    async def every(self, service: str, organisation: str, path: str, *, role: str = "") -> list[dict[str, Any]]:
        """All pages of a list. AssertionError when it cannot be read."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            joined = "&" if "?" in path else "?"
            answer = await self.read(service, organisation, f"{path}{joined}limit=200" + (f"&cursor={cursor}" if cursor else ""), role=role)
            assert answer.done, f"{organisation} cannot read {service}{path}: {answer.status} {answer.said}"
            found += answer.said["items"]
            cursor = answer.said["next_cursor"]
        return found

    async def once(self, service: str, organisation: str, method: str, path: str, body: Any, *, role: str = "", key: str = "") -> Answer:
        """One call; what its caller knows afterwards."""
        began = asyncio.get_running_loop().time()
        try:
            headers = {"Authorization": f"Bearer {await self.tokens.of(organisation, role)}", "If-Match": "*"}
            if key:
                headers["Idempotency-Key"] = key
            reply = await self.http.request(method, self.ground.address(service) + path, json=body, headers=headers)
        except (httpx.HTTPError, TokenRefusedError) as error:
            self.counted[f"no answer ({type(error).__name__})"] += 1
            return Answer(Outcome.UNKNOWN, 0, None)
        finally:
            self.slowest = max(self.slowest, asyncio.get_running_loop().time() - began)
        self.counted[str(reply.status_code)] += 1
        self._look_through(organisation, f"{method} {service}{path}", reply.text)
        if reply.status_code in (429, 503):
            self.counted["with Retry-After" if "retry-after" in reply.headers else "without Retry-After"] += 1
        said = _json(reply)
        if reply.is_success:
            return Answer(Outcome.DONE, reply.status_code, said)
        unclear = reply.status_code >= 500 or reply.status_code == 429
        return Answer(Outcome.UNKNOWN if unclear else Outcome.REFUSED, reply.status_code, said)

    def _look_through(self, organisation: str, asked: str, text: str) -> None:
        for number in children_in(text, self.births):
            if self.children.get(number) != organisation:
                self.strayed.append(Strayed(organisation, asked, number))
        if not organisation.startswith("agency:"):
            for postcode in carers_in(text):
                self.strayed.append(Strayed(organisation, asked, None, postcode))


def rules(answer: Answer) -> set[str]:
    """The rules a refusal names."""
    return {str(error.get("rule")) for error in (answer.said or {}).get("errors") or ()}


def _json(reply: httpx.Response) -> Any:
    try:
        return reply.json() if reply.content else None
    except ValueError:
        return None
