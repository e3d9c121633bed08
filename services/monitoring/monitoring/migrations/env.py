"""Alembic's way in: the kit migrates on the connection it was handed."""

from monitoring.tables import metadata
from shared.migrating import run_environment

run_environment(metadata)
