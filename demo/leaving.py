"""Who left a school of the demo: what still runs for them by their own link, and a child's place that passes to a colleague."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from accounts.actor import Actor, system_in
from accounts.models import Department, Membership
from demo.history import Clockwork, Story
from demo.setup import Ground, make_member
from families.workflow import register_child
from kernel.clock import as_of
from people.workflow import MemberFields, update_member
from referrals.models import ChildPlace, Referral
from referrals.workflow.leaver_links import send_first_link
from referrals.workflow.passing_on import ask_guardians, offered, take_over

_TALKS: Final = "个人心理咨询"
_CARE: Final = "课后托管（按次）"
_LEAVERS: Final = 700
"""First number in the staff list of those who leave."""


def tell_leaving(ground: Ground, slug: str, clockwork: Clockwork, *, today: datetime, random: Random) -> list[Actor]:
    """Inside one school's scope. Three left yesterday: one with a talk to come, two whose child's place a colleague is asked for;
    ``staff2`` has taken the first over, ``staff`` is still to answer.
    """
    story = Story(ground, ground.schools[slug], random, clockwork, today)
    people = ground.people[slug]
    gone = [_member(story, number) for number in range(3)]
    talk = _booked(story, gone[0], _TALKS, days=7)
    taken, waits = (
        _place(story, gone[1], people["staff2"], days=8, born=date(today.year - 7, 9, 12)),
        _place(story, gone[2], people["staff"], days=11, born=date(today.year - 8, 4, 2)),
    )
    last = story.tenant.day_of(today) - timedelta(days=1)
    for person in gone:
        with as_of(today - timedelta(days=3)):
            _leave(people["admin"], person, last)
    machine = system_in(story.tenant.pk)
    for referral in (talk, taken, waits):
        with as_of(today - timedelta(hours=3)):
            ask_guardians(actor=machine, tenant=story.tenant, referral_id=referral.pk)
            send_first_link(actor=machine, tenant=story.tenant, membership_id=referral.person_id)
    with as_of(today - timedelta(hours=2)):
        place = ChildPlace.objects.get(referral=taken)
        said = offered(people["staff2"], story.tenant, place)
        assert said is not None
        take_over(actor=people["staff2"], tenant=story.tenant, place_id=place.pk, token=said.token)
    return gone


def _member(story: Story, number: int) -> Actor:
    departments = list(Department.objects.order_by("name", "pk"))
    address = f"left{number + 1}@{story.tenant.slug}.example"
    return make_member(story.ground, story.tenant, address, ("staff",), departments, _LEAVERS + number)


def _booked(story: Story, person: Actor, name: str, *, days: int) -> Referral:
    start = story.slot(name, story.today + timedelta(days=days))
    referral = story.ask(person, name, asked=story.today - timedelta(days=5, hours=3), start=start)
    story.confirm(
        referral,
        at=story.today - timedelta(days=4, hours=20),
        start=start,
        minutes=min(story.ground.services[name].minutes, 180),
    )
    referral.refresh_from_db()
    return referral


def _place(story: Story, parent: Actor, other: Actor, *, days: int, born: date) -> Referral:
    """Two colleagues have entered the same child; one of them has booked."""
    name = story.ground.names.new(parent.display_name[0])
    with as_of(story.today - timedelta(days=9)):
        for guardian in (parent, other):
            register_child(actor=guardian, name=name, born=born)
    return _booked(story, parent, _CARE, days=days)


def _leave(admin: Actor, person: Actor, last: date) -> None:
    member = Membership.objects.get(pk=person.membership_id)
    fields = MemberFields(
        name=member.name,
        title=member.title,
        roles=frozenset(member.roles),
        department_id=member.department_id,
        staff_no=member.staff_no,
        left_on=last,
    )
    update_member(actor=admin, membership_id=member.pk, fields=fields)
