"""What an app brings lives in the app: a new one edits no file of another (house §Tree)."""

import json
import os
import subprocess
import sys

import pytest

from registry import table
from tests.tree import ROOT
from ui.states import signs

_PROGRAM = """
import json
import django
from django.conf import settings
import settings.test as ours
settings.configure(**{name: getattr(ours, name) for name in dir(ours) if name.isupper()} | {
    "INSTALLED_APPS": [*ours.INSTALLED_APPS, "tests.toy"],
})
django.setup()
from accounts.actor import Actor
from accounts.permissions import grants
from accounts.places import home_of
from drf_spectacular.settings import spectacular_settings
from audit.workflow import seen_in_public
from notifications.texts import render
from schools import record_texts
from settings.celery import app
from ui.navigation import STAFF, office_title, tabs
from ui.refusals import explain
from ui.states import sign_of
doctor = Actor(user_id=None, tenant_id=None, roles=frozenset({"doctor"}))
app.finalize()
print(json.dumps({
    "may": doctor.may("plant.water"),
    "others": [role for role, held in grants().items() if "plant.water" in held],
    "refusal": str(explain("plant_wet").title),
    "sign": str(sign_of("green", "plant").text),
    "tabs": [tab.url for tab in tabs(STAFF, doctor, "/plants/3/") if tab.current],
    "office": str(office_title("garden")),
    "home": home_of(doctor),
    "message": render("plant_dry", {}, "en").subject,
    "act": record_texts.acts()["plant.water"],
    "area": record_texts.areas()["garden"],
    "nameless": "plant" in record_texts.nameless(),
    "fact": record_texts.facts()["litres"][0],
    "enum": spectacular_settings.ENUM_NAME_OVERRIDES["PlantKindEnum"],
    "beat": app.conf.beat_schedule["plants"]["task"],
    "public": "plant.water" in seen_in_public("IN_SCHOOL"),
}))
"""


def test_an_app_that_nobody_knows_brings_all_it_has() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")])}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "may": True,
        "others": ["doctor"],
        "refusal": "The soil is wet",
        "sign": "Green",
        "tabs": ["/plants/"],
        "office": "Plants",
        "home": "/plants/",
        "message": "Time to water",
        "act": "Plant watered",
        "area": ["Plants", ["plant"]],
        "nameless": True,
        "fact": "Litres",
        "enum": ["fern", "moss"],
        "beat": "toy.look",
        "public": True,
    }


def test_two_apps_cannot_bring_the_same_row(monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger import refusals as books
    from partners import refusals as partners

    monkeypatch.setattr(books, "ROWS", {**books.ROWS, "overlap": partners.ROWS["overlap"]})
    with pytest.raises(ValueError, match="overlap"):
        table("refusals", "ROWS")


def test_every_state_that_a_page_shows_has_its_sign() -> None:
    from content.opendays.states import DayState
    from families.states import ConsentState
    from jobs.states import State
    from notifications.selectors import WayState
    from partners.states import AgreementState, InstitutionState
    from referrals.claim_states import ClaimState
    from referrals.emergency.rules import plan_states
    from referrals.emergency.rules.companions import CompanionState
    from referrals.emergency.rules.contacts import Readiness
    from referrals.emergency.rules.drills import DrillState
    from referrals.emergency.rules.duties import DutyState
    from referrals.emergency.rules.grades import Grade
    from referrals.emergency.rules.incident_moves import IncidentState
    from referrals.emergency.rules.kits import KitState
    from referrals.emergency.rules.leg_states import LegState
    from referrals.emergency.rules.readiness import Level
    from referrals.emergency.rules.support import GrantState
    from referrals.emergency.rules.swaps import SwapState
    from referrals.liaison.card_states import CardState
    from referrals.liaison.mediation_states import MediationState
    from referrals.states import (
        CHOOSE,
        NO_TAKER,
        BookingState,
        CorrectionState,
        HardshipState,
        OfferState,
        PausedState,
        PolicyState,
        PoolOrderState,
        RedemptionState,
        ReferralState,
        ReliefWordState,
        RescheduleState,
        VoucherState,
    )
    from referrals.waiting_states import WaitingState

    machines = {
        "referral": ReferralState,
        "offer": OfferState,
        "booking": BookingState,
        "reschedule": RescheduleState,
        "waiting": WaitingState,
        "mediation": MediationState,
        "hand_on": CardState,
        "voucher": VoucherState,
        "redemption": RedemptionState,
        "policy": PolicyState,
        "pool_order": PoolOrderState,
        "correction": CorrectionState,
        "claim": ClaimState,
        "hardship": HardshipState,
        "relief_word": ReliefWordState,
        "paused": PausedState,
        "agreement": AgreementState,
        "institution": InstitutionState,
        "job": State,
        "consent": ConsentState,
        "channel": WayState,
        "contact": Readiness,
        "chain_plan": plan_states.PlanState,
        "chain": plan_states.ChainState,
        "incident": IncidentState,
        "leg": LegState,
        "grade": Grade,
        "duties": DutyState,
        "duty_swap": SwapState,
        "companion": CompanionState,
        "grant": GrantState,
        "drill": DrillState,
        "kit": KitState,
        "readiness": Level,
        "openday": DayState,
        "proof": Level,
    }
    shown = {
        f"referral:{NO_TAKER}",
        f"referral:{CHOOSE}",
        "duty_swap:over",
    }  # said by the dates and the reason, no states of their own
    assert {f"{machine}:{state.value}" for machine, states in machines.items() for state in states} | shown == set(
        signs()
    )
