"""What was erased stays erased when an older copy of the data is put back beside the newest keys (decisions 0235, 0236)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from hearth.backup.manifest import Manifest
from hearth.backup.places import Place
from hearth.backup.proving import Proof
from hearth.backup.taking import digests_of_search_keys
from hearth.progress import step
from referrals.actions import erasure
from referrals.store import children
from referrals.store.vault import Keyring
from shared import tenancy
from shared.organisation import Organisation
from shared.refusals import Refused


async def again(places: Sequence[Place], made: Manifest, ring: Keyring) -> int:
    """Take out what was erased since the data was backed up; how many children's records.

    An erasure gives its council a new search key. Where the keys have another one than the data was hashed under, the search terms are
    made anew, or nobody would be found by name.
    """
    count = 0
    with step("Taking out again what was erased since") as progress:
        for place in (each for each in places if each.service == "referrals"):
            part = made.part(place.name)
            assert part is not None
            connection = await place.connect()
            try:
                now = await digests_of_search_keys(connection)
                erasing = {
                    row["organisation"] for row in await connection.fetch("SELECT DISTINCT organisation FROM erasures WHERE state = 'done'")
                }
            finally:
                await connection.close()
            other_search_key = {council for council, digest in now.items() if part.search_keys.get(council, digest) != digest}
            databases = tenancy.Databases(tenancy.engine_for(place.url, pool_size=2, role=place.app), source="/referrals")
            try:
                for council in sorted(erasing | other_search_key):
                    progress.say(f"Taking out again what {council} erased since")
                    async with tenancy.transaction(databases, Organisation.parse(council)) as transaction:
                        taken_out = await erasure.again(transaction, ring)
                        if not taken_out and council in other_search_key:
                            await children.hash_terms_anew(transaction, ring)
                    count += taken_out
            finally:
                await databases.close()
    return count


async def keys_are_here(connections: Mapping[str, asyncpg.Connection], ring: Keyring) -> list[Proof]:
    """Whether the key file holds every key that something is sealed under: without it nobody can read who those children are."""
    looked_at, missing = 0, []
    for name, connection in connections.items():
        if name.partition(":")[0] != "referrals":
            continue
        for row in await connection.fetch("SELECT organisation, key_id, count(*) FROM data_keys GROUP BY 1, 2 ORDER BY 1, 2"):
            looked_at += row["count"]
            try:
                ring.named(Organisation.parse(row["organisation"]), row["key_id"])
            except Refused:
                missing.append(f"key {row['key_id']} of {row['organisation']} is not in it")
    return [Proof("The key file opens every child's key", looked_at, tuple(missing))]
