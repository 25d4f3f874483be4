"""Appointments that take several seats, and waiting for them: strict order, three passes, seats gather, never over (books §4)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from random import Random
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from kernel.clock import as_of, now
from kernel.errors import Conflict, Invalid, Refused
from partners.calendars.offered import free_times
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Resource, Service
from partners.workflow import add_service, change_service, suspend_agreement
from referrals.due import run_due
from referrals.models import TimeHold, WaitingEntry
from referrals.workflow.holding import hold_time
from referrals.workflow.waiting_list import accept_seat, join_waiting, leave_waiting
from seats import places
from seats.waiting import GATHER_BEFORE, MOST_PASSES
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.test_waiting_list import SESSION, draft_of, start_in, states

pytestmark = pytest.mark.django_db
CAPACITY = 4
FAR = 6


@pytest.fixture
def group(journey: Journey) -> Iterator[Resource]:
    """A group of four places: a session for one takes one of them, a session for a pair two."""
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name="亲子小组", services=[journey.counselling.pk], capacity=CAPACITY)
        made = add_resource(actor=journey.partner_office, kind="group", draft=draft)
    yield made


def takes(journey: Journey, seats: int) -> Service:
    """From now on an appointment of the service takes so many."""
    with use_tenant(journey.platform.id):
        change_service(actor=journey.operator, service_id=journey.counselling.pk, takes=seats)
    journey.counselling.refresh_from_db()
    return journey.counselling


def fill(group: Resource, start: datetime, seats: int = CAPACITY) -> list[UUID]:
    return [places.take(group.place, start, start + SESSION, capacity=CAPACITY).slot for _ in range(seats)]


def join(journey: Journey, who: str, start: datetime, size: int) -> WaitingEntry:
    takes(journey, size)
    return join_waiting(
        actor=journey.actors[who], tenant=journey.tenant, service_id=journey.counselling.pk, starts_at=start
    )


def used(group: Resource, start: datetime) -> int:
    return sum(row.seats for row in places.busy([group.place], start, start + SESSION))


def row(entry: WaitingEntry) -> WaitingEntry:
    return WaitingEntry.objects.get(pk=entry.pk)


def test_a_time_with_fewer_seats_than_are_taken_is_full(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    service = takes(journey, 2)
    fill(group, start, 3)
    shown = free_times([service], now(), zone=journey.tenant.time_zone)[service.pk]
    assert start not in shown.starts()
    assert start in shown.full
    with pytest.raises(Conflict, match="slot_taken"):
        hold_time(
            actor=journey.staff, tenant=journey.tenant, draft_id=draft_of(journey), starts_at=start, counsellor_id=None
        )
    takes(journey, 1)
    hold_time(
        actor=journey.staff, tenant=journey.tenant, draft_id=draft_of(journey), starts_at=start, counsellor_id=None
    )
    assert used(group, start) == CAPACITY


def test_what_is_held_is_taken_whole(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    takes(journey, 3)
    hold_time(
        actor=journey.staff, tenant=journey.tenant, draft_id=draft_of(journey), starts_at=start, counsellor_id=None
    )
    assert used(group, start) == 3
    takes(journey, 2)
    with pytest.raises(Conflict, match="slot_taken"):
        hold_time(
            actor=journey.staff2, tenant=journey.tenant, draft_id=draft_of(journey, "staff2"), starts_at=start,
            counsellor_id=None,
        )  # fmt: skip


def test_a_place_with_fewer_seats_than_wanted_is_taken_whole_and_never_over(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    takes(journey, CAPACITY + 3)
    hold_time(
        actor=journey.staff, tenant=journey.tenant, draft_id=draft_of(journey), starts_at=start, counsellor_id=None
    )
    assert used(group, start) == CAPACITY


def test_one_waits_while_fewer_than_it_wants_are_free(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    fill(group, start, 3)
    with pytest.raises(Refused, match="not_full"):
        join(journey, "staff", start, 1)
    entry = join(journey, "staff", start, 2)
    assert (entry.size, entry.passed, entry.gathered) == (2, 0, 0)


def test_seats_gather_for_whoever_stands_first_and_are_offered_together(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    slots = fill(group, start)
    pair = join(journey, "staff", start, 2)
    places.free(slots[0])
    run_due()
    assert (row(pair).state, row(pair).gathered, used(group, start)) == ("waiting", 1, CAPACITY)
    run_due()
    assert row(pair).gathered == 1, "nothing more was free"
    with pytest.raises(Conflict, match="slot_taken"):
        places.take(group.place, start, start + SESSION, capacity=CAPACITY)
    places.free(slots[1])
    run_due()
    offered = row(pair)
    assert (offered.state, offered.gathered, used(group, start)) == ("offered", 0, CAPACITY)
    hold = accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=pair.pk, draft_id=draft_of(journey))
    assert (hold.slot, TimeHold.objects.count(), used(group, start)) == (offered.slot, 1, CAPACITY)


def test_a_smaller_wish_passes_three_times_and_no_more(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    slots = fill(group, start)
    pair = join(journey, "staff", start, 2)
    small = [join(journey, who, start, 1) for who in ("staff2", "centre", "union", "finance")]
    for number in range(MOST_PASSES):
        places.free(slots[number])
        run_due()
        assert (row(pair).passed, row(small[number]).state) == (number + 1, "offered")
    places.free(slots[3])
    run_due()
    assert (states(pair, small[3]), row(pair).gathered) == (["waiting", "waiting"], 1)
    leave_waiting(actor=journey.actors["staff2"], entry_id=small[0].pk)
    run_due()
    assert states(pair, small[3]) == ["offered", "waiting"]
    assert used(group, start) == CAPACITY


def test_near_the_day_nobody_passes(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    slots = fill(group, start)
    pair, single = join(journey, "staff", start, 2), join(journey, "staff2", start, 1)
    with as_of(start - GATHER_BEFORE):
        places.free(slots[0])
        run_due()
        assert (states(pair, single), row(pair).gathered, row(pair).passed) == (["waiting", "waiting"], 1, 0)


def test_who_leaves_gives_back_what_was_gathered(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    slots = fill(group, start)
    pair = join(journey, "staff", start, 2)
    places.free(slots[0])
    run_due()
    leave_waiting(actor=journey.staff, entry_id=pair.pk)
    assert (row(pair).gathered, row(pair).slot, used(group, start)) == (0, None, CAPACITY - 1)
    with as_of(start):
        run_due()


def test_what_was_gathered_at_a_paused_agency_is_free_for_other_schools(journey: Journey, group: Resource) -> None:
    start = start_in(FAR)
    slots = fill(group, start)
    pair = join(journey, "staff", start, 2)
    places.free(slots[0])
    run_due()
    suspend_agreement(actor=journey.union, agreement_id=journey.agreement.pk, reason="papers")
    run_due()
    assert (row(pair).state, row(pair).gathered, used(group, start)) == ("waiting", 0, CAPACITY - 1)
    run_due()
    assert row(pair).gathered == 0
    places.free(slots[1])
    run_due()
    assert row(pair).state == "waiting", "nothing is offered that could not be had"


def test_never_more_than_there_are_whatever_comes(journey: Journey, group: Resource) -> None:
    start, random = start_in(FAR), Random(7)
    slots = fill(group, start)
    people = ["staff", "staff2", "centre", "union", "finance", "finance2"]
    for _step in range(40):
        who = random.choice(people)
        mine = WaitingEntry.objects.filter(person=journey.members[who], state__in=("waiting", "offered")).first()
        match random.randrange(4):
            case 0 if slots:
                places.free(slots.pop(random.randrange(len(slots))))
            case 1 if mine is None:
                with transaction.atomic():
                    try:
                        join(journey, who, start, random.randint(1, 3))
                    except Refused as error:
                        assert str(error) == "not_full"
            case 2 if mine is not None:
                leave_waiting(actor=journey.actors[who], entry_id=mine.pk)
            case _:
                with suppress(Conflict):
                    slots.append(places.take(group.place, start, start + SESSION, capacity=CAPACITY).slot)
        run_due()
        assert used(group, start) <= CAPACITY
        kept = WaitingEntry.objects.exclude(slot=None)
        assert sum(one.size if one.state == "offered" else one.gathered for one in kept) <= CAPACITY


@pytest.mark.parametrize("seats", [0, -1, 21])
def test_an_appointment_takes_between_one_and_twenty(journey: Journey, seats: int) -> None:
    with pytest.raises((Invalid, IntegrityError)), transaction.atomic():
        takes(journey, seats)
    with use_tenant(journey.platform.id), pytest.raises((Invalid, IntegrityError)), transaction.atomic():
        add_service(
            actor=journey.operator, institution_id=journey.institution.pk, name="家庭小组", kind="counselling",
            list_fee_fen=100, takes=seats,
        )  # fmt: skip
    journey.counselling.refresh_from_db()
    assert journey.counselling.takes == 1
