"""What was said once and not heard is said again: a report that lay unread, a person whom their companion had to leave."""

from datetime import timedelta

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.report_clocks import decide_reports
from referrals.emergency.engine.task_clocks import decide_tasks
from referrals.emergency.models import CompanionShift, Delivery, Incident, Leg, Recipient, Report, WatchTask
from referrals.emergency.workflow import companions
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.report_acts import read_reports, split_report
from tests.emergency.report_steps import calls, end, send, take, unread_since_long
from tests.emergency.test_companions import incident as incident  # the fixture
from tests.emergency.test_companions import plan
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def test_a_report_that_lay_unread_calls_whoever_has_the_incident_it_goes_to(world: World) -> None:
    first = send(worked=True)
    take(world, first.incident)
    other = split_report(actor=world.actor("duty"), incident_id=first.incident_id, report_id=send(worked=True).pk)
    take(world, other)
    for each in (first.incident_id, other.pk):
        read_reports(
            actor=world.actor("duty"),
            incident_id=each,
            report_ids=list(Report.objects.filter(incident=each).values_list("pk", flat=True)),
        )
    lies = send(worked=True)
    Leg.objects.filter(kind="school").update(since=chain_now() - timedelta(minutes=6))
    Delivery.objects.filter(text="emergency_report_new").update(due_at=chain_now() - timedelta(minutes=6))
    before = {one.pk: calls(one, in_house=False) for one in Incident.objects.all()}
    assert unread_since_long() == 1
    lies.refresh_from_db()
    assert lies.incident_id not in before, "it calls as an incident of its own"
    assert lies.incident.legs.get(kind="school").state == "paging"
    decide_school()
    assert Recipient.objects.filter(leg__incident=lies.incident).exists()


def test_one_that_goes_to_an_incident_that_calls_already_is_not_read_by_its_end(world: World) -> None:
    first = send(worked=True)
    take(world, first.incident)
    other = split_report(actor=world.actor("duty"), incident_id=first.incident_id, report_id=send(worked=True).pk)
    Report.objects.exclude(incident=other).delete()
    lies = send(worked=True)
    Report.objects.filter(pk=lies.pk).update(incident=first.incident, opened=False)
    Leg.objects.filter(incident=first.incident, kind="school").update(since=chain_now() - timedelta(minutes=6))
    Report.objects.filter(pk=lies.pk).update(next_at=chain_now() - timedelta(seconds=1))
    assert decide_reports() == 1
    lies.refresh_from_db()
    assert (lies.incident_id, lies.opened) == (other.pk, False)
    end(world, other)
    assert unread_since_long() >= 1
    lies.refresh_from_db()
    assert lies.incident_id not in (first.incident_id, other.pk) and lies.read_at is None


def asked() -> int:
    return Delivery.objects.filter(text="emergency_ask_watch").count()


def due_now() -> int:
    WatchTask.objects.filter(done_at=None).update(next_at=chain_now() - timedelta(seconds=1))
    return decide_tasks()


def test_a_companion_who_had_to_go_leaves_a_clock_behind(world: World, incident: Incident) -> None:
    row = plan(world, incident)
    companions.report_companion(actor=world.actor("moral"), shift_id=row.pk)
    companions.leave_companion(actor=world.actor("moral"), shift_id=row.pk)
    [task] = WatchTask.objects.filter(incident=incident, kind="watch")
    assert task.next_at is not None and task.next_at - chain_now() <= companions.AGAIN
    for _round in range(2):
        before = asked()
        assert due_now() == 1
        assert asked() > before
    following = plan(world, incident, "doctor")
    companions.report_companion(actor=world.actor("doctor"), shift_id=following.pk)
    task.refresh_from_db()
    assert task.done_by_id == world.members["doctor"].pk, "somebody is with them again"


def test_a_no_while_nobody_is_there_leaves_a_clock_behind_and_one_while_somebody_is_does_not(
    world: World, incident: Incident
) -> None:
    here = plan(world, incident)
    companions.report_companion(actor=world.actor("moral"), shift_id=here.pk)
    CompanionShift.objects.filter(pk=here.pk).update(ends_at=chain_now() + timedelta(minutes=50))
    after = plan(world, incident, "doctor", start=1)
    companions.decline_companion(actor=world.actor("doctor"), shift_id=after.pk)
    assert not WatchTask.objects.filter(kind="watch").exists(), "whoever is there stays until they are relieved"
    companions.leave_companion(actor=world.actor("moral"), shift_id=here.pk)
    WatchTask.objects.all().delete()
    again = plan(world, incident, "doctor", start=1)
    companions.decline_companion(actor=world.actor("doctor"), shift_id=again.pk)
    assert WatchTask.objects.filter(kind="watch", done_at=None).count() == 1
