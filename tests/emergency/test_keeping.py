"""What is known of an incident ends when its time is over (chain §8): what goes, what stays, and when it does not end yet."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from accounts.actor import system_in
from audit.models import AuditEntry
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import (
    Card,
    Delivery,
    DutyChange,
    Incident,
    NeverContact,
    Recipient,
    Timeline,
    WatchTask,
)
from referrals.emergency.reports import sent_by
from referrals.emergency.rules.incident_moves import REOPENED_WITHIN, IncidentState
from referrals.emergency.rules.keeping import ADDRESSES_KEPT, STAYS, ended_before, kept_until, months_kept
from referrals.emergency.tasks import end_what_is_over
from referrals.emergency.workflow import agreeing, answering, ending, grading, keeping
from referrals.emergency.workflow.keeping import end_addresses, erase, keeping_over, last_day
from referrals.emergency.workflow.never import lift_bar
from tests.emergency.programs import one, program
from tests.emergency.test_board import BOARD, get, page_of
from tests.emergency.world import World, codes, legs_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
MONTH = timedelta(days=31)
PLAN = {"signs": "睡不着", "person": "打给弟弟", "family": "过来住", "centre": "每周见一面"}


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def ended(world: World, *, ago: timedelta, false_alarm: bool = False) -> Incident:
    """One that was run to its end, so long ago."""
    incident = world.open(place="home", place_words="西溪路 18 号")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=15)
    if false_alarm:
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    else:
        for post in ("centre", "deputy"):
            ending.close(actor=world.actor(post), incident_id=incident.pk, outcome="died")
    WatchTask.objects.filter(incident=incident, done_at=None).update(
        done_at=now(), done_by=world.members["centre"], next_at=None
    )
    Incident.objects.filter(pk=incident.pk).update(closed_at=now() - ago)
    return Incident.objects.get(pk=incident.pk)


def again(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def test_after_thirty_days_nobodys_number_is_left(world: World) -> None:
    incident = ended(world, ago=timedelta(days=31))
    called = Recipient.objects.filter(leg__incident=incident)
    assert called.filter(address_sealed__isnull=False).exists() and called.filter(token_hash__isnull=False).exists()
    assert Delivery.objects.filter(leg__incident=incident, reference_hash__isnull=False).exists()
    outside = called.filter(leg__kind="community").first() or called.filter(member=None)[0]
    Card.objects.create(recipient=outside, purpose="community", body_sealed=b"x")
    Delivery.objects.filter(leg__incident=incident).update(member_hash=b"zhou")
    assert end_what_is_over() >= 1
    assert not called.exclude(address_sealed=None, token_hash=None, code_hash=None, shown_number="").exists()
    assert (
        not Delivery.objects.filter(leg__incident=incident)
        .exclude(reference_hash=None, member_hash=None, provider_ref="")
        .exists()
    )
    assert not Card.objects.filter(recipient__in=called).exists()
    assert called.exists(), "that somebody was called stays"
    kept = again(incident)
    assert kept.addresses_gone_at is not None and kept.read_words("signs") and kept.person_id
    assert AuditEntry.objects.filter(action="incident.addresses_gone").count() == 1
    end_what_is_over()
    assert AuditEntry.objects.filter(action="incident.addresses_gone").count() == 1, "once"


def test_what_duty_wrote_as_never_to_be_called_is_the_persons_own_once_nobody_can_lift_it(world: World) -> None:
    first = ended(world, ago=timedelta(days=31), false_alarm=True)
    NeverContact.objects.create(person=world.members["person"], member=world.members["moral"], set_by="duty")
    other = ended(world, ago=timedelta(days=400))
    Incident.objects.filter(pk=first.pk).update(closed_at=now() - timedelta(days=400))
    end_what_is_over()
    assert again(first).erased_at is not None and again(other).erased_at is None
    row = NeverContact.objects.get()
    assert row.set_by == "duty", "the head of the centre finds it on the other one"
    Incident.objects.filter(pk=other.pk).update(closed_at=now() - timedelta(days=4 * 366))
    end_what_is_over()
    assert again(other).erased_at is not None
    lift_bar(actor=world.actor("person"), never_id=row.pk)
    assert not NeverContact.objects.exists()


def test_while_it_can_be_opened_again_every_number_stays(world: World) -> None:
    assert ADDRESSES_KEPT == REOPENED_WITHIN
    incident = ended(world, ago=timedelta(days=30) - timedelta(minutes=1))
    before = Recipient.objects.filter(leg__incident=incident, address_sealed__isnull=False).count()
    end_what_is_over()
    assert Recipient.objects.filter(leg__incident=incident, address_sealed__isnull=False).count() == before > 0
    Incident.objects.filter(pk=incident.pk).update(closed_at=now() - timedelta(days=30, minutes=1))
    end_what_is_over()
    with pytest.raises(Conflict) as late:
        ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    assert late.value.reason == "too_long_ago"


def test_one_that_goes_on_loses_nothing(world: World) -> None:
    incident = world.open()
    decide_school()
    Incident.objects.filter(pk=incident.pk).update(opened_at=now() - 50 * MONTH)
    machine = system_in(world.school.pk)
    end_what_is_over()
    assert not end_addresses(actor=machine, incident_id=incident.pk) and not erase(
        actor=machine, incident_id=incident.pk
    )
    assert again(incident).own_key and again(incident).person_id


def test_after_three_years_the_key_is_gone_and_nothing_leads_to_the_person(world: World) -> None:
    incident = ended(world, ago=37 * MONTH)
    WatchTask.objects.create(
        incident=incident,
        kind="watch",
        by=world.members["duty"],
        due_at=now(),
        done_at=now(),
        done_by=world.members["duty"],
    )
    DutyChange.objects.create(
        incident=incident, person=world.members["person"], duties=["lighter"], starts_on=date(2020, 1, 1),
        until=date(2020, 2, 1), written_by=world.members["centre"],
    )  # fmt: skip
    words = [row for row in Timeline.objects.filter(incident=incident) if row.words_sealed]
    happened = codes(incident)
    hashes = set(Recipient.objects.filter(leg__incident=incident).values_list("target_hash", flat=True))
    end_what_is_over()
    gone = again(incident)
    assert gone.erased_at is not None
    assert (gone.own_key, gone.person_id, gone.reported_by_id) == (None, None, None)
    assert gone.read_words("signs") == gone.read_words("place") == ""
    assert all(row.words(gone.key) == "" for row in words)
    assert (gone.number, gone.grade, gone.kind, gone.outcome) == (incident.number, "extreme", "psychological", "died")
    assert codes(incident) == happened and len(legs_of(incident)) == 5, "the row and its counts stay"
    assert not hashes & set(Recipient.objects.filter(leg__incident=incident).values_list("target_hash", flat=True))
    assert not WatchTask.objects.filter(incident=incident).exists(), "a task leads to the person by a relative"
    assert not DutyChange.objects.filter(incident=incident).exists()
    assert AuditEntry.objects.filter(action="incident.erased").count() == 1


def test_every_table_of_an_incident_says_what_is_left_of_it() -> None:
    incident = apps.get_model("emergency.Incident")
    tables = {
        field.model._meta.object_name
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is incident
    }
    assert STAYS.keys() == tables | {"Incident"}
    person = apps.get_model("accounts.Membership"), apps.get_model("families.Relative")
    for name, left in STAYS.items():
        leads = [
            field.name
            for field in apps.get_model(f"emergency.{name}")._meta.concrete_fields
            if field.related_model in person and field.name in ("person", "relative")
        ]
        assert not (leads and left) or name == "Incident", f"{name} leads to the person by {leads} and must go"


def test_after_it_is_over_nobody_reads_it(world: World) -> None:
    """Also not whoever was hidden it from: nobody can say any more from whom."""
    incident = ended(world, ago=37 * MONTH)
    get(world, "centre", page_of(incident))
    end_what_is_over()
    for post in ("centre", "duty", "second", "person", "head"):
        get(world, post, page_of(incident), 404)
        assert program(world, post).get(one(incident)).status_code == 404
    assert incident.number not in get(world, "centre", f"{BOARD}?state=closed")


def test_after_it_is_over_whoever_reported_it_reads_nothing_of_it(world: World) -> None:
    """First or later, and also who must not know of it: their report is over too."""
    NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
    incident = world.open(by="head")
    world.open(by="second")
    world.open(by="centre")
    later = Timeline.objects.get(code="report.joined", by=world.members["second"])
    assert program(world, "second").get(one(later)).json() == {"id": str(later.pk), "state": "received"}
    Incident.objects.filter(pk=incident.pk).update(
        state="closed", outcome="supported", next_event="", next_at=None, closed_at=now() - 37 * MONTH
    )
    end_what_is_over()
    assert again(incident).erased_at is not None
    for post in ("head", "second", "centre"):
        assert not sent_by(world.members[post].pk).exists()
    for post, report in (("head", incident), ("second", later), ("centre", incident)):
        assert program(world, post).get(one(report)).status_code == 404


def test_after_it_is_over_nobody_writes_to_it(world: World) -> None:
    incident = ended(world, ago=37 * MONTH)
    end_what_is_over()
    centre = world.actor("centre")
    for act in (
        lambda: ending.reopen(actor=centre, incident_id=incident.pk),
        lambda: grading.write_grade(actor=centre, incident_id=incident.pk, grade="general", reason="没" * 20),
        lambda: agreeing.write_plan(actor=centre, incident_id=incident.pk, agreed_on=world.school.today(), words=PLAN),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_false_alarm_is_kept_half_a_year(world: World) -> None:
    incident = ended(world, ago=5 * MONTH, false_alarm=True)
    end_what_is_over()
    assert again(incident).erased_at is None
    Incident.objects.filter(pk=incident.pk).update(closed_at=now() - 7 * MONTH)
    end_what_is_over()
    assert again(incident).erased_at is not None


def test_the_school_says_how_many_years(world: World) -> None:
    incident = ended(world, ago=13 * MONTH)
    end_what_is_over()
    assert again(incident).erased_at is None
    world.school.rules = {"incident_years": 1}
    world.school.save()
    end_what_is_over()
    assert again(incident).erased_at is not None


@pytest.mark.parametrize("what", ["task", "duties"])
def test_what_is_still_owed_or_arranged_keeps_it(what: str, world: World) -> None:
    incident = ended(world, ago=37 * MONTH)
    if what == "task":
        row: Any = WatchTask.objects.create(
            incident=incident, kind="watch", by=world.members["duty"], due_at=now(), next_at=now()
        )
    else:
        row = DutyChange.objects.create(
            incident=incident,
            person=world.members["person"],
            duties=["lighter"],
            starts_on=world.school.today(),
            until=world.school.today(),
            written_by=world.members["centre"],
        )
    end_what_is_over()
    assert again(incident).erased_at is None and again(incident).own_key
    type(row).objects.filter(pk=row.pk).delete()
    end_what_is_over()
    assert again(incident).erased_at is not None


def test_one_that_fails_holds_nothing_else_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned = ended(world, ago=38 * MONTH)
    Incident.objects.filter(pk=poisoned.pk).update(person=world.members["moral"])
    other = ended(world, ago=37 * MONTH)
    whole = keeping.lock

    def failing(incident_id: Any) -> Any:
        if incident_id == poisoned.pk:
            raise RuntimeError("disk")
        return whole(incident_id)

    monkeypatch.setattr(keeping, "lock", failing)
    end_what_is_over()
    assert again(poisoned).erased_at is None and again(other).erased_at is not None


def test_only_the_machine_ends_it(world: World) -> None:
    incident = ended(world, ago=37 * MONTH)
    for post in ("centre", "principal", "duty"):
        for act in (end_addresses, erase):
            with pytest.raises(Forbidden):
                act(actor=world.actor(post), incident_id=incident.pk)
    assert again(incident).addresses_gone_at is None


def test_the_database_refuses_a_half_erased_one(world: World) -> None:
    incident = ended(world, ago=timedelta(days=1))
    for values in ({"erased_at": now()}, {"erased_at": now(), "own_key": None, "addresses_gone_at": now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.objects.filter(pk=incident.pk).update(**values)


DAYS = [date(2023, 12, 1) + timedelta(days=number) for number in range(800)]


@pytest.mark.parametrize("months", [6, 12, 36])
def test_never_a_day_early_and_three_late_at_most(months: int) -> None:
    for ended_on in DAYS:
        last = kept_until(ended_on, months)
        assert not ended_on < ended_before(last, months), ended_on
        assert ended_on < ended_before(last + timedelta(days=4), months), ended_on


def test_a_drill_keeps_its_own_time_whatever_its_end() -> None:
    for state in IncidentState:
        assert months_kept(state, is_drill=True, years=1) == 36
    assert months_kept(IncidentState.MERGED, is_drill=False, years=2) == 24


def test_the_last_day_stands_on_the_page_and_is_that_of_the_rule(world: World) -> None:
    """One ended in the first hour of a day in Shanghai, which is the day before elsewhere."""
    incident = ended(world, ago=timedelta(days=1))
    assert last_day(world.school, world.open(person_id=None)) is None
    day = last_day(world.school, incident)
    assert day is not None and incident.closed_at is not None
    assert day == kept_until(world.school.day_of(incident.closed_at), 36)
    assert f"{day.year}年{day.month}月{day.day}日" in get(world, "centre", page_of(incident))
    assert not keeping_over(world.school, now()).exists()
