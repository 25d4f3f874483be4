"""The board and an incident's page as those inside the school see them: who reads what, what is offered, what a press does."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import FirstWord, Incident, Leg, NeverContact, Recipient, Timeline
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.workflow import answering, ending
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import PHONES, World, make_due

pytestmark = pytest.mark.django_db
BOARD = "/centre/emergency/"
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里的任何人"
MOST = 15


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def client(world: World, post: str) -> Client:
    found = Client(headers={"host": world.school.host})
    user = world.members[post].user
    assert user is not None
    found.force_login(user)
    return found


def page_of(incident: Incident) -> str:
    return f"{BOARD}{incident.pk}/"


def get(world: World, post: str, path: str, status: int = 200) -> str:
    answer = client(world, post).get(path)
    assert answer.status_code == status, (post, path, answer.status_code)
    return answer.content.decode()


def press(world: World, post: str, incident: Incident, act: str, said: dict[str, Any] | None = None) -> Any:
    return client(world, post).post(f"{page_of(incident)}{act}/", said or {}, follow=True)


def test_the_board_says_numbers_and_no_name(world: World, paging: Incident) -> None:
    text = get(world, "centre", BOARD)
    assert paging.number in text
    assert world.members["person"].name not in text
    assert "两天没有来" not in text
    assert not AuditEntry.objects.filter(action="incident.read").exists()


def test_a_name_opens_with_a_row_of_the_record(world: World, paging: Incident) -> None:
    text = get(world, "centre", page_of(paging))
    assert world.members["person"].name in text
    assert "两天没有来" in text
    assert AuditEntry.objects.filter(action="incident.read", object_id=str(paging.pk)).count() == 1


def test_what_waits_longest_stands_on_top(world: World, paging: Incident) -> None:
    other = world.open(person_id=world.members["moral"].pk)
    decide_school()
    Leg.objects.filter(incident=other, kind="family").update(since=chain_now() - timedelta(minutes=14))
    text = get(world, "duty", BOARD)
    assert text.index(other.number) < text.index(paging.number)
    assert ">14<" in text
    assert "每 10 秒" in text and 'hx-trigger="every 10s"' in text


@pytest.mark.parametrize("post", ["head", "principal", "moral", "doctor", "person"])
def test_the_board_is_for_centre_and_duty(post: str, world: World, paging: Incident) -> None:
    get(world, post, BOARD, 404)
    get(world, post, f"{BOARD}closed.csv", 404)
    get(world, post, f"{BOARD}new/", 404)


def _by_member(world: World) -> NeverContact:
    return NeverContact.objects.create(person=world.members["person"], member=world.members["second"])


def _by_number(world: World) -> NeverContact:
    return NeverContact.objects.create(
        person=world.members["person"], number_hash=number_hash(world.school.pk, PHONES["second"])
    )


@pytest.mark.parametrize("exclude", [_by_member, _by_number])
def test_to_the_excluded_it_is_not_there_and_not_counted(exclude: Any, world: World, paging: Incident) -> None:
    exclude(world)
    ended = Incident.objects.filter(pk=paging.pk)
    text = get(world, "second", BOARD)
    assert paging.number not in text
    assert 'class="n"' not in text
    get(world, "second", page_of(paging), 404)
    get(world, "second", f"{page_of(paging)}grade/", 404)
    get(world, "second", f"{page_of(paging)}school/hold/", 404)
    assert press(world, "second", paging, "false-alarm").status_code == 404
    assert not FirstWord.objects.exists()
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=ended.get().pk)
    assert paging.number not in get(world, "second", BOARD)
    exported = client(world, "second").get(f"{BOARD}closed.csv").content.decode()
    assert paging.number not in exported
    assert paging.number in client(world, "centre").get(f"{BOARD}closed.csv").content.decode()


@pytest.mark.parametrize("exclude", [_by_member, _by_number])
def test_to_the_excluded_the_opening_says_the_same_whether_one_is_open_or_not(exclude: Any, world: World) -> None:
    exclude(world)
    said = {
        "person": str(world.members["person"].pk), "grade": "extreme", "kind": "psychological", "signs": "他说不想活了",
        "found_at": now().astimezone().strftime("%Y-%m-%dT%H:%M"), "place": "", "place_words": "", "company": "unknown",
        "home": "safe", "can_be_asked": "",
    }  # fmt: skip
    heard = []
    for _ in range(2):
        answer = client(world, "second").post(f"{BOARD}new/", said, follow=True)
        heard.append(
            (answer.redirect_chain, "已收到" in answer.content.decode(), "已有一件在处理" in answer.content.decode())
        )
    assert heard[0] == heard[1] == ([(BOARD, 302)], True, False)
    assert Incident.objects.count() == 1
    assert Timeline.objects.filter(code="report.joined").count() == 1


def test_the_subject_sees_404_and_is_not_counted(world: World) -> None:
    about = world.open(by="centre", person_id=world.members["duty"].pk)
    decide_school()
    get(world, "duty", page_of(about), 404)
    assert about.number not in get(world, "duty", BOARD)
    assert 'class="n"' not in get(world, "duty", "/centre/")
    assert 'class="n"' in get(world, "second", "/centre/")


def test_a_colleague_who_was_not_called_sees_nothing(world: World, paging: Incident) -> None:
    ordinary = world.open(by="centre", grade="general", person_id=world.members["head"].pk)
    for post in ("moral", "doctor", "head", "person"):
        get(world, post, page_of(ordinary), 404)
        get(world, post, f"{page_of(ordinary)}school/acknowledge/", 404)


def test_who_is_of_the_team_sees_their_task_and_no_name(world: World, paging: Incident) -> None:
    assert "team:doctor" in set(Recipient.objects.filter(leg__kind="team").values_list("role", flat=True))
    for post in ("doctor", "moral"):
        for _ in range(2):
            text = get(world, post, page_of(paging))
            assert world.members["person"].name not in text
            assert "两天没有来" not in text and REASON not in text
            assert "我来处理" in text or "您的应答" in text or "要您做的" in text
            answering.acknowledge(actor=world.actor(post), incident_id=paging.pk, kind="team")


def test_the_principal_sees_how_it_stands_and_the_name_when_extreme(world: World, paging: Incident) -> None:
    text = get(world, "principal", page_of(paging))
    assert world.members["person"].name in text
    assert "两天没有来" not in text
    milder = world.open(by="centre", grade="major", person_id=world.members["head"].pk)
    text = get(world, "principal", page_of(milder))
    assert world.members["head"].name not in text
    assert "重大" in text


def test_the_name_is_given_to_whoever_meets_the_person_once_they_have_it(world: World) -> None:
    incident = world.open(kind="medical", can_be_asked=False, place="school", place_words="三楼办公室")
    decide_school()
    make_due(incident, "school")
    decide_school()
    assert Recipient.objects.filter(leg__kind="school", role="seat:doctor").exists()
    text = get(world, "doctor", page_of(incident))
    assert world.members["person"].name not in text and "三楼办公室" not in text
    press(world, "doctor", incident, "school/acknowledge", {"eta": 15})
    text = get(world, "doctor", page_of(incident))
    assert world.members["person"].name in text and "三楼办公室" in text
    assert "两天没有来" not in text


def test_a_head_reports_and_sees_received_then_in_hand_and_no_more(world: World) -> None:
    browser = client(world, "head")
    world.members["person"].department = world.members["head"].department
    found = browser.get("/my/report/")
    assert b"tel:120" in found.content and found.content.index(b"tel:120") < found.content.index(b"danger_now")
    said = {
        "person": "", "grade": "extreme", "kind": "psychological", "signs": "走廊里哭了一个小时", "danger_now": "on",
        "found_at": now().astimezone().strftime("%Y-%m-%dT%H:%M"), "place": "school", "place_words": "", "company": "nobody",
        "home": "unknown", "can_be_asked": "",
    }  # fmt: skip
    answer = browser.post("/my/report/", said, follow=True)
    assert answer.redirect_chain
    incident = Incident.objects.get()
    assert (incident.state, incident.suggested, incident.grade, incident.danger_now) == (
        "reported",
        "extreme",
        "",
        True,
    )
    assert "已收到" in answer.content.decode() and incident.number not in answer.content.decode()
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    text = browser.get("/my/report/").content.decode()
    assert "有人在管" in text
    own = browser.get(page_of(incident)).content.decode()
    assert "有人在管" in own and "极端" not in own and "走廊里" not in own


def test_a_head_finds_the_own_department_alone(world: World) -> None:
    assert world.members["moral"].name not in get(
        world, "head", f"/my/report/?q={world.members['moral'].name}"
    ).replace(f'value="{world.members["moral"].name}"', "")
    assert world.members["moral"].name in get(world, "duty", f"{BOARD}new/?q={world.members['moral'].name}")


def test_opening_says_who_is_called_before_it_is_pressed_and_calls(world: World) -> None:
    text = get(world, "duty", f"{BOARD}new/?person={world.members['person'].pk}")
    assert world.members["person"].name in text
    assert "马上叫：学校、医疗、社区、应急小组" in text
    said = {
        "person": str(world.members["person"].pk), "grade": "extreme", "kind": "psychological", "signs": "他说不想活了",
        "found_at": now().astimezone().strftime("%Y-%m-%dT%H:%M"), "place": "home", "place_words": "和平里 3 幢",
        "company": "unknown", "home": "safe", "can_be_asked": "",
    }  # fmt: skip
    browser = client(world, "duty")
    answer = browser.post(f"{BOARD}new/", said)
    incident = Incident.objects.get()
    assert answer.headers["Location"] == page_of(incident)
    assert incident.grade == "extreme"
    again = browser.post(f"{BOARD}new/", said)
    assert again.headers["Location"] == page_of(incident) and Incident.objects.count() == 1
    wrong = browser.post(f"{BOARD}new/", said | {"signs": ""})
    assert wrong.status_code == 422 and Incident.objects.count() == 1
