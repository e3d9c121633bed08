"""``python -m tests.referrals.words`` prints what the test set says; with ``--write`` it puts that into docs/free-text.md."""

from __future__ import annotations

import sys

from tests.referrals.words.report import BEGINS, PAGE, report

if __name__ == "__main__":
    if "--write" in sys.argv:
        before = PAGE.read_text(encoding="utf-8").partition(BEGINS)[0]
        PAGE.write_text(before + report(), encoding="utf-8")
    else:
        print(report())
