"""A time that a person has chosen is held for five minutes before the request is sent (books §4, §9).

The hold belongs to the draft, and a person has one of each kind: choosing another time frees the former. When it ends the
clock of the database decides; whoever sends later gets the time if it is still free.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused
from partners.calendars.free import SOONEST
from partners.calendars.offered import FreeTimes, free_times
from partners.kinds import ServiceMode
from partners.models import Service
from partners.selectors import agreed_line
from referrals.kinds import KINDS
from referrals.models import ReferralDraft, TimeHold
from referrals.workflow.reviewing import lock_person
from referrals.workflow.slots import NO_SEAT, Seat, free_slot, keep_seat, take_seat
from referrals.workflow.times import checked_times
from tenancy.models import Tenant

HOLD: Final = timedelta(minutes=5)
OTHERS: Final = 3
"""So many other times are shown to whoever came too late."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The exact time that a request is for; ``seat``: what is held of it, if anything ever was."""

    starts_at: datetime
    ends_at: datetime
    counsellor_id: UUID | None = None
    seat: Seat = NO_SEAT


def picks_time(service: Service) -> bool:
    """Whether people choose a free time of it themselves (rules §2, mode ``instant``)."""
    return service.mode == ServiceMode.INSTANT


@transaction.atomic
def hold_time(
    *, actor: Actor, tenant: Tenant, draft_id: UUID, starts_at: datetime, counsellor_id: UUID | None = None
) -> TimeHold:
    """Hold one free time for the draft; the person's former hold of this kind is free again, under another account too.

    NotFound for another person's draft, Conflict ``already_sent``, ``slot_taken``; Refused ``not_instant`` for a service
    whose agency names the times, ``no_agreement`` for a day that none covers; Invalid ``windows_invalid`` for a time that
    cannot be, ``too_soon`` less than two hours ahead. Whatever is refused leaves the former hold.
    """
    require(actor, "referral.own")
    draft, moment = _locked(actor, draft_id), now()
    service = draft.service
    if not picks_time(service):
        raise Refused("not_instant")
    check_soonest(starts_at, moment)
    wanted = (starts_at, starts_at + timedelta(minutes=service.visit_minutes))
    ((start, end),) = checked_times(tenant, service, [wanted], moment)
    agreed_line(service.pk, tenant.day_of(start))
    places = lock_person(draft.person_id)
    for former in TimeHold.objects.select_for_update(no_key=True).filter(person__in=places).order_by("pk"):
        if former.kind == service.kind or former.draft_id == draft.pk:
            free_slot(former.slot)
            former.delete()
    seat = take_seat(service, start, end, wanted=counsellor_id, only=counsellor_id is not None, hold=HOLD)
    hold = TimeHold(
        person_id=draft.person_id,
        kind=service.kind,
        draft=draft,
        service=service,
        counsellor_id=counsellor_id if seat.resource else None,
        resource=seat.resource,
        slot=seat.slot,
        starts_at=start,
        ends_at=end,
        until=seat.until or moment + HOLD,
    )
    hold.save(force_insert=True)
    return hold


@transaction.atomic
def let_hold_go(*, actor: Actor, draft_id: UUID) -> None:
    """The person takes no exact time after all; twice is once. NotFound for another person's draft."""
    require(actor, "referral.own")
    for hold in TimeHold.objects.select_for_update(no_key=True).filter(draft=_locked(actor, draft_id)):
        free_slot(hold.slot)
        hold.delete()


def hold_of(draft: ReferralDraft) -> TimeHold | None:
    """What the draft has chosen, held still or not; none of another service."""
    return TimeHold.objects.filter(draft=draft, service_id=draft.service_id).select_related("counsellor").first()


def chosen_of(draft: ReferralDraft) -> Chosen | None:
    """The same for whoever sends the draft, which is locked by the caller."""
    hold = hold_of(draft)
    return (
        Chosen(hold.starts_at, hold.ends_at, hold.counsellor_id, Seat(hold.resource, hold.slot, hold.until))
        if hold is not None
        else None
    )


def forget_hold(draft: ReferralDraft) -> None:
    """The draft was sent: what was held stands with the request now."""
    TimeHold.objects.filter(draft=draft).delete()


def check_soonest(starts_at: datetime, moment: datetime) -> None:
    """Invalid ``windows_invalid`` for a time that begins too soon for anybody at the agency to learn of it."""
    if moment < starts_at < moment + SOONEST:
        hours = str(SOONEST // timedelta(hours=1))
        raise Invalid("windows_invalid", fields=(("starts_at", "too_soon", hours),))


def keep_chosen(service: Service, chosen: Chosen, hold: timedelta) -> Seat:
    """The place of the chosen time for ``hold`` from now on: what is held is kept, what ran out is taken anew if it is free.

    Anybody of the agency will do for whoever chose nobody. Conflict ``slot_taken``. Call before the books are locked.
    """
    seat, times = chosen.seat, (chosen.starts_at, chosen.ends_at)
    wanted = chosen.counsellor_id
    if seat.slot is None:
        return take_seat(service, *times, wanted=wanted, only=wanted is not None, hold=hold)
    try:
        return keep_seat(seat, service, *times, hold=hold)
    except Conflict:
        if wanted is not None:
            raise
        return take_seat(service, *times, hold=hold, after=seat.resource)


def other_times(
    tenant: Tenant, service: Service, starts_at: datetime, *, counsellor_id: UUID | None = None
) -> list[datetime]:
    """Free starts near ``starts_at``, in order, for whoever came too late."""
    unguarded = {service.pk} if KINDS[service.kind].is_open else set()
    return nearest(
        free_times([service], now(), zone=tenant.time_zone, unguarded=unguarded)[service.pk], starts_at, counsellor_id
    )


def nearest(found: FreeTimes, starts_at: datetime, counsellor_id: UUID | None = None) -> list[datetime]:
    """Of free times that were read those near ``starts_at``, in order."""
    keys = {place.key for place, _starts in found.by_place if counsellor_id in (None, place.resource_id)}
    near = sorted(found.starts(keys), key=lambda start: abs(start - starts_at))
    return sorted(near[:OTHERS])


@contextmanager
def naming_others(
    tenant: Tenant, service_id: UUID, starts_at: datetime, *, counsellor_id: UUID | None = None
) -> Iterator[None]:
    """Whoever is refused with ``slot_taken`` inside the block is told other free times near it: ``other_times``, UTC."""
    try:
        yield
    except Conflict as refused:
        if refused.reason != "slot_taken":
            raise
        service = Service.objects.get(pk=service_id)
        others = other_times(tenant, service, starts_at, counsellor_id=counsellor_id)
        raise Conflict("slot_taken", other_times=tuple(start.isoformat() for start in others)) from refused


def _locked(actor: Actor, draft_id: UUID) -> ReferralDraft:
    if actor.membership_id is None:
        raise NotFound
    draft = (
        ReferralDraft.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(pk=draft_id, person_id=actor.membership_id, expires_at__gt=now())
        .first()
    )
    if draft is None:
        raise NotFound
    if draft.referral_id is not None:
        raise Conflict("already_sent")
    return draft
