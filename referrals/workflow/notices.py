"""Writes messages to the person, the deciders and the partner, in the writer's transaction (rules §4, experience §6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Membership, User
from kernel.clock import local_day, now
from notifications.models import Channel, OutboxMessage
from notifications.outbox import channels_of, enqueue, message_rows
from partners.models import InstitutionMember
from referrals.models import Offer, Referral
from referrals.roads import for_leaver
from referrals.states import OfferEvent, OfferState, step
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id


def tell_person(referral: Referral, template: str, *, suffix: str = "") -> None:
    """A message to the person who asked, with a link to the request.

    Who has left the school reads no 消息 any more and opens no request: an e-mail tells them, by ``roads.for_leaver``.
    """
    person, said = Membership.objects.get(pk=referral.person_id), _to_person(referral, template, suffix)
    if person.left_on is not None and person.left_on < Tenant.objects.get(pk=current_tenant_id()).today():
        if instead := for_leaver(template):
            enqueue(template=instead, to=person, channels=[Channel.EMAIL], **{**said, "link": ""})
    else:
        enqueue(template=template, to=person, **said)


def person_rows(
    referral: Referral,
    template: str,
    user_id: UUID | None,
    chosen: Sequence[str],
    *,
    suffix: str = "",
    has_left: bool = False,
) -> list[OutboxMessage]:
    """The rows of ``tell_person``, not written yet; ``chosen``: the person's channels beside 消息."""
    said = _to_person(referral, template, suffix)
    if has_left:
        instead = for_leaver(template)
        channels = [Channel.EMAIL] if instead else []
        return message_rows(template=instead or template, user_id=user_id, channels=channels, **{**said, "link": ""})
    return message_rows(template=template, user_id=user_id, channels=channels_of(chosen), **said)


def _to_person(referral: Referral, template: str, suffix: str) -> dict[str, Any]:
    return {
        "key": f"referral/{referral.pk}/{template}{suffix}",
        "context": {"number": referral.number},
        "link": f"/my/referrals/{referral.pk}/",
    }


def tell_deciders(referral: Referral, role: str, *, suffix: str = "", page: str = "") -> None:
    """A neutral message to everyone who may decide today, by the days of their membership; ``page``: below their desk."""
    for member in deciders_today(role):
        tell_decider(referral, member, role, suffix=suffix, page=page)


def tell_decider(referral: Referral, member: Membership, role: str, *, suffix: str = "", page: str = "") -> None:
    """The same to one of them."""
    enqueue(
        key=f"referral/{referral.pk}/decide/{member.pk}{suffix}",
        template="referral_needs_decision",
        to=member,
        context={"number": referral.number},
        link=f"/{role}/{page or f'referrals/{referral.pk}/'}",
    )


def deciders_today(role: str) -> QuerySet[Membership]:
    """Everyone who may decide today, by the days of their membership."""
    day = Tenant.objects.get(pk=current_tenant_id()).today()
    return Membership.objects.current(day).accepted().filter(roles__contains=[role])


def tell_partner(partner_id: UUID, template: str, *, key: str, link: str) -> None:
    """A message to everyone who works at the institution's counters and office today."""
    places = InstitutionMember.objects.current(local_day(now())).accepted().filter(institution_id=partner_id)
    for user in User.objects.filter(pk__in=places.values("user_id"), is_active=True):
        enqueue(key=f"{key}/{user.pk}", template=template, to=user, context={}, link=link)


def withdraw_offers(referral: Referral, moment: datetime) -> None:
    """Withdraws the open offers of a request and tells the partner that no answer is needed."""
    for offer in Offer.objects.select_for_update(no_key=True).filter(referral=referral, state=OfferState.OPEN):
        offer.state, offer.answered_at = step(offer.state, OfferEvent.WITHDRAW), moment
        offer.save(update_fields=["state", "answered_at"])
        tell_partner(offer.partner_id, "offer_withdrawn", key=f"offer/{offer.pk}/withdrawn", link="/partner/offers/")
