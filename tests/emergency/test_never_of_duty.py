"""Who is on duty writes, in an incident, who is never to be called (chain §2, §10): it bites like the person's own word."""

from datetime import date
from typing import Any

import pytest

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, NeverContact, Timeline
from referrals.emergency.workflow import answering, ending, handing_over
from referrals.emergency.workflow.never import bar_colleague, bar_number, lift_bar
from referrals.emergency.workflow.never_of_duty import bar_in_incident
from tests.emergency.test_board import BOARD, client, get, page_of, press
from tests.emergency.world import PHONES, World, codes, legs_of, paged, queued

pytestmark = pytest.mark.django_db
REASON = "她在电话里说丈夫就是打她的人，绝对不能联系他"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open()
    decide_school()
    return found


def bar(world: World, incident: Incident, by: str = "duty", reason: str = REASON, **whom: Any) -> NeverContact:
    return bar_in_incident(actor=world.actor(by), incident_id=incident.pk, reason=reason, **whom)


def test_a_contact_is_called_no_more_and_the_next_one_at_once(world: World, incident: Incident) -> None:
    assert paged(incident, "family") == ["contact:1"] and queued(incident, "family")
    row = bar(world, incident, contact_id=world.contacts["wife"].pk)
    assert (row.set_by, row.person_id, row.end) == ("duty", world.members["person"].pk, "0011")
    assert queued(incident, "family") == 0
    assert decide_school() == 1
    assert paged(incident, "family") == ["contact:1", "contact:2"]
    said = Timeline.objects.get(code="never.added")
    assert said.by_id == world.members["duty"].pk and said.words(incident.key).startswith(REASON[:9])
    assert AuditEntry.objects.filter(action="incident.never").count() == 1


def test_a_number_in_any_spelling(world: World, incident: Incident) -> None:
    bar(world, incident, phone="139 0000 0011")
    assert queued(incident, "family") == 0
    with pytest.raises(Conflict) as twice:
        bar(world, incident, contact_id=world.contacts["wife"].pk)
    assert twice.value.reason == "never_twice"


def test_a_colleague_finds_nothing_from_then_on_and_what_they_have_is_called_again(
    world: World, incident: Incident
) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    bar(world, incident, by="second", colleague_id=world.members["duty"].pk)
    leg = legs_of(incident)["school"]
    assert (leg.state, leg.owner_id) == ("paging", None)
    get(world, "duty", page_of(incident), 404)
    assert incident.number not in get(world, "duty", BOARD)
    with pytest.raises(NotFound):
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    decide_school()
    assert paged(incident, "school")[-1] == "on_duty:2"


@pytest.mark.parametrize("how", ["person", "number"])
def test_the_persons_own_word_frees_what_they_have_too(how: str, world: World, incident: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    if how == "person":
        bar_colleague(actor=world.actor("person"), member_id=world.members["duty"].pk)
    else:
        bar_number(actor=world.actor("person"), phone=PHONES["duty"])
    leg = legs_of(incident)["school"]
    assert (leg.state, leg.owner_id) == ("paging", None)


def test_whoever_was_asked_to_take_over_is_asked_no_more(world: World, incident: Incident) -> None:
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    handing_over.ask_to_take_over(
        actor=world.actor("duty"), incident_id=incident.pk, kind="school", colleague_id=world.members["moral"].pk
    )
    bar(world, incident, phone=PHONES["moral"])
    leg = legs_of(incident)["school"]
    assert (leg.state, leg.owner_id, leg.asked_id) == ("engaged", world.members["duty"].pk, None)
    assert leg.next_event == "hand_over_due"
    assert not Delivery.objects.filter(recipient__role="asked", state="queued").exists()


def test_what_others_have_stays_theirs(world: World, incident: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    bar(world, incident, colleague_id=world.members["second"].pk)
    assert legs_of(incident)["school"].owner_id == world.members["duty"].pk


def test_refused_and_nothing_is_written(world: World, incident: Incident) -> None:
    wife = {"contact_id": world.contacts["wife"].pk}
    for post in ("centre", "moral", "principal"):
        with pytest.raises(Forbidden):
            bar(world, incident, by=post, **wife)
    with pytest.raises(NotFound):
        bar(world, incident, by="person", **wife)
    for said, whom, code in (
        ("不要", wife, "reason_too_short"),
        (REASON, {}, "never_choose_one"),
        (REASON, {**wife, "phone": "13900000012"}, "never_choose_one"),
    ):
        with pytest.raises(Invalid) as invalid:
            bar(world, incident, reason=said, **whom)
        assert invalid.value.reason == code
    for phone in ("120", "0571-120"):
        with pytest.raises((Refused, Invalid)):
            bar(world, incident, phone=phone)
    for whom in ({"phone": PHONES["person"]}, {"colleague_id": world.members["person"].pk}):
        with pytest.raises(Refused) as refused:
            bar(world, incident, **whom)
        assert refused.value.reason == "never_the_person"
    nobody = world.open(person_id=None)
    with pytest.raises(Conflict) as unknown:
        bar(world, nobody, phone="13900000012")
    assert unknown.value.reason == "person_unknown"
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    with pytest.raises(Conflict) as ended:
        bar(world, incident, **wife)
    assert ended.value.reason == "incident_ended"
    assert not NeverContact.objects.exists()
    assert not Timeline.objects.filter(code="never.added").exists()


def test_a_colleague_who_has_left_is_none(world: World, incident: Incident) -> None:
    left = world.members["head"]
    Membership.objects.filter(pk=left.pk).update(left_on=date(2020, 1, 1), active_from=None)
    with pytest.raises(NotFound):
        bar(world, incident, colleague_id=left.pk)
    assert not NeverContact.objects.exists()


def test_a_contact_of_somebody_else_is_none(world: World, incident: Incident) -> None:
    other = world.open(person_id=world.members["moral"].pk)
    with pytest.raises(NotFound):
        bar(world, other, contact_id=world.contacts["wife"].pk)
    assert not NeverContact.objects.exists()


def test_the_person_reads_it_and_does_not_take_it_off(world: World, incident: Incident) -> None:
    row = bar(world, incident, phone="13900000012")
    text = get(world, "person", "/my/contacts/never/")
    assert "0012" in text and "值班" in text
    with pytest.raises(Refused) as refused:
        lift_bar(actor=world.actor("person"), never_id=row.pk)
    assert refused.value.reason == "never_of_duty"


def test_on_the_page_by_place_by_number_and_by_name(world: World, incident: Incident) -> None:
    page = get(world, "duty", f"{page_of(incident)}never/")
    assert "第一联系人" in page and "13900000011" not in page and "家人1" not in page
    assert f"{page_of(incident)}never/" not in get(world, "centre", page_of(incident))
    empty = {"contact": "", "phone": "", "colleague": "", "department": "", "reason": REASON}
    answer = client(world, "duty").post(f"{page_of(incident)}never/", empty)
    assert answer.status_code == 422 and "只选一项" in answer.content.decode()
    wrong = client(world, "duty").post(f"{page_of(incident)}never/", empty | {"colleague": "没有这个人"})
    assert wrong.status_code == 422 and not NeverContact.objects.exists()
    press(world, "duty", incident, "never", empty | {"colleague": world.members["second"].name})
    assert NeverContact.objects.get().member_id == world.members["second"].pk
    assert "never.added" in codes(incident)


def test_who_is_on_duty_takes_themself_out_of_it(world: World, incident: Incident) -> None:
    said = {"contact": "", "phone": "", "colleague": world.members["duty"].name, "department": "", "reason": REASON}
    answer = press(world, "duty", incident, "never", said)
    assert answer.status_code == 200 and incident.number not in answer.content.decode()
    get(world, "duty", page_of(incident), 404)
