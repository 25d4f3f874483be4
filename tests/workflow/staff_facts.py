"""A school with agreements, approved policies and filled pools, and a partner that answers: for tests of the screens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.actor import Actor
from accounts.models import Membership, User
from demo.worlds import employ, fill_pools, make_rules
from kernel.clock import local_day, now
from partners.models import Institution, Service
from referrals.models import Booking, Offer, Referral
from referrals.workflow.answering import confirm_offer
from referrals.workflow.submitting import submit_referral
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.partner_facts import make_agreement, make_institution, make_service, operator, platform


@dataclass(frozen=True)
class Facts:
    """``person`` is a member of the staff; ``counter`` acts for the counselling partner."""

    school: Tenant
    person: Membership
    partner: Institution
    counselling: Service
    childcare: Service
    home_help: Service
    counter: Actor
    finance: Actor


def make_facts(school: Tenant) -> Facts:
    """Counselling 70 % with four sessions, childcare 50 %, home help at the agreed price."""
    partner, home = make_institution(), make_institution("childcare")
    counselling = make_service(partner, "counselling", 30000)
    childcare, home_help = make_service(home, "childcare", 120000, unit="month"), make_service(home, "home_help", 12000)
    make_agreement(school, counselling, tariff_fen=30000)
    make_agreement(school, childcare, home_help, tariff_fen=120000)
    person = make_person(school, "staff", title="李老师")
    drafter, approver = make_person(school, "finance"), make_person(school, "finance")
    today = local_day(now())
    rules: dict[str, dict[str, Any]] = {
        "counselling": {"share_bp": 7000, "quota_amount": 4},
        "childcare": {"share_bp": 5000, "quota_unit": "fen", "quota_amount": 600000},
        "home_help": {"share_bp": 0},
    }
    with use_tenant(school.id):
        make_rules(actor_of(drafter), actor_of(approver), today - timedelta(30), rules)
        fill_pools(
            actor_of(drafter), actor_of(approver), (today.year, today.year + 1), dict.fromkeys(rules, 10_000_000)
        )
    user = User.objects.create_user(email=f"{partner.slug}@partner.example", password="x", full_name="前台")
    with use_tenant(platform().id):
        counter = employ(operator(), partner, user, "partner_office")
    return Facts(school, person, partner, counselling, childcare, home_help, counter, actor_of(approver))


def in_days(days: int, hour: int = 2) -> datetime:
    """A whole hour (UTC) some days ahead; 2 is ten in the morning at school."""
    return datetime.combine(now().date() + timedelta(days), datetime.min.time(), UTC) + timedelta(hours=hour)


def sent_request(facts: Facts, *, days: int = 3, units: int = 1) -> Referral:
    """A counselling request that the partner has been asked about."""
    with use_tenant(facts.school.id):
        return submit_referral(
            actor=actor_of(facts.person),
            tenant=facts.school,
            service_id=facts.counselling.pk,
            units=units,
            windows=[(in_days(days), in_days(days, 6))],
            consent=["referral"],
        )


def confirmed(facts: Facts, referral: Referral) -> Booking:
    """The partner takes the first hour of the first window."""
    with use_tenant(facts.school.id):
        offer = Offer.objects.get(referral=referral)
        start = datetime.fromisoformat(offer.windows[0]["starts_at"])
        return confirm_offer(
            actor=facts.counter,
            tenant=facts.school,
            offer_id=offer.pk,
            starts_at=start,
            ends_at=start + timedelta(hours=1),
        )
