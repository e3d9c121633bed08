"""Bodies about who a child is. Field names are those of the SSDA903 header in plain words: ``child_id`` is CHILD, ``sex`` SEX …"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from referrals.domain.broadcast import district_of
from referrals.domain.identity import Confirmation, Identity, Relative
from referrals.domain.search_terms import Term, terms
from referrals.schemas.body import Body, Line, given
from referrals.store.children import KeptChild
from referrals.store.disclosures import Disclosure
from shared.refusals import Reason, invalid
from shared.written import Day, YesOrNo

Code = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=5)]


def _as_kept(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


Number = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=20), AfterValidator(_as_kept)]
"""A number kept without the spaces and hyphens it is written and read aloud with: 943 476 5919."""
ChildId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class RelativeBody(Body):
    """A relative whose name identifies the child."""

    name: Line
    relationship: Line


class _IdentityFields(Body):
    ethnicity: Code | None = Field(default=None, description="SSDA903 ETHNIC")
    upn: Number | None = Field(default=None, description="unique pupil number, or UN1 to UN5 where there is none")
    nhs_number: Number | None = Field(default=None, description="ten digits; spaces and hyphens are taken out")
    home_address: Line | None = None
    home_postcode: Annotated[str, StringConstraints(strip_whitespace=True, max_length=12)] | None = None
    school: Line | None = None
    mother: YesOrNo | None = Field(default=None, description="SSDA903 MOTHER: the child is a mother")
    mother_child_date_of_birth: Day | None = Field(default=None, description="SSDA903 MC_DOB")
    unaccompanied: YesOrNo | None = Field(default=None, description="the child is, or was, an unaccompanied asylum-seeking child (UASC)")
    unaccompanied_until: Day | None = Field(
        default=None, description="SSDA903 DUC: the day that status ceased; left out while it goes on, it is the eighteenth birthday"
    )
    legal_status: Code | None = Field(default=None, description="SSDA903 LS")
    category_of_need: Code | None = Field(default=None, description="SSDA903 CIN")
    relatives: tuple[RelativeBody, ...] = Field(default=(), max_length=20)


class NewChild(_IdentityFields):
    """A child to be recorded. Search first; ``confirmed_new`` only when a likely duplicate was looked at and is another child."""

    child_id: ChildId = Field(description="SSDA903 CHILD: your own id of the child")
    given_names: Line
    family_name: Line
    date_of_birth: Day
    sex: Code = Field(description="SSDA903 SEX: M, F or U")
    confirmed_new: YesOrNo = False
    confirmation_reason: Confirmation | None = None

    def identity(self) -> Identity:
        """The record to keep."""
        fields = self.model_dump(exclude={"confirmed_new", "confirmation_reason", "relatives"})
        return Identity(**fields, relatives=_relatives(self.relatives))

    def confirmation(self) -> Confirmation | None:
        """Why this is another child than the one it resembles; refused when it is said without its reason, or the reason alone."""
        if self.confirmed_new != (self.confirmation_reason is not None):
            words = "Say both: confirmed_new true, and in confirmation_reason why this is another child."
            raise invalid(Reason("confirmation_reason", "with_confirmed_new", words))
        return self.confirmation_reason


class ChildChanges(_IdentityFields):
    """What changes in a child's record; what is left out stays."""

    child_id: ChildId | None = None
    given_names: Line | None = None
    family_name: Line | None = None
    date_of_birth: Day | None = None
    sex: Code | None = None

    def changes(self) -> dict[str, object]:
        """The fields that change."""
        fields = given(self, may_be_empty=set(_IdentityFields.model_fields) - {"relatives"})
        if "relatives" in fields:
            fields["relatives"] = _relatives(self.relatives)
        return fields


def _relatives(bodies: tuple[RelativeBody, ...]) -> tuple[Relative, ...]:
    return tuple(Relative(body.name, body.relationship) for body in bodies)


class ChildKept(BaseModel):
    """The reply to a write: where the record is. Who the child is, is read at its own address, and that reading is written down."""

    id: UUID
    version: int
    home_district: str | None

    @classmethod
    def of(cls, child: KeptChild) -> Self:
        """The reply for a record."""
        return cls(id=child.id, version=child.version, home_district=district_of(child.identity.home_postcode))


class ChildIdentity(BaseModel):
    """Who a child is, for the child's own council."""

    id: UUID
    version: int
    child_id: str
    given_names: str
    family_name: str
    date_of_birth: date
    sex: str
    ethnicity: str | None
    upn: str | None
    nhs_number: str | None
    home_address: str | None
    home_postcode: str | None
    school: str | None
    mother: bool | None
    mother_child_date_of_birth: date | None
    unaccompanied: bool | None
    unaccompanied_until: date | None
    legal_status: str | None
    category_of_need: str | None
    relatives: tuple[RelativeBody, ...]

    @classmethod
    def of(cls, child: KeptChild) -> Self:
        """The whole record."""
        return cls.model_validate({"id": child.id, "version": child.version, **child.identity.to_plain()})


class SearchFor(Body):
    """What is known of a child. Everything given must match; names match as they sound."""

    child_id: ChildId | None = None
    upn: Number | None = None
    nhs_number: Number | None = None
    date_of_birth: Day | None = None
    family_name: Line | None = None
    given_names: Line | None = None

    def terms(self) -> tuple[Term, ...]:
        """The search terms."""
        return tuple(terms(**self.model_dump()))


class FoundChild(BaseModel):
    """A record that matches: enough to tell two children apart."""

    id: UUID
    child_id: str
    given_names: str
    family_name: str
    date_of_birth: date

    @classmethod
    def of(cls, child: KeptChild) -> Self:
        """One line of the result."""
        who = child.identity
        return cls(
            id=child.id, child_id=who.child_id, given_names=who.given_names, family_name=who.family_name, date_of_birth=who.date_of_birth
        )


class FoundChildren(BaseModel):
    """The records that match, at most 20."""

    items: list[FoundChild]


class DisclosureLine(BaseModel):
    """One line of the disclosure record."""

    id: UUID
    at: datetime
    organisation: str = Field(description="who saw, or was given the right to see")
    subject: str = Field(description="the person or system that signed in")
    act: str = Field(description="granted: given the right to see; read: saw; erased: the record was destroyed")
    right: str = Field(description="by which right: own_record, search, placement_agreed, national_return, archive or erasure")
    fields: list[str]
    placement: UUID | None
    line: int = Field(description="its number in your council's ledger")
    hash: str = Field(description="its hash in the ledger's chain, which the next line follows")
    decision: UUID | None = Field(default=None, description="the placement decision this line writes in")
    decision_hash: str | None = Field(default=None, description="the hash of that decision's record, which matching keeps")

    @classmethod
    def of(cls, line: Disclosure) -> Self:
        """One line."""
        return cls(
            id=line.id,
            at=line.at,
            organisation=line.seen_by,
            subject=line.subject,
            act=line.act,
            right=line.right,
            fields=list(line.fields),
            placement=line.placement,
            line=line.line,
            hash=line.hash.hex(),
            decision=line.decision,
            decision_hash=line.decision_hash.hex() if line.decision_hash else None,
        )
