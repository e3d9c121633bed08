"""What every table of the service is made with."""

from __future__ import annotations

from sqlalchemy import MetaData

from shared import kit_tables

metadata = MetaData()
kit_tables.define(metadata)
