"""Every number that the rules of money and bookings leave to a school: its setting, or the constant and why it is none.

Rules §1–2 and books §1–4. Total to the side of the code: each setting of ``TenantRules`` stands here or names its own chapter.
"""

from dataclasses import fields
from datetime import timedelta
from importlib import import_module
from typing import Any, Final, NamedTuple

import pytest

from tenancy.rules import TenantRules


class Constant(NamedTuple):
    """Where it stands, what it is, and why a school does not set it."""

    module: str
    name: str
    value: Any
    why: str


SETTINGS: Final = {
    "books §1: the pool year closes on 31 March": "closing_month",
    "books §2: splits stay for moves up to 30 days": "move_days",
    "books §3: a note without network arrives up to 24 h later": "mark_hours",
    "books §4: what is at a paused agency is decided within 3 working days": "pause_days",
    "rules §1: a leaver's vouchers end 30 days after": "leaver_days",
    "rules §1: cancelling is free until 24 h before": "free_cancel_hours",
    "rules §1: the first missed appointment of a year is paid by the pool": "first_missed_paid",
    "rules §2: 3 sessions on one's own word": "self_referral_sessions",
    "rules §2: approval is automatic where the rules are met": "automatic_approval",
    "rules §2: kinds that always wait for their office": "asked_kinds",
    "rules §2: an agency answers within 1 working day": "partner_answer_days",
    "rules §2: days of an open voucher": "open_voucher_days",
    "rules §2: reminders of an open voucher 30, 7 and 1 days before": "reminder_days",
    "rules §5: figures of fewer than 5 people are left out": "fewest_people",
}
OTHERS: Final = {
    "quote_minutes": "how long a signed price holds: the rules name no figure",
    "draft_days": "keeping of what was not sent",
    "review_months": "the site's own texts",
    "incident_years": "chain §8",
    **dict.fromkeys(
        ("suggestion_minutes", "grade_minutes", "home_unknown_minutes", "team_answers", "voice_seconds"),
        "chain §1, §2, §5 (docs/emergency.md)",
    ),
    "follow_up_months": "chain §3",
    "tips_unread_months": "books §6",
    "visitor_name_days": "books §6",
}
"""Settings of other chapters."""
ROWS: Final = {
    "books §1: who pays which scheme": ("referrals.models", "Payer", "written down by finance for each payer"),
    "rules §1: schemes with share and caps": (
        "referrals.models",
        "SubsidyPolicy",
        "drafted and approved by two of finance",
    ),
    "rules §1: per head and year": ("referrals.models", "SubsidyPolicy", "the quota of a policy"),
    "rules §1: hardship for one semester": ("referrals.models", "HardshipFile", "each file has its own last day"),
    "rules §1: agreement's fee for not coming": ("partners.models", "Agreement", "its terms, up to half of the price"),
    "rules §2: mode of a service": ("partners.models", "Service", "set by the agency or the operator"),
}
"""What is set row by row."""
CONSTANTS: Final = {
    "books §3: both are asked for 48 h": Constant(
        "referrals.missed", "UNRESOLVED_FOR", timedelta(hours=48),
        "One clock for an agency that serves many schools, and dates decide without a sweep: another length would move what has"
        " been asked already, and the days in which somebody who has left may still answer.",
    ),
    "rules §2: 48 h to object": Constant(
        "referrals.workflow.redeeming", "OBJECT_FOR", timedelta(hours=48),
        "The same 48 hours as above for the same person and agency; a statement is made 48 hours after its month (books §5) and"
        " would close over an open objection if a school had more.",
    ),
    "books §4: a smaller size passes 3 times": Constant(
        "seats.waiting", "MOST_PASSES", 3, "People of several schools wait in one line for one place."
    ),
    "rules §1: no-show at most half": Constant(
        "partners.terms", "MOST_NO_SHOW_BP", 5_000, "A ceiling that protects the person; the agreement sets its fee below it."
    ),
    "rules §1: a file holds one semester at most": Constant(
        "referrals.models.hardship", "MOST_DAYS", 184, "A ceiling; the union asks for the file's own last day below it."
    ),
    "rules §1: quotas by the school year": Constant(
        "referrals.policy.terms", "QUOTA_PERIODS", ("school_year",),
        "The year stands in the key of every account: another beginning would need every line of the running year anew. A policy"
        " names its period, so a second one can be added.",
    ),
    "books §1: chair alone up to 2 000.00 a case": Constant(
        "referrals.who_signs", "ONE_CASE_FEN", 200_000, "The books leave it to no school (ADR 0049)."
    ),
    "rules §2: groups from 5": Constant("partners.kinds", "LEAST_GROUP", 5, "A warning to the agency, which serves many schools."),
    "rules §2: groups to 8": Constant("partners.kinds", "MOST_GROUP", 8, "A group belongs to an agency, not to a school."),
}  # fmt: skip


def test_every_setting_is_asked_for_by_a_rule() -> None:
    known = {field.name for field in fields(TenantRules)}
    assert sorted([*SETTINGS.values(), *OTHERS]) == sorted(known)


@pytest.mark.parametrize("rule", list(CONSTANTS))
def test_a_constant_is_what_the_rule_says_and_has_a_reason(rule: str) -> None:
    constant = CONSTANTS[rule]
    assert getattr(import_module(constant.module), constant.name) == constant.value
    assert len(constant.why) > 30


@pytest.mark.parametrize("rule", list(ROWS))
def test_a_row_is_there(rule: str) -> None:
    module, name, _why = ROWS[rule]
    assert getattr(import_module(module), name)
