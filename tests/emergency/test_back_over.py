"""Back, and the button again, after it is over: each page of the chain that asks before an act answers calmly, and nothing moves."""

import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import (
    Chain,
    Contact,
    DutyAway,
    DutyChange,
    DutyFeed,
    DutyHandOver,
    DutyLine,
    DutyShift,
    Expert,
    FirstWord,
    HomeCommunity,
    Incident,
    KitItem,
    KitPlace,
    Leg,
    NeverContact,
    Plan,
    Recipient,
    Report,
    Seat,
    WatchTask,
    chain_moment,
)
from referrals.emergency.receipts import receipt_hash
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.communities import set_community
from referrals.emergency.workflow.duties import write_duties
from referrals.emergency.workflow.feeds import make_feed
from referrals.emergency.workflow.never import bar_number
from referrals.emergency.workflow.plans import draft_plan, put_in_use
from referrals.emergency.workflow.receiving import Told, send_report
from tests.emergency.incident_rows import task_row
from tests.emergency.ready import agreed
from tests.emergency.rota import line_row, plan_row, shift_row
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
REASON: Final = "对方在电话里说家里人就在旁边威胁他，先不要联系家里的任何人"
CALM: Final = (
    "已经办过了",
    "已经有人处理过了",
    "已经",
    "早就",
    "说过了",
    "记下了您的意见",
    "请另一位",
    "已撤回",
    "现在就是您",
    "停下了",
    "启用过",
)
"""Words of which one is said to whoever comes back; none of them a reproach."""

Pressed = tuple[str, str, dict[str, Any]]
"""Who presses, where, and what is sent."""


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def opened(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def _take(world: World) -> Pressed:
    return "second", reverse("emergency_duty_take"), {"instead_of": str(DutyShift.objects.get(layer=1).pk)}


def _shift_end(world: World) -> Pressed:
    return "centre", reverse("emergency_shift_end", args=[DutyShift.objects.get(layer=1).pk]), {}


def _shift_remove(world: World) -> Pressed:
    return "centre", reverse("emergency_shift_remove", args=[shift_row(world.members["deputy"], begins_in=13).pk]), {}


def _seat_end(world: World) -> Pressed:
    return "centre", reverse("emergency_seat_end", args=["doctor"]), {}


def _line_end(world: World) -> Pressed:
    return "centre", reverse("emergency_line_end", args=[line_row().pk]), {}


def _line_resume(world: World) -> Pressed:
    line = line_row(is_active=False, ended_at=now())
    return "centre", reverse("emergency_line_resume", args=[line.pk]), {}


def _plan_use(world: World) -> Pressed:
    Chain.objects.update(state="rehearsal")
    agreed(world.school, world.members["centre"], "市立医院", "hospital")
    plan = draft_plan(actor=world.actor("centre"), kind="psychological", grade="general")
    return "centre", reverse("emergency_plan_use", args=[plan.pk]), {}


def _plan_discard(world: World) -> Pressed:
    return "centre", reverse("emergency_plan_discard", args=[plan_row().pk]), {}


def _plan_retire(world: World) -> Pressed:
    Chain.objects.update(state="rehearsal")
    agreed(world.school, world.members["centre"], "市立医院", "hospital")
    plan = draft_plan(actor=world.actor("centre"), kind="psychological", grade="general")
    put_in_use(actor=world.actor("centre"), plan_id=plan.pk)
    return "centre", reverse("emergency_plan_retire", args=[plan.pk]), {}


def _switch(world: World) -> Pressed:
    return "centre", reverse("emergency_chain_switch", args=["switch_off"]), {}


def _withdraw(world: World) -> Pressed:
    Chain.objects.update(wanted="off", asked_by=world.members["centre"], asked_at=now())
    return "centre", reverse("emergency_chain_withdraw"), {}


def _duties(world: World) -> DutyChange:
    day = world.school.today()
    return write_duties(
        actor=world.actor("centre"), incident_id=opened(world).pk, duties=["lessons"], starts_on=day,
        until=day + timedelta(days=3), agreed_how="今天上午当面说好，他同意先不上课",
    )  # fmt: skip


def _duties_end(world: World) -> Pressed:
    return "centre", reverse("emergency_duties_end", args=[_duties(world).pk]), {}


def _received(world: World) -> Pressed:
    return "head", reverse("my_duties_received", args=[_duties(world).pk]), {}


def _arranged(world: World) -> Pressed:
    return "head", reverse("my_duties_arranged", args=[_duties(world).pk]), {}


def _task_done(world: World) -> Pressed:
    incident = opened(world)
    return (
        "centre",
        reverse("emergency_task_done", args=[incident.pk, task_row(incident, world.members["duty"]).pk]),
        {},
    )


def _task_later(world: World) -> Pressed:
    incident = opened(world)
    task = task_row(incident, world.members["duty"], kind="plan")
    return "centre", reverse("emergency_task_later", args=[incident.pk, task.pk]), {"reason": REASON}


def _hold(world: World) -> Pressed:
    return "duty", reverse("emergency_leg_act", args=[opened(world).pk, "family", "hold"]), {"reason": REASON}


def _hand_over_done(world: World) -> Pressed:
    """Theirs is somebody else's by the time they come back."""
    incident = opened(world)
    answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    return (
        "duty",
        reverse("emergency_leg_act", args=[incident.pk, "school", "pass_on"]),
        {"receiver": "市立医院 张医生"},
    )


def _false_alarm(world: World) -> Pressed:
    return "duty", reverse("emergency_act", args=[opened(world).pk, "false-alarm"]), {}


def _person(world: World) -> Pressed:
    incident = world.open(person_id=None)
    return "duty", reverse("emergency_person", args=[incident.pk]), {"person": str(world.members["person"].pk)}


def _contact(world: World) -> Pressed:
    return "person", reverse("emergency_contact_remove", args=[world.contacts["wife"].pk]), {}


def _never(world: World) -> Pressed:
    row = bar_number(actor=world.actor("person"), phone="13911112222")
    return "person", reverse("emergency_never_lift", args=[row.pk]), {}


def _community(world: World) -> Pressed:
    station = agreed(world.school, world.members["centre"], "和平里社区", "community")
    set_community(actor=world.actor("person"), community_id=station.pk)
    return "person", reverse("emergency_community_forget"), {}


def _reports_read(world: World) -> Pressed:
    receipt = send_report(told=Told(words="他说不想活了"), danger_now=False)
    report = Report.objects.get(receipt_hash=receipt_hash(receipt))
    return "duty", reverse("emergency_reports_read", args=[report.incident_id]), {"report": str(report.pk)}


def _away_back(world: World) -> Pressed:
    today = world.school.day_of(chain_moment())
    row = DutyAway.objects.create(member=world.members["duty"], first_day=today, last_day=today)
    return "duty", reverse("emergency_away_back", args=[row.pk]), {}


def _feed_end(world: World) -> Pressed:
    make_feed(actor=world.actor("duty"))
    return "duty", reverse("emergency_feed_end"), {}


def _hand_over_read(world: World) -> Pressed:
    opened(world)
    shift = DutyShift.objects.get(holder=world.members["duty"])
    return "duty", reverse("emergency_hand_over", args=[shift.pk]), {}


def _kit_item(world: World) -> Pressed:
    place = KitPlace.objects.create(name="柜", kind="centre", keeper=world.members["centre"])
    today = world.school.day_of(chain_moment())
    item = KitItem.objects.create(place=place, kind="paper", name="卡", stock=1, checked_on=today)
    return "centre", reverse("emergency_kit_item_remove", args=[item.pk]), {}


def _expert(world: World) -> Pressed:
    row = Expert.objects.create(name="林一", kind="crisis", reach="online")
    return "centre", reverse("emergency_expert_end", args=[row.pk]), {}


ASKING: Final[Mapping[str, tuple[Callable[[World], Pressed], ...]]] = {
    "emergency_act": (_false_alarm,),
    "emergency_away_back": (_away_back,),
    "emergency_feed_end": (_feed_end,),
    "emergency_hand_over": (_hand_over_read,),
    "emergency_kit_item_remove": (_kit_item,),
    "emergency_expert_end": (_expert,),
    "emergency_chain_switch": (_switch,),
    "emergency_chain_withdraw": (_withdraw,),
    "emergency_community_forget": (_community,),
    "emergency_contact_remove": (_contact,),
    "emergency_duties_end": (_duties_end,),
    "emergency_duty_take": (_take,),
    "emergency_leg_act": (_hold, _hand_over_done),
    "emergency_line_end": (_line_end,),
    "emergency_line_resume": (_line_resume,),
    "emergency_never_lift": (_never,),
    "emergency_person": (_person,),
    "emergency_plan_discard": (_plan_discard,),
    "emergency_plan_retire": (_plan_retire,),
    "emergency_plan_use": (_plan_use,),
    "emergency_reports_read": (_reports_read,),
    "emergency_seat_end": (_seat_end,),
    "emergency_shift_end": (_shift_end,),
    "emergency_shift_remove": (_shift_remove,),
    "emergency_task_done": (_task_done,),
    "emergency_task_later": (_task_later,),
    "my_duties_arranged": (_arranged,),
    "my_duties_received": (_received,),
}

AGAIN_IS_ANOTHER: Final[Mapping[str, str]] = {
    "centre_contacts_ask": "asked at most once in seven days, and says so",
    "union_contacts_ask": "asked at most once in seven days, and says so",
    "emergency_away": "two at one time are told in the form",
    "emergency_feed_new": "another address, and the one before is dead",
    "emergency_kit_place_new": "one name once: told in the form",
    "emergency_kit_place": "its words, as often as one likes",
    "emergency_kit_item_new": "one more thing",
    "emergency_kit_item": "looked at once more",
    "emergency_expert_new": "one more expert",
    "emergency_expert": "their words, as often as one likes",
    "emergency_agreed_write": "the next version; a clash of two is told in the form",
    "emergency_chain_line": "the same line is the same line",
    "emergency_community": "a form of one's own",
    "emergency_contact_change": "a form of one's own",
    "emergency_contact_first": "first is first",
    "emergency_contact_new": "what is there already is told in the form",
    "emergency_contact_trust": "trusted is trusted",
    "emergency_duties": "two at one time are told in the form",
    "emergency_duties_renew": "two at one time are told in the form",
    "emergency_line": "its words, as often as one likes",
    "emergency_line_new": "one number once: told in the form",
    "emergency_never_colleague": "one is the same as two",
    "emergency_never_number": "one is the same as two",
    "emergency_new": "joins the one that is open",
    "emergency_plan_draft": "leads to the draft that is there",
    "emergency_relief": "what is asked for stands above the form",
    "emergency_report": "a further letter; what became an incident of its own leads there (test_report_desk)",
    "emergency_signs": "the same signs are the same signs",
    "emergency_seat": "the same appointment is told in the form",
    "emergency_sheet_print": "a further copy, with a number of its own",
    "emergency_shift_new": "two at one time are told in the form",
    "emergency_swap": "answered once, and calmly the second time (test_swaps)",
    "emergency_swap_new": "who is asked already is told in the form",
    "emergency_still_right": "yes is yes",
    "emergency_step": "a draft's own form",
    "emergency_step_move": "one more place",
    "emergency_step_new": "one more step",
    "emergency_step_remove": "stands on the page of the draft, which is drawn anew",
    "emergency_week": "two at one time are told in the form",
    "my_report": "a further report",
    # afterwards
    "emergency_review": "the next version; a clash of two is told in the form",
    "emergency_change_done": "changed is changed (test_reviews)",
    "emergency_return": "two at one time are told in the form",
    "emergency_support": "what is asked for already is told in the form",
    "emergency_progress": "written anew",
    "union_grant": "decided is decided, and calmly said (test_support)",
    "emergency_companions": "two at one time are told in the form",
    "emergency_companion_cancel": "taken out is taken out (test_companions)",
    "my_companion_act": "twice is once (test_companions)",
    "emergency_follow_up": "the talk that is there already is told (test_follow_ups)",
    "emergency_follow_up_act": "twice is once (test_follow_ups)",
    "emergency_follow_up_stop": "ended is ended, and calmly said (test_follow_ups)",
    "my_calls": "no is no",
    # drills
    "emergency_drill": "done already is told calmly (test_drill_pages)",
    "emergency_drill_change": "a form of the plan, which says that it has begun",
    "emergency_drill_new": "a further drill",
}
"""Sent again it is a further act, or a form that says what is there already."""


def names(patterns: Any) -> set[str]:
    found: set[str] = set()
    for one in patterns:
        if isinstance(one, URLResolver):
            found |= names(one.url_patterns)
        elif isinstance(one, URLPattern) and one.name:
            view = inspect.unwrap(one.callback)
            module = str(getattr(view, "__module__", ""))
            is_ours = module.startswith(("referrals.emergency.centre", "referrals.emergency.staff"))
            if is_ours and "POST" in inspect.getsource(view).partition("def ")[0]:
                found.add(one.name)
    return found


def test_every_address_that_takes_a_press_says_what_a_second_one_is() -> None:
    assert names(get_resolver("settings.urls").url_patterns) == ASKING.keys() | AGAIN_IS_ANOTHER.keys()
    assert not ASKING.keys() & AGAIN_IS_ANOTHER.keys()


WATCHED: Final = (
    Chain, Contact, DutyAway, DutyChange, DutyFeed, DutyHandOver, DutyLine, DutyShift, Expert, FirstWord, HomeCommunity, KitItem,
    Leg, NeverContact, Plan, Recipient, Report, Seat, WatchTask,
)  # fmt: skip


def stands() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in WATCHED]  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", [case for cases in ASKING.values() for case in cases], ids=lambda case: case.__name__)
def test_back_and_the_button_again_is_answered_calmly(world: World, case: Callable[[World], Pressed]) -> None:
    post, path, said = case(world)
    browser = Client(headers={"host": world.school.host}, raise_request_exception=False)
    user = world.members[post].user
    assert user is not None
    browser.force_login(user)
    asked = browser.get(path)
    assert asked.status_code in (200, 302), (path, asked.status_code)
    before = stands()
    first = browser.post(path, said, follow=True)
    assert first.status_code == 200 and first.redirect_chain, (path, first.status_code)
    after = stands()
    assert after != before, "it was done"
    if asked.status_code == 200:
        back = browser.get(path, follow=True)
        assert back.status_code == 200, (path, back.status_code)
    again = browser.post(path, said, follow=True)
    assert again.status_code == 200 and again.redirect_chain, (path, again.status_code)
    heard = [str(one) for one in again.context["messages"]]
    assert heard and any(word in "".join(heard) for word in CALM), heard
    assert stands() == after
