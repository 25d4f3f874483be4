"""A row that always fails delays neither the rows behind it nor another school, and is kept for a look (books §7)."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.db.models.functions import Now
from prometheus_client import REGISTRY

from jobs import workflow as jobs
from jobs.models import Job
from jobs.progress import Progress
from jobs.registry import register
from kernel.clock import as_of, local_day, now
from notifications.drain import MAX_TRIES, drain
from notifications.models import OutboxMessage
from notifications.outbox import enqueue
from partners.models import Agreement
from partners.tasks import ADVANCE_TASK, advance_all_agreements
from referrals.due import OFFERS, VOUCHERS, run_due
from referrals.models import Booking, Offer, Referral, Unit, Voucher
from tenancy.models import NumberSeries, Setback
from tenancy.rounds import MOST_TRIES, Due, each_by_itself, not_set_back, parked, wait_after
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]
SECRET = "李明华 13800138000"


@register("test-poison")
def poison(job: Job, progress: Progress) -> Mapping[str, Any]:
    raise ZeroDivisionError(SECRET)


@register("test-sound")
def sound(job: Job, progress: Progress) -> Mapping[str, Any]:
    return {}


def failures(loop: str, error: str) -> float:
    return REGISTRY.get_sample_value("xinqiao_row_failures_total", {"loop": loop, "error": error}) or 0.0


# ---- the one rule


def test_each_row_stands_for_itself_also_when_the_database_refuses_it(
    school: Any, other_school: Any, caplog: Any
) -> None:
    rows = [Due(tenant.id, tenant.id) for tenant in (school, other_school, make_school())]
    with use_tenant(other_school.id):
        NumberSeries.objects.create(series="x", year=2026)

    @transaction.atomic
    def act(row: Due) -> int:
        NumberSeries.objects.create(series="y", year=2026)
        NumberSeries.objects.create(series="x", year=2026)
        return 1

    before = failures("test.loop", "IntegrityError")
    with caplog.at_level(logging.ERROR):
        assert each_by_itself(rows, act, loop="test.loop") == 2
    assert failures("test.loop", "IntegrityError") == before + 1
    for row in rows:
        with use_tenant(row.tenant_id):
            made = sorted(NumberSeries.objects.values_list("series", flat=True))
            is_poison = row.tenant_id == other_school.id
            assert made == (["x"] if is_poison else ["x", "y"]), "of a row that failed nothing stays"
            assert Setback.objects.count() == is_poison
    assert [record.getMessage() for record in caplog.records] == [
        f"test.loop: row {other_school.id} failed: IntegrityError"
    ]


def test_what_failed_stands_back_longer_each_time_then_a_day_and_is_forgotten_when_it_succeeds(school: Any) -> None:
    row, sick = Due(school.id, school.id), [True]

    def act(_row: Due) -> int:
        if sick[0]:
            raise ValueError(SECRET)
        return 1

    def due() -> bool:
        return not_set_back(type(school).objects.filter(pk=school.pk), "test.loop").exists()

    moment = now()
    for tries in range(1, MOST_TRIES + 2):
        with as_of(moment), use_tenant(school.id):
            assert due()
            assert each_by_itself([row], act, loop="test.loop") == 0
            setback = Setback.objects.get()
            assert (setback.tries, setback.error) == (tries, "ValueError")
            assert not due()
            assert parked() == (tries >= MOST_TRIES)
        moment += wait_after(tries)
    assert [wait_after(n) for n in (1, 2, 7, 8, 9)] == [
        timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=64), timedelta(days=1), timedelta(days=1),
    ]  # fmt: skip
    sick[0] = False
    with as_of(moment), use_tenant(school.id):
        assert each_by_itself([row], act, loop="test.loop") == 1
        assert not Setback.objects.exists()


# ---- messages


def test_a_message_that_no_sender_can_read_stops_none_behind_it(school: Any, other_school: Any, caplog: Any) -> None:
    people = {tenant: make_person(tenant) for tenant in (school, other_school)}
    for tenant, person in people.items():
        with use_tenant(tenant.id), transaction.atomic():
            enqueue(key="first", template="booking_confirmed", to=person, channels=["email"])
            enqueue(key="second", template="booking_confirmed", to=person, channels=["email"])
    with use_tenant(school.id):
        OutboxMessage.objects.filter(key="first").update(template="left_the_code", next_at=Now() - timedelta(hours=1))
    with caplog.at_level(logging.ERROR):
        assert drain() == 3
    assert len(mail.outbox) == 3
    assert "KeyError" in caplog.text
    with use_tenant(school.id):
        row = OutboxMessage.objects.get(key="first")
        assert (row.state, row.attempts, row.last_error) == ("failed", 1, "crashed")
        for _try in range(MAX_TRIES - 1):
            OutboxMessage.objects.filter(pk=row.pk).update(next_at=Now())
            assert drain() == 0
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("dead", MAX_TRIES)


def test_an_urgent_message_goes_before_all_that_wait_in_every_school(school: Any, other_school: Any) -> None:
    order = []
    for tenant in (school, other_school):
        person = make_person(tenant)
        with use_tenant(tenant.id), transaction.atomic():
            for n in range(30):
                enqueue(key=f"usual/{n}", template="booking_confirmed", to=person, channels=["email"])
            enqueue(key="urgent", template="offer_new", to=person, channels=["email"], is_urgent=True)
        with use_tenant(tenant.id):
            OutboxMessage.objects.filter(key__startswith="usual").update(next_at=Now() - timedelta(hours=1))
    assert drain(limit=2) == 2
    order = [sent.subject for sent in mail.outbox]
    assert len(set(order)) == 1
    for tenant in (school, other_school):
        with use_tenant(tenant.id):
            assert OutboxMessage.objects.get(state="sent").key == "urgent"
    assert drain() == 60


# ---- what time itself moves


def test_a_request_that_cannot_be_ended_starves_nobody(school: Any, other_school: Any) -> None:
    """The first row is broken for good; with room for one row a round, the others are done all the same."""
    made: list[tuple[Journey, Referral]] = []
    for tenant in (school, other_school):
        journey = make_journey(tenant)
        with use_tenant(tenant.id):
            made.append((journey, ask(journey, days=5)))
    with use_tenant(school.id):
        Referral.objects.update(state="closed")
    with as_of(now() + timedelta(hours=30)):
        assert run_due(limit=1) == 0
        assert run_due(limit=1) == 1, "the row of the other school, and nothing of the broken one's"
        assert run_due(limit=1) == 0
    with use_tenant(school.id):
        setback = Setback.objects.get()
        assert (setback.loop, setback.row, setback.error) == (OFFERS, Offer.objects.get().pk, "IllegalMove")
        assert Offer.objects.get().state == "open", "of what failed nothing stays"
    with use_tenant(other_school.id):
        assert Offer.objects.get().state == "expired"
        assert not Setback.objects.exists()


def test_a_voucher_that_cannot_be_ended_starves_nobody_and_ends_once_it_is_mended(
    school: Any, other_school: Any
) -> None:
    vouchers = []
    for tenant in (school, other_school):
        journey = make_journey(tenant)
        with use_tenant(tenant.id):
            answer(journey, ask(journey))
            vouchers.append(Voucher.objects.get())
    with use_tenant(school.id):
        held = Unit.objects.get().reservation
        Unit.objects.update(reservation="nonsense")
    later = now() + timedelta(days=5)
    with as_of(later):
        for _round in range(8):
            run_due(limit=1)
    with use_tenant(other_school.id):
        assert Voucher.objects.get().state == "expired"
    with use_tenant(school.id):
        assert Voucher.objects.get().state == "issued"
        assert {row.loop for row in Setback.objects.all()} <= {VOUCHERS, "referrals.unscanned"}
        assert Setback.objects.exists()
        Unit.objects.update(reservation=held)
    with as_of(later + timedelta(minutes=2)):
        assert run_due() >= 1
    with use_tenant(school.id):
        assert Voucher.objects.get().state == "expired"
        assert not Setback.objects.exists()


def test_a_voucher_whose_appointment_is_asked_about_does_not_stand_before_one_that_can_end(
    school: Any, other_school: Any
) -> None:
    for tenant in (school, other_school):
        journey = make_journey(tenant)
        with use_tenant(tenant.id):
            answer(journey, ask(journey, days=1 if tenant == school else 2))
    with use_tenant(other_school.id):
        Booking.objects.update(state="cancelled", due_at=None, remind_at=None)
    with as_of(now() + timedelta(days=3)):
        for _round in range(2):
            run_due(limit=1)
    with use_tenant(school.id):
        assert (Booking.objects.get().state, Voucher.objects.get().state) == ("unresolved", "issued")
    with use_tenant(other_school.id):
        assert Voucher.objects.get().state == "expired"


def test_a_chore_that_fails_in_one_school_keeps_no_other_from_being_done(school: Any, other_school: Any) -> None:
    made = [make_journey(tenant) for tenant in (school, other_school)]
    today = local_day(now())
    for journey in made:
        with use_tenant(journey.tenant.id):
            Agreement.objects.update(valid_until=today, state="active")
    type(school).objects.filter(pk=school.pk).update(time_zone="Nowhere/Land")
    assert advance_all_agreements() >= 1
    with use_tenant(school.id):
        assert Agreement.objects.get().state == "active"
        assert [(row.loop, row.error) for row in Setback.objects.all()] == [(ADVANCE_TASK, "ZoneInfoNotFoundError")]
    with use_tenant(other_school.id):
        assert Agreement.objects.get().state == "ended"


# ---- jobs


def test_a_job_that_crashes_ends_by_itself_and_says_nothing_of_anybody(school: Any, caplog: Any) -> None:
    owner = actor_of(make_person(school))
    with use_tenant(school.id):
        with transaction.atomic():
            for kind in ("test-poison", "test-sound"):
                jobs.start(actor=owner, kind=kind, params={})
        Job.objects.filter(kind="test-poison").update(due_at=Now() - timedelta(hours=1))
        with caplog.at_level(logging.ERROR):
            assert jobs.run_due() == 2
        assert dict(Job.objects.values_list("kind", "state")) == {"test-poison": "failed", "test-sound": "done"}
        assert Job.objects.get(kind="test-poison").error == "crashed"
    assert "ZeroDivisionError" in caplog.text
    assert SECRET not in caplog.text
