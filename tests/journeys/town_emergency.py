"""A school in the middle of an emergency, in a house of its own: nobody answers, somebody is called, somebody has it, it has ended."""

from datetime import timedelta

from accounts.models import Membership, User
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Leg
from referrals.emergency.workflow import answering, ending, grading
from referrals.emergency.workflow.moving import chain_now
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.world import World, make_due, make_world
from tests.journeys.conftest import new_school

_NAMES = {
    "person": "许老师", "duty": "周老师", "second": "沈老师", "centre": "陈主任", "deputy": "何老师", "principal": "顾校长",
    "moral": "方主任", "doctor": "郑校医", "head": "林主任",
}  # fmt: skip
_SEEN = "两天没有来上课，电话里说不想活了；下午有人看见他一个人在北楼天台。"


def emergency_town() -> tuple[Tenant, dict[str, User], dict[str, str]]:
    """The school, who signs in there (``chain_…``), and the addresses of its incidents."""
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
        for post, name in _NAMES.items():
            Membership.objects.filter(pk=world.members[post].pk).update(name=name, title=name)
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
    people = {f"chain_{post}": member.user for post, member in world.members.items() if member.user}
    base = "/centre/emergency/"
    paths = {
        "incident": f"{base}{worst.pk}/",
        "incident_called": f"{base}{calling.pk}/",
        "incident_ended": f"{base}{ended.pk}/",
        "incident_person": str(world.members["principal"].pk),
    }
    return tenant, people, paths


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


def _back(incident: Incident, kind: str, minutes: int) -> None:
    Leg.objects.filter(incident=incident, kind=kind).update(since=chain_now() - timedelta(minutes=minutes))
