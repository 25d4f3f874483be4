"""One emergency of the demo, from a head's report to its end: by the writers and the engine's own round, at its own minutes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from accounts.models import Membership
from demo.chain_time import Clock
from kernel.clock import as_of
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import DutyChange, FollowUp, Incident, WatchTask
from referrals.emergency.rota import duty_at
from referrals.emergency.workflow.answering import acknowledge, engage, pass_on, received
from referrals.emergency.workflow.duties import arrange_duties, receive_duties, write_duties
from referrals.emergency.workflow.ending import assess, close
from referrals.emergency.workflow.following_up import record_talk
from referrals.emergency.workflow.grading import start_leg, write_grade
from referrals.emergency.workflow.holding import write_meeting_place
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.opening import open_incident
from referrals.emergency.workflow.reviewing import Change, write_review
from referrals.emergency.workflow.tasks import finish
from tenancy.models import Tenant

LATELY: Final = range(8, 15)
"""So many days ago: long enough to be past, lately enough that what changed of the person's duties still holds."""

_FRIDAY: Final = 4
_BEGAN: Final = time(14, 2)
_SEEN: Final = "第二节课后一个人在办公室哭，说“撑不下去了”，没有说要伤害自己。这两周瘦了很多，昨天的教研会没有来。"
_CALMER: Final = "面谈一小时，情绪平稳下来，没有具体打算；爱人已到校，今晚有人陪。"


def tell_incident(
    school: Tenant, cast: Mapping[str, Actor], staff: Sequence[Actor], clock: Clock, *, today: date
) -> None:
    """Inside the school's scope, whose chain was live by then; ``staff`` are those of whom one is helped."""
    person = _somebody(staff, cast["head"])
    began = _workday(school, cast, today)
    if person is None or began is None:
        return

    def at(minutes: int, act: Callable[[], object], *, days: int = 0) -> None:
        moment = began + timedelta(days=days, minutes=minutes)
        clock.stand_at(moment)
        with as_of(moment):
            act()
            decide_school()

    opening = Opening(
        kind="psychological",
        grade="major",
        found_at=began - timedelta(minutes=17),
        signs=_SEEN,
        person_id=person.membership_id,
        home="safe",
        place="school",
        place_words="北楼三层，语文组办公室",
        company="colleague",
    )
    at(0, lambda: open_incident(actor=cast["head"], opening=opening))
    one = Incident.objects.get(person_id=person.membership_id)
    _help(one, cast, at)
    _lighten(one, cast, school.day_of(began) + timedelta(days=1), at)
    at(200, lambda: close(actor=cast["centre"], incident_id=one.pk, outcome="supported"), days=1)
    _follow(one, cast, at)


def _help(one: Incident, cast: Mapping[str, Actor], at: Callable[..., None]) -> None:
    """What the school and the family did."""
    pk, centre, duty = one.pk, cast["centre"], cast["duty"]
    at(2, lambda: acknowledge(actor=duty, incident_id=pk, kind="school", eta=15))
    at(6, lambda: write_grade(actor=duty, incident_id=pk, grade="major"))
    at(13, lambda: engage(actor=duty, incident_id=pk, kind="school"))
    agreed = "14:25 在办公室当面同意：可以告诉家里，请家人下班前来接。"
    at(24, lambda: start_leg(actor=duty, incident_id=pk, kind="family", agreed_how=agreed))
    behalf = "家人，回电到值班室"
    at(27, lambda: acknowledge(actor=duty, incident_id=pk, kind="family", eta=60, on_behalf_of=behalf))
    at(30, lambda: write_meeting_place(actor=duty, incident_id=pk, words="北楼一层会客室，有老师在门口等"))
    at(71, lambda: engage(actor=duty, incident_id=pk, kind="family", on_behalf_of=behalf))
    at(98, lambda: assess(actor=duty, incident_id=pk))
    at(104, lambda: write_grade(actor=centre, incident_id=pk, grade="general", reason=_CALMER))
    home = "由家人陪同回家；当晚八点心理中心打电话问平安"
    at(118, lambda: pass_on(actor=duty, incident_id=pk, kind="school", receiver=home))
    at(360, lambda: received(actor=centre, incident_id=pk, kind="school", came=True))
    at(-4 * 60, lambda: assess(actor=duty, incident_id=pk), days=1)


def _follow(one: Incident, cast: Mapping[str, Actor], at: Callable[..., None]) -> None:
    """What goes on afterwards: the person is told, the case is looked back on, the weekly talks have begun."""
    centre, duty = cast["centre"], cast["duty"]
    tell = WatchTask.objects.get(incident=one, kind="tell")
    at(60, lambda: finish(actor=duty, task_id=tell.pk), days=2)
    words = {
        "well": "十二分钟就见到了本人；家人当天接走，晚上有电话问平安。",
        "waited": "家人那条线等本人点头等了十分钟，应当如此。代课到第二天才安排好。",
    }
    doer = centre.membership_id
    assert doer is not None

    def look_back() -> None:
        change = Change("把代课安排写进值班手册，当天就通知", doer, one.opened_at.date() + timedelta(days=30))
        write_review(actor=centre, incident_id=one.pk, words=words, changes=[change])

    at(90, look_back, days=4)
    talks = FollowUp.objects.get(incident=one)
    said = "睡眠好一些，周末和家人去了郊外；还不想接电话。"
    at(30, lambda: record_talk(actor=duty, follow_up_id=talks.pk, seen=0, went="better", words=said), days=6)


def _lighten(one: Incident, cast: Mapping[str, Actor], day: date, at: Callable[..., None]) -> None:
    """What changes of the person's duties from the next day on, and who arranged it."""
    centre, head = cast["centre"], cast["head"]

    def write() -> None:
        write_duties(
            actor=centre,
            incident_id=one.pk,
            duties=("lessons", "evening"),
            starts_on=day,
            until=day + timedelta(days=27),
            agreed_how="上午在心理中心当面商定：代课四周，不排晚自习。",
        )

    at(-3 * 60, write, days=1)
    change = DutyChange.objects.get(incident=one)
    at(-3 * 60 + 25, lambda: receive_duties(actor=head, change_id=change.pk), days=1)
    at(10, lambda: arrange_duties(actor=head, change_id=change.pk), days=1)


def _workday(school: Tenant, cast: Mapping[str, Actor], today: date) -> datetime | None:
    """The latest afternoon, before a workday, on which the psychologist had the first turn; None for none."""
    for ago in LATELY:
        day = today - timedelta(days=ago)
        began = datetime.combine(day, _BEGAN, ZoneInfo(school.time_zone))
        turn = duty_at(school, began).get(1)
        if day.weekday() < _FRIDAY and turn is not None and turn.who == cast["duty"].membership_id:
            return began
    return None


def _somebody(staff: Sequence[Actor], head: Actor) -> Actor | None:
    """Of the head's own department, with somebody at home who agreed to be called."""
    department = Membership.objects.values_list("department_id", flat=True).get(pk=head.membership_id)
    keys = set(
        Membership.objects.filter(pk__in=[one.membership_id for one in staff], department_id=department).values_list(
            "pk", flat=True
        )
    )
    agreed = [one for place, one in enumerate(staff) if place % 5 < 3 and one.membership_id in keys]
    return agreed[0] if agreed else None
