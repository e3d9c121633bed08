"""Alembic's entry: everything is the kit's but the tables."""

from referrals.tables import metadata
from shared import migrating

migrating.run_environment(metadata)
