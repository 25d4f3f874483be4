"""A school with an open day: its organiser, a colleague who invites, and families who answer."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from content.opendays.models import Claim, Invitation, OpenDay, Party, Session
from content.opendays.rules import Band
from content.opendays.workflow.answering import Answer, answer
from content.opendays.workflow.days import Item, Plan, plan_day, publish_day, put_session
from content.opendays.workflow.inviting import invite
from kernel.clock import now
from kernel.identifiers import new_secret
from tests.conftest import actor_of, make_person


@dataclass
class World:
    """``entry`` counts everybody; ``lesson`` has few places; ``walk`` counts nobody."""

    school: Any
    organiser: Actor
    host: Actor
    day: OpenDay
    entry: Session
    lesson: Session
    walk: Session
    invitation: Invitation

    def school_noon(self) -> datetime:
        """Noon of tomorrow in the school's zone: a test that counts a day does not begin before midnight and end after it."""
        zone = ZoneInfo(self.school.time_zone)
        return datetime.combine(now().astimezone(zone).date() + timedelta(days=1), time(12), zone)


def plan(school: Any, *, days: int = 21, capacity: int = 120, **values: Any) -> Plan:
    """A Saturday morning or any other, ``days`` ahead, from nine to half past eleven."""
    zone = ZoneInfo(school.time_zone)
    day = now().astimezone(zone).date() + timedelta(days=days)
    at = lambda hour, minute=0: datetime.combine(day, time(hour, minute), zone)  # noqa: E731
    return Plan(
        **{
            "title": "来看看他们的一天",
            "summary": "走一走校园，听一节课，坐下来说说家里能帮上什么。",
            "entrance": "东门",
            "way": "滨江路 120 号，地铁 5 号线滨江站 B 口走六分钟。",
            "starts_at": at(9),
            "ends_at": at(11, 30),
            "answers_until": at(9) - timedelta(days=1),
            "capacity": capacity,
            **values,
        }
    )


def make_world(school: Any, *, capacity: int = 120, lesson: int = 6, days: int = 21) -> World:
    """Call inside ``use_tenant(school.pk)``."""
    organiser, host = actor_of(make_person(school, "union")), actor_of(make_person(school, "staff", name="李明华"))
    day = plan_day(actor=organiser, school=school, plan=plan(school, capacity=capacity, days=days))

    def item(title: str, minutes: int, room: int | None) -> Session:
        start = day.starts_at + timedelta(minutes=minutes)
        made = Item(title, start, start + timedelta(minutes=40), place="明德楼", capacity=room)
        return put_session(actor=organiser, open_day_id=day.pk, item=made)

    one, two = item("听一节课", 20, lesson), item("放松室和线上的帮助", 80, None)
    publish_day(actor=organiser, open_day_id=day.pk)
    day.refresh_from_db()
    entry = day.sessions.get(is_entry=True)
    return World(school, organiser, host, day, entry, one, two, invite(actor=host, open_day_id=day.pk))


def family(adults: int = 1, *, child: int = 0, small: int = 0, teen: int = 0, **values: Any) -> Answer:
    """What a family says."""
    counts = {Band.ADULT: adults, Band.TEEN: teen, Band.CHILD: child, Band.SMALL: small}
    return Answer(**{"counts": counts, "sessions": (), "address": "王女士", **values})


def come(world: World, said: Answer | None = None, *, invitation: Invitation | None = None) -> str:
    """Answer the invitation with a form of its own; returns the answer's secret."""
    token = (invitation or world.invitation).token
    return answer(token=token, form_key=new_secret(), said=said or family())


def another_invitation(world: World) -> Invitation:
    """Of a colleague whom nobody has seen yet."""
    return invite(actor=actor_of(make_person(world.school, "staff")), open_day_id=world.day.pk)


def taken(session: Session) -> int:
    """People with a seat there."""
    return sum(Claim.objects.filter(session=session).values_list("seats", flat=True))


def claim_of(secret: str, session: Session) -> Claim:
    """The family's claim there."""
    from content.opendays.links import party_of

    party: Party = party_of(secret)
    return Claim.objects.get(party=party, session=session)
