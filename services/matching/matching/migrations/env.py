"""Alembic's entrance; everything is in the kit."""

from matching.tables import metadata
from shared.migrating import run_environment

run_environment(metadata)
