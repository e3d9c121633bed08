"""The closed word lists that more than one service reads, in the words of the field.

They are vocabulary, not rules: what follows from a word is decided in each service's own ``domain``.
Source: South West sufficiency standard for needs and risks; SSDA903 for codes of the national return.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

OnsCode = Annotated[str, StringConstraints(pattern=r"^E\d{8}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[ENSW]\d{8}$")]
"""The ONS code of any council of the United Kingdom with social care duties, in the consortium or not."""
AgencyUrn = Annotated[str, StringConstraints(pattern=r"^(SC\d{6}|\d{7})$")]
ProviderCode = Annotated[str, StringConstraints(pattern=r"^(council:E\d{8}|agency:(SC\d{6}|\d{7}))$")]
LotCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
District = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}\d[A-Z\d]?$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class Urgency(StrEnum):
    """How soon the home is needed; sets the closing time."""

    EMERGENCY = "emergency"
    SAME_DAY = "same_day"
    PLANNED = "planned"
    LONG_TERM = "long_term"


class Sex(StrEnum):
    """SSDA903 SEX from 2024/25."""

    MALE = "M"
    FEMALE = "F"
    UNKNOWN = "U"


class PlacementKind(StrEnum):
    """The kind of fostering asked for, and the kinds a carer is approved for."""

    EMERGENCY = "emergency"
    SHORT_TERM = "short_term"
    LONG_TERM = "long_term"
    SHORT_BREAK = "short_break"
    PARENT_AND_CHILD = "parent_and_child"
    FOSTERING_FOR_ADOPTION = "fostering_for_adoption"


class Need(StrEnum):
    """What a home must bring. A referral marks each as essential or preferred; a household lists those it can meet."""

    SIGN_LANGUAGE = "sign_language"
    SPEECH_AND_LANGUAGE = "speech_and_language"
    LEARNING_DISABILITY = "learning_disability"
    AUTISM = "autism"
    ADHD = "adhd"
    WHEELCHAIR_ACCESS = "wheelchair_access"
    GROUND_FLOOR_BEDROOM = "ground_floor_bedroom"
    COMPLEX_HEALTH = "complex_health"
    MEDICATION = "medication"
    SENSORY_IMPAIRMENT = "sensory_impairment"
    EMOTIONAL_SUPPORT = "emotional_support"
    BEHAVIOUR_SUPPORT = "behaviour_support"
    TRAUMA_INFORMED_CARE = "trauma_informed_care"
    ASYLUM_SEEKING = "asylum_seeking"
    NO_OTHER_CHILDREN = "no_other_children"
    TWO_CARERS = "two_carers"
    NO_PETS = "no_pets"
    PETS_WELCOME = "pets_welcome"
    FAMILY_CONTACT_AT_HOME = "family_contact_at_home"
    SCHOOL_TRANSPORT = "school_transport"
    HAIR_AND_SKIN_CARE = "hair_and_skin_care"
    HALAL_DIET = "halal_diet"
    KOSHER_DIET = "kosher_diet"
    VEGETARIAN_DIET = "vegetarian_diet"
    PLACE_OF_WORSHIP_NEARBY = "place_of_worship_nearby"
    LINKS_TO_COMMUNITY = "links_to_community"
    TRAVELLER_WAY_OF_LIFE = "traveller_way_of_life"


class RiskToChild(StrEnum):
    """Risks to the child that a home must be able to hold."""

    SEXUAL_EXPLOITATION = "sexual_exploitation"
    CRIMINAL_EXPLOITATION = "criminal_exploitation"
    SELF_HARM = "self_harm"
    DRUGS_OR_ALCOHOL = "drugs_or_alcohol"
    EATING_DISORDER = "eating_disorder"
    MISSING = "missing"


class RiskToOthers(StrEnum):
    """Risks the child may bring to others in the home."""

    PHYSICAL = "physical"
    SEXUAL = "sexual"
    FIRE = "fire"
    ANIMALS = "animals"
    CRIMINAL_EXPLOITATION = "criminal_exploitation"


class Religion(StrEnum):
    """Religion or belief, as the census asks it."""

    NONE = "none"
    CHRISTIAN = "christian"
    MUSLIM = "muslim"
    HINDU = "hindu"
    SIKH = "sikh"
    JEWISH = "jewish"
    BUDDHIST = "buddhist"
    OTHER = "other"


class Siblings(StrEnum):
    """How brothers and sisters on one referral are to live."""

    ONLY_CHILD = "only_child"
    TOGETHER = "together"
    APART_IF_NEEDED = "apart_if_needed"


class OfstedRating(StrEnum):
    """Ofsted's overall judgement of an agency."""

    OUTSTANDING = "outstanding"
    GOOD = "good"
    REQUIRES_IMPROVEMENT = "requires_improvement"
    INADEQUATE = "inadequate"
    NOT_YET_INSPECTED = "not_yet_inspected"


class Sector(StrEnum):
    """SSDA903 PLACE_PROVIDER of an agency."""

    PRIVATE = "PR4"
    VOLUNTARY = "PR5"


class PlaceChangeReason(StrEnum):
    """SSDA903 REASON_PLACE_CHANGE: why a placement ended with a move."""

    CARE_PLAN = "CARPL"
    CARER_CLOSED = "CLOSE"
    ALLEGATION = "ALLEG"
    STANDARDS_OF_CARE = "STAND"
    APPROVAL_REMOVED = "APPRR"
    CARER_ASKED_BEHAVIOUR = "CREQB"
    CARER_ASKED_OTHER = "CREQO"
    CHILD_ASKED = "CHILD"
    COUNCIL_ASKED = "LAREQ"
    STATUS_ONLY = "PLACE"
    CUSTODY = "CUSTOD"
    OTHER = "OTHER"


class WhoseSide(StrEnum):
    """Whose side a coded reason is on, so that demand, supply and process can be told apart."""

    COUNCIL = "council"
    PROVIDER = "provider"
    CHILD = "child"
    NOBODY = "nobody"
