"""Who is told what: one neutral template, one key, in the writer's transaction (rules §4, experience §6)."""

from uuid import UUID

from accounts.models import Membership, User
from notifications.outbox import enqueue
from referrals.models import Referral


def tell_person(referral: Referral, template: str, *, suffix: str = "") -> None:
    """A message to the person who asked, with a link to the request."""
    enqueue(
        key=f"referral/{referral.pk}/{template}{suffix}",
        template=template,
        to=Membership.objects.select_related("user").get(pk=referral.person_id),
        context={"number": referral.number},
        link=f"/my/referrals/{referral.pk}/",
    )


def tell_deciders(referral: Referral, role: str) -> None:
    """Everyone who may decide gets the same neutral line."""
    for member in Membership.objects.select_related("user").filter(roles__contains=[role], left_on__isnull=True):
        enqueue(
            key=f"referral/{referral.pk}/decide/{member.pk}",
            template="referral_needs_decision",
            to=member,
            context={"number": referral.number},
            link=f"/{role}/referrals/{referral.pk}/",
        )


def tell_partner(partner_id: UUID, template: str, *, key: str, link: str) -> None:
    """A message to everyone who works at the institution's counters and office."""
    workers = User.objects.filter(
        institution_memberships__institution_id=partner_id,
        institution_memberships__left_on__isnull=True,
        is_active=True,
    )
    for user in workers:
        enqueue(key=f"{key}/{user.pk}", template=template, to=user, context={}, link=link)
