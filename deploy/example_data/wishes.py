"""What each council asks for its children: written out by hand, so that every need, risk and urgency of the field occurs."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.words import Need, PlacementKind, RiskToChild, RiskToOthers, Urgency

N, C, R, K, U = Need, RiskToChild, RiskToOthers, PlacementKind, Urgency

# SSDA903 PLACE code of a carer who is no relative: long term, also approved to adopt, neither.
_PLACE = {K.LONG_TERM: "U4", K.FOSTERING_FOR_ADOPTION: "U5"}
_WEEKS = {K.LONG_TERM: 260, K.FOSTERING_FOR_ADOPTION: 52, K.EMERGENCY: 1, K.PARENT_AND_CHILD: 16, K.SHORT_BREAK: 52}
_NEEDED_IN_DAYS = {U.EMERGENCY: 0, U.SAME_DAY: 0, U.PLANNED: 7, U.LONG_TERM: 21}


@dataclass(frozen=True, slots=True)
class Wish:
    """One child, or brothers and sisters together (as many ages as children), and the home they need."""

    ages: tuple[int, ...]
    sexes: str = ""
    lot: str = "general"
    kind: PlacementKind = K.SHORT_TERM
    urgency: Urgency = U.PLANNED
    essential: tuple[Need, ...] = ()
    preferred: tuple[Need, ...] = ()
    risks_to_child: tuple[RiskToChild, ...] = ()
    risks_to_others: tuple[RiskToOthers, ...] = ()
    languages: tuple[str, ...] = ("en",)
    religion: str = ""
    apart_if_needed: bool = False
    miles: int = 20
    home_districts: tuple[str, ...] = ()
    also_near: tuple[str, ...] = ()
    avoids: bool = False
    mother: bool = False
    legal_status: str = ""
    category: str = ""
    ethnic: tuple[str, str] | None = None

    @property
    def place(self) -> str:
        """The SSDA903 PLACE code."""
        return _PLACE.get(self.kind, "U6")

    @property
    def weeks(self) -> int:
        """How long the placement is expected to last."""
        return _WEEKS.get(self.kind, 26)

    @property
    def needed_in(self) -> int:
        """Days from the day of loading until the home is needed."""
        return _NEEDED_IN_DAYS[self.urgency]

    @property
    def siblings(self) -> str:
        """How brothers and sisters are to live."""
        if len(self.ages) == 1:
            return "only_child"
        return "apart_if_needed" if self.apart_if_needed else "together"


def _baby_with_parent(**more: object) -> Wish:
    return Wish((0,), lot="parent_and_child", kind=K.PARENT_AND_CHILD, legal_status="C1", category="N1", **more)  # type: ignore[arg-type]


def _asylum_seeker(language: str, ethnic: str, pool: str, **more: object) -> Wish:
    return Wish(
        (15,), "M", essential=(N.ASYLUM_SEEKING,), languages=(language,), legal_status="V2", category="N8", ethnic=(ethnic, pool), **more  # type: ignore[arg-type]
    )  # fmt: skip


_WISHES: dict[str, tuple[Wish, ...]] = {
    "E06000045": (  # Southampton
        Wish(
            (8,),
            "M",
            essential=(N.EMOTIONAL_SUPPORT, N.SCHOOL_TRANSPORT),
            preferred=(N.PETS_WELCOME,),
            home_districts=("SO14", "SO15", "SO16"),
        ),
        Wish((6, 9), "FM", essential=(N.TRAUMA_INFORMED_CARE,), preferred=(N.FAMILY_CONTACT_AT_HOME,), home_districts=("SO18", "SO19")),
        Wish(
            (14,),
            "F",
            kind=K.EMERGENCY,
            urgency=U.EMERGENCY,
            risks_to_child=(C.SEXUAL_EXPLOITATION, C.MISSING),
            avoids=True,
            legal_status="L1",
        ),
        Wish((0,), kind=K.FOSTERING_FOR_ADOPTION, preferred=(N.TWO_CARERS,), legal_status="E1", category="N1"),
        Wish(
            (11,),
            "M",
            "disabled_children",
            K.LONG_TERM,
            U.LONG_TERM,
            (N.AUTISM, N.LEARNING_DISABILITY),
            (N.NO_OTHER_CHILDREN,),
            category="N2",
        ),
        _asylum_seeker(
            "ps", "AOTH", "other", religion="muslim", also_near=("worship",), preferred=(N.HALAL_DIET, N.PLACE_OF_WORSHIP_NEARBY)
        ),
        Wish((3,), "F", essential=(N.SPEECH_AND_LANGUAGE,), also_near=("contact",)),
    ),
    "E10000014": (  # Hampshire
        Wish((4, 7), "MF", essential=(N.EMOTIONAL_SUPPORT,), preferred=(N.SCHOOL_TRANSPORT,), also_near=("contact",)),
        Wish((2, 5, 8), "FMF", essential=(N.TWO_CARERS,), urgency=U.SAME_DAY, legal_status="L2"),
        _baby_with_parent(essential=(N.TRAUMA_INFORMED_CARE,), also_near=("health",)),
        Wish(
            (7,),
            "M",
            "disabled_children",
            K.LONG_TERM,
            U.LONG_TERM,
            (N.WHEELCHAIR_ACCESS, N.GROUND_FLOOR_BEDROOM),
            (N.MEDICATION,),
            category="N2",
            legal_status="V2",
            miles=30,
        ),
        Wish(
            (13,),
            "M",
            essential=(N.BEHAVIOUR_SUPPORT,),
            risks_to_child=(C.CRIMINAL_EXPLOITATION, C.DRUGS_OR_ALCOHOL),
            risks_to_others=(R.PHYSICAL,),
            avoids=True,
            category="N6",
        ),
        Wish(
            (10,),
            "F",
            kind=K.LONG_TERM,
            urgency=U.LONG_TERM,
            essential=(N.EMOTIONAL_SUPPORT,),
            risks_to_child=(C.SELF_HARM,),
            religion="christian",
        ),
        Wish((1,), "M", essential=(N.FAMILY_CONTACT_AT_HOME,), also_near=("contact",), legal_status="C1"),
        Wish((12,), "M", urgency=U.SAME_DAY, risks_to_others=(R.FIRE,), essential=(N.TWO_CARERS,)),
    ),
    "E10000025": (  # Oxfordshire
        Wish((10, 13), "FF", apart_if_needed=True, essential=(N.TRAUMA_INFORMED_CARE,), religion="christian"),
        Wish(
            (5,),
            "F",
            "disabled_children",
            essential=(N.COMPLEX_HEALTH, N.MEDICATION),
            preferred=(N.SENSORY_IMPAIRMENT,),
            also_near=("health",),
            category="N2",
            miles=30,
        ),
        Wish((9,), "F", kind=K.LONG_TERM, urgency=U.LONG_TERM, essential=(N.SCHOOL_TRANSPORT,), preferred=(N.PETS_WELCOME,)),
        Wish(
            (15,), "F", "parent_and_child", K.PARENT_AND_CHILD, essential=(N.EMOTIONAL_SUPPORT,), mother=True, legal_status="V2", miles=40
        ),
        Wish((14,), "M", kind=K.EMERGENCY, urgency=U.EMERGENCY, risks_to_child=(C.MISSING, C.CRIMINAL_EXPLOITATION), category="N6"),
        Wish((6,), "M", essential=(N.NO_PETS,), risks_to_others=(R.ANIMALS,)),
    ),
    "E06000044": (  # Portsmouth
        Wish((3, 6, 11), "MFM", preferred=(N.SCHOOL_TRANSPORT,), miles=25),
        Wish((2,), "M", kind=K.FOSTERING_FOR_ADOPTION, legal_status="E1", preferred=(N.TWO_CARERS,)),
        Wish((13,), "F", essential=(N.EMOTIONAL_SUPPORT,), risks_to_child=(C.EATING_DISORDER, C.SELF_HARM)),
        Wish((8,), "M", essential=(N.ADHD, N.BEHAVIOUR_SUPPORT), risks_to_others=(R.PHYSICAL,)),
    ),
    "E10000030": (  # Surrey
        Wish((1, 3), "FM", urgency=U.SAME_DAY, legal_status="L1", also_near=("contact",)),
        _baby_with_parent(urgency=U.SAME_DAY),
        Wish(
            (10,),
            "M",
            "disabled_children",
            K.LONG_TERM,
            U.LONG_TERM,
            (N.SIGN_LANGUAGE, N.SENSORY_IMPAIRMENT),
            (N.SPEECH_AND_LANGUAGE,),
            languages=("en", "bfi"),
            category="N2",
            miles=40,
        ),
        Wish((12,), "F", languages=("en", "pl"), religion="christian", also_near=("worship",), ethnic=("WOTH", "european")),
        _asylum_seeker("ti", "BAFR", "african", religion="christian", preferred=(N.TRAUMA_INFORMED_CARE, N.HAIR_AND_SKIN_CARE)),
        Wish((7,), "F", essential=(N.NO_OTHER_CHILDREN, N.TWO_CARERS), risks_to_others=(R.SEXUAL,), miles=30),
        Wish((0,), "M", urgency=U.SAME_DAY, essential=(N.MEDICATION,), legal_status="C1", also_near=("health",)),
    ),
    "E06000039": (  # Slough
        Wish((9,), "M", languages=("en", "pa"), religion="sikh", also_near=("worship",), ethnic=("AIND", "asian")),
        Wish((14,), "F", essential=(N.BEHAVIOUR_SUPPORT,), risks_to_child=(C.DRUGS_OR_ALCOHOL,), religion="none"),
        Wish((5,), "F", languages=("en", "ur"), religion="muslim", preferred=(N.SCHOOL_TRANSPORT, N.HALAL_DIET), ethnic=("APKN", "asian")),
        Wish(
            (11,),
            "M",
            kind=K.LONG_TERM,
            urgency=U.LONG_TERM,
            preferred=(N.VEGETARIAN_DIET, N.LINKS_TO_COMMUNITY),
            religion="hindu",
            ethnic=("AIND", "asian"),
        ),
    ),
    "E06000038": (  # Reading
        Wish((7, 9), "MM", essential=(N.BEHAVIOUR_SUPPORT,), preferred=(N.TRAUMA_INFORMED_CARE,)),
        Wish(
            (15,),
            "M",
            essential=(N.BEHAVIOUR_SUPPORT,),
            risks_to_child=(C.CRIMINAL_EXPLOITATION,),
            risks_to_others=(R.CRIMINAL_EXPLOITATION,),
            avoids=True,
            miles=40,
            category="N6",
        ),
        Wish((4,), "F", essential=(N.FAMILY_CONTACT_AT_HOME,), religion="buddhist", ethnic=("CHNE", "other")),
    ),
    "E06000040": (  # Windsor and Maidenhead
        Wish((12,), "F", "disabled_children", K.SHORT_BREAK, essential=(N.AUTISM,), preferred=(N.ADHD,), legal_status="V4", category="N2"),
        Wish((6,), "M", religion="jewish", preferred=(N.PETS_WELCOME, N.KOSHER_DIET)),
        Wish((10,), "M", kind=K.EMERGENCY, urgency=U.EMERGENCY, legal_status="L1"),
    ),
    "E06000036": (  # Bracknell Forest
        Wish((13,), "M", kind=K.LONG_TERM, urgency=U.LONG_TERM, essential=(N.SCHOOL_TRANSPORT,), preferred=(N.ADHD,)),
        Wish((3,), "M", preferred=(N.SPEECH_AND_LANGUAGE, N.TRAVELLER_WAY_OF_LIFE), religion="other"),
        _baby_with_parent(preferred=(N.TWO_CARERS,)),
    ),
    "E06000037": (  # West Berkshire
        Wish((8,), "F", kind=K.LONG_TERM, urgency=U.LONG_TERM, essential=(N.EMOTIONAL_SUPPORT,), preferred=(N.PETS_WELCOME,)),
        Wish(
            (14,),
            "M",
            "disabled_children",
            K.LONG_TERM,
            U.LONG_TERM,
            (N.AUTISM, N.BEHAVIOUR_SUPPORT),
            (N.ADHD,),
            (C.MISSING,),
            category="N2",
            miles=30,
        ),
        Wish((11,), "F", urgency=U.SAME_DAY, legal_status="V2", category="N4"),
    ),
    "E06000041": (  # Wokingham
        Wish((5,), "M", essential=(N.SPEECH_AND_LANGUAGE,), languages=("en", "ro"), ethnic=("WROM", "european")),
        Wish((12,), "F", essential=(N.EMOTIONAL_SUPPORT,), risks_to_child=(C.SELF_HARM,)),
        Wish((2,), "F", languages=("en", "so"), religion="muslim", preferred=(N.HAIR_AND_SKIN_CARE,), ethnic=("BAFR", "african")),
    ),
}


def of_council(ons_code: str, children: int) -> tuple[Wish, ...]:
    """What one council asks; ``children`` is how many children that must be for, as a check on the table above."""
    asked = _WISHES[ons_code]
    if sum(len(wish.ages) for wish in asked) != children:
        raise AssertionError(f"the wishes of {ons_code} are not for {children} children")
    return asked
