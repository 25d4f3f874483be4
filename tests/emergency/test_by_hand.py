"""A contact who has not agreed (chain §2): never by machine, by hand with a reason, and both are told within 72 hours."""

from datetime import timedelta

import pytest
from django.utils import translation

from audit.models import AuditEntry
from disclosure.sentences import panel
from families.models import Consent
from families.purposes import CURRENT_TEXT, TEXTS
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.task_clocks import decide_tasks
from referrals.emergency.models import Contact, Delivery, Incident, NeverContact, Recipient, Timeline, WatchTask
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow import by_hand, ending, tasks
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.test_board import BOARD, client, get, page_of, press
from tests.emergency.world import World, make_due, paged

pytestmark = pytest.mark.django_db
REASON = "他已经站在天台边上，第一联系人不接，只有弟弟在附近"
LATER = "弟弟正在赶来的路上，现在告诉本人会让他再次离开"


@pytest.fixture
def world(open_world: World) -> World:
    found = open_world
    Consent.objects.filter(relative=found.contacts["brother"].relative).update(state="refused")
    return found


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open()
    decide_school()
    return found


def brother(world: World) -> Contact:
    return world.contacts["brother"]


def call(world: World, incident: Incident, by: str = "duty", reason: str = REASON) -> WatchTask:
    return by_hand.call_by_hand(
        actor=world.actor(by), incident_id=incident.pk, contact_id=brother(world).pk, reason=reason
    )


def number_page(world: World, incident: Incident) -> str:
    return f"{page_of(incident)}call/{brother(world).pk}/"


def test_no_machine_calls_them_however_long_nobody_answers(world: World, incident: Incident) -> None:
    call(world, incident)
    for _ in range(12):
        make_due(incident, "family")
        decide_school()
    assert "contact:2" not in paged(incident)
    assert not Recipient.objects.filter(target_hash=bytes(brother(world).number_hash)).exists()


def test_the_reason_the_record_and_a_task_of_three_days(world: World, incident: Incident) -> None:
    task = call(world, incident)
    assert (task.kind, task.relative_id) == ("tell_both", brother(world).relative_id)
    assert abs(task.due_at - chain_now() - timedelta(hours=72)) < timedelta(seconds=5)
    said = Timeline.objects.get(code="contact.by_hand")
    assert said.by_id == world.members["duty"].pk and said.words(incident.key).startswith(REASON[:9])
    assert AuditEntry.objects.get(action="incident.call_contact").facts["contact"] == str(brother(world).pk)


def test_the_number_is_seen_by_whoever_gave_the_reason_and_each_look_is_kept(world: World, incident: Incident) -> None:
    before = get(world, "duty", f"{page_of(incident)}family/call_by_hand/")
    assert "紧急" in before and "第二联系人" in before
    for word in ("13900000012", "3900000012", "家人2"):
        assert word not in before and word not in get(world, "duty", page_of(incident))
    get(world, "duty", number_page(world, incident), 404)
    answer = press(
        world, "duty", incident, "family/call_by_hand", {"contact": str(brother(world).pk), "reason": REASON}
    )
    text = answer.content.decode()
    assert "13900000012" in text and "家人2" in text and "紧急" in text
    assert AuditEntry.objects.filter(action="incident.contact_number").count() == 1
    get(world, "duty", number_page(world, incident))
    assert AuditEntry.objects.filter(action="incident.contact_number").count() == 2
    for post in ("second", "centre", "principal", "moral", "person"):
        get(world, post, number_page(world, incident), 404)
    assert AuditEntry.objects.filter(action="incident.contact_number").count() == 2
    Incident.objects.filter(pk=incident.pk).update(closed_at=chain_now())
    get(world, "duty", number_page(world, incident), 404)


def test_a_second_person_on_duty_gives_a_reason_of_their_own_and_owes_no_second_telling(
    world: World, incident: Incident
) -> None:
    first, second = call(world, incident), call(world, incident, by="second")
    assert first.pk == second.pk and WatchTask.objects.count() == 1
    get(world, "second", number_page(world, incident))
    assert Timeline.objects.filter(code="contact.by_hand").count() == 2


def test_refused_and_nothing_is_written(world: World, incident: Incident) -> None:
    with pytest.raises(Invalid) as short:
        call(world, incident, reason="来不及了")
    assert short.value.reason == "reason_too_short"
    for post in ("centre", "moral", "principal"):
        with pytest.raises(Forbidden):
            call(world, incident, by=post)
    with pytest.raises(NotFound):
        call(world, incident, by="person")
    with pytest.raises(NotFound):  # the engine calls this one by itself
        by_hand.call_by_hand(
            actor=world.actor("duty"), incident_id=incident.pk, contact_id=world.contacts["wife"].pk, reason=REASON
        )
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    with pytest.raises(Conflict) as ended:
        call(world, incident)
    assert ended.value.reason == "incident_ended"
    assert (
        not WatchTask.objects.filter(kind="tell_both").exists()
        and not Timeline.objects.filter(code="contact.by_hand").exists()
    )


def test_whoever_is_never_to_be_called_is_shown_to_nobody(world: World, incident: Incident) -> None:
    call(world, incident)
    hashed = bytes(brother(world).number_hash)
    NeverContact.objects.create(person=world.members["person"], number_hash=hashed)
    assert by_hand.uncalled(incident) == []
    with pytest.raises(NotFound):
        call(world, incident)
    get(world, "duty", number_page(world, incident), 404)
    answer = client(world, "duty").get(f"{page_of(incident)}family/call_by_hand/", follow=True)
    assert str(brother(world).pk) not in answer.content.decode()
    assert "现在没有可选的人" in answer.content.decode()


def test_who_agreed_but_not_for_this_grade_is_called_by_a_person_alone(world: World, incident: Incident) -> None:
    wife = Contact.objects.filter(pk=world.contacts["wife"].pk)
    assert world.contacts["wife"].pk not in {row.contact.pk for row in by_hand.uncalled(incident)}
    wife.update(grades=["general"])
    assert world.contacts["wife"].pk in {row.contact.pk for row in by_hand.uncalled(incident)}


def test_an_overdue_one_is_put_off_from_now_on_and_one_person_says_so_once(world: World, incident: Incident) -> None:
    task, ago = call(world, incident), chain_now() - timedelta(hours=100)
    WatchTask.objects.filter(pk=task.pk).update(due_at=ago, next_at=ago)
    for _ in range(2):
        assert not tasks.put_off(actor=world.actor("duty"), task_id=task.pk, reason=LATER)
    assert Timeline.objects.filter(code="task.put_off_asked").count() == 1
    assert tasks.put_off(actor=world.actor("centre"), task_id=task.pk, reason=LATER)
    task.refresh_from_db()
    assert task.due_at > chain_now() + timedelta(hours=71)


def test_telling_of_such_a_call_opens_the_persons_page_not_yet(world: World, incident: Incident) -> None:
    task = call(world, incident)
    tasks.finish(actor=world.actor("duty"), task_id=task.pk)
    assert not OutboxMessage.objects.filter(template="emergency_told").exists()


def test_in_a_drill_nobody_of_a_family_is_shown(world: World) -> None:
    drill = world.open(is_drill=True)
    assert by_hand.uncalled(drill) == []
    assert f"{page_of(drill)}family/call_by_hand/" not in get(world, "duty", page_of(drill))


class TestTheTask:
    def test_stands_on_the_board_with_its_clock_also_after_the_end(self, world: World, incident: Incident) -> None:
        call(world, incident)
        board = get(world, "centre", BOARD)
        assert "告诉本人" in board and "还有 3 天" in board
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
        assert "告诉本人" in get(world, "second", BOARD)
        WatchTask.objects.update(due_at=chain_now() - timedelta(hours=3))
        text = get(world, "centre", BOARD)
        assert "3 小时" in text and "过期" in text
        page = get(world, "second", page_of(incident))
        task = WatchTask.objects.get(kind="tell_both")
        assert f"{page_of(incident)}tasks/{task.pk}/done/" in page
        client(world, "second").post(f"{page_of(incident)}tasks/{task.pk}/done/")
        assert "告诉本人" not in get(world, "centre", BOARD)
        late = client(world, "duty").post(f"{page_of(incident)}tasks/{task.pk}/done/", follow=True).content.decode()
        assert "已经有人做了" in late
        assert AuditEntry.objects.filter(action="incident.task_done").count() == 1

    def test_the_subject_and_the_excluded_do_not_see_it(self, world: World, incident: Incident) -> None:
        call(world, incident)
        task = WatchTask.objects.get()
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        assert "告诉本人" not in get(world, "second", BOARD)
        for act in ("done", "later"):
            answer = client(world, "second").post(f"{page_of(incident)}tasks/{task.pk}/{act}/", {"reason": LATER})
            assert answer.status_code == 404
        for act in (
            lambda: tasks.finish(actor=world.actor("second"), task_id=task.pk),
            lambda: tasks.put_off(actor=world.actor("second"), task_id=task.pk, reason=LATER),
        ):
            with pytest.raises(NotFound):
                act()
        assert WatchTask.objects.get().done_at is None

    def test_is_put_off_by_two_people_each_with_a_reason(self, world: World, incident: Incident) -> None:
        task = call(world, incident)
        due = task.due_at
        assert not tasks.put_off(actor=world.actor("duty"), task_id=task.pk, reason=LATER)
        assert not tasks.put_off(actor=world.actor("duty"), task_id=task.pk, reason=LATER), "one is one"
        with pytest.raises(Invalid):
            tasks.put_off(actor=world.actor("centre"), task_id=task.pk, reason="好")
        assert WatchTask.objects.get().due_at == due
        for post in ("moral", "principal"):
            with pytest.raises(Forbidden):
                tasks.put_off(actor=world.actor(post), task_id=task.pk, reason=LATER)
            with pytest.raises(Forbidden):
                tasks.finish(actor=world.actor(post), task_id=task.pk)
        assert tasks.put_off(actor=world.actor("centre"), task_id=task.pk, reason=LATER)
        task = WatchTask.objects.get()
        assert (task.due_at, task.next_at, task.deferrals) == (
            due + timedelta(hours=72),
            due + timedelta(hours=72),
            1,
        )
        assert not tasks.put_off(actor=world.actor("centre"), task_id=task.pk, reason=LATER), "the next is two again"

    def test_overdue_it_pages_nobody_and_the_head_of_the_centre_gets_a_notice(
        self, world: World, incident: Incident
    ) -> None:
        task = call(world, incident)
        ago = chain_now() - timedelta(minutes=1)
        WatchTask.objects.update(due_at=ago, next_at=ago)
        pages = Delivery.objects.count()
        assert decide_tasks() == 1
        assert decide_tasks() == 0, "once a day"
        assert Delivery.objects.count() == pages
        told = OutboxMessage.objects.filter(template="emergency_task_overdue")
        assert {row.to_user_id for row in told} == {world.members["centre"].user_id}
        assert WatchTask.objects.get(pk=task.pk).due_at == ago

    def test_where_the_head_must_not_know_the_deputy_is_told(self, world: World, incident: Incident) -> None:
        call(world, incident)
        NeverContact.objects.create(person=world.members["person"], member=world.members["centre"])
        ago = chain_now() - timedelta(minutes=1)
        WatchTask.objects.update(due_at=ago, next_at=ago)
        decide_tasks()
        told = OutboxMessage.objects.filter(template="emergency_task_overdue")
        assert {row.to_user_id for row in told} == {world.members["deputy"].user_id}

    def test_on_its_page_by_two(self, world: World, incident: Incident) -> None:
        task = call(world, incident)
        door = f"{page_of(incident)}tasks/{task.pk}/later/"
        assert client(world, "duty").post(door, {"reason": "不"}).status_code == 422
        client(world, "duty").post(door, {"reason": LATER})
        assert f'href="{door}"' not in get(world, "duty", page_of(incident))
        assert f'href="{door}"' in get(world, "centre", page_of(incident))
        client(world, "centre").post(door, {"reason": LATER})
        assert WatchTask.objects.get().deferrals == 1

    def test_what_has_to_be_written_is_written_later_and_not_told_later(self, world: World, incident: Incident) -> None:
        task = call(world, incident)
        WatchTask.objects.filter(pk=task.pk).update(kind=TaskKind.PLAN, relative=None)
        door = f"{page_of(incident)}tasks/{task.pk}/later/"
        for page in (get(world, "duty", page_of(incident)), get(world, "duty", door)):
            assert "晚些再写" in page and "晚些告知" not in page
        client(world, "duty").post(door, {"reason": LATER})
        assert "提出晚些再写" in get(world, "centre", page_of(incident))


def test_the_consent_and_the_panel_say_this_exception() -> None:
    with translation.override("en"):
        said = " ".join(str(text) for _title, text in TEXTS[CURRENT_TEXT["emergency"]].more)
        assert "without this agreement" in said and "72 hours" in said
        told = " ".join(str(part) for row in panel(("contact",), own=True) for part in row)
        assert "has not agreed" in told and "72 hours" in told
