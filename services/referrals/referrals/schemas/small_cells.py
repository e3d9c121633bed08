"""Bodies about small cells: councils' counts, and how many share what a referral shows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from referrals.actions.small_cells import Judged
from referrals.domain.blurs import WORDS, Blur
from referrals.domain.counts import Counts, Written, told
from referrals.domain.national_shares import LINES, Basis
from referrals.domain.small_cells_words import SmallCellReason, how, in_words, rounded
from referrals.schemas.body import Body
from referrals.store.counts import Acknowledgement, Upload
from shared.written import Day, Whole

_Children = Annotated[int, Field(ge=0, le=999_999)] | Literal["c"]
_Of = Annotated[dict[str, str], Field(min_length=1, max_length=6, description="attribute and value; several of them are a joint cell")]


class CountedCell(Body):
    """How many children have all of these attributes."""

    of: _Of
    children: _Children = Field(description="a whole number, or c for one to four, as published tables write it")


class NewCounts(Body):
    """A council's counts of the children it looks after."""

    as_of: Day
    total: Annotated[Whole, Field(ge=0, le=999_999)]
    cells: Annotated[tuple[CountedCell, ...], Field(max_length=5000)] = ()

    def written(self) -> tuple[Written, ...]:
        """As the rules take it; each is named by its place among ``cells``."""
        return tuple(Written(f"cells.{number}", tuple(cell.of.items()), str(cell.children)) for number, cell in enumerate(self.cells))


class CellBody(BaseModel):
    """One count; ``c`` is one to four."""

    of: dict[str, str]
    children: int | str


def _cells(counts: Counts) -> list[CellBody]:
    return [
        CellBody(of={str(name): value for name, value in cell.of}, children=cell.count.low if cell.count.low == cell.count.high else "c")
        for cell in counts.cells
    ]


class ToldBody(BaseModel):
    """What the other councils are told of the counts: to the nearest five, and of fewer than five children nothing jointly."""

    total: int
    cells: list[CellBody]


class CountsBody(BaseModel):
    """A council's counts in force, and what the others are told of them."""

    version: int
    as_of: date
    total: int
    cells: list[CellBody]
    told_to_others: ToldBody
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """The counts as shown to their own council."""
        counts, others = upload.counts, told(upload.counts)
        return cls(
            version=upload.version,
            as_of=counts.as_of,
            total=counts.total,
            cells=_cells(counts),
            told_to_others=ToldBody(total=others.total, cells=_cells(others)),
            recorded_by=upload.recorded_by,
            recorded_at=upload.recorded_at,
        )


class DefaultShare(BaseModel):
    """What is assumed where a council has uploaded no count. Of ``total`` the share is a number of children, by council."""

    attribute: str
    value: str
    share: Decimal
    basis: Basis
    as_of: date
    source: str


class DefaultShares(BaseModel):
    """Every default with its source."""

    items: list[DefaultShare]

    @classmethod
    def all(cls) -> Self:
        """As the data has them."""
        return cls(
            items=[
                DefaultShare(**{**vars(line), "share": Decimal(line.share.numerator) / Decimal(line.share.denominator)}) for line in LINES
            ]
        )


class BlurBody(BaseModel):
    """One single blur more: the number it makes, to a tenth and downwards."""

    blur: Blur
    number: Decimal
    words: str


class AcknowledgementBody(BaseModel):
    """That a version was sent although few share what it shows."""

    version: int
    number: Decimal
    threshold: int
    blurred: list[str]
    reason: SmallCellReason
    acknowledged_by: str
    acknowledged_at: datetime

    @classmethod
    def of(cls, said: Acknowledgement) -> Self:
        """As it was put on record."""
        return cls(**{name: value for name, value in vars(said).items() if name != "referral"})


class SmallCellsBody(BaseModel):
    """How many looked-after children of the consortium share what is shown, and which single blur raises that most."""

    number: Decimal = Field(description="children, or groups where brothers and sisters are referred together; to a tenth, downwards")
    counted_as: Literal["children", "groups"]
    each_child: list[Decimal] = Field(description="how many children share what is shown of each child, in the referral's order")
    own_council: Decimal = Field(description="how many of them your own council looks after: which council asks is shown to providers")
    threshold: int
    below_threshold: bool
    blurred: list[Blur]
    best_blur: Blur | None
    blurs: list[BlurBody] = Field(description="each single blur not applied yet, the one that raises the number most first")
    words: str
    how: list[str]
    acknowledged: list[AcknowledgementBody]

    @classmethod
    def of(cls, judged: Judged) -> Self:
        """The answer as shown."""
        found = judged.found
        return cls(
            number=rounded(found.together),
            counted_as="children" if judged.children == 1 else "groups",
            each_child=[rounded(each) for each in found.now.each],
            own_council=rounded(found.now.by_council[judged.own_council]),
            threshold=found.threshold,
            below_threshold=found.below,
            blurred=list(judged.blurred),
            best_blur=found.best,
            blurs=[BlurBody(blur=one.blur, number=rounded(one.together), words=WORDS[one.blur]) for one in found.blurs],
            words=in_words(found, judged.children),
            how=list(how(judged.populations)),
            acknowledged=[AcknowledgementBody.of(said) for said in judged.acknowledged],
        )
