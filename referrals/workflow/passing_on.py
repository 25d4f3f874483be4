"""A child's place passes to the other guardian who works at the school, with a new quote and with their yes (books §4).

The child keeps place, times and yearly amount: what the one held is released and reserved for the other in one act. Nobody is
asked twice, and without an answer within ``TO_ANSWER`` days what the leaver had booked runs out by the leaver's own days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.actor import Actor, require
from accounts.models import Membership, not_left
from audit import record
from families.models import Guardianship
from kernel.clock import local_day, now
from kernel.errors import NotFound, Refused
from notifications.outbox import enqueue
from referrals.access import as_uuid
from referrals.kinds import KINDS
from referrals.models import Booking, ChildPlace, Referral, Unit
from referrals.policy import Decision, decide
from referrals.states import STANDING, UNDER_WAY, BookingEvent, BookingState, RescheduleEvent, UnitState, step
from referrals.subsidies.quoting import honour, price, signed
from referrals.workflow.clocks import set_clocks
from referrals.workflow.confirming import card_of
from referrals.workflow.course import follow_appointments, follow_days, live_voucher
from referrals.workflow.in_place import submit_in_place
from referrals.workflow.notices import tell_person
from referrals.workflow.reviewing import lock_person
from referrals.workflow.slots import end_wishes
from referrals.workflow.submitting import approve_now
from referrals.workflow.terminated import leave
from referrals.workflow.units import lock_accounts_of, units_of
from tenancy.models import Tenant

TO_ANSWER: Final = 7
"""Days after the last one at the school; no school's ``leaver_days`` are fewer."""
REASON: Final = "handed_over"
_FOR_CHILDREN: Final = tuple(kind for kind, facts in KINDS.items() if facts.for_child)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a guardian is asked: the place, its appointments to come, what it would cost them, and a blob that says so."""

    place: ChildPlace
    bookings: Sequence[Booking]
    units: int
    decision: Decision
    token: str


def unasked() -> QuerySet[Referral]:
    """Requests for a child whose owner has left, under way, that another guardian of the child was not asked about.

    One day wider than any school's today; each school looks again by its own.
    """
    asked = ChildPlace.objects.filter(referral=OuterRef(OuterRef("pk")), guardian=OuterRef("membership"))
    today = local_day(now())
    others = Guardianship.objects.filter(
        not_left(today - timedelta(days=1), "membership"),
        ~Exists(asked),
        child=OuterRef("child"),
        membership__user__isnull=False,
    ).exclude(membership=OuterRef("person"))
    left = Referral.objects.filter(
        state__in=UNDER_WAY, kind__in=_FOR_CHILDREN, child__isnull=False,
        person__left_on__lt=today + timedelta(days=1), person__left_on__gte=today - timedelta(days=TO_ANSWER + 1),
    )  # fmt: skip
    return left.filter(Exists(others)).order_by("pk")


def until_of(tenant: Tenant, left_on: date) -> datetime:
    """Until when the other guardian may say yes: the end of the seventh day after the last one, in the school's zone."""
    over = datetime.combine(left_on + timedelta(days=TO_ANSWER + 1), time(), ZoneInfo(tenant.time_zone))
    return over


def is_open(place: ChildPlace, moment: datetime) -> bool:
    """Whether it may still be answered, as the dates have it."""
    return place.answered_at is None and moment < place.until


def waits_for_guardian(referral: Referral) -> bool:
    """Whether another guardian may still take the place: until then nothing of it is called off."""
    return ChildPlace.objects.filter(referral=referral, answered_at__isnull=True, until__gt=now()).exists()


@transaction.atomic
def ask_guardians(*, actor: Actor, tenant: Tenant, referral_id: UUID) -> bool:
    """Each other guardian who works at the school is asked and told. False when there is nobody, or nothing to pass on."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    left_on, moment = Membership.objects.values_list("left_on", flat=True).get(pk=referral.person_id), now()
    if left_on is None or left_on >= tenant.today() or referral.state not in UNDER_WAY or referral.child_id is None:
        return False
    until = until_of(tenant, left_on)
    if moment >= until or not _to_come(referral, moment):
        return False
    guardians = Membership.objects.current(tenant.today()).accepted().filter(guardianships__child=referral.child_id)
    asked = ChildPlace.objects.filter(referral=referral).values_list("guardian_id", flat=True)
    told = False
    for guardian in guardians.exclude(pk=referral.person_id).exclude(pk__in=list(asked)).order_by("pk"):
        place = ChildPlace.objects.create(referral=referral, guardian=guardian, until=until)
        enqueue(key=f"place/{place.pk}", template="child_place_offered", to=guardian, link=f"/my/places/{place.pk}/")
        told = True
    if told:
        record(actor=actor, action="referral.place_ask", obj=referral, facts={})
    return told


def _to_come(referral: Referral, moment: datetime) -> list[Booking]:
    return list(
        Booking.objects.filter(referral=referral, state=BookingState.CONFIRMED, starts_at__gt=moment).order_by(
            "starts_at", "id"
        )
    )


def _locked(seen: ChildPlace) -> tuple[Referral, ChildPlace]:
    """The request, then what was asked of the guardian: two answers in one second are one after the other."""
    old = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    return old, ChildPlace.objects.select_for_update(no_key=True).get(pk=seen.pk)


def access_place(actor: Actor, place_id: UUID | str) -> ChildPlace:
    """What the actor was asked, while they are a guardian of the child; NotFound for everybody else."""
    rows = ChildPlace.objects.select_related("referral__service", "referral__partner", "referral__policy")
    place = rows.filter(pk=as_uuid(place_id), guardian_id=actor.membership_id).first()
    if place is None or actor.membership_id is None:
        raise NotFound
    if not Guardianship.objects.filter(membership_id=actor.membership_id, child=place.referral.child_id).exists():
        raise NotFound
    return place


def offered(actor: Actor, tenant: Tenant, place: ChildPlace) -> Offered | None:
    """What a yes would mean now; None when the time to answer is over or nothing is left to pass on. Writes nothing.

    The price counts what the one who leaves still holds as free: it is released in the same act, and the child's yearly amount
    is the child's.
    """
    moment, referral = now(), place.referral
    bookings = _to_come(referral, moment)
    held = units_of(referral, UnitState.HELD)
    if not is_open(place, moment) or referral.state not in UNDER_WAY or not bookings or not held:
        return None
    line, _child, plain, quota_left, _accounts = price(
        actor, service_id=referral.service_id, units=len(held), service_date=tenant.day_of(bookings[0].starts_at),
        child_id=referral.child_id, locked=False,
    )  # fmt: skip
    decision = _with_freed(plain, line.service.list_fee_fen, line.tariff_fen, quota_left, held, referral)
    until = moment + timedelta(minutes=tenant.settings.quote_minutes)
    token = signed(actor, units=len(held), decisions={referral.service_id: decision}, expires_at=until)
    return Offered(place, bookings, len(held), decision, token)


def _with_freed(
    plain: Decision,
    list_fee_fen: int,
    tariff_fen: int | None,
    quota_left: int | None,
    held: Sequence[Unit],
    of: Referral,
) -> Decision:
    """The same once ``held`` is free again, where it is of the same scheme."""
    terms, same = plain.inputs.terms, of.policy is not None and of.policy.scheme == plain.inputs.terms.scheme
    freed_fen = sum(unit.subsidy_fen for unit in held) if same else 0
    freed_quota = sum(unit.quota for unit in held) if same else 0
    return decide(
        terms,
        list_fee_fen=list_fee_fen,
        tariff_fen=tariff_fen,
        units=len(held),
        quota_left=None if quota_left is None else quota_left + freed_quota,
        pool_left_fen=plain.inputs.pool_left_fen + freed_fen,
    )


@transaction.atomic
def take_over(*, actor: Actor, tenant: Tenant, place_id: UUID | str, token: str) -> Referral:
    """The other guardian says yes: the same place and times, a request and a voucher of their own, at the price they saw.

    NotFound for who was not asked or is no guardian any more; Refused ``place_over`` when it was answered, its time is over or
    nothing is left, ``cancel_started`` while an appointment of today is under way, ``quote_expired``; Conflict
    ``quote_changed``. Whatever is refused leaves all as it was.
    """
    require(actor, "referral.own")
    seen = access_place(actor, place_id)
    guardian = Membership.objects.current(tenant.today()).accepted().filter(pk=actor.membership_id).first()
    if guardian is None:
        raise NotFound
    lock_person(guardian.pk)
    old, place = _locked(seen)
    moment = now()
    if not is_open(place, moment) or old.state not in UNDER_WAY:
        raise Refused("place_over")
    standing = list(
        Booking.objects.select_for_update(no_key=True)
        .filter(referral=old, state__in=STANDING)
        .order_by("starts_at", "id")
    )
    ahead = [row for row in standing if row.starts_at > moment]
    held = units_of(old, UnitState.HELD)
    if not ahead or not held or live_voucher(old) is None:
        raise Refused("place_over")
    slots = {row.pk: (row.resource, row.slot) for row in ahead}
    for row in ahead:  # its time is kept: the place passes, it is not given back
        end_wishes(row, RescheduleEvent.WITHDRAW, moment)
        row.slot = None
        row.save(update_fields=["slot"])

    def free() -> None:
        if not leave(actor, tenant, old, REASON, "referral.place_pass", to_others=False):
            raise Refused("cancel_started")

    new = submit_in_place(
        actor, tenant, guardian, service_id=old.service_id, units=len(held),
        windows=[(row.starts_at, row.ends_at) for row in ahead[:1]], moment=moment, why_reviewed=None,
        child_id=old.child_id, before_books=free,
    )  # fmt: skip
    honour(token, actor=actor, units=len(held), decisions={new.service_id: new})
    rows = [_booking(tenant, new, row, *slots[row.pk]) for row in ahead]
    approve_now(actor, new, tenant, moment, rows[0])
    if rows[1:]:
        _the_rest(actor, tenant, new, guardian, rows)
    place.answered_at, place.taken_as = moment, new
    place.save(update_fields=["answered_at", "taken_as"])
    tell_person(old, "child_place_passed")
    return new


def _booking(tenant: Tenant, new: Referral, row: Booking, resource: UUID | None, slot: UUID | None) -> Booking:
    """The same time at the same place, of the other guardian; it waits for the yes that follows in this act."""
    booking = Booking(
        referral=new, partner_id=row.partner_id, service_id=row.service_id, resource=resource, slot=slot,
        starts_at=row.starts_at, ends_at=row.ends_at, zone=tenant.time_zone, state=BookingState.PENDING,
    )  # fmt: skip
    booking.save(force_insert=True)
    return booking


def _the_rest(actor: Actor, tenant: Tenant, new: Referral, guardian: Membership, rows: Sequence[Booking]) -> None:
    """The later appointments of a course stand too, each unit with its day; the voucher's days follow."""
    for booking in rows[1:]:
        booking.state = step(booking.state, BookingEvent.CONFIRM)
        booking.card = card_of(guardian)
        set_clocks(tenant, new.kind, booking)
        booking.save(update_fields=["state", "card_sealed", "due_at", "remind_at"])
    lock_accounts_of(new, days=[tenant.day_of(row.starts_at) for row in rows])
    follow_days(actor, tenant, new, rows, must=True)
    voucher = live_voucher(new)
    assert voucher is not None
    voucher.referral = new
    follow_appointments(tenant, voucher, rows, tenant.today())
    voucher.save(update_fields=["booking", "valid_from", "valid_until"])


@transaction.atomic
def decline_place(*, actor: Actor, place_id: UUID | str) -> ChildPlace:
    """The other guardian says no: what the leaver had booked runs on by the leaver's days. Refused ``place_over``."""
    require(actor, "referral.own")
    seen = access_place(actor, place_id)
    _old, place = _locked(seen)
    if not is_open(place, now()):
        raise Refused("place_over")
    place.answered_at = now()
    place.save(update_fields=["answered_at"])
    record(actor=actor, action="referral.place_no", obj=seen.referral, facts={})
    return place
