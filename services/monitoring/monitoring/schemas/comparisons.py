"""Funnels and league tables as they are shown."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from monitoring.actions.chart_sentences import funnel_sentence, league_sentence
from monitoring.actions.charts import FunnelShown, League
from monitoring.domain.chance import Interval
from monitoring.domain.funnel import Standing
from monitoring.domain.league import WORDS, Line
from monitoring.schemas.figures import Asked


class Bounds(BaseModel):
    """A 95 per cent interval (Wilson), in per cent."""

    lower: float
    upper: float

    @classmethod
    def of(cls, given: Interval, *, times: float = 100) -> Self:
        """To one place."""
        return cls(lower=round(times * given.lower, 1), upper=round(times * given.upper, 1))


class FunnelPoint(BaseModel):
    """One agency or council in the funnel."""

    code: str
    name: str
    marked: int
    records: int
    per_cent: float
    interval: Bounds
    standing: Standing
    standing_widened: Standing = Field(description="where it lies if limits are as wide as those compared in fact scatter")
    above: bool
    how_unlikely: float


class FunnelBand(BaseModel):
    """The limits at one number of records, in per cent."""

    records: int
    lower_99_8: float
    lower_95: float
    upper_95: float
    upper_99_8: float


class FunnelReply(BaseModel):
    """A funnel plot with exact binomial limits."""

    asked: Asked
    name: str
    title: str
    by: str
    overall_per_cent: float | None
    marked: int
    records: int
    scatter: float | None
    points: list[FunnelPoint]
    bands: list[FunnelBand]
    words: str

    @classmethod
    def of(cls, given: FunnelShown) -> Self:
        """As worked out; nobody in it where there are no records."""
        found, definition = given.funnel, given.definition
        head = {"asked": Asked.of(given.scope), "name": definition.name, "title": definition.title, "by": str(given.by)}
        if found is None:
            words = "No records to compare."
            return cls(**head, overall_per_cent=None, marked=0, records=0, scatter=None, points=[], bands=[], words=words)
        return cls(
            **head,
            overall_per_cent=round(100 * found.overall, 1),
            marked=found.marked,
            records=found.records,
            scatter=round(found.scatter, 2),
            points=[
                FunnelPoint(
                    code=p.code,
                    name=given.names.get(p.code, p.code),
                    marked=p.marked,
                    records=p.records,
                    per_cent=round(100 * p.marked / p.records, 1),
                    interval=Bounds.of(p.interval),
                    standing=p.standing,
                    standing_widened=p.widened,
                    above=p.above,
                    how_unlikely=p.tail,
                )
                for p in found.placed
            ],
            bands=[
                FunnelBand(
                    records=b.records,
                    lower_99_8=round(100 * b.lower_99_8, 2),
                    lower_95=round(100 * b.lower_95, 2),
                    upper_95=round(100 * b.upper_95, 2),
                    upper_99_8=round(100 * b.upper_99_8, 2),
                )
                for b in found.bands
            ],
            words=funnel_sentence(given),
        )


class LeaguePart(BaseModel):
    """One part of a score."""

    part: str
    points: float
    between: Bounds
    weight: float
    known: bool
    words: str


class LeagueLine(BaseModel):
    """One agency's line: its score with its derivation, and how far its rank can be trusted."""

    agency: str
    name: str
    tier: int | None
    rank_in_tier_list: int | None
    rating: str | None
    score: float
    between: Bounds
    ranks: str = Field(description="the ranks it may have")
    cannot_be_told_apart_from: list[str]
    parts: list[LeaguePart]
    unplanned_endings: int
    endings: int
    unplanned_per_cent: Bounds | None = Field(description="interval of the share of endings that were unplanned")

    @classmethod
    def of(cls, line: Line) -> Self:
        """As worked out."""
        each = line.entrant
        stable = next(part for part in line.parts if part.part == "stability")
        share = Interval(100 - stable.interval.upper, 100 - stable.interval.lower)
        return cls(
            agency=each.agency,
            name=each.name,
            tier=each.tier,
            rank_in_tier_list=each.rank_in_tier_list,
            rating=each.rating,
            score=round(line.score, 1),
            between=Bounds.of(line.interval, times=1),
            ranks=f"{line.best_rank}" if line.best_rank == line.worst_rank else f"{line.best_rank} to {line.worst_rank}",
            cannot_be_told_apart_from=list(line.alike),
            parts=[
                LeaguePart(
                    part=p.part,
                    points=round(p.points, 1),
                    between=Bounds.of(p.interval, times=1),
                    weight=round(p.weight, 3),
                    known=p.known,
                    words=WORDS[p.part],
                )
                for p in line.parts
            ],
            unplanned_endings=each.unplanned,
            endings=each.endings,
            unplanned_per_cent=Bounds.of(share, times=1) if stable.known else None,
        )


class LeagueReply(BaseModel):
    """A lot's league table."""

    asked: Asked
    lot: str
    lines: list[LeagueLine]
    words: str

    @classmethod
    def of(cls, given: League) -> Self:
        """As worked out."""
        return cls(
            asked=Asked.of(given.scope), lot=given.lot, lines=[LeagueLine.of(each) for each in given.lines], words=league_sentence(given)
        )
