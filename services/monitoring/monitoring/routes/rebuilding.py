"""Build everything again and say what differs: the project manager's check that the figures are what happened."""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel, Field

from monitoring.actions import rebuilding
from monitoring.domain.rebuilt import Difference, Kind
from shared import plain_routes
from shared.signin import ProjectManager
from shared.tenancy import Databases
from shared.written import YesOrNo

router = plain_routes.router(tags=["figures"])

MOST = 200


class ToRebuild(BaseModel):
    """What is asked for."""

    write: YesOrNo = Field(default=False, description="write facts as the log leaves them, and count every month again")


class DifferenceFound(BaseModel):
    """One row that is not as the log or the facts say; which columns, never what they say."""

    kind: Kind
    reader: str
    table: str
    key: str
    columns: list[str]


class RebuiltReply(BaseModel):
    """How much was looked at, and what differs: the first of them by name."""

    events: int
    facts: int
    counted: int
    different: int
    put_right: int
    differences: list[DifferenceFound]


@router.post("/rebuild")
async def rebuild(request: Request, manager: ProjectManager, asked: ToRebuild) -> RebuiltReply:
    """Every fact from the log of events and every count from the facts, compared with what is kept. No row of anybody is shown."""
    databases: Databases = request.app.state.databases
    found = await rebuilding.rebuild(databases, write=asked.write)
    return RebuiltReply(
        events=found.events,
        facts=found.facts,
        counted=found.counted,
        different=len(found.differences),
        put_right=found.put_right,
        differences=[_shown(each) for each in found.differences[:MOST]],
    )


def _shown(found: Difference) -> DifferenceFound:
    return DifferenceFound(kind=found.kind, reader=found.reader, table=found.table, key=found.key, columns=list(found.columns))
