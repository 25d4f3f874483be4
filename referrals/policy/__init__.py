"""Who pays what (rules §1). Pure: values in, values out; no framework, no clock, no database.

`split` is a public contract; other programs call it.
"""

from referrals.kinds import Scheme
from referrals.policy.amounts import prorate, refund, split
from referrals.policy.decision import (
    Correction,
    CutReason,
    Decision,
    Inputs,
    QuoteLine,
    UnitSplit,
    correction,
    decide,
    decision_hash,
    recompute,
)
from referrals.policy.terms import (
    DEFAULT_SCHEMES,
    PolicyTerms,
    SchemeDefault,
    choose_policy,
    quota_resets_on,
    scheme_for,
)

__all__ = [
    "DEFAULT_SCHEMES",
    "Correction",
    "CutReason",
    "Decision",
    "Inputs",
    "PolicyTerms",
    "QuoteLine",
    "Scheme",
    "SchemeDefault",
    "UnitSplit",
    "choose_policy",
    "correction",
    "decide",
    "decision_hash",
    "prorate",
    "quota_resets_on",
    "recompute",
    "refund",
    "scheme_for",
    "split",
]
