"""Naming the trade union's chair and deputy, and what they sign."""

from datetime import timedelta

from accounts.models import Membership
from referrals.models import Referral
from referrals.workflow.relief import submit_relief
from referrals.workflow.submitting import approve_referral
from referrals.workflow.union_posts import name_post
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow.several_steps import agency_with


def lead(journey: Journey, chair: str = "", deputy: str = "") -> None:
    """The administration names members of the journey; an empty name leaves the post vacant."""
    found = Membership.objects.filter(roles__contains=["admin"]).order_by("pk").first()
    journey.members["admin"] = found or make_person(journey.tenant, "admin", "staff")
    admin = actor_of(journey.members["admin"])
    for kind in ("deputy", "chair"):
        name_post(actor=admin, tenant=journey.tenant, kind=kind, person_id=None)
    for kind, who in (("chair", chair), ("deputy", deputy)):
        if who:
            name_post(actor=admin, tenant=journey.tenant, kind=kind, person_id=journey.members[who].pk)


def relief(journey: Journey, fee_fen: int, *, days: int = 5, person: str = "staff") -> Referral:
    """A request of crisis relief of one visit at ``fee_fen``."""
    service, _office = agency_with(journey, "home_help", fee_fen, mode="confirm")
    start, _end = soon(days=days)
    return submit_relief(
        actor=journey.centre, tenant=journey.tenant, person_id=journey.members[person].pk, service_id=service.pk,
        units=1, windows=[(start, start + timedelta(hours=3))],
    )  # fmt: skip


def sign(journey: Journey, asked: Referral, who: Membership) -> str:
    """The request's state after a yes of ``who``."""
    return approve_referral(actor=actor_of(who), tenant=journey.tenant, referral_id=asked.pk).state
