"""Changed duties (chain §6): agreed with the person, arranged by the head of their department, and nothing more is told."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Department, Membership
from audit.models import AuditEntry
from kernel.errors import Conflict, DomainError, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.emergency.duties import arrangers_of, own_changes, state_of, to_arrange
from referrals.emergency.models import DutyChange, Incident, NeverContact, Seat, Timeline
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.duties import LONGEST_DAYS, day_fault
from referrals.emergency.workflow.duties import (
    arrange_duties,
    end_duties,
    receive_duties,
    renew_duties,
    write_duties,
)
from referrals.emergency.workflow.moving import chain_now
from tests.conftest import actor_of, make_person
from tests.emergency.world import PHONES, World
from ui.refusals import explain

pytestmark = pytest.mark.django_db
AGREED = "本人 9:20 在心理中心当面同意"


@pytest.fixture
def world(open_world: World) -> World:
    found = open_world
    found.department = Department.objects.create(name="语文组")  # type: ignore[attr-defined]
    move(found, found.department, "person", "head")  # type: ignore[attr-defined]
    return found


@pytest.fixture
def incident(world: World) -> Incident:
    return world.open()


@pytest.fixture
def change(world: World, incident: Incident) -> DutyChange:
    return write(world, incident)


def move(world: World, department: Department | None, *posts: str) -> None:
    for post in posts:
        member = world.members[post]
        member.department = department
        member.save(update_fields=["department"])


def today(world: World) -> date:
    day: date = world.school.day_of(chain_now())
    return day


def write(world: World, incident: Incident, by: str = "centre", **values: Any) -> DutyChange:
    day = today(world)
    given = {
        "duties": ["lessons", "evening"],
        "starts_on": day,
        "until": day + timedelta(days=13),
        "agreed_how": AGREED,
    }
    return write_duties(actor=world.actor(by), incident_id=incident.pk, **(given | values))


def refused(code: str, kind: type[DomainError], act: Any) -> None:
    """It says no by this code, and nothing moved: no row, no word to anybody, no row of the record."""
    before = trace()
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.reason == code
    assert explain(code, caught.value.params).title
    assert trace() == before


def trace() -> tuple[Any, ...]:
    rows = list(DutyChange.objects.order_by("pk").values_list("pk", "until", "received_at", "arranged_at", "ended_at"))
    acts = AuditEntry.objects.filter(action__startswith="duties.").count()
    return rows, acts, told_count(), Timeline.objects.filter(code__startswith="duties.").count()


def told_count() -> int:
    return OutboxMessage.objects.filter(template__startswith="emergency_duties").count()


def told(post: Membership) -> set[str]:
    return set(OutboxMessage.objects.filter(to_user_id=post.user_id).values_list("template", flat=True))


def read(world: World, post: str, path: str, status: int = 200) -> str:
    client = Client(headers={"host": world.school.host})
    user = world.members[post].user
    assert user is not None
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == status, (post, path, answer.status_code)
    return answer.content.decode()


def test_the_days_of_a_change() -> None:
    day = date(2026, 8, 31)
    assert day_fault(day, day, day) == ""
    assert day_fault(day, day + timedelta(days=LONGEST_DAYS - 1), day) == ""
    assert day_fault(day, day + timedelta(days=LONGEST_DAYS), day) == "duties_too_long"
    assert day_fault(day - timedelta(days=1), day, day) == "duties_past"
    assert day_fault(day + timedelta(days=1), day, day) == "duties_order"


def test_the_head_of_the_department_is_told_and_reads_no_more(world: World, incident: Incident) -> None:
    change = write(world, incident)
    head = world.members["head"]
    assert told(head) == {"emergency_duties"}
    [message] = OutboxMessage.objects.filter(to_user_id=head.user_id, channel="in_app")
    assert message.link == "/my/duties/"
    assert "调整什么工作、哪几天，不含原因" in read(world, "centre", f"/centre/emergency/{incident.pk}/")
    page = read(world, "head", "/my/duties/")
    assert world.members["person"].name in page
    assert "课由别的老师代" in page and "不排晚间值班" in page
    for hidden in (incident.number, str(incident.pk), AGREED, "不想活", "重大", "极端"):
        assert hidden not in page
    read(world, "head", f"/centre/emergency/{incident.pk}/", 404)
    read(world, "head", f"/centre/emergency/{incident.pk}/duties/", 404)
    read(world, "head", f"/centre/emergency/changed-duties/{change.pk}/renew/", 404)
    assert AGREED in [row.words(incident.key) for row in Timeline.objects.filter(code="duties.written")]
    assert "有 1 项等您落实" in read(world, "head", "/my/")


def test_received_and_arranged_come_back_to_whoever_wrote_it(world: World, change: DutyChange) -> None:
    head = world.actor("head")
    assert receive_duties(actor=head, change_id=change.pk) is True
    change.refresh_from_db()
    assert state_of(change, today(world)) == "received"
    assert not told(world.members["centre"]) & {"emergency_duties_arranged"}
    assert arrange_duties(actor=head, change_id=change.pk) is True
    change.refresh_from_db()
    assert state_of(change, today(world)) == "arranged"
    assert "emergency_duties_arranged" in told(world.members["centre"])
    codes = set(
        Timeline.objects.filter(incident=change.incident, code__startswith="duties.").values_list("code", flat=True)
    )
    assert codes == {"duties.written", "duties.received", "duties.arranged"}


def test_two_heads_who_press_are_one_who_did(world: World, change: DutyChange) -> None:
    second = make_person(world.school, "staff", "head", department=world.department)  # type: ignore[attr-defined]
    assert arrange_duties(actor=world.actor("head"), change_id=change.pk) is True
    before = trace()
    assert receive_duties(actor=actor_of(second), change_id=change.pk) is False
    assert arrange_duties(actor=actor_of(second), change_id=change.pk) is False
    assert trace() == before
    change.refresh_from_db()
    assert change.arranged_by_id == change.received_by_id == world.members["head"].pk


def test_a_head_who_has_changed_the_department_reads_it_no_more(world: World, change: DutyChange) -> None:
    move(world, None, "head")
    new = make_person(world.school, "staff", "head", department=world.department)  # type: ignore[attr-defined]
    assert world.members["person"].name not in read(world, "head", "/my/duties/")
    for act in (receive_duties, arrange_duties):
        with pytest.raises(NotFound):
            act(actor=world.actor("head"), change_id=change.pk)
    change.refresh_from_db()
    assert change.received_at is None
    assert arrange_duties(actor=actor_of(new), change_id=change.pk) is True


def test_a_person_who_has_changed_the_department_is_arranged_for_there_anew(world: World, change: DutyChange) -> None:
    arrange_duties(actor=world.actor("head"), change_id=change.pk)
    other = Department.objects.create(name="数学组")
    new = make_person(world.school, "staff", "head", department=other)
    move(world, other, "person")
    change = DutyChange.objects.get(pk=change.pk)
    assert state_of(change, today(world)) == "sent"
    assert to_arrange(world.actor("head"), today(world)) == []
    assert receive_duties(actor=actor_of(new), change_id=change.pk) is True
    change = DutyChange.objects.get(pk=change.pk)
    assert (change.department_id, change.received_by_id, change.arranged_at) == (other.pk, new.pk, None)


def test_a_head_who_is_the_person_arranges_nothing_for_themself(world: World) -> None:
    about = world.open(person_id=world.members["head"].pk)
    change = write(world, about)
    [arranger] = arrangers_of({about.pk: world.members["head"]}, today(world))[about.pk]
    assert arranger.pk == world.members["moral"].pk
    assert told(world.members["head"]) == set()
    assert "emergency_duties" in told(world.members["moral"])
    with pytest.raises(NotFound):
        receive_duties(actor=world.actor("head"), change_id=change.pk)
    page = read(world, "head", "/my/duties/")
    assert "课由别的老师代" in page and "/received/" not in page
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyChange.objects.filter(pk=change.pk).update(received_by=change.person, received_at=chain_now())


@pytest.mark.parametrize(
    "how", ["no_department", "no_head", "left", "barred", "barred_number", "barred_without_number"]
)
def test_without_a_head_who_may_know_moral_education_finds_cover(how: str, world: World, incident: Incident) -> None:
    person, head = world.members["person"], world.members["head"]
    match how:
        case "no_department":
            move(world, None, "person")
        case "no_head":
            Membership.objects.filter(pk=head.pk).update(roles=["staff"])
        case "left":
            Membership.objects.filter(pk=head.pk).update(left_on=today(world) - timedelta(days=1))
        case "barred":
            NeverContact.objects.create(person=person, member=head)
        case "barred_without_number":
            head.keep_phone("")
            head.save()
            NeverContact.objects.create(person=person, member=head)
        case "barred_number":
            NeverContact.objects.create(person=person, number_hash=number_hash(world.school.pk, PHONES["head"]))
    change = write(world, incident)
    assert told(head) == set()
    if how != "left":
        assert person.name not in read(world, "head", "/my/duties/")
        assert "/my/duties/" not in read(world, "head", "/my/")
    assert person.name in read(world, "moral", "/my/duties/")
    assert arrange_duties(actor=world.actor("moral"), change_id=change.pk) is True


def test_with_nobody_who_may_know_nobody_is_told(world: World, incident: Incident) -> None:
    Membership.objects.filter(pk=world.members["head"].pk).update(roles=["staff"])
    Seat.objects.filter(kind="moral").delete()
    refused("duties_nobody_arranges", Refused, lambda: write(world, incident))
    assert "没有人能落实这项调整" in read(world, "centre", f"/centre/emergency/{incident.pk}/duties/")


def test_two_changes_of_one_person_never_overlap(world: World, incident: Incident, change: DutyChange) -> None:
    refused("duties_overlap", Conflict, lambda: write(world, incident, by="duty", duties=["leave"]))
    last = change.until
    refused("duties_overlap", Conflict, lambda: write(world, incident, starts_on=last, until=last))
    write(world, incident, starts_on=last + timedelta(days=1), until=last + timedelta(days=2))
    assert DutyChange.objects.count() == 2


def test_what_was_ended_makes_room_and_who_arranges_it_is_told(
    world: World, incident: Incident, change: DutyChange
) -> None:
    end_duties(actor=world.actor("duty"), change_id=change.pk)
    assert "emergency_duties_over" in told(world.members["head"])
    assert to_arrange(world.actor("head"), today(world)) == []
    refused("duties_over", Conflict, lambda: end_duties(actor=world.actor("duty"), change_id=change.pk))
    refused(
        "duties_over",
        Conflict,
        lambda: renew_duties(
            actor=world.actor("duty"), change_id=change.pk, until=change.until + timedelta(days=9), agreed_how=AGREED
        ),
    )
    write(world, incident)


def test_it_ends_by_its_day(world: World, change: DutyChange) -> None:
    last = change.until
    assert [row.pk for row in to_arrange(world.actor("head"), last)] == [change.pk]
    assert [row.pk for row in own_changes(world.actor("person"), last)] == [change.pk]
    assert to_arrange(world.actor("head"), last + timedelta(days=1)) == []
    assert own_changes(world.actor("person"), last + timedelta(days=1)) == []
    assert state_of(change, last + timedelta(days=1)) == "over"


def test_of_whoever_has_left_nothing_is_arranged_any_more(world: World, change: DutyChange) -> None:
    person, last = world.members["person"], today(world) + timedelta(days=2)
    Membership.objects.filter(pk=person.pk).update(left_on=last)
    assert [row.pk for row in to_arrange(world.actor("head"), last)] == [change.pk]
    assert to_arrange(world.actor("head"), last + timedelta(days=1)) == []
    assert own_changes(world.actor("person"), last + timedelta(days=1)) == []


def test_renewing_goes_on_the_day_after_and_is_received_anew(world: World, change: DutyChange) -> None:
    arrange_duties(actor=world.actor("head"), change_id=change.pk)
    until = change.until + timedelta(days=14)
    renewed = renew_duties(actor=world.actor("centre"), change_id=change.pk, until=until, agreed_how=AGREED)
    assert (renewed.starts_on, renewed.until, renewed.duties) == (
        change.until + timedelta(days=1),
        until,
        change.duties,
    )
    assert renewed.follows_id == change.pk and renewed.received_at is None
    refused(
        "duties_overlap",
        Conflict,
        lambda: renew_duties(actor=world.actor("duty"), change_id=change.pk, until=until, agreed_how=AGREED),
    )


def test_one_that_has_run_out_is_renewed_from_today(world: World, incident: Incident) -> None:
    day = today(world)
    old = DutyChange.objects.create(
        incident=incident,
        person=world.members["person"],
        duties=["leave"],
        starts_on=day - timedelta(days=20),
        until=day - timedelta(days=3),
        written_by=world.members["centre"],
    )
    renewed = renew_duties(actor=world.actor("centre"), change_id=old.pk, until=day, agreed_how=AGREED)
    assert renewed.starts_on == day
    refused("duties_over", Conflict, lambda: end_duties(actor=world.actor("centre"), change_id=old.pk))
