"""What goes on when an incident has ended: weekly talks, a review, support, companions of one that goes on."""

from datetime import timedelta

from accounts.models import Department
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import FollowUp, Incident, Leg, LegStep, Recipient, UnionGrant, WatchTask
from referrals.emergency.workflow import answering, companions, ending, following_up, tasks
from referrals.emergency.workflow.duties import write_return
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.reviewing import Change, write_review
from referrals.emergency.workflow.support import ask_care, ask_grant
from tests.conftest import make_person
from tests.emergency.world import World

_YES = "周三下午在中心当面说好，她愿意。"


def after_paths(world: World, goes_on: Incident) -> dict[str, str]:
    """Two that have ended, of ``chain_after`` and ``chain_quiet``, who wants no talks; who stays with the person of ``goes_on``."""
    school = world.school
    department = Department.objects.create(name="数学组")
    for post, roles, name in (
        ("after", ("staff",), "苏老师"), ("quiet", ("staff",), "曹老师"), ("union", ("staff", "union"), "唐主席"),
        ("leads", ("staff", "head"), "钱主任"),
    ):  # fmt: skip
        world.members[post] = make_person(school, *roles, name=name, department=department if post != "union" else None)
    ended, refused = _closed(world, "after", "supported"), _closed(world, "quiet", "refused_watch")
    row = FollowUp.objects.get(incident=ended)
    for number, (went, words) in enumerate(
        (
            ("not_reached", "打了两次没有接，留了言。"),
            ("same", "睡得还是浅，饭吃得下了。"),
            ("better", "回来上了两节课，说心里踏实一些。"),
        )
    ):
        following_up.record_talk(
            actor=world.actor("duty"), follow_up_id=row.pk, seen=number, went=went, words=words
        )  # fmt: skip
    late = chain_now() - timedelta(days=1)
    FollowUp.objects.filter(pk=row.pk).update(due_at=late, until=school.today() + timedelta(days=9))
    task = WatchTask.objects.get(incident=ended, kind="tell")
    tasks.finish(actor=world.actor("duty"), task_id=task.pk)
    write_review(
        actor=world.actor("centre"),
        incident_id=ended.pk,
        words={"well": "第一位值班老师两分钟就接了，家长当晚过来。", "waited": "校医线等了九分钟：手机静音。"},
        changes=[
            Change("给校医配一部不静音的值班手机", world.members["principal"].pk, school.today() + timedelta(days=7)),
            Change("把地址写进卡片，不要再打电话问", world.members["centre"].pk, school.today() + timedelta(days=3)),
        ],
    )
    ask_grant(actor=world.actor("duty"), incident_id=ended.pk, agreed_how=_YES)
    ask_care(
        actor=world.actor("duty"), incident_id=ended.pk, kind="group", department_id=department.pk, how_many=12
    )  # fmt: skip
    write_return(
        actor=world.actor("centre"),
        incident_id=ended.pk,
        starts_on=school.today(),
        steps=[(2, 25), (2, 50), (1, 75)],
        duties=["evening"],
        agreed_how=_YES,
    )
    family = Leg.objects.get(incident=ended, kind="family")
    wife = Recipient.objects.create(
        leg=family, step=LegStep.objects.filter(leg=family)[0], epoch=1, round=1, role="contact:1", target_hash=b"w" * 32,
        token_hash=b"t" * 32,
    )  # fmt: skip
    Leg.objects.filter(pk=family.pk).update(taken_by=wife)
    _stay(world, goes_on)
    return {
        "after": f"/centre/emergency/{ended.pk}/",
        "after_quiet": f"/centre/emergency/{refused.pk}/",
        "after_grant": f"/union/grants/{UnionGrant.objects.get().pk}/",
    }


def _closed(world: World, post: str, outcome: str) -> Incident:
    incident = world.open(by="duty", grade="general", person_id=world.members[post].pk)
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=30)
    Leg.objects.filter(incident=incident).exclude(kind="school").update(
        state="not_required", next_event="", next_at=None
    )
    ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome=outcome)
    return incident


def _stay(world: World, incident: Incident) -> None:
    begins = chain_now()
    for number, post in enumerate(("moral", "doctor", "head")):
        starts = begins + timedelta(hours=number * 4 + (number == 2))
        row = companions.plan_companion(
            actor=world.actor("duty"), incident_id=incident.pk, companion_id=world.members[post].pk, starts_at=starts,
            ends_at=starts + timedelta(hours=4), place="3 号楼 502 室",
            watch="窗户和天台门关好。陪着说说话，不讲道理，不追问。",
        )  # fmt: skip
        if post == "moral":
            companions.report_companion(actor=world.actor(post), shift_id=row.pk)
