"""docs/webhooks.md is true: its tables are the code's, and its examples verify what is really sent."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from matching.domain.notice import Notice, NoticeType
from matching.sending.requests import body_of, headers_of
from matching.store.secrets import new_secret
from shared import clock, ids

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "webhooks.md").read_text()


def example(language: str) -> str:
    """The page's one block of code in this language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def request() -> tuple[str, str, dict[str, str]]:
    """A secret, a body signed with it, and the headers."""
    notice = Notice(1, ids.new_id(), NoticeType.OFFER_CONFIRMED, clock.now(), "E06000045", ids.new_id(), "K7M4-WQ3P", ids.new_id(), None)
    secret, body = new_secret(), body_of(notice)
    return secret, body, headers_of(notice, body, [secret], clock.now())


def test_its_tables_of_attempts_and_of_notices_are_the_codes() -> None:
    found = importlib.util.spec_from_file_location("make_webhook_tables", ROOT / "docs" / "make_webhook_tables.py")
    assert found
    assert found.loader
    making: Any = importlib.util.module_from_spec(found)
    found.loader.exec_module(making)
    assert making.page(PAGE) == PAGE, "run: .venv/bin/python docs/make_webhook_tables.py"
    assert all(f"`{type}`" in PAGE for type in NoticeType)


async def test_its_receiver_in_python_accepts_what_is_signed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, body, headers = request()
    monkeypatch.setenv("HEARTH_WEBHOOK_SECRET", secret)
    module: dict[str, Any] = {}
    exec(compile(example("python").replace("from __future__", "#"), "docs/webhooks.md", "exec", dont_inherit=True), module)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(module["app"]), base_url="http://receiver.test") as client:
        assert (await client.post("/hearth", content=body, headers=headers)).status_code == 204
        assert (await client.post("/hearth", content=body + " ", headers=headers)).status_code == 401


def test_its_shell_computes_the_signature_that_is_sent() -> None:
    secret, body, headers = request()
    told = {"SECRET": secret, "ID": headers["webhook-id"], "TIMESTAMP": headers["webhook-timestamp"], "BODY": body}
    script = ["bash", "-eu", "-o", "pipefail", "-c", example("bash")]
    ran = subprocess.run(script, env={**told, "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True)
    assert f"v1,{ran.stdout.strip()}" == headers["webhook-signature"]
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
