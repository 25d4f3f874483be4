"""The board and an incident's page as those inside the school see them: who reads what, what is offered, what a press does."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from kernel.clock import now
from referrals.emergency.centre.incident_acts import LEG_ACTS
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.incident_texts import HAPPENED_CODES
from referrals.emergency.models import FirstWord, Incident, Leg, LegStep, NeverContact, Recipient, Timeline
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.incident_moves import IncidentEvent
from referrals.emergency.rules.leg_states import LegEvent, Who
from referrals.emergency.rules.moves import MOVES
from referrals.emergency.workflow import answering, ending
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import PHONES, World, legs_of, make_due, make_world

pytestmark = pytest.mark.django_db
BOARD = "/centre/emergency/"
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里的任何人"
MOST = 15


@pytest.fixture
def world(open_school: Any) -> World:
    return make_world(open_school)


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
    get(world, "duty", "/my/report/", 404)


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


def test_acknowledging_and_coming_late(world: World, paging: Incident) -> None:
    make_due(paging, "school", "step_due")
    decide_school()
    text = get(world, "duty", page_of(paging))
    assert f"{page_of(paging)}school/acknowledge/" in text
    answer = press(world, "duty", paging, "school/acknowledge", {"eta": 30})
    assert "您接下了" in answer.content.decode()
    assert legs_of(paging)["school"].owner_id == world.members["duty"].pk
    assert f"{page_of(paging)}school/engage/" in get(world, "duty", page_of(paging))
    assert f"{page_of(paging)}school/engage/" not in get(world, "second", page_of(paging))
    late = press(world, "second", paging, "school/acknowledge", {"eta": 15})
    assert "已有人接手" in late.content.decode()
    assert legs_of(paging)["school"].owner_id == world.members["duty"].pk
    for act in ("school/still", "school/received"):
        before = list(Leg.objects.order_by("pk").values())
        answer = press(world, "duty", paging, act)
        assert "已经有人处理过了" in answer.content.decode()
        assert list(Leg.objects.order_by("pk").values()) == before


def test_an_unknown_act_or_leg_is_not_there(world: World, paging: Incident) -> None:
    for act in ("school/nothing", "moon/hold", "nothing", "school/__class__"):
        assert press(world, "duty", paging, act).status_code == 404


def test_the_second_of_two_words_is_asked_of_another_person(world: World, paging: Incident) -> None:
    press(world, "duty", paging, "false-alarm")
    mine, other = get(world, "duty", page_of(paging)), get(world, "centre", page_of(paging))
    door = f'href="{page_of(paging)}false-alarm/"'
    assert "自己不能同意自己" in mine and door not in mine
    assert world.members["duty"].name in other and door in other
    press(world, "centre", paging, "false-alarm")
    assert Incident.objects.get(pk=paging.pk).state == "false_alarm"


def test_holding_needs_a_reason_and_two_let_it_go_on(world: World, paging: Incident) -> None:
    short = client(world, "duty").post(f"{page_of(paging)}family/hold/", {"reason": "先停"})
    assert short.status_code == 422 and legs_of(paging)["family"].state == "paging"
    press(world, "duty", paging, "family/hold", {"reason": REASON})
    assert legs_of(paging)["family"].state == "held"
    assert REASON[:16] in get(world, "centre", page_of(paging))
    press(world, "duty", paging, "family/lift")
    assert f"{page_of(paging)}family/lift/" not in get(world, "duty", page_of(paging))
    assert legs_of(paging)["family"].state == "held"
    press(world, "centre", paging, "family/lift")
    assert legs_of(paging)["family"].state == "paging"


def test_what_an_outside_party_said_by_telephone_is_written_down(world: World, paging: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    assert f"{page_of(paging)}family/behalf/" in get(world, "duty", page_of(paging))
    press(world, "duty", paging, "family/behalf", {"on_behalf_of": "王女士 13900000011", "eta": 30})
    leg = legs_of(paging)["family"]
    assert (leg.state, leg.owner_id) == ("acknowledged", None)


def test_the_number_that_no_machine_dials_is_pressed_by_hand(world: World, paging: Incident) -> None:
    text = get(world, "duty", page_of(paging))
    assert 'href="tel:120"' in text and f"{page_of(paging)}medical/dialled/" in text
    press(world, "duty", paging, "medical/dialled", {"dial": "120"})
    assert Timeline.objects.get(code="dialled").facts == {"dial": "120"}
    assert f"{page_of(paging)}medical/dialled/" not in get(world, "duty", page_of(paging))


def test_grades_that_may_be_written_stand_on_the_page(world: World) -> None:
    incident = world.open(by="head", grade="major")
    press(world, "duty", incident, "grade", {"grade": "extreme", "reason": ""})
    assert Incident.objects.get(pk=incident.pk).grade == "extreme"
    assert 'value="extreme"' not in get(world, "centre", f"{page_of(incident)}grade/")
    refused = client(world, "centre").post(f"{page_of(incident)}grade/", {"grade": "major", "reason": "小"})
    assert refused.status_code == 422
    press(world, "centre", incident, "grade", {"grade": "major", "reason": REASON})
    assert Incident.objects.get(pk=incident.pk).grade == "extreme"
    press(world, "deputy", incident, "grade", {"grade": "major", "reason": REASON})
    assert Incident.objects.get(pk=incident.pk).grade == "major"


def test_closing_asks_that_every_line_is_in_somebodys_hands(world: World) -> None:
    incident = world.open(grade="general")
    decide_school()
    answer = press(world, "centre", incident, "close", {"outcome": "supported"})
    assert Incident.objects.get(pk=incident.pk).state == "open"
    assert answer.status_code == 422
    press(world, "duty", incident, "school/acknowledge", {"eta": 15})
    press(world, "duty", incident, "school/engage")
    leg = legs_of(incident)
    for kind, one in leg.items():
        if one.state == "armed":
            Leg.objects.filter(pk=one.pk).update(state="not_required", next_event="", next_at=None)
    press(world, "centre", incident, "close", {"outcome": "supported"})
    assert Incident.objects.get(pk=incident.pk).state == "closed"
    listed = get(world, "centre", BOARD)
    assert incident.number in listed
    assert press(world, "centre", incident, "reopen").status_code == 200
    assert Incident.objects.get(pk=incident.pk).state == "open"


def test_an_incident_asks_no_more_than_fifteen_questions(world: World, paging: Incident) -> None:
    legs = list(Leg.objects.filter(incident=paging))
    for number in range(40):
        leg = legs[number % len(legs)]
        step = LegStep.objects.filter(leg=leg, purpose="step").first()
        Recipient.objects.create(
            leg=leg, step=step, epoch=1, round=3, target_hash=bytes([number]) * 32, role="contact:1"
        )
    Timeline.objects.bulk_create(
        Timeline(incident=paging, leg=legs[0], code="leg.tick", by=world.members["duty"]) for _ in range(500)
    )
    browser = client(world, "duty")
    browser.get(page_of(paging))
    for path in (page_of(paging), BOARD):
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path).status_code == 200
        assert len(asked) <= MOST, "\n".join(query["sql"][:160] for query in asked)
    assert "page=2" in browser.get(page_of(paging)).content.decode()


def test_who_was_called_in_vain_is_told_that_somebody_has_it(world: World, paging: Incident) -> None:
    """Alarmed as the team about a line of others; somebody took it: no button of it is left."""
    make_due(paging, "community")
    decide_school()
    assert f"{page_of(paging)}community/acknowledge/" in get(world, "doctor", page_of(paging))
    press(world, "centre", paging, "community/acknowledge", {"eta": 15})
    text = get(world, "doctor", page_of(paging))
    assert f"{page_of(paging)}community/" not in text
    for post in ("moral", "doctor"):
        answering.decline(actor=world.actor(post), incident_id=paging.pk, kind="team")
    assert "已有人接手" in get(world, "moral", page_of(paging))


def test_every_word_of_the_timeline_has_its_sentence() -> None:
    events = {f"leg.{event.value}" for event in LegEvent}
    assert events - HAPPENED_CODES == set()
    assert {"card.words", "outside.said", "outside.colleague"} - HAPPENED_CODES == set()
    assert {event.value for event in IncidentEvent if event.value.endswith("_due")} - HAPPENED_CODES == {
        "suggestion_due"
    }


def test_every_event_of_a_person_has_its_button_or_is_named_here(world: World) -> None:
    """The table of moves is the list of what can be done: what has no act on the page is said by name."""
    elsewhere = {
        LegEvent.PERSON_AGREES: "start, with how the person agreed",
        LegEvent.TAKE: "acknowledge",
        LegEvent.WRONG_NUMBER: "pressed by outside parties",
        LegEvent.ACKNOWLEDGE_IN_PART: "acknowledge",
        LegEvent.REPORT_DONE: "pressed by outside parties",
        LegEvent.LATE_ANSWER: "nobody asks for it",
        LegEvent.START_SOON: "follows from the grade",
        LegEvent.RAISE_GRADE: "grade",
        LegEvent.LOWER_KEEPS: "grade",
        LegEvent.LOWER_ARMS: "grade",
        LegEvent.LOWER_ENDS: "grade",
        LegEvent.FALSE_ALARM_SAID: "false-alarm",
        LegEvent.FALSE_ALARM_CONFIRMED: "false-alarm",
        LegEvent.CLOSE: "close",
        LegEvent.CLOSE_FOR_GOOD: "close",
        **dict.fromkeys(
            (LegEvent.KNOWN_CALLS, LegEvent.KNOWN_SOON, LegEvent.KNOWN_WAITS, LegEvent.KNOWN_HOLDS, LegEvent.JOINED),
            "person",
        ),
        LegEvent.REOPEN: "reopen",
        LegEvent.RESUME: "drills",
        LegEvent.ABORT: "drills",
    }
    pressed = {
        LegEvent.START, LegEvent.DECLINE, LegEvent.ACKNOWLEDGE, LegEvent.ENGAGE, LegEvent.EXTEND, LegEvent.RELEASE,
        LegEvent.SIGN_OF_LIFE, LegEvent.PASS_ON, LegEvent.RECEIVED, LegEvent.BOUNCED, LegEvent.HOLD, LegEvent.LIFT,
        LegEvent.PERSON_REFUSES, LegEvent.REPLACE, LegEvent.HAND_OVER, LegEvent.HAND_OVER_ACCEPTED,
        LegEvent.HAND_OVER_DECLINED, LegEvent.HAND_OVER_UNDONE,
    }  # fmt: skip
    of_people = {event for (_state, event), move in MOVES.items() if move.by - {Who.ENGINE}}
    assert of_people == pressed | elsewhere.keys()
    assert LEG_ACTS.keys() == {
        "acknowledge", "dialled", "decline", "behalf", "engage", "engage_behalf", "still", "extend", "release", "pass_on",
        "received", "bounced", "start", "place", "words", "hold", "lift",
        "refuse", "replace", "hand_over", "take_over", "not_over", "keep", "call_by_hand",
    }  # fmt: skip
