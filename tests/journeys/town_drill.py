"""A school with three drills, in a house of its own: one is planned, one runs and is played by all parties, one is over."""

from datetime import timedelta

from accounts.models import Membership, User
from kernel.clock import now
from referrals.emergency.drill_scenarios import WRITTEN
from referrals.emergency.models import Drill, Scenario, Timeline
from referrals.emergency.workflow import answering, drill_review, drilling, grading
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.drill_steps import begun, incident_of, planned, work
from tests.emergency.outside_steps import add_outside_parties
from tests.emergency.world import World, make_world
from tests.journeys.conftest import new_school

_NAMES = {
    "person": "许老师", "duty": "周老师", "second": "沈老师", "centre": "陈主任", "deputy": "何老师", "principal": "顾校长",
    "moral": "方主任", "doctor": "郑校医", "head": "林主任",
}  # fmt: skip
_LEARNT = "从定等级到家里接到用了九分钟，其中四分钟在找社区的值班电话。扮演医院的同事没有看到消息，因为没有打开“消息”。"


def drill_town() -> tuple[Tenant, dict[str, User], dict[str, str]]:
    """The school, who signs in there (``drill_…``), and the addresses of its drills."""
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
        for post, name in _NAMES.items():
            Membership.objects.filter(pk=world.members[post].pk).update(name=name, title=name)
        world = World(tenant, {post: Membership.objects.get(pk=row.pk) for post, row in world.members.items()})
    add_outside_parties(world)
    with use_tenant(tenant.pk):
        over = _over(world)
        running = _running(world)
        written = WRITTEN[Scenario.BREAKDOWN]
        coming = planned(
            world, title=written.title, scenario="breakdown", briefing=written.briefing, signs=written.signs,
            messages=written.messages, planned_for=now() + timedelta(days=12),
        )  # fmt: skip
        drilling.confirm_briefing(actor=world.actor("duty"), drill_id=coming.pk)
        incident = incident_of(running)
    base = "/centre/emergency/"
    people = {f"drill_{post}": member.user for post, member in world.members.items() if member.user}
    return tenant, people, {
        "drill_planned": f"{base}drills/{coming.pk}/",
        "drill_running": f"{base}drills/{running.pk}/",
        "drill_over": f"{base}drills/{over.pk}/",
        "drill_incident": f"{base}{incident.pk}/",
    }  # fmt: skip


def _over(world: World) -> Drill:
    """Played to its end, with a fault, what was learnt and two changes."""
    drill = begun(world, title="开学后的演练", scenario="suicide")
    leader, one = world.actor("deputy"), incident_of(drill).pk
    drilling.set_fault(actor=leader, drill_id=drill.pk, leg="family", position=0, fault="no_answer")
    answering.acknowledge(actor=world.actor("duty"), incident_id=one, kind="school", eta=15)
    grading.write_grade(actor=world.actor("duty"), incident_id=one, grade="extreme")
    work()
    answering.engage(actor=world.actor("duty"), incident_id=one, kind="school")
    answering.acknowledge(actor=world.actor("head"), incident_id=one, kind="community", eta=30)
    assert Timeline.objects.filter(incident_id=one, code="drill.fault").exists()
    drilling.end(actor=leader, drill_id=drill.pk)
    drill_review.write_learnt(actor=leader, drill_id=drill.pk, words=_LEARNT)
    day = world.school.day_of(now())
    for what, who, days in (("社区值班电话贴到值班室门后", "moral", 7), ("参加的人开始前先打开“消息”", "duty", 14)):
        made = drill_review.add_change(
            actor=leader, drill_id=drill.pk, what=what, who_id=world.members[who].pk, until=day + timedelta(days=days)
        )
    drill_review.change_done(actor=world.actor("duty"), change_id=made.pk)
    return drill


def _running(world: World) -> Drill:
    """In its fifth minute: the school has it, family and hospital are called, one message was given."""
    written = WRITTEN[Scenario.SUICIDE]
    drill = begun(
        world, title=written.title, scenario="suicide", briefing=written.briefing, signs=written.signs,
        messages=written.messages, place="home", danger_now=True,
    )  # fmt: skip
    one = incident_of(drill).pk
    answering.acknowledge(actor=world.actor("duty"), incident_id=one, kind="school", eta=15)
    grading.write_grade(actor=world.actor("duty"), incident_id=one, grade="extreme")
    work()
    answering.acknowledge(actor=world.actor("moral"), incident_id=one, kind="family", eta=30)
    began = now() - timedelta(minutes=5)
    Drill.objects.filter(pk=drill.pk).update(begun_at=began, next_at=began + timedelta(minutes=4))
    work()
    return drill
