"""Waiting for seats at a time that is full: joined, offered in strict order, accepted, left (books §4, §9).

The order is that of joining, over all schools: the round that offers sees every school's entries. An offer keeps the seat
by the clock of the database; accepting it makes the time the person's chosen one, which is then sent as any other.
No row of the record is made of it: that somebody waits is nobody's business. What is sent is recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import Taken, once
from kernel.clock import now
from kernel.errors import Conflict, NotFound, Refused
from notifications.outbox import enqueue
from partners.calendars.free import Place, Use, full
from partners.calendars.resources import places_by_key
from partners.models import Service
from partners.selectors import agreed_line
from referrals.access import as_uuid
from referrals.models import Referral, ReferralDraft, TimeHold, WaitingEntry
from referrals.pauses import seat_is_open
from referrals.waiting_states import OPEN, WaitingEvent, WaitingState, step
from referrals.wishes import NO_WISHES, Wishes
from referrals.workflow.holding import Chosen, check_soonest, picks_time
from referrals.workflow.reviewing import lock_person
from referrals.workflow.slots import Seat, free_slot, is_there, places_of
from referrals.workflow.submitting import submit_referral
from referrals.workflow.times import checked_times
from seats import places
from seats.waiting import Waiting, next_offer, offer_until
from tenancy.models import Tenant

MOST_ENTRIES: Final = 10
_TWICE: Final[Taken] = {"waiting_once": lambda: Conflict("waiting_already")}


@transaction.atomic
def join_waiting(*, actor: Actor, tenant: Tenant, service_id: UUID | str, starts_at: datetime) -> WaitingEntry:
    """Wait for a seat at a time that is full now.

    Refused ``not_full`` while there is a seat, ``not_instant`` for a service without seats of its own, ``waiting_full`` from
    the eleventh on, ``no_agreement``; Conflict ``waiting_already``; Invalid ``windows_invalid`` for a time that cannot be.
    """
    require(actor, "referral.own")
    if actor.membership_id is None:
        raise NotFound
    moment = now()
    service = Service.objects.filter(pk=as_uuid(service_id)).first()
    if service is None:
        raise NotFound
    seats = [place for place in places_of(service) if place.capacity > 1]
    if not seats or not picks_time(service):
        raise Refused("not_instant")
    check_soonest(starts_at, moment)
    wanted = (starts_at, starts_at + timedelta(minutes=service.visit_minutes))
    ((start, end),) = checked_times(tenant, service, [wanted], moment)
    agreed_line(service.pk, tenant.day_of(start))
    uses: dict[UUID, list[Use]] = {place.key: [] for place in seats}
    for row in places.busy(uses, start, end):
        uses[row.resource].append(Use(row.starts_at, row.ends_at, row.seats))
    if any(not full(uses[place.key], place.capacity, place.takes) for place in seats):
        raise Refused("not_full")
    own = lock_person(actor.membership_id)  # two at once are counted one by one
    mine = WaitingEntry.objects.filter(person__in=own, state__in=OPEN, starts_at__gt=moment)
    if mine.filter(resource=seats[0].key, starts_at=start).exclude(person_id=actor.membership_id).exists():
        raise Conflict("waiting_already")
    if mine.count() >= MOST_ENTRIES:
        raise Refused("waiting_full")
    entry = WaitingEntry(
        person_id=actor.membership_id,
        service=service,
        resource=seats[0].key,
        size=seats[0].takes,
        starts_at=start,
        ends_at=end,
    )
    with once(_TWICE):
        entry.save(force_insert=True)
    return entry


@transaction.atomic
def leave_waiting(*, actor: Actor, entry_id: UUID | str) -> WaitingEntry:
    """Out of the line; a seat that was offered goes to the next. IllegalMove when it has ended, NotFound for a stranger's."""
    require(actor, "referral.own")
    entry = _own(actor, entry_id)
    _end(entry, WaitingEvent.LEAVE)
    return entry


@transaction.atomic
def accept_seat(*, actor: Actor, tenant: Tenant, entry_id: UUID | str, draft_id: UUID) -> TimeHold:
    """The offered seat becomes the chosen time of the person's draft, held until the offer would have ended.

    Price and consent follow as with any chosen time. Refused ``too_late`` when the offer's time is over, whether or not the
    sweep has been; IllegalMove when nothing is offered; NotFound for a stranger's entry or draft.
    """
    require(actor, "referral.own")
    moment = now()
    draft = (
        ReferralDraft.objects.select_for_update(no_key=True)
        .filter(pk=draft_id, person_id=actor.membership_id, referral=None, expires_at__gt=moment)
        .first()
    )
    if draft is None:
        raise NotFound
    own = lock_person(draft.person_id)  # before the entry, as whoever waits anew
    service, chosen = _taken(_own(actor, entry_id), moment)
    formers = TimeHold.objects.select_for_update(no_key=True).filter(person__in=own, kind=service.kind)
    for former in formers.order_by("pk"):
        free_slot(former.slot)
        former.delete()
    assert chosen.seat.until is not None
    hold = TimeHold(
        person_id=draft.person_id,
        kind=service.kind,
        draft=draft,
        service=service,
        resource=chosen.seat.resource,
        slot=chosen.seat.slot,
        starts_at=chosen.starts_at,
        ends_at=chosen.ends_at,
        until=chosen.seat.until,
    )
    hold.save(force_insert=True)
    return hold


@transaction.atomic
def accept_and_send(
    *,
    actor: Actor,
    tenant: Tenant,
    entry_id: UUID | str,
    consent: Sequence[str],
    child_id: UUID | str | None = None,
    wishes: Wishes = NO_WISHES,
    quote_token: str = "",
) -> Referral:
    """The offered seat accepted and its request sent in one act, for whoever needs no draft between the two.

    Raises what ``accept_seat`` and ``submit_referral`` raise; whatever is refused leaves the offer as it was.
    """
    require(actor, "referral.own")
    if actor.membership_id is None:
        raise NotFound
    lock_person(actor.membership_id)  # before the entry, as whoever waits anew
    service, chosen = _taken(_own(actor, entry_id), now())
    return submit_referral(
        actor=actor,
        tenant=tenant,
        service_id=service.pk,
        units=1,
        windows=[(chosen.starts_at, chosen.ends_at)],
        consent=consent,
        child_id=child_id,
        wishes=wishes,
        quote_token=quote_token,
        chosen=chosen,
    )


def _taken(entry: WaitingEntry, moment: datetime) -> tuple[Service, Chosen]:
    """The offer becomes a chosen time, its seat with it.

    Refused ``too_late``, ``suspended``, IllegalMove; Conflict ``slot_taken`` where the agency is closed then, or the place away.
    """
    state = step(entry.state, WaitingEvent.ACCEPT)
    if not is_offered(entry, moment):
        raise Refused("too_late")
    if not WaitingEntry.objects.filter(seat_is_open(), pk=entry.pk).exists():
        raise Refused("suspended")
    place = places_by_key([entry.resource]).get(entry.resource)
    if place is None or not _is_there(entry, place):
        raise Conflict("slot_taken")
    chosen = Chosen(entry.starts_at, entry.ends_at, seat=Seat(entry.resource, entry.slot, entry.until))
    entry.state, entry.slot = state, None
    entry.save(update_fields=["state", "slot"])
    return entry.service, chosen


def is_offered(entry: WaitingEntry, moment: datetime) -> bool:
    """Whether a seat is kept for the entry at ``moment``: the dates decide."""
    in_time = entry.until is not None and moment < entry.until and moment < entry.starts_at
    return entry.state == WaitingState.OFFERED and in_time


def ahead_of(entries: Sequence[WaitingEntry]) -> dict[UUID, int]:
    """How many of the open school stand before each in its line. One query."""
    found = WaitingEntry.objects.filter(
        resource__in={entry.resource for entry in entries},
        starts_at__in={entry.starts_at for entry in entries},
        state__in=OPEN,
    ).values_list("resource", "starts_at", "joined_at", "pk")
    rows = list(found)
    return {
        entry.pk: sum(
            row[:2] == (entry.resource, entry.starts_at) and row[2:] < (entry.joined_at, entry.pk) for row in rows
        )
        for entry in entries
    }


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: ``entry`` is offered what it waits for, past ``passes``; with ``gathers`` it keeps so many more and waits on."""

    entry: WaitingEntry
    passes: tuple[WaitingEntry, ...] = ()
    gathers: int = 0


def whom_to_offer(rows: Iterable[WaitingEntry], moment: datetime) -> list[Turn]:
    """Of the entries of all schools, in order of joining, those whose turn it is: as many of a time as seats are free.

    What nobody in the line can use yet is kept for whoever stands first, so that no smaller wish takes it for ever.
    Inside the scope of any school (what is taken and the resources are of no school).
    """
    turns = []
    ordered = sorted(rows, key=lambda row: (row.resource.bytes, row.starts_at, row.joined_at, row.pk))
    capacities = {key: place.capacity for key, place in places_by_key({row.resource for row in ordered}).items()}
    for (resource, start), group in groupby(ordered, key=lambda row: (row.resource, row.starts_at)):
        line = {str(row.pk): row for row in group}
        ends = max(row.ends_at for row in line.values())
        uses = [Use(row.starts_at, row.ends_at, row.seats) for row in places.busy([resource], start, ends)]
        capacity = capacities.get(resource, 0)
        free = capacity - _fullest(uses)
        passed = {key: row.passed for key, row in line.items()}
        while True:
            waiting = [Waiting(key, _missing(row, capacity), passed[key]) for key, row in line.items()]
            step_now = next_offer(waiting, free, start, moment)
            if step_now is None:
                break
            turns.append(Turn(line.pop(step_now.key), tuple(line[key] for key in step_now.passes)))
            for key in step_now.passes:
                passed[key] += 1
            free -= step_now.size
        if line and free > 0:
            turns.append(Turn(next(iter(line.values())), gathers=free))
    return turns


def _missing(entry: WaitingEntry, capacity: int) -> int:
    """How many seats it still waits for; a place that has fewer than it wants is taken whole."""
    return max(min(entry.size, capacity) - entry.gathered, 1)


def _fullest(uses: Sequence[Use]) -> int:
    """How many seats are taken at the fullest moment: it begins with one of the uses."""
    return max(
        (sum(use.seats for use in uses if use.starts_at <= one.starts_at < use.ends_at) for one in uses), default=0
    )


@transaction.atomic
def offer_seat(*, entry_id: UUID) -> bool:
    """Keep what the entry waits for and tell its person. False when it does not wait any more, or nobody left the seats."""
    found = _waiting(entry_id)
    if found is None:
        return False
    entry, place, moment = found
    until = offer_until(entry.starts_at, moment)
    if not _keep(entry, place, min(entry.size, place.capacity), until - moment):
        return False
    entry.state, entry.until, entry.gathered = step(entry.state, WaitingEvent.OFFER), until, 0
    entry.save(update_fields=["state", "slot", "until", "gathered"])
    enqueue(
        template="seat_offered",
        to=Membership.objects.get(pk=entry.person_id),
        key=f"waiting/{entry.pk}/offered",
        context={},
        link=reverse("waiting"),
    )
    return True


@transaction.atomic
def gather_seats(*, entry_id: UUID, seats: int) -> bool:
    """``seats`` more are kept for whoever stands first, until there are enough. False when it waits no more, or they are gone."""
    found = _waiting(entry_id)
    if found is None:
        return False
    entry, place, moment = found
    together = entry.gathered + seats
    if together >= min(entry.size, place.capacity) or not _keep(entry, place, together, entry.starts_at - moment):
        return False
    entry.gathered = together
    entry.save(update_fields=["slot", "gathered"])
    return True


@transaction.atomic
def give_back_gathered(*, entry_id: UUID) -> bool:
    """What was gathered at an agency that is paused for the entry's school is free for other schools; the entry keeps its place."""
    entry = WaitingEntry.objects.select_for_update(no_key=True).get(pk=entry_id)
    if not entry.gathered or WaitingEntry.objects.filter(seat_is_open(), pk=entry.pk).exists():
        return False
    free_slot(entry.slot)
    entry.slot, entry.gathered = None, 0
    entry.save(update_fields=["slot", "gathered"])
    return True


@transaction.atomic
def note_passed(*, entry_id: UUID) -> bool:
    """A smaller wish was let by: it is counted (books §4). False when the entry waits no more."""
    return bool(WaitingEntry.objects.filter(pk=entry_id, state=WaitingState.WAITING).update(passed=F("passed") + 1))


def _waiting(entry_id: UUID) -> tuple[WaitingEntry, Place, datetime] | None:
    """The entry under lock with its place and the moment; None when it does not wait, or nobody is there then."""
    entry = WaitingEntry.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=entry_id)
    moment = now()
    if entry.state != WaitingState.WAITING or entry.starts_at <= moment:
        return None
    place = places_by_key([entry.resource]).get(entry.resource)
    if place is None or not _is_there(entry, place):
        return None
    if not WaitingEntry.objects.filter(seat_is_open(), pk=entry.pk).exists():
        return None
    return entry, place, moment


def _is_there(entry: WaitingEntry, place: Place) -> bool:
    """A closure or an absence that was entered since leaves the line as it is: nobody is offered what cannot take place."""
    return is_there(place, entry.service.institution_id, entry.starts_at, entry.ends_at)


def _keep(entry: WaitingEntry, place: Place, seats: int, hold: timedelta) -> bool:
    """So many seats are the entry's, those gathered among them; False, and it has what it had, when there are not so many."""
    try:
        with transaction.atomic():
            free_slot(entry.slot)
            taken = places.take(
                place.key,
                *place.stretch(entry.starts_at, entry.ends_at),
                seats=seats,
                capacity=place.capacity,
                hold=hold,
            )
    except Conflict:
        return False
    entry.slot = taken.slot
    return True


@transaction.atomic
def end_waiting(*, entry_id: UUID) -> bool:
    """Write down what the dates have ended: an offer that ran out, a time that has begun. False when nothing has."""
    entry = WaitingEntry.objects.select_for_update(no_key=True).get(pk=entry_id)
    moment = now()
    if entry.state not in OPEN:
        return False
    if entry.starts_at <= moment:
        _end(entry, WaitingEvent.CLOSE)
        return True
    if entry.state == WaitingState.OFFERED and not is_offered(entry, moment):
        _end(entry, WaitingEvent.RUN_OUT)
        return True
    return False


def _end(entry: WaitingEntry, event: WaitingEvent) -> None:
    entry.state = step(entry.state, event)
    free_slot(entry.slot)
    entry.slot, entry.gathered = None, 0
    entry.save(update_fields=["state", "slot", "gathered"])


def _own(actor: Actor, entry_id: UUID | str) -> WaitingEntry:
    if actor.membership_id is None:
        raise NotFound
    entry = (
        WaitingEntry.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(pk=as_uuid(entry_id), person_id=actor.membership_id)
        .first()
    )
    if entry is None:
        raise NotFound
    return entry
