"""What was written on duty as never to be called is lifted afterwards by the head of the centre, and the person reads it."""

import pytest

from audit.models import AuditEntry
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, NeverContact, Timeline
from referrals.emergency.workflow.never import bar_number
from referrals.emergency.workflow.never_of_duty import bar_in_incident, lift_bar_of_duty
from tests.emergency.test_board import client, get, page_of
from tests.emergency.world import World, legs_of, paged

pytestmark = pytest.mark.django_db
REASON = "她在电话里说丈夫就是打她的人，绝对不能联系他"
WHY = "当面谈过，当时说的是另一个人，本人和家属都确认了"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def ended(world: World) -> Incident:
    """An incident in which the first contact was written as never to be called, and that has ended."""
    incident = world.open()
    bar_in_incident(
        actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, contact_id=world.contacts["wife"].pk
    )
    end(incident)
    return incident


def end(incident: Incident) -> None:
    legs = legs_of(incident).values()
    for leg in legs:
        type(leg).objects.filter(pk=leg.pk).update(state="closed", next_at=None, next_event="")
    Incident.objects.filter(pk=incident.pk).update(
        state="closed", next_at=None, next_event="", closed_at=now(), outcome="supported"
    )


def lift(world: World, incident: Incident, by: str = "centre", row: NeverContact | None = None, why: str = WHY) -> None:
    row = row or NeverContact.objects.get(set_by="duty")
    lift_bar_of_duty(actor=world.actor(by), incident_id=incident.pk, never_id=row.pk, reason=why)


@pytest.mark.parametrize("post", ["centre", "deputy"])
def test_from_then_on_they_are_called(world: World, ended: Incident, post: str) -> None:
    lift(world, ended, by=post)
    assert not NeverContact.objects.exists()
    said = Timeline.objects.get(code="never.lifted")
    assert (said.by_id, said.facts) == (world.members[post].pk, {"colleague": False})
    assert said.words(ended.key) == WHY and WHY not in str(said.facts)
    assert AuditEntry.objects.filter(action="incident.never_lift").count() == 1
    again = world.open()
    decide_school()
    assert paged(again, "family") == ["contact:1"]


def test_until_then_they_are_not(world: World, ended: Incident) -> None:
    again = world.open()
    decide_school()
    assert paged(again, "family") == ["contact:2"]
    with pytest.raises(Conflict) as refused:
        lift(world, ended)
    assert refused.value.reason == "incident_open"
    assert NeverContact.objects.count() == 1


@pytest.mark.parametrize(
    ("post", "error"),
    [("duty", Forbidden), ("principal", Forbidden), ("moral", Forbidden), ("head", Forbidden), ("person", NotFound)],
)
def test_nobody_else_lifts_it(world: World, ended: Incident, post: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        lift(world, ended, by=post)
    assert NeverContact.objects.count() == 1 and not Timeline.objects.filter(code="never.lifted").exists()


def test_nobody_lifts_what_was_written_about_themself(world: World, ended: Incident) -> None:
    row = NeverContact.objects.create(person=world.members["person"], member=world.members["centre"], set_by="duty")
    with pytest.raises(NotFound):
        lift(world, ended, row=row)
    lift(world, ended, by="deputy", row=row)


def test_what_the_person_wrote_is_theirs(world: World, ended: Incident) -> None:
    own = bar_number(actor=world.actor("person"), phone="13900000012")
    other = NeverContact.objects.create(person=world.members["head"], member=world.members["doctor"], set_by="duty")
    for row in (own, other):
        with pytest.raises(NotFound):
            lift(world, ended, row=row)
    written = NeverContact.objects.get(set_by="duty", person=world.members["person"])
    with pytest.raises(Invalid) as short:
        lift(world, ended, row=written, why="弄错了")
    assert short.value.reason == "reason_too_short"
    assert NeverContact.objects.count() == 3


def test_the_head_of_the_centre_finds_it_and_the_person_reads_it(world: World, ended: Incident) -> None:
    path = f"{page_of(ended)}never-lift/"
    assert path in get(world, "centre", page_of(ended))
    assert path not in get(world, "duty", page_of(ended))
    page = get(world, "centre", path)
    assert "尾号 0011 的号码" in page
    row = NeverContact.objects.get()
    assert "中心负责人撤下的" not in get(world, "person", "/my/contacts/never/")
    answer = client(world, "centre").post(path, {"never": str(row.pk), "reason": WHY}, follow=True)
    assert answer.status_code == 200 and not NeverContact.objects.exists()
    told = get(world, "person", "/my/contacts/never/")
    assert "中心负责人撤下的" in told and "值班心理老师写下的一个号码" in told and WHY not in told
    assert client(world, "centre").get(path).status_code == 302, "there is nothing left to lift"
