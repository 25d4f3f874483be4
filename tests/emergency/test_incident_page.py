"""An incident's page: what is pressed on it by whom, what comes late, what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referrals.emergency.centre.incident_acts import LEG_ACTS
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.incident_texts import HAPPENED_CODES
from referrals.emergency.models import Incident, Leg, LegStep, Recipient, Timeline
from referrals.emergency.rules.incident_moves import IncidentEvent
from referrals.emergency.rules.leg_states import LegEvent, Who
from referrals.emergency.rules.moves import MOVES
from referrals.emergency.workflow import answering
from tests.emergency.test_board import BOARD, MOST, REASON, client, get, page_of, press
from tests.emergency.world import World, legs_of, make_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


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


def test_no_page_of_what_is_real_says_that_nothing_has_happened(world: World, paging: Incident) -> None:
    for path in (page_of(paging), BOARD):
        assert 'class="band"' not in get(world, "duty", path), path


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
        browser.get(path)  # the school's calendar and line are remembered for a few seconds
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
        "suggestion_due",
        "freeze_due",
    }, "the grade's own row says the one, the drill's own row the other"


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
        LegEvent.RAISE_HOLDS: "grade",
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
        LegEvent.REOPEN: "reopen, again",
        **dict.fromkeys(
            (LegEvent.RESUME, LegEvent.RESUME_WAITS, LegEvent.RESUME_SOON, LegEvent.RESUME_HOLDS), "drills"
        ),
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
        "received", "bounced", "start", "place", "words", "read_out", "hold", "lift",
        "refuse", "replace", "hand_over", "take_over", "not_over", "keep", "call_by_hand", "again",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "said"), [(12, "12 分钟后报告"), (30, "30 分钟后报告"), (31, "31 分钟后报告，超过 30 分钟")]
)
def test_a_heads_clock_of_thirty_minutes_is_said_before_and_afterwards(minutes: int, said: str, world: World) -> None:
    """Chain §1: a head reports within thirty minutes of noticing it."""
    assert "30 分钟内" in get(world, "head", "/my/report/")
    incident = world.open(by="head", grade="major")
    Incident.objects.filter(pk=incident.pk).update(found_at=incident.opened_at - timedelta(minutes=minutes, seconds=5))
    text = get(world, "duty", page_of(incident))
    assert said in text and ("超过 30 分钟" in text) is (minutes > 30)
