"""An agency whose free times are chosen: counsellors, a group, an absence, appointments, holds, a wish to move."""

from datetime import timedelta
from uuid import UUID, uuid4

from accounts.models import User
from accounts.roles import PlatformRole
from kernel.clock import local_day, now, start_of_day
from partners.calendars.offered import free_times
from partners.calendars.resource_workflow import ResourceDraft, add_resource, be_absent, save_resource_hours
from partners.calendars.workflow import save_hours
from partners.models import Resource, Service
from referrals.models import Booking, Referral, WaitingEntry
from referrals.workflow.drafting import keep_draft
from referrals.workflow.holding import Chosen, hold_time, other_times
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.submitting import submit_referral
from referrals.workflow.waiting_list import join_waiting
from seats import places
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_partner_person
from tests.workflow.journey_steps import second_agency


def calendar_town(journey: Journey) -> tuple[dict[str, str], dict[str, User]]:
    """Paths and people of the agency beside. Nothing may be open."""
    with use_tenant(journey.tenant.id):
        service = second_agency(journey)
    user, office = make_partner_person(
        journey.operator, journey.platform, service.institution, PlatformRole.PARTNER_OFFICE
    )
    with use_tenant(journey.platform.id):
        Service.objects.filter(pk=service.pk).update(mode="instant", online=True)
        service.refresh_from_db()
        week = {weekday: [(540, 720), (780, 1200)] for weekday in range(6)}
        save_hours(actor=office, week=week)
        made = [
            add_resource(
                actor=office,
                kind=kind,
                draft=ResourceDraft(name=name, services=[service.pk], online=online, buffer_minutes=10, **facts),
            )
            for kind, name, online, facts in (
                ("counsellor", "黄春燕", False, {"gender": "female", "specialities": ("sleep", "mood")}),
                ("counsellor", "沈一帆", True, {"gender": "male", "specialities": ("couple", "parents")}),
                ("group", "减压小组", False, {"capacity": 8, "is_named": False}),
            )
        ]
        save_resource_hours(actor=office, resource_id=made[2].pk, week={2: [(960, 1020)], 4: [(960, 1020)]})
        away = start_of_day(local_day(now()) + timedelta(days=3))
        absence = be_absent(
            actor=office, resource_id=made[1].pk, starts_at=away, ends_at=away + timedelta(days=1), reason="督导"
        )
    with use_tenant(journey.tenant.id):
        draft, paths = _asked(journey, service, made)
    with use_tenant(journey.platform.id):  # free whenever the others are not
        add_resource(actor=office, kind="counsellor", draft=ResourceDraft(name="梁国栋", services=[service.pk]))
    first = made[0].pk
    return {
        "free": f"/apply/{service.pk}/",
        "free_held": f"/apply/{draft}/when/",
        "free_taken": f"/apply/{draft}/when/?told=taken&was={(now() + timedelta(days=2)).date().isoformat()}T10:00:00%2B08:00",
        "free_who": f"/apply/{draft}/who/",
        "free_check": f"/apply/{draft}/check/",
        "service_mode": f"/partner/services/{service.pk}/mode/",
        "resource": f"/partner/people/{first}/",
        "absence": str(absence.pk),
        **paths,
    }, {"beside": user}


def _asked(journey: Journey, service: Service, made: list[Resource]) -> tuple[UUID, dict[str, str]]:
    """Two appointments of colleagues, one of them to be moved, one held by somebody, and a draft with a held time."""
    start = other_times(journey.tenant, service, now() + timedelta(days=1), counsellor_id=made[0].pk)[0]
    for who, counsellor, later in (("staff2", made[0], 0), ("union", made[1], 0)):
        times = (start + timedelta(minutes=30) * later, start + timedelta(minutes=30) * later + timedelta(minutes=50))
        submit_referral(
            actor=journey.actors[who], tenant=journey.tenant, service_id=service.pk, units=1, windows=[times],
            consent=["referral"], chosen=Chosen(*times, counsellor_id=counsellor.pk),
        )  # fmt: skip
    booking = Booking.objects.filter(service=service).order_by("starts_at").first()
    assert booking is not None
    moved = other_times(journey.tenant, service, booking.starts_at + timedelta(days=1))[1]
    person = next(
        journey.actors[name] for name in ("staff2", "union")
        if journey.members[name].pk == booking.referral.person_id
    )  # fmt: skip
    ask_reschedule(
        actor=person, tenant=journey.tenant, booking_id=booking.pk, starts_at=moved,
        ends_at=moved + timedelta(minutes=50),
    )  # fmt: skip
    free = other_times(journey.tenant, service, start + timedelta(hours=4), counsellor_id=made[0].pk)
    places.take(made[0].place, free[-1], free[-1] + timedelta(hours=1), hold=timedelta(hours=12))
    return _draft(journey, service, made[0]), {
        "free_request": f"/my/referrals/{Referral.objects.get(service=service, person=journey.members['staff2']).pk}/",
        "partner_reassign": f"/partner/bookings/{booking.pk}/person/",
        **_line(journey, service, made[2]),
    }


def _line(journey: Journey, service: Service, group: Resource) -> dict[str, str]:
    """A full hour of the group with somebody in its line, and one to whom a place is offered."""
    found = free_times([service], now(), zone=journey.tenant.time_zone)[service.pk]
    [starts] = [starts for place, starts in found.by_place if place.key == group.place]
    entries = []
    for start in starts[:2]:
        for _seat in range(8):
            places.take(group.place, start, start + timedelta(minutes=50), capacity=8)
        entries.append(
            join_waiting(actor=journey.actors["staff2"], tenant=journey.tenant, service_id=service.pk, starts_at=start)
        )
    until = entries[0].starts_at - timedelta(minutes=10)
    WaitingEntry.objects.filter(pk=entries[0].pk).update(state="offered", until=until)
    start = starts[0].isoformat().replace("+", "%2B")
    return {
        "waiting_join": f"/my/waiting/join/?service={service.pk}&start={start}",
        "waiting_leave": f"/my/waiting/{entries[1].pk}/leave/",
    }


def _draft(journey: Journey, service: Service, counsellor: Resource) -> UUID:
    finance = journey.actors["finance"]
    free = other_times(journey.tenant, service, now() + timedelta(days=2), counsellor_id=counsellor.pk)[0]
    exact = {
        "service": str(service.pk), "starts_at": free.isoformat(),
        "ends_at": (free + timedelta(minutes=50)).isoformat(), "counsellor": str(counsellor.pk),
    }  # fmt: skip
    answers = {
        "when": {"units": "1"}, "unit": service.unit, "exact": exact, "consent": True,
        "consent_to": f"{service.institution_id}/own",
    }  # fmt: skip
    kept = keep_draft(actor=finance, tenant=journey.tenant, draft_id=uuid4(), service=service, answers=answers)
    hold_time(actor=finance, tenant=journey.tenant, draft_id=kept.pk, starts_at=free, counsellor_id=counsellor.pk)
    return kept.pk
