"""A drill of the demo that was played to its end, with its report: by the writers and the engine's own round (14.10)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from demo.chain_time import Clock
from kernel.clock import as_of
from notifications.models import Channel
from referrals.emergency.drill_scenarios import WRITTEN
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.drill_clocks import decide_drills
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Drill, DrillChange, Recipient, Scenario, chain_moment
from referrals.emergency.workflow.answering import acknowledge, engage
from referrals.emergency.workflow.drill_review import add_change, change_done, write_learnt
from referrals.emergency.workflow.drilling import Plan, begin, confirm_briefing, end, plan_drill, set_fault
from referrals.emergency.workflow.grading import write_grade
from tenancy.models import Tenant

DAYS_AGO: Final = range(4, 8)
"""A workday after what was real, which ended a week ago; of the two changes that were agreed one is done and one is due."""

_SATURDAY: Final = 5

_AT: Final = time(15, 30)
_PLAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "duty": ("self",),
    "centre2": ("self",),
    "principal": ("self",),
    "doctor": ("self", "partner"),
    "moral": ("self", "contact:1"),
    "head": ("contact:2", "home_community", "line", "operator"),
}
"""``centre`` leads. Who is on duty that afternoon is one of the three who take the days."""

_LEARNT: Final = (
    "定等级用了 4 分半，在时限内。家里第一位没有人接，第二位第 4 分钟接到；社区 5 分钟、医院 10 分钟，三处都超过 2 分钟："
    "社区的值班电话翻了两处才找到，扮演医院的同事没有打开“消息”。大家都说“已拨”前要先说清地址，下次写进演练说明。"
)


def tell_drill(school: Tenant, cast: Mapping[str, Actor], clock: Clock, *, today: date) -> None:
    """Inside the school's scope, whose chain was live by then and where nothing real is open."""
    days = (today - timedelta(days=ago) for ago in DAYS_AGO)
    day = next(day for day in days if day.weekday() < _SATURDAY)
    began = datetime.combine(day, _AT, ZoneInfo(school.time_zone))
    if began <= chain_moment() + timedelta(hours=2):
        return

    def at(minutes: float, act: Callable[[], object], *, days: int = 0) -> None:
        moment = began + timedelta(days=days, minutes=minutes)
        clock.stand_at(moment)
        with as_of(moment):
            act()
            decide_drills()
            decide_school()
            send_due(Channel.IN_APP)

    made: list[Drill] = []
    at(-60, lambda: made.append(_planned(cast, began)))
    pk, leader = made[0].pk, cast["centre"]
    at(-50, lambda: [confirm_briefing(actor=cast[post], drill_id=pk) for post in _PLAYS])
    at(-5, lambda: set_fault(actor=leader, drill_id=pk, leg="family", position=0, fault="no_answer"))
    at(0, lambda: begin(actor=leader, drill_id=pk))
    one = Drill.objects.get(pk=pk).incident_id
    assert one is not None
    first = _who_is_called(cast)
    at(1.5, lambda: acknowledge(actor=first, incident_id=one, kind="school", eta=15))
    at(6, lambda: write_grade(actor=cast["duty"], incident_id=one, grade="extreme"))
    at(8.2, lambda: None)
    at(10, lambda: acknowledge(actor=cast["head"], incident_id=one, kind="family", eta=15))
    at(11, lambda: acknowledge(actor=cast["head"], incident_id=one, kind="community", eta=30))
    at(12, lambda: engage(actor=first, incident_id=one, kind="school"))
    at(16, lambda: acknowledge(actor=cast["doctor"], incident_id=one, kind="medical", eta=15))
    at(19, lambda: engage(actor=cast["head"], incident_id=one, kind="family"))
    at(31, lambda: end(actor=leader, drill_id=pk))
    at(60, lambda: write_learnt(actor=leader, drill_id=pk, words=_LEARNT))
    _agree(pk, cast, day, at)


def _planned(cast: Mapping[str, Actor], began: datetime) -> Drill:
    written = WRITTEN[Scenario.SUICIDE]
    players = [
        (member, part) for post, parts in _PLAYS.items() for part in parts if (member := cast[post].membership_id)
    ]
    plan = Plan(
        title="期中后的演练",
        scenario=Scenario.SUICIDE,
        planned_for=began,
        briefing=written.briefing,
        abort_word="停止演练",
        signs=written.signs,
        players=players,
        place=written.place,
        danger_now=True,
        messages=written.messages,
    )
    return plan_drill(actor=cast["centre"], plan=plan)


def _who_is_called(cast: Mapping[str, Actor]) -> Actor:
    """Whoever of those who play was called first on the school's line."""
    called = Recipient.objects.filter(is_drill=True, leg__kind="school").order_by("paged_at", "pk")
    members = list(called.values_list("member_id", flat=True))
    return next((one for one in cast.values() if one.membership_id in members[:1]), cast["duty"])


def _agree(pk: UUID, cast: Mapping[str, Actor], day: date, at: Callable[..., None]) -> None:
    leader = cast["centre"]
    changes: list[DrillChange] = []
    for what, who, days in (
        ("社区和医院的值班电话贴到值班室门后", "moral", 2),
        ("参加的人开始前先打开“消息”", "doctor", 14),
    ):
        until = day + timedelta(days=days)
        member = cast[who].membership_id
        assert member is not None
        at(
            65,
            lambda what=what, member=member, until=until: changes.append(
                add_change(actor=leader, drill_id=pk, what=what, who_id=member, until=until)
            ),
        )
    at(-60, lambda: change_done(actor=cast["moral"], change_id=changes[0].pk), days=2)
