"""``partner/people/``: an agency says who can be had, for what and when; each of them is one place for all schools (books §4)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from partners.calendars.offered import free_times
from partners.calendars.resource_workflow import (
    MOST_RESOURCES,
    ResourceDraft,
    add_resource,
    be_absent,
    be_there,
    change_resource,
    save_resource_hours,
    set_resource_active,
)
from partners.calendars.workflow import close
from partners.models import Agreement, Licence, Resource
from partners.selectors import days_open, lines_open_on
from referrals.models import Booking, Voucher
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.counsellors import choose_counsellor
from referrals.workflow.rescheduling import accept_reschedule, ask_reschedule
from referrals.workflow.slots import take_seat
from seats import places
from tenancy.scope import use_tenant
from tests.conftest import school_time
from tests.fixtures_journey import Journey, make_institution, make_partner_person
from tests.workflow.journey_steps import answer, ask, second_agency

pytestmark = pytest.mark.django_db
SESSION = timedelta(minutes=50)


def add(journey: Journey, name: str, *, kind: str = "counsellor", service: Any = None, **facts: Any) -> Resource:
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name=name, services=[(service or journey.counselling).pk], **facts)
        return add_resource(actor=journey.partner_office, kind=kind, draft=draft)


def seen(journey: Journey, moment=None, service: Any = None) -> Any:
    asked = service or journey.counselling
    return free_times([asked], moment or now(), zone=journey.tenant.time_zone)[asked.pk]


def test_an_agency_without_anybody_entered_is_one_resource_itself(journey: Journey) -> None:
    booking = answer(journey, ask(journey, days=2))
    assert booking.resource == journey.institution.pk
    [(place, starts)] = seen(journey).by_place
    assert place.key == journey.institution.pk
    assert starts
    assert all(start + SESSION <= booking.starts_at or start >= booking.ends_at for start in starts)


def test_the_first_counsellor_stands_where_the_agency_stood_and_the_second_beside(journey: Journey) -> None:
    """What was booked before there was anybody is the first one's: no hour is given twice (ADR 0026)."""
    before = answer(journey, ask(journey, days=2))
    first, second = add(journey, "黄春燕"), add(journey, "沈一帆")
    assert (first.place, second.place) == (journey.institution.pk, second.pk)
    then = (before.starts_at, before.ends_at)
    with pytest.raises(Conflict, match="slot_taken"):
        take_seat(journey.counselling, *then, wanted=first.pk, only=True)
    assert take_seat(journey.counselling, *then).resource == second.place
    with pytest.raises(Conflict, match="slot_taken"):
        take_seat(journey.counselling, *then)
    with use_tenant(journey.platform.id):
        entries = AuditEntry.objects.filter(action="resource.add").order_by("seq")
        assert [entry.facts["first"] for entry in entries] == [True, False]


def test_a_room_or_a_group_never_stands_where_the_agency_stood(journey: Journey) -> None:
    group = add(journey, "减压小组", kind="group", capacity=8)
    assert (group.place, group.capacity) == (group.pk, 8)
    assert add(journey, "黄春燕").place == journey.institution.pk, "the first counsellor still does"
    assert add(journey, "小班", kind="seat", capacity=9).capacity == 9, "places of a class are no group"


def test_a_service_that_nobody_was_entered_for_stays_with_the_agency(journey: Journey) -> None:
    add(journey, "黄春燕", service=journey.childcare)
    assert [place.key for place, _ in seen(journey).by_place] == [journey.institution.pk]


def test_whoever_is_away_shut_or_busy_is_not_offered(journey: Journey) -> None:
    first, second = add(journey, "黄春燕"), add(journey, "沈一帆", buffer_minutes=10)
    day = school_time("2026-12-07 00:00")
    with as_of(school_time("2026-12-01 07:00")), use_tenant(journey.platform.id):
        save_resource_hours(actor=journey.partner_office, resource_id=first.pk, week={0: [(540, 660)]})
        be_absent(
            actor=journey.partner_office, resource_id=second.pk, starts_at=day, ends_at=day + timedelta(days=1)
        )  # fmt: skip
    with as_of(school_time("2026-12-01 07:00")):
        by_name = {place.name: starts for place, starts in seen(journey).by_place}
        assert [f"{start.astimezone(day.tzinfo):%m-%d %H:%M}" for start in by_name["黄春燕"]] == [
            "12-07 09:00", "12-07 09:30", "12-07 10:00", "12-14 09:00", "12-14 09:30", "12-14 10:00",
        ]  # fmt: skip
        assert not [start for start in by_name["沈一帆"] if day <= start < day + timedelta(days=1)]
        taken = take_seat(
            journey.counselling, day.replace(day=8, hour=9), day.replace(day=8, hour=9) + SESSION, wanted=second.pk
        )
        assert taken.resource == second.place
        after = {place.name: starts for place, starts in seen(journey).by_place}["沈一帆"]
        clocks = [f"{start.astimezone(day.tzinfo):%H:%M}" for start in after if start.astimezone(day.tzinfo).day == 8]
        assert "10:00" in clocks
        assert not {"08:30", "09:00", "09:30"} & set(clocks), "its ten minutes stay free on both sides"
        with pytest.raises(Conflict, match="slot_taken"):
            take_seat(journey.counselling, day.replace(hour=15), day.replace(hour=15) + SESSION)


def test_a_group_is_free_until_its_last_seat_is_taken(journey: Journey) -> None:
    group = add(journey, "减压小组", kind="group", capacity=2)
    start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    for left in (1, 0):
        assert start in seen(journey).starts()
        assert take_seat(journey.counselling, start, start + SESSION).resource == group.place
        assert (start in seen(journey).starts()) is bool(left)
    with pytest.raises(Conflict, match="slot_taken"):
        take_seat(journey.counselling, start, start + SESSION)


def test_an_open_kind_is_guarded_once_its_seats_are_entered(journey: Journey) -> None:
    start = now() + timedelta(days=3)
    assert take_seat(journey.childcare, start, start + SESSION).slot is None
    add(journey, "小班", kind="seat", capacity=1, service=journey.childcare)
    assert take_seat(journey.childcare, start, start + SESSION).slot is not None
    with pytest.raises(Conflict, match="slot_taken"):
        take_seat(journey.childcare, start, start + SESSION)


def test_the_one_that_the_person_chose_comes_first_and_wishes_before_chance(journey: Journey) -> None:
    add(journey, "黄春燕", gender="female")
    second, third = add(journey, "沈一帆", gender="male"), add(journey, "郑可", gender="female", online=True)
    referral = ask(journey, days=3)
    referral.counsellor = third
    referral.save(update_fields=["counsellor"])
    assert answer(journey, referral).resource == third.place
    again = ask(journey, who=journey.staff2, days=4)
    again.wish_gender = "male"
    again.save(update_fields=["wish_gender"])
    assert answer(journey, again).resource == second.place


def test_a_moved_appointment_keeps_its_counsellor_unless_that_one_is_not_free(journey: Journey) -> None:
    first, second = add(journey, "黄春燕"), add(journey, "沈一帆")
    referral = ask(journey, days=4)
    referral.counsellor = second
    referral.save(update_fields=["counsellor"])
    booking = answer(journey, referral)
    assert booking.resource == second.place

    def move(days: int) -> Booking:
        start = booking.starts_at + timedelta(days=days)
        asked = ask_reschedule(
            actor=journey.staff, tenant=journey.tenant, booking_id=booking.pk, starts_at=start, ends_at=start + SESSION
        )
        accept_reschedule(actor=journey.partner_office, tenant=journey.tenant, reschedule_id=asked.pk)
        booking.refresh_from_db()
        return booking

    assert move(1).resource == second.place
    start = booking.starts_at + timedelta(days=1)
    places.take(second.place, start, start + SESSION)  # somebody of another school
    assert move(1).resource == first.place
    rows = places.busy([first.place], now(), now() + timedelta(days=60))
    assert [row.starts_at for row in rows] == [booking.starts_at]
    assert not [
        row for row in places.busy([second.place], now(), now() + timedelta(days=60)) if row.starts_at != start
    ], "the old time of the other one is free"


def test_a_move_stays_with_one_that_takes_nothing_new_any_more(journey: Journey) -> None:
    first = add(journey, "黄春燕")
    booking = answer(journey, ask(journey, days=4))
    add(journey, "沈一帆")
    with use_tenant(journey.platform.id):
        set_resource_active(actor=journey.partner_office, resource_id=first.pk, active=False)
    start = booking.starts_at + timedelta(days=1)
    asked = ask_reschedule(
        actor=journey.staff, tenant=journey.tenant, booking_id=booking.pk, starts_at=start, ends_at=start + SESSION
    )
    assert asked.resource == first.place
    assert [place.name for place, _ in seen(journey).by_place] == ["沈一帆"], "for new ones it is not offered"


def test_a_buffer_that_changes_while_a_time_is_held_takes_nothing_away(journey: Journey) -> None:
    first = add(journey, "黄春燕")
    booking = answer(journey, ask(journey, days=4))
    start = booking.starts_at + timedelta(days=1)
    asked = ask_reschedule(
        actor=journey.staff, tenant=journey.tenant, booking_id=booking.pk, starts_at=start, ends_at=start + SESSION
    )
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name="黄春燕", services=[journey.counselling.pk], buffer_minutes=30)
        change_resource(actor=journey.partner_office, resource_id=first.pk, draft=draft)
    moved = accept_reschedule(actor=journey.partner_office, tenant=journey.tenant, reschedule_id=asked.pk)
    assert moved.starts_at == start


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"name": " "}, "name", "required"),
        ({"name": "黄" * 41}, "name", "too_large"),
        ({"kind": "group", "capacity": 0}, "capacity", "out_of_range"),
        ({"kind": "group", "capacity": 201}, "capacity", "out_of_range"),
        ({"kind": "group", "capacity": 9}, "capacity", "group_too_big"),
        ({"buffer_minutes": 121}, "buffer_minutes", "out_of_range"),
        ({"online": False, "on_site": False}, "on_site", "resource_nowhere"),
        ({"gender": "other"}, "gender", "out_of_range"),
        ({"specialities": ["magic"]}, "specialities", "out_of_range"),
        ({"services": []}, "services", "required"),
        ({"services": "foreign"}, "services", "foreign_service"),
        ({"kind": "chair"}, "kind", "out_of_range"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(journey: Journey, facts: Any, field: str, code: str) -> None:
    foreign = second_agency(journey)
    given = {"name": "黄春燕", "services": [journey.counselling.pk], **facts}
    kind = given.pop("kind", "counsellor")
    if given["services"] == "foreign":
        given["services"] = [foreign.pk]
    with use_tenant(journey.platform.id), pytest.raises(Invalid) as refused:
        add_resource(actor=journey.partner_office, kind=kind, draft=ResourceDraft(**given))
    assert refused.value.reason in ("resource_invalid", "out_of_range")
    assert (field, code, "") in refused.value.fields
    assert not Resource.objects.exists()


def test_names_that_look_alike_are_one_and_the_list_ends_somewhere(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(journey, "黄春燕")
    with pytest.raises(Invalid, match="resource_taken"):
        add(journey, "黄春燕 ")
    with use_tenant(journey.platform.id):
        Resource.objects.bulk_create(
            Resource(institution=journey.institution, place=uuid4(), kind="room", name=f"{n}")
            for n in range(MOST_RESOURCES - 1)
        )
    with pytest.raises(Refused, match="resources_full"):
        add(journey, "沈一帆")


def test_nobody_else_keeps_an_agency_s_people(journey: Journey) -> None:
    resource = add(journey, "黄春燕")
    start = now() + timedelta(days=1)
    stranger = make_partner_person(
        journey.operator, journey.platform, make_institution(operator=journey.operator), "partner_office"
    )[1]
    draft = ResourceDraft(name="x", services=[journey.counselling.pk])
    with use_tenant(journey.platform.id):
        absence = be_absent(
            actor=journey.partner_office, resource_id=resource.pk, starts_at=start, ends_at=start + SESSION
        )
        for act in (
            lambda actor: change_resource(actor=actor, resource_id=resource.pk, draft=draft),
            lambda actor: set_resource_active(actor=actor, resource_id=resource.pk, active=False),
            lambda actor: save_resource_hours(actor=actor, resource_id=resource.pk, week={}),
            lambda actor: be_absent(actor=actor, resource_id=resource.pk, starts_at=start, ends_at=start + SESSION),
            lambda actor: be_there(actor=actor, absence_id=absence.pk),
        ):
            with pytest.raises(NotFound):
                act(stranger)
            with pytest.raises(Forbidden):
                act(journey.partner_counter)
        with pytest.raises(Conflict, match="absences_overlap"):
            be_absent(actor=journey.partner_office, resource_id=resource.pk, starts_at=start, ends_at=start + SESSION)
        be_there(actor=journey.partner_office, absence_id=absence.pk)
        assert not resource.absences.exists()


def test_only_days_that_agreement_and_papers_cover_are_offered(journey: Journey) -> None:
    """One look at many days says what ``lines_open_on`` says of each."""
    today = journey.tenant.today()
    Agreement.objects.filter(pk=journey.agreement.pk).update(valid_until=today + timedelta(days=9))
    Licence.objects.filter(institution=journey.institution, kind="registration").update(
        valid_from=today + timedelta(days=2), valid_until=today + timedelta(days=6)
    )
    services = [journey.counselling.pk, journey.childcare.pk]
    found = days_open(services, today, 14)
    for ahead in range(14):
        day = today + timedelta(days=ahead)
        open_then = set(lines_open_on(day).values_list("service_id", flat=True))
        assert {key for key in services if day in found[key]} == open_then & set(services)
    days = {journey.tenant.day_of(start) for start in seen(journey).starts()}
    assert days == {today + timedelta(days=ahead) for ahead in (2, 3, 4, 5)}


def test_a_closure_of_the_agency_shuts_everybody(journey: Journey) -> None:
    add(journey, "黄春燕")
    start = school_time(f"{journey.tenant.today() + timedelta(days=2)} 00:00")
    with use_tenant(journey.platform.id):
        close(actor=journey.partner_office, starts_at=start, ends_at=start + timedelta(days=1))
    assert not [at for at in seen(journey).starts() if start <= at < start + timedelta(days=1)]
    with pytest.raises(Conflict, match="slot_taken"):
        take_seat(journey.counselling, start + timedelta(hours=9), start + timedelta(hours=9) + SESSION)


def test_what_is_taken_in_one_school_is_not_free_in_another(journey: Journey, other_school: Any) -> None:
    add(journey, "黄春燕")
    start = next(at for at in seen(journey).starts() if at > now() + timedelta(days=2))
    with use_tenant(other_school.id):
        take_seat(journey.counselling, start, start + SESSION)
    assert start not in seen(journey).starts()


def test_somebody_else_is_wished_for_and_it_counts_from_the_next_appointment_on(journey: Journey) -> None:
    first, second = add(journey, "黄春燕"), add(journey, "沈一帆")
    shut = add(journey, "郑可")
    with use_tenant(journey.platform.id):
        set_resource_active(actor=journey.partner_office, resource_id=shut.pk, active=False)
    referral = ask(journey, days=3, units=2)
    booking = answer(journey, referral)
    assert booking.resource == first.place

    def choose(counsellor: Any, who: Any = None) -> Any:
        return choose_counsellor(
            actor=who or journey.staff, tenant=journey.tenant, referral_id=referral.pk, counsellor_id=counsellor
        )

    assert choose(second.pk).counsellor_id == second.pk
    choose(second.pk)
    entries = AuditEntry.objects.filter(action="referral.counsellor")
    assert [entry.facts for entry in entries] == [{"anybody": False}], (
        "the same again writes nothing, and never whom or why"
    )
    start = booking.starts_at + timedelta(days=2)
    again = enter_appointment(
        actor=journey.partner_office, tenant=journey.tenant, voucher_id=Voucher.objects.get().pk, starts_at=start,
        ends_at=start + SESSION,
    )  # fmt: skip
    booking.refresh_from_db()
    assert (booking.resource, again.resource) == (first.place, second.place)
    for stranger in (shut.pk, uuid4()):
        with pytest.raises(NotFound):
            choose(stranger)
    with pytest.raises(NotFound):
        choose(first.pk, journey.staff2)
    assert choose(None).counsellor_id is None
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    with pytest.raises(Refused, match="nothing_left"):
        choose(first.pk)
