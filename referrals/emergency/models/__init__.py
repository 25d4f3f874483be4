"""The chain's tables, one file a noun."""

from referrals.emergency.models.agreed import AgreedPlan
from referrals.emergency.models.away import DutyAway
from referrals.emergency.models.cards import Card
from referrals.emergency.models.clock import ChainClock, ChainNow, chain_moment
from referrals.emergency.models.companions import CompanionShift
from referrals.emergency.models.contacts import Contact, ContactAsked, HomeCommunity, NeverContact
from referrals.emergency.models.drills import Drill, DrillChange, DrillFault, DrillPlayer, Scenario
from referrals.emergency.models.duties import DutyChange
from referrals.emergency.models.duty import DutyShift, Layer
from referrals.emergency.models.engine import Canary, EngineProcess, WatchProbe
from referrals.emergency.models.experts import Expert, ExpertKind, Reach
from referrals.emergency.models.feeds import DutyFeed
from referrals.emergency.models.follow_ups import FollowUp, FollowUpTalk
from referrals.emergency.models.hand_overs import DutyHandOver
from referrals.emergency.models.incidents import Company, FirstWord, Home, Incident, Outcome, Place, Timeline
from referrals.emergency.models.kit import ItemKind, KitItem, KitPlace, PlaceKind
from referrals.emergency.models.left_out import LeftOut
from referrals.emergency.models.legs import Answer, Leg, LegStep, Recipient
from referrals.emergency.models.plans import Chain, Plan, PlanStep
from referrals.emergency.models.reports import CoarseNow, Report, ReportChecklist, ReportLetter
from referrals.emergency.models.reviews import CaseReview, ReviewChange
from referrals.emergency.models.seats import DutyLine, LineKind, Seat
from referrals.emergency.models.sending import Delivery
from referrals.emergency.models.sheets import SheetCopy
from referrals.emergency.models.support import GroupCare, UnionGrant
from referrals.emergency.models.swaps import DutySwap
from referrals.emergency.models.tasks import WatchTask

__all__ = [
    "AgreedPlan",
    "Answer",
    "Canary",
    "Card",
    "CaseReview",
    "Chain",
    "ChainClock",
    "ChainNow",
    "CoarseNow",
    "CompanionShift",
    "Company",
    "Contact",
    "ContactAsked",
    "Delivery",
    "Drill",
    "DrillChange",
    "DrillFault",
    "DrillPlayer",
    "DutyAway",
    "DutyChange",
    "DutyFeed",
    "DutyHandOver",
    "DutyLine",
    "DutyShift",
    "DutySwap",
    "EngineProcess",
    "Expert",
    "ExpertKind",
    "FirstWord",
    "FollowUp",
    "FollowUpTalk",
    "GroupCare",
    "Home",
    "HomeCommunity",
    "Incident",
    "ItemKind",
    "KitItem",
    "KitPlace",
    "Layer",
    "LeftOut",
    "Leg",
    "LegStep",
    "LineKind",
    "NeverContact",
    "Outcome",
    "Place",
    "PlaceKind",
    "Plan",
    "PlanStep",
    "Reach",
    "Recipient",
    "Report",
    "ReportChecklist",
    "ReportLetter",
    "ReviewChange",
    "Scenario",
    "Seat",
    "SheetCopy",
    "Timeline",
    "UnionGrant",
    "WatchProbe",
    "WatchTask",
    "chain_moment",
]
