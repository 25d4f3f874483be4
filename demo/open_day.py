"""The demo schools' next open day, three weeks ahead on a Saturday, with families who have answered. Own writing."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from content.opendays.rules import Band
from content.opendays.workflow.answering import Answer, answer
from content.opendays.workflow.days import Item, Plan, plan_day, publish_day, put_session
from content.opendays.workflow.inviting import invite
from demo.persons import Names
from kernel.clock import as_of
from tenancy.models import Tenant

_SATURDAY: Final = 5
_WEEKS: Final = timedelta(weeks=3)
_PROGRAMME: Final = (
    (20, 40, "走一走校园", "教学楼、食堂、办公室。二十人一队。", 20),
    (20, 40, "听一节课", "坐在最后一排，手机静音。", 8),
    (80, 40, "坐下来说说：家里能帮上什么", "八人一桌，心理中心的老师陪着。想听就听，不点名。", 24),
    (80, 60, "放松室和线上的帮助", "随时进，随时走。孩子有绘本角。", None),
    (130, 20, "合影，愿意的来", "不想拍照的，胸牌上有一片叶子，我们会避开。", None),
)
"""Minutes after nine, minutes long, title, note, places."""
_FAMILIES: Final = ((2, 1, 0), (1, 0, 1), (2, 0, 0), (1, 1, 0), (2, 1, 1))
"""Grown-ups, children, small children."""


def plan_open_day(school: Tenant, *, union: Actor, hosts: list[Actor], names: Names, today: datetime) -> str:
    """Plan, publish and answer in the open school, yesterday; returns the secret of the first host's invitation."""
    zone = ZoneInfo(school.time_zone)
    day = (today + _WEEKS).astimezone(zone).date()
    day += timedelta(days=(_SATURDAY - day.weekday()) % 7)
    nine = datetime.combine(day, time(9), zone)
    with as_of(today - timedelta(days=1)):
        plan = Plan(
            title="来看看他们的一天",
            summary="走一走校园，听一节课，坐下来说说家里能帮上什么。",
            entrance="东门",
            way="东门进来没有台阶。开车来的，请在报名时留车牌，车停操场。",
            starts_at=nine,
            ends_at=nine + timedelta(minutes=150),
            answers_until=nine - timedelta(days=1),
            capacity=120,
        )
        open_day = plan_day(actor=union, school=school, plan=plan)
        sessions = []
        for begins, minutes, title, note, places in _PROGRAMME:
            start = nine + timedelta(minutes=begins)
            item = Item(title, start, start + timedelta(minutes=minutes), note=note, capacity=places)
            sessions.append(put_session(actor=union, open_day_id=open_day.pk, item=item))
        publish_day(actor=union, open_day_id=open_day.pk)
        links = [invite(actor=host, open_day_id=open_day.pk).token for host in hosts]
        for number, (adults, children, small) in enumerate(_FAMILIES):
            said = Answer(
                counts={Band.ADULT: adults, Band.CHILD: children, Band.SMALL: small},
                sessions=[sessions[number % 3].pk],
                address=f"{names.new()[0]}{'女士' if number % 2 else '先生'}",
                may_wait=True,
            )
            answer(token=links[number % len(links)], form_key=f"demo {number}", said=said)
    return links[0]
