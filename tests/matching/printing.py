"""Printing a page as a person would: with Chromium, on paper, reaching for nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@lru_cache
def chromium() -> str:
    """The browser; installed by apt when this is root's machine and has none, else AssertionError saying how."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing chromium by apt-get, to print the options sheet", file=sys.stderr)
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"]):
            subprocess.run(command, check=True, timeout=600, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, "Chromium prints the options sheet in this test. Install it: apt-get install chromium (Debian), or put it on the PATH."
    return found


def _run(folder: Path, page: Path, *flags: str) -> None:
    asked = [
        *(chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
        *(f"--user-data-dir={folder / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND", *flags, page.as_uri()),
    ]
    subprocess.run(asked, check=True, timeout=120, capture_output=True)


def printed(folder: Path, html: str) -> bytes:
    """The page as a PDF."""
    page, pdf = folder / "page.html", folder / "page.pdf"
    page.write_text(html, encoding="utf-8")
    _run(folder, page, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    return pdf.read_bytes()


def sheets(pdf: bytes) -> int:
    """How many sheets of paper a PDF takes."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def paper(pdf: bytes) -> tuple[int, int]:
    """Width and height of the first sheet, in whole millimetres."""
    box = re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    assert box is not None
    return round(float(box[1]) / 72 * 25.4), round(float(box[2]) / 72 * 25.4)
