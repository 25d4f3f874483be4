"""A school in the middle of an emergency, in a house of its own: nobody answers, somebody is called, somebody has it, it has ended."""

from datetime import timedelta

from accounts.models import Department, Membership, User
from demo.worlds import agree
from families.models import Consent
from kernel.clock import local_day, now
from partners.models import Service
from partners.workflow import add_service
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Leg, WatchTask
from referrals.emergency.workflow import agreeing, answering, by_hand, ending, grading, handing_over, holding, tasks
from referrals.emergency.workflow.duties import receive_duties, renew_duties, write_duties
from referrals.emergency.workflow.moving import chain_now
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.rota import line_row
from tests.emergency.world import World, make_due, make_world
from tests.fixtures_journey import Journey, make_institution
from tests.journeys.conftest import new_school
from tests.journeys.town_after import after_paths
from tests.journeys.town_report import report_paths

_NAMES = {
    "person": "许老师", "duty": "周老师", "second": "沈老师", "centre": "陈主任", "deputy": "何老师", "principal": "顾校长",
    "moral": "方主任", "doctor": "郑校医", "head": "林主任",
}  # fmt: skip
_SEEN = "两天没有来上课，电话里说不想活了；下午有人看见他一个人在北楼天台。"


def emergency_town() -> tuple[Tenant, dict[str, User], dict[str, str]]:
    """The school, who signs in there (``chain_…``), and the addresses of its incidents."""
    tenant, journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
        for post, name in _NAMES.items():
            Membership.objects.filter(pk=world.members[post].pk).update(name=name, title=name)
        # A head names whom they may find: those of their own department.
        of_head = Membership.objects.values("department_id").filter(pk=world.members["head"].pk)
        Membership.objects.filter(pk=world.members["moral"].pk).update(department_id=of_head)
        worst = _worst(world)
        calling = world.open(by="head", grade="major", person_id=world.members["moral"].pk, home="unknown")
        decide_school()
        _back(calling, "school", 4)
        answering_ = world.open(by="duty", grade="general", person_id=world.members["doctor"].pk)
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=answering_.pk, kind="school", eta=30)
        ended = world.open(by="duty", grade="major", person_id=world.members["deputy"].pk)
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=ended.pk)
        unknown = world.open(
            by="duty", grade="extreme", person_id=None, home="unknown", signs="天台边上坐着一位老师，门卫看不清是谁"
        )
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=unknown.pk, kind="school", eta=15)
        more = _beside(world, worst, calling, answering_, ended)
        duties = _change_duties(world, worst)
        service = _home_help(journey)
        reported = report_paths(world)
        afterwards = after_paths(world, worst)
    people = {f"chain_{post}": member.user for post, member in world.members.items() if member.user}
    base = "/centre/emergency/"
    paths = {
        "incident": f"{base}{worst.pk}/",
        "incident_called": f"{base}{calling.pk}/",
        "incident_ended": f"{base}{ended.pk}/",
        "incident_unknown": f"{base}{unknown.pk}/",
        "incident_taken": f"{base}{answering_.pk}/",
        **more,
        **reported,
        **afterwards,
        "incident_relief": f"{base}{worst.pk}/relief/?service={service.pk}",
        "incident_duties": duties,
        "incident_person": str(world.members["principal"].pk),
    }
    return tenant, people, paths


def _beside(world: World, worst: Incident, called: Incident, taken: Incident, ended: Incident) -> dict[str, str]:
    """What is done beside the calls: a hand-over asked for, a held leg, a contact called by hand, a plan, a telling."""
    line_row("+8657187654321", name="市七院心理科值班", kind="district")
    brother = world.contacts["brother"]
    Consent.objects.filter(relative=brother.relative).update(state="refused")
    by_hand.call_by_hand(
        actor=world.actor("duty"),
        incident_id=worst.pk,
        contact_id=brother.pk,
        reason="第一联系人不接，本人就在天台边上，只有弟弟住在附近",
    )
    answering.engage(actor=world.actor("doctor"), incident_id=worst.pk, kind="team")
    handing_over.ask_to_take_over(
        actor=world.actor("duty"), incident_id=worst.pk, kind="school", colleague_id=world.members["moral"].pk
    )
    holding.hold(
        actor=world.actor("duty"),
        incident_id=called.pk,
        kind="medical",
        reason="本人和医院值班的人认识，先不要找这家医院的人",
    )
    agreeing.write_plan(
        actor=world.actor("centre"),
        incident_id=taken.pk,
        agreed_on=world.school.today(),
        words={
            "signs": "连着两晚睡不着，不想接电话。",
            "person": "先给弟弟打电话；打不通就打 12356；不一个人待着。",
            "family": "弟弟当晚过来住；药由弟弟收着。",
            "centre": "每周三下午见一面；第一个月每天发一条短信问好。",
        },
    )
    told = WatchTask.objects.get(incident=ended, kind="tell")
    tasks.finish(actor=world.actor("centre"), task_id=told.pk)
    task = WatchTask.objects.get(incident=worst, kind="tell_both")
    return {"incident_contact": str(brother.pk), "incident_task": str(task.pk)}


def _worst(world: World) -> Incident:
    """Extreme: the school is there, the family is called, nobody of the medical line answers, the community came."""
    incident = world.open(
        by="head", signs=_SEEN, place="elsewhere", place_words="杭州西溪路 18 号门口", company="colleague"
    )
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=15)
    grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
    decide_school()
    for post in ("centre", "doctor"):
        answering.acknowledge(actor=world.actor(post), incident_id=incident.pk, kind="team")
    answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    answering.acknowledge(
        actor=world.actor("duty"),
        incident_id=incident.pk,
        kind="community",
        eta=15,
        on_behalf_of="和平社区值班 0571-8765",
    )
    while Leg.objects.get(incident=incident, kind="medical").state == "paging":
        make_due(incident, "medical")
        decide_school()
    _back(incident, "medical", 14)
    _back(incident, "family", 1)
    ago = chain_now() - timedelta(minutes=16)
    Incident.objects.filter(pk=incident.pk).update(opened_at=ago, found_at=ago - timedelta(minutes=11))
    return incident


def _change_duties(world: World, incident: Incident) -> str:
    """One that is received, and one that is still to come; of the department of whoever reported."""
    department = Department.objects.create(name="语文组")
    pks = [world.members[post].pk for post in ("person", "head")]
    Membership.objects.filter(pk__in=pks).update(department=department)
    day = world.school.day_of(chain_now())
    centre, how = world.actor("centre"), "上午在心理中心当面商定"
    first = write_duties(
        actor=centre, incident_id=incident.pk, duties=["lessons", "evening"], starts_on=day,
        until=day + timedelta(days=13), agreed_how=how,
    )  # fmt: skip
    receive_duties(actor=world.actor("head"), change_id=first.pk)
    return str(renew_duties(actor=centre, change_id=first.pk, until=day + timedelta(days=27), agreed_how=how).pk)


def _home_help(journey: Journey) -> Service:
    """What the relief pool can be asked for."""
    institution = make_institution("home_service", operator=journey.operator)
    with use_tenant(journey.platform.pk):
        service = add_service(
            actor=journey.operator, institution_id=institution.pk, name="上门家政", kind="home_help",
            list_fee_fen=5_000, unit="hour", minutes=60,
        )  # fmt: skip
    today = local_day(now())
    days = (today - timedelta(30), today + timedelta(300))
    agree(journey.union, journey.finance, institution.pk, {service.pk: 5_000}, days)
    return service


def _back(incident: Incident, kind: str, minutes: int) -> None:
    Leg.objects.filter(incident=incident, kind=kind).update(since=chain_now() - timedelta(minutes=minutes))
