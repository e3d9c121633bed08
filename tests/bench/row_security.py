"""Row security on beside off: writing one row, and reading a page by an index."""

from __future__ import annotations

from statistics import median

import asyncpg

from tests.bench.england import England, council, fill
from tests.bench.figures import Section, at_least, rate, spread
from tests.bench.ground import Ground, prepared
from tests.bench.programs import pgbench
from tests.bench.progress import say

NAME = "row_security"
CLIENTS = 8
TURNS = 6
WRITE = """\\set i :i + 1
\\set n :base + :i * :clients + :client_id
\\startpipeline
BEGIN;
SELECT set_config('app.organisation', (:council)::text, true);
\\endpipeline
INSERT INTO referrals (organisation, id, reference, version, state, lot, terms, created_at, created_by)
VALUES ((:council)::text, ('00000000-0000-4000-8000-' || lpad((:n)::text, 12, '0'))::uuid, 'W' || (:n)::text, 1, 'draft', 'general',
'{"kind": "short_term", "urgency": "planned"}'::jsonb, now(), 'bench');
COMMIT;
"""
READ = """\\startpipeline
BEGIN;
SELECT set_config('app.organisation', (:council)::text, true);
\\endpipeline
SELECT id, reference, state, terms FROM referrals WHERE organisation = (:council)::text ORDER BY created_at DESC, id DESC LIMIT 50;
COMMIT;
"""


async def measure(quick: bool) -> Section:
    """Each pair in turn, on, off, off, on, on the same table."""
    async with prepared("referrals") as ground:
        administrator = await ground.administrator("referrals")
        say("row security: filling")
        await fill(administrator, "referrals", England(20_000, 20_000, 19_800, bare=True))
        bench = _Turns(ground, administrator, 0.5 if quick else 1.5)
        # First what is read: what the writing leaves is a council with a hundred thousand bare rows, and no council's page is so light.
        read = await bench.both("read", READ)
        written = await bench.both("write", WRITE)
        await administrator.close()
    figures = []
    for name, (on, off) in (("one-row write", written), ("page of 50 read by index", read)):
        figures.append(
            at_least(
                f"row security on, {name}, beside off",
                0.95,
                median(one / other for one, other in zip(on, off, strict=True)),
                1.0,
                measured=f"{rate(median(on))} {spread(on)}",
                against=f"{rate(median(off))} {spread(off)}",
            )
        )
    return Section(
        "Row security",
        f"`pgbench -M prepared -c {CLIENTS} -j 2` as the application's role on the referrals of 153 councils, row security as migrated "
        f"beside `ALTER TABLE referrals DISABLE ROW LEVEL SECURITY`; {bench.seconds:g} s each, on off off on, {TURNS} times; "
        "the ratio is the median of those of neighbours in time.",
        figures,
        shown=f"{WRITE}\n{READ}",
    )


class _Turns:
    def __init__(self, ground: Ground, administrator: asyncpg.Connection, seconds: float) -> None:
        self.ground, self.administrator, self.seconds = ground, administrator, seconds
        self.base = 10_000_000

    async def both(self, name: str, script: str) -> tuple[list[float], list[float]]:
        """Transactions a second with row security on, and off."""
        file = self.ground.folder / f"{name}.sql"
        file.write_text(script)
        found: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
        for turn in ("ENABLE", "DISABLE", "DISABLE", "ENABLE") * TURNS:
            say(f"row security: {name}, {'on' if turn == 'ENABLE' else 'off'}")
            await self.administrator.execute(f"ALTER TABLE referrals {turn} ROW LEVEL SECURITY")
            self.base += 1_000_000
            variables = {"i": "-1", "base": str(self.base), "clients": str(CLIENTS), "council": council(7)}
            url = self.ground.databases["referrals"].app_url
            done = await pgbench(url, file, variables, clients=CLIENTS, seconds=self.seconds, log_folder=self.ground.folder)
            found[turn].append(done.per_second)
        await self.administrator.execute("ALTER TABLE referrals ENABLE ROW LEVEL SECURITY")
        return found["ENABLE"], found["DISABLE"]
