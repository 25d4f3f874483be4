"""Writers of the partner's answer: a time, other times, or no. A confirmed time makes a booking and a voucher at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused
from partners.kinds import ServiceMode
from partners.pauses import check_open
from referrals.access import access_own_referral, as_uuid
from referrals.models import Booking, Offer, Proposal, Referral
from referrals.rules import may_answer
from referrals.states import OfferEvent, OfferState, ReferralEvent, ReferralState, step
from referrals.workflow.appointments import save_booking
from referrals.workflow.confirming import book
from referrals.workflow.notices import tell_partner, tell_person
from referrals.workflow.several import take_winner
from referrals.workflow.slots import places_of
from referrals.workflow.submitting import check_reason, release_all
from referrals.workflow.times import agency_answers_by, checked_times
from referrals.workflow.units import lock_accounts_of
from tenancy.models import Tenant

PICK_WITHIN: Final = timedelta(hours=24)
"""How long the person has to pick among the answers of several agencies (books §2)."""
OFFER_DECLINE_REASONS = frozenset({"no_capacity", "no_such_time", "not_our_field", "on_holiday"})


def _locked_offer(actor: Actor, offer_id: UUID | str) -> tuple[Referral, Offer]:
    """Referral, then offer, both locked, of the actor's own institution; NotFound for any other.

    Refused ``too_late`` after the deadline, whether or not the sweep has been: the dates decide, the state follows.
    """
    seen = Offer.objects.filter(pk=as_uuid(offer_id), partner_id=actor.institution_id).first()
    if seen is None or actor.institution_id is None:
        raise NotFound
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    offer = Offer.objects.select_for_update(no_key=True).get(pk=seen.pk)
    _check_in_time(offer)
    return referral, offer


def _check_in_time(offer: Offer) -> None:
    """One that is no longer open is refused by the table of moves; one that another agency was faster for is ``taken``."""
    if offer.state == OfferState.WITHDRAWN and offer.mode == ServiceMode.QUERY and _is_won(offer):
        raise Conflict("taken")
    if offer.state == OfferState.OPEN and not may_answer(offer, now()):
        raise Refused("too_late")


def _is_won(offer: Offer) -> bool:
    return Offer.objects.filter(referral=offer.referral_id, state=OfferState.ACCEPTED).exclude(pk=offer.pk).exists()


@transaction.atomic
def confirm_offer(
    *,
    actor: Actor,
    tenant: Tenant,
    offer_id: UUID | str,
    starts_at: datetime,
    ends_at: datetime,
    counsellor_id: UUID | None = None,
) -> Booking:
    """The partner takes the request at a time inside one of the windows. Booking and voucher are made at once.

    ``counsellor_id``: which of its people or rooms does it, where the person has chosen nobody; else whoever is free.
    NotFound for one that is not entered for the service, Conflict ``counsellor_chosen`` where the person's word stands.
    Raises Invalid for a time that cannot be or lies in no window, IllegalMove when the offer is no longer open, Refused
    ``too_late`` when its deadline is over, ``person_picks`` where an answer is only one to choose from (``propose_times``),
    Conflict ``taken`` when another agency that was asked at the same time was faster, Conflict ``slot_taken`` when the partner already has a booking then, Refused
    ``new_year_not_funded`` when the day lies in a year that cannot pay it, ``suspended`` where the agency is paused on that day.
    """
    require(actor, "partner.answer")
    referral, offer = _locked_offer(actor, offer_id)
    if offer.person_picks:
        raise Refused("person_picks")
    moment = now()
    ((start, end),) = checked_times(tenant, offer.service, [(starts_at, ends_at)], moment)
    inside = any(
        datetime.fromisoformat(w["starts_at"]) <= start and end <= datetime.fromisoformat(w["ends_at"])
        for w in offer.windows
    )
    if not inside:
        raise Invalid("outside_windows", fields=(("starts_at", "outside_windows", ""),))
    named = _named(referral, offer, counsellor_id)
    return _book(actor, tenant, referral, offer, start, end, moment, named=named)


def _named(referral: Referral, offer: Offer, counsellor_id: UUID | None) -> UUID | None:
    """Whom the agency names; the same as the person chose is nothing new."""
    if counsellor_id in (None, referral.counsellor_id):
        return None
    if counsellor_id not in {place.resource_id for place in places_of(offer.service)}:
        raise NotFound
    if referral.counsellor_id is not None:
        raise Conflict("counsellor_chosen")
    return counsellor_id


@transaction.atomic
def accept_proposal(*, actor: Actor, tenant: Tenant, referral_id: UUID | str, proposal_id: UUID | str) -> Booking:
    """The person takes one of the other times that the partner proposed, while the offer may still be answered."""
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    proposal = Proposal.objects.filter(pk=as_uuid(proposal_id), offer__referral=referral).first()
    if proposal is None:
        raise NotFound
    offer = Offer.objects.select_for_update(no_key=True).get(pk=proposal.offer_id)
    _check_in_time(offer)
    moment = now()
    checked_times(tenant, offer.service, [(proposal.starts_at, proposal.ends_at)], moment)
    proposal.accepted_at = moment
    proposal.save(update_fields=["accepted_at"])
    return _book(actor, tenant, referral, offer, proposal.starts_at, proposal.ends_at, moment)


def _book(
    actor: Actor,
    tenant: Tenant,
    referral: Referral,
    offer: Offer,
    start: datetime,
    end: datetime,
    moment: datetime,
    *,
    named: UUID | None = None,
) -> Booking:
    check_open(offer.partner_id, referral.kind, tenant.day_of(start))
    offer.state = step(offer.state, OfferEvent.ACCEPT)
    won = take_winner(referral, offer)
    booking = save_booking(tenant, referral, start, end, named=named)
    return book(actor, tenant, referral, offer, booking, moment, won=won)


@transaction.atomic
def propose_times(
    *, actor: Actor, tenant: Tenant, offer_id: UUID | str, windows: Sequence[tuple[datetime, datetime]]
) -> list[Proposal]:
    """No window fits: the partner proposes up to five other times. The offer stays open for the person's answer.

    Where the person picks among several agencies this is how each of them answers; they have a day for it.
    """
    require(actor, "partner.answer")
    referral, offer = _locked_offer(actor, offer_id)
    moment = now()
    times = checked_times(tenant, offer.service, windows, moment)
    for start, _end in times:
        check_open(offer.partner_id, referral.kind, tenant.day_of(start))
    offer.state = step(offer.state, OfferEvent.PROPOSE)
    offer.deadline = moment + PICK_WITHIN if offer.person_picks else agency_answers_by(tenant, offer.partner_id, moment)
    offer.save(update_fields=["state", "deadline"])
    still_open = Offer.objects.filter(referral=referral, state=OfferState.OPEN)
    referral.deadline = max(still_open.values_list("deadline", flat=True))
    referral.save(update_fields=["deadline", "changed_at"])
    proposals = Proposal.objects.bulk_create(
        Proposal(offer=offer, partner_id=offer.partner_id, starts_at=start, ends_at=end) for start, end in times
    )
    record(actor=actor, action="offer.propose", obj=offer, facts={"count": len(proposals)})
    tell_person(referral, "proposal_new", suffix=f"/{proposals[0].pk}")
    return proposals


@transaction.atomic
def decline_offer(*, actor: Actor, offer_id: UUID | str, reason: str) -> Offer:
    """The partner says no. Nothing of the price stays reserved; the person is told and may choose another."""
    require(actor, "partner.answer")
    check_reason(reason, OFFER_DECLINE_REASONS)
    referral, offer = _locked_offer(actor, offer_id)
    decline_in_their_name(actor, referral, offer, OfferEvent.DECLINE, reason)
    return offer


@transaction.atomic
def expire_offer(*, actor: Actor, offer_id: UUID) -> bool:
    """The partner let its time pass: the same as a no, and the person is told at once. False when it had not."""
    seen = Offer.objects.get(pk=offer_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    offer = Offer.objects.select_for_update(no_key=True).get(pk=offer_id)
    if offer.state != OfferState.OPEN or may_answer(offer, now()):
        return False
    decline_in_their_name(actor, referral, offer, OfferEvent.EXPIRE, "no_answer")
    tell_partner(offer.partner_id, "offer_expired", key=f"offer/{offer.pk}/expired", link="/partner/offers/")
    return True


def decline_in_their_name(actor: Actor, referral: Referral, offer: Offer, event: OfferEvent, reason: str) -> None:
    """A no to one offer, whoever says it; the last one ends the request. Both locked by the caller."""
    lock_accounts_of(referral)
    offer.state = step(offer.state, event)
    offer.decline_reason, offer.answered_at = reason, now()
    offer.save(update_fields=["state", "decline_reason", "answered_at"])
    record(actor=actor, action="offer.decline", obj=offer, facts={"referral": referral.pk, "reason": reason})
    if Offer.objects.filter(referral=referral, state=OfferState.OPEN).exists():
        return
    end_without_taker(actor, referral, step(referral.state, ReferralEvent.NO_TAKER), reason)
    tell_person(referral, "referral_no_taker")


def end_without_taker(actor: Actor, referral: Referral, state: ReferralState, reason: str) -> None:
    """No agency takes the request, which stood at ``state``: it ends and all it held is free. Books locked by the caller."""
    referral.state = step(state, ReferralEvent.EXPIRE)
    referral.decline_reason, referral.deadline = reason, None
    referral.save(update_fields=["state", "decline_reason", "deadline", "changed_at"])
    record(actor=actor, action="referral.no_taker", obj=referral, facts={"reason": reason})
    release_all(actor, referral, "no_taker")
