"""Many who choose one time in the same second, from three schools: one is served, nobody is told a wrong thing (books §4)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from demo.worlds import agree
from kernel.clock import local_day, now
from kernel.errors import Conflict, DomainError
from partners.calendars.free import Place
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Service
from referrals.models import Booking, Referral, TimeHold
from referrals.wishes import NO_WISHES
from referrals.workflow.drafting import Asked, keep_draft, send_draft
from referrals.workflow.holding import chosen_of, hold_time
from referrals.workflow.slots import take_seat
from seats import places
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import COUNSELLING_FEN, Journey, make_journey, soon
from tests.tenancy.catalogue import owner

pytestmark = pytest.mark.usefixtures("committed")
SESSION = timedelta(minutes=50)
RACERS = 64


def make_instant() -> Journey:
    journey = make_journey(make_school())
    with use_tenant(journey.platform.id):
        Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    return journey


def agreeing_school(journey: Journey) -> Tenant:
    """Another school that agrees with the same agency."""
    school = make_school()
    union, finance = (actor_of(make_person(school, role, "staff")) for role in ("union", "finance"))
    today = local_day(now())
    with use_tenant(school.id):
        days = (today - timedelta(30), today + timedelta(300))
        agree(union, finance, journey.institution.pk, {journey.counselling.pk: COUNSELLING_FEN}, days)
    return school


def race(acts: list[tuple[Tenant, Callable[[], Any]]]) -> list[Any]:
    """What each returned, or which refusal it met; all begun at the same moment on connections of their own."""
    gate, answers = Barrier(len(acts)), [None] * len(acts)

    def run(index: int) -> None:
        school, act = acts[index]
        try:
            with use_tenant(school.id):
                connection.ensure_connection()
                gate.wait(timeout=60)
                answers[index] = act()
        except DomainError as error:
            answers[index] = error.reason
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def start_in(days: int) -> datetime:
    return soon(days=days)[0].replace(minute=0)


@pytest.mark.parametrize("counsellors", [0, 2])
def test_64_holds_on_one_time_from_three_schools(counsellors: int) -> None:
    journey = make_instant()
    with use_tenant(journey.platform.id):
        for number in range(counsellors):
            draft = ResourceDraft(name=f"咨询师{number}", services=[journey.counselling.pk])
            add_resource(actor=journey.partner_office, kind="counsellor", draft=draft)
    schools = [journey.tenant, agreeing_school(journey), agreeing_school(journey)]
    start, acts = start_in(3), []
    for number in range(RACERS):
        school = schools[number % 3]
        person = actor_of(make_person(school, "staff"))
        with use_tenant(school.id):
            draft_id = keep_draft(
                actor=person, tenant=school, draft_id=uuid4(), service=journey.counselling, answers={}
            ).pk

        def hold(person: Any = person, school: Tenant = school, draft_id: Any = draft_id) -> Any:
            return hold_time(actor=person, tenant=school, draft_id=draft_id, starts_at=start)

        acts.append((school, hold))
    answers = race(acts)
    seats = counsellors or 1
    assert sum(isinstance(answer, TimeHold) for answer in answers) == seats
    assert answers.count("slot_taken") == RACERS - seats
    stands = 0
    for school in schools:
        with use_tenant(school.id):
            stands += TimeHold.objects.count()
    assert stands == seats


def test_the_control_looks_at_free_times_and_books_without_taking() -> None:
    """What one would write without slots: is nobody there? then it is mine. Both find the hour free."""
    journey = make_instant()
    start, looked = start_in(3), Barrier(2)

    def careless() -> bool:
        is_free = not places.busy([journey.institution.pk], start, start + SESSION)
        looked.wait(timeout=60)
        return is_free

    assert race([(journey.tenant, careless), (journey.tenant, careless)]) == [True, True]


def ready(journey: Journey, start: datetime) -> Callable[[], Referral]:
    """Somebody who holds the time and will send now."""
    person = actor_of(make_person(journey.tenant, "staff"))
    with use_tenant(journey.tenant.id):
        draft = keep_draft(
            actor=person, tenant=journey.tenant, draft_id=uuid4(), service=journey.counselling, answers={}
        )
        hold_time(actor=person, tenant=journey.tenant, draft_id=draft.pk, starts_at=start)

    def send() -> Referral:
        def read(locked: Any) -> Asked:
            chosen = chosen_of(locked)
            assert chosen is not None
            times = [(chosen.starts_at, chosen.ends_at)]
            return Asked(1, times, None, ["referral"], "", NO_WISHES, chosen)

        return send_draft(
            actor=person, tenant=journey.tenant, draft_id=draft.pk, version=draft.version, quote_token="",
            review_seen=None, read=read,
        )  # fmt: skip

    return send


def test_a_hold_that_runs_out_in_the_second_of_sending_goes_to_one_of_the_two() -> None:
    journey = make_instant()
    for number in range(4):
        start = start_in(3 + number)
        send = ready(journey, start)
        with owner() as database:
            database.execute("UPDATE seats_slotuse SET until = clock_timestamp() WHERE until IS NOT NULL")

        def other(start: datetime = start) -> Any:
            with transaction.atomic():
                return take_seat(journey.counselling, start, start + SESSION)

        answers = race([(journey.tenant, send), (journey.tenant, other)])
        assert answers.count("slot_taken") == 1
        with use_tenant(journey.tenant.id):
            assert len(places.busy([journey.institution.pk], start, start + SESSION)) == 1
            sent = isinstance(answers[0], Referral)
            assert Booking.objects.filter(starts_at=start).count() == int(sent)


def test_what_was_sent_is_taken_for_good() -> None:
    journey = make_instant()
    ready_to_send = ready(journey, start_in(3))
    with use_tenant(journey.tenant.id):
        ready_to_send()
        [slot] = Booking.objects.values_list("slot", flat=True)
    with owner() as database:
        assert database.execute("SELECT until FROM seats_slotuse WHERE id = %s", [slot]).fetchone() == (None,)


def test_an_hour_is_given_once_while_the_agency_gets_its_first_counsellor() -> None:
    """Half of the racers still see an agency without anybody, the others its first counsellor: both mean one place."""
    journey = make_instant()
    start = start_in(3)

    def enter() -> Any:
        draft = ResourceDraft(name="黄春燕", services=[journey.counselling.pk])
        return add_resource(actor=journey.partner_office, kind="counsellor", draft=draft)

    def take() -> Any:
        with transaction.atomic():
            return take_seat(journey.counselling, start, start + SESSION)

    answers = race([(journey.platform, enter), *[(journey.tenant, take) for _ in range(12)]])
    assert sum(answer != "slot_taken" for answer in answers[1:]) == 1
    with use_tenant(journey.tenant.id):
        assert len(places.busy([journey.institution.pk], start, start + SESSION)) == 1
        assert len(places.busy([answers[0].pk], start, start + SESSION)) == 0


def test_the_control_gives_the_first_counsellor_a_place_of_its_own_and_the_hour_twice() -> None:
    journey = make_instant()
    start = start_in(3)
    with use_tenant(journey.tenant.id), transaction.atomic():
        before = take_seat(journey.counselling, start, start + SESSION)
        # As if the first counsellor were one more place beside the agency, not the same one.
        careless = Place(key=uuid4())
        again = places.take(careless.key, start, start + SESSION)
    assert before.slot and again.slot
    with use_tenant(journey.tenant.id), transaction.atomic(), pytest.raises(Conflict, match="slot_taken"):
        places.take(journey.institution.pk, start, start + SESSION)
