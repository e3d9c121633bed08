"""Bodies of requests and replies."""

from matching.schemas.amendments import Amendments, NewConfirmation
from matching.schemas.approvals import Approval, ApprovalOfChoice, Approvals, NewApproval
from matching.schemas.assumptions import Assumptions
from matching.schemas.decided import ChoiceMade, DecisionRecord, Decisions, EndedOffer, Option, Options
from matching.schemas.for_councils import Candidate, Candidates, Referral, WhyNot
from matching.schemas.for_providers import Offer, Opportunity
from matching.schemas.home_holds import HoldLengths, HomeHold, HomeSeen, NewHold, NewHoldLengths
from matching.schemas.judged import Check, Fit, FitPart, ReasonAgainst
from matching.schemas.nearest_change import WhyNotHome
from matching.schemas.notices import Notice, NoticeFeed
from matching.schemas.options_sheet import OptionsSheet, SheetOption, money
from matching.schemas.questions import AnswerGiven, CouncilsQuestions, NewAnswer, NewQuestion, ProvidersQuestions
from matching.schemas.questions import Waiting as WaitingQuestion
from matching.schemas.replay import DecisionReplay, DecisionReplays, Weights, WeightsByVersion
from matching.schemas.requests import NeedAnswer, NewChoice, NewDecline, NewOffer, NewShortlist, NewWithdrawal, OfferTerms
from matching.schemas.webhooks import Delivery, NewReplay, NewWebhook, Replayed, Webhook, Webhooks

__all__ = [
    "Amendments",
    "AnswerGiven",
    "Approval",
    "ApprovalOfChoice",
    "Approvals",
    "Assumptions",
    "Candidate",
    "Candidates",
    "Check",
    "ChoiceMade",
    "CouncilsQuestions",
    "DecisionRecord",
    "DecisionReplay",
    "DecisionReplays",
    "Decisions",
    "Delivery",
    "EndedOffer",
    "Fit",
    "FitPart",
    "HoldLengths",
    "HomeHold",
    "HomeSeen",
    "NeedAnswer",
    "NewAnswer",
    "NewApproval",
    "NewChoice",
    "NewConfirmation",
    "NewDecline",
    "NewHold",
    "NewHoldLengths",
    "NewOffer",
    "NewQuestion",
    "NewReplay",
    "NewShortlist",
    "NewWebhook",
    "NewWithdrawal",
    "Notice",
    "NoticeFeed",
    "Offer",
    "OfferTerms",
    "Opportunity",
    "Option",
    "Options",
    "OptionsSheet",
    "ProvidersQuestions",
    "ReasonAgainst",
    "Referral",
    "Replayed",
    "SheetOption",
    "WaitingQuestion",
    "Webhook",
    "Webhooks",
    "Weights",
    "WeightsByVersion",
    "WhyNot",
    "WhyNotHome",
    "money",
]
