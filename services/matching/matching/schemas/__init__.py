"""Bodies of requests and replies."""

from matching.schemas.assumptions import Assumptions
from matching.schemas.decided import ChoiceMade, DecisionRecord, Decisions, EndedOffer, Option, Options
from matching.schemas.for_councils import Candidate, Candidates, Referral, WhyNot
from matching.schemas.for_providers import Offer, Opportunity
from matching.schemas.judged import Fit, FitPart, ReasonAgainst
from matching.schemas.nearest_change import WhyNotHome
from matching.schemas.options_sheet import OptionsSheet, SheetOption, money
from matching.schemas.requests import NeedAnswer, NewChoice, NewDecline, NewOffer, NewShortlist, NewWithdrawal, OfferTerms

__all__ = [
    "Assumptions",
    "Candidate",
    "Candidates",
    "ChoiceMade",
    "DecisionRecord",
    "Decisions",
    "EndedOffer",
    "Fit",
    "FitPart",
    "NeedAnswer",
    "NewChoice",
    "NewDecline",
    "NewOffer",
    "NewShortlist",
    "NewWithdrawal",
    "Offer",
    "OfferTerms",
    "Opportunity",
    "Option",
    "Options",
    "OptionsSheet",
    "ReasonAgainst",
    "Referral",
    "SheetOption",
    "WhyNot",
    "WhyNotHome",
    "money",
]
