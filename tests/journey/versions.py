"""Other versions of Hearth beside this one: the one released before, taken from the history, and a next one with a schema that grew."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from shared import migrating
from shared.contracts import SERVICES

ROOT = Path(__file__).parents[2]
RECORDED = "b27300492d7ab61d01b05867df14eeb836bfd3b2"
"""What stands for the last release until one is tagged v…: its code must serve on today's schema. Where the history does not hold it,
the tests say so and take this version as its own predecessor."""
CODE = ("shared", "services/referrals", "services/providers", "services/matching", "services/monitoring")

# What a release may do to tables that the one before is using: a column with and without a default, a table, an index made beside
# the writers, a check that is validated after it was added.
GROWS = {
    "referrals": ("referrals", "state"),
    "providers": ("vacancies", "status"),
    "matching": ("offers", "state"),
    "monitoring": ("referrals", "lot"),
}
NEXT = '''"""What a next release might add, beside the version that serves.

Revision ID: {revision}
"""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE {table} ADD COLUMN of_the_next_release text")
    op.execute("ALTER TABLE {table} ADD COLUMN counted_by_the_next integer NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE {table} ADD CONSTRAINT {table}_counted CHECK (counted_by_the_next >= 0) NOT VALID")
    op.execute("ALTER TABLE {table} VALIDATE CONSTRAINT {table}_counted")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY {table}_of_the_next ON {table} ({column})")
'''


class NotAtHand(Exception):
    """The released code cannot be had here; says why."""


def released(into: Path) -> Path:
    """The code of the last release: the newest tag v…, else the recorded revision. NotAtHand in a copy without that history."""
    revision = _said("describe", "--tags", "--match", "v*", "--abbrev=0") or RECORDED
    if not (ROOT / ".git").exists():
        raise NotAtHand("this copy of the sources has no history")
    if not _said("cat-file", "-t", f"{revision}^{{commit}}"):
        raise NotAtHand(f"the history here does not reach back to {revision[:12]} (a shallow clone?)")
    packed = subprocess.run(["git", "-C", ROOT, "archive", revision, *CODE], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(into)  # our own sources as git packs them; the filters that strangers' archives need came after 3.11.2
    return into


def _said(*arguments: str) -> str:
    ran = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return ran.stdout.strip() if ran.returncode == 0 else ""


def this(into: Path) -> Path:
    """The code as it is here."""
    for folder in CODE:
        shutil.copytree(ROOT / folder, into / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return into


def with_a_schema_that_grew(code: Path) -> Path:
    """One more migration in every service, of the kind that is allowed."""
    for service in SERVICES:
        before = migrating.newest(service)
        table, column = GROWS[service]
        text = NEXT.format(revision=f"{int(before) + 1:04}", before=before, table=table, column=column)
        (code / "services" / service / service / "migrations" / "versions" / f"{int(before) + 1:04}_next.py").write_text(text)
    return code


def path(code: Path) -> str:
    """The PYTHONPATH under which a process runs this code and not the installed one."""
    return ":".join(str(code / folder) for folder in CODE)


def schemas_of(code: Path) -> dict[str, str]:
    """The newest revision of each service in this code."""
    folders = {service: code / "services" / service / service / "migrations" / "versions" for service in SERVICES}
    return {service: max(file.name[:4] for file in folder.glob("[0-9]*.py")) for service, folder in folders.items()}
