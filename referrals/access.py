"""Loads rows of the open school by an untrusted id; NotFound for a stranger (house §style 5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Any, Final
from uuid import UUID

from django.db import models

from accounts.actor import Actor
from accounts.models import Membership
from accounts.search import contains
from exports import MOST_ROWS
from kernel.errors import NotFound
from referrals.kinds import KINDS
from referrals.models import AmountClaim, Booking, Offer, Redemption, Referral, Reschedule, Voucher
from tenancy.scope import use_partner, use_tenant

LIST_OF_NAMES: Final = "referrals.list"
"""In the record, the kind of thing that a page of names is; its key is the office."""
_AT_ONCE: Final = 200
"""Requests that one row of the record names (``audit.facts``)."""


def sought_by_name(rows: models.QuerySet[Any], q: str) -> Iterator[list[UUID]]:
    """Keys of those of ``rows`` whose person the word ``q`` is a name of, in portions for the record.

    A file has no names; one that was looked for by a name is as good as a list of that name.
    """
    if not q:
        return
    people = Membership.objects.filter(contains(q, "name")).values_list("pk", flat=True)
    found = rows.filter(person_id__in=list(people)).prefetch_related(None)
    for portion in batched(found.values_list("pk", flat=True)[:MOST_ROWS], _AT_ONCE):
        yield list(portion)


def as_uuid(value: UUID | str) -> UUID:
    """The id, or NotFound: a malformed id is a missing one."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError as error:
        raise NotFound from error


def access_referral(actor: Actor, referral_id: UUID | str) -> Referral:
    """The person's own referral, or one that the actor decides by kind. NotFound for everyone else."""
    rows = Referral.objects.select_related("service", "partner", "person", "policy")
    referral = rows.filter(pk=as_uuid(referral_id)).first()
    if referral is None:
        raise NotFound
    own = referral.person_id == actor.membership_id and actor.may("referral.own")
    if own or actor.may(f"referral.read.{KINDS[referral.kind].decider}"):
        return referral
    raise NotFound


def access_own_referral(actor: Actor, referral_id: UUID | str) -> Referral:
    """The person's own referral, or NotFound."""
    referral = access_referral(actor, referral_id)
    if referral.person_id != actor.membership_id:
        raise NotFound
    return referral


def access_voucher(actor: Actor, voucher_id: UUID | str) -> Voucher:
    """The person's own voucher, or NotFound: nobody else opens a wallet."""
    voucher = (
        Voucher.objects.select_related("service", "partner", "booking")
        .filter(pk=as_uuid(voucher_id), person_id=actor.membership_id)
        .first()
    )
    if voucher is None or actor.membership_id is None:
        raise NotFound
    return voucher


def access_own_use(actor: Actor, redemption_id: UUID | str) -> Redemption:
    """The person's own use of a voucher, or NotFound."""
    found = (
        Redemption.objects.select_related("voucher__service", "partner")
        .filter(pk=as_uuid(redemption_id), voucher__person_id=actor.membership_id)
        .first()
    )
    if found is None or actor.membership_id is None:
        raise NotFound
    return found


def institution_of(actor: Actor) -> UUID:
    """The actor's institution, or NotFound for somebody who works at none."""
    if actor.institution_id is None:
        raise NotFound
    return actor.institution_id


def _as_partner(actor: Actor, model: type[models.Model], pk: UUID | str) -> Any:
    with use_partner(institution_of(actor)):
        row = model._default_manager.filter(pk=as_uuid(pk)).first()
    if row is None:
        raise NotFound
    return row


def partner_offer(actor: Actor, offer_id: UUID | str) -> Offer:
    """An offer laid before the actor's institution, read through the partner's wall."""
    offer: Offer = _as_partner(actor, Offer, offer_id)
    return offer


def partner_voucher(actor: Actor, voucher_id: UUID | str) -> Voucher:
    """A voucher that is spent at the actor's institution."""
    voucher: Voucher = _as_partner(actor, Voucher, voucher_id)
    return voucher


def partner_redemption(actor: Actor, redemption_id: UUID | str) -> Redemption:
    """A redemption by the actor's institution."""
    redemption: Redemption = _as_partner(actor, Redemption, redemption_id)
    return redemption


def partner_claim(actor: Actor, claim_id: UUID | str) -> AmountClaim:
    """What the actor's institution itself has asked about an amount."""
    claim: AmountClaim = _as_partner(actor, AmountClaim, claim_id)
    return claim


def partner_booking(actor: Actor, booking_id: UUID | str) -> Booking:
    """An appointment at the actor's institution."""
    booking: Booking = _as_partner(actor, Booking, booking_id)
    return booking


def partner_reschedule(actor: Actor, reschedule_id: UUID | str) -> Reschedule:
    """A wish to move an appointment at the actor's institution."""
    asked: Reschedule = _as_partner(actor, Reschedule, reschedule_id)
    return asked


@contextmanager
def in_school_of(row: Any) -> Iterator[UUID]:
    """Open the school a partner's row belongs to, for the writer that follows (house §Tenancy)."""
    with use_tenant(row.tenant_id):
        yield row.tenant_id
