"""Who must not know of a report: named, described, a post, a namesake, the only psychologist (chain §1)."""

from typing import Any

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.left_out_names import meant
from referrals.emergency.models import Incident, LeftOut, Report, Seat
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.reporting import MOST_APART, Post, posts_in
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.naming import name_person
from referrals.emergency.workflow.receiving import Told, told_in
from tests.emergency.report_steps import SEEN, send
from tests.emergency.test_left_out import called
from tests.emergency.world import PHONES, World, legs_of, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


# who must not know


@pytest.mark.parametrize(
    ("told", "out"),
    [
        (Told(words="x", not_told=("on_duty",)), {"duty", "second"}),
        (Told(words="x", not_told=("psychologists",)), {"duty", "second", "centre", "deputy"}),
        (Told(words="x", not_told=("centre_head",)), {"centre"}),
        (Told(words="x", not_told=("principal",)), {"principal"}),
        (Told(words="x", not_told_names="老师5"), {"principal"}),
        (Told(words="x", not_told_names="老师5、校医"), {"principal", "doctor"}),
        (Told(words="x", not_told_names="千万别告诉老师5"), {"principal"}),
        (Told(about="老师1"), {"duty"}),
        (Told(about="教务处的老师1"), {"duty"}),
        (Told(about="校长"), {"principal"}),
        (Told(about="老师0"), set()),
        (Told(about="李四"), set()),
        (Told(words="x"), set()),
    ],
    ids=lambda value: (
        ",".join(sorted(value))
        if isinstance(value, set)
        else "".join((*value.not_told, value.not_told_names, value.about))
    ),
)
def test_whoever_is_meant_is_left_out_and_the_others_are_called(told: Told, out: set[str], world: World) -> None:
    incident = send(told, danger=True).incident
    for _ in range(4):
        decide_school()
    members = {world.members[post].pk for post in out}
    assert set(LeftOut.objects.values_list("member_id", flat=True)) == members
    assert not members & called(incident)
    assert called(incident)


def test_a_name_that_fits_nobody_leaves_out_whoever_bears_the_surname(world: World) -> None:
    doctor = world.members["doctor"]
    type(doctor).objects.filter(pk=doctor.pk).update(name="欧阳静")
    send(Told(words="x", not_told_names="欧老师"))
    assert [row.member_id for row in LeftOut.objects.all()] == [doctor.pk]


@pytest.mark.parametrize("typed", ["王芳老师", "王老师", "语文组王老师", "教务处 王芳"])
@pytest.mark.parametrize("field", ["about", "not_told_names"])
def test_a_name_with_a_title_or_a_place_is_a_name(field: str, typed: str, world: World) -> None:
    duty = world.members["duty"]
    type(duty).objects.filter(pk=duty.pk).update(name="王芳")
    said: Any = {field: typed}
    send(Told(words="x", **said))
    assert [row.member_id for row in LeftOut.objects.all()] == [duty.pk]


@pytest.mark.parametrize("typed", ["王芳（语文）", "别让王芳(语文)知道"])
@pytest.mark.parametrize("kept", ["王芳（语文）", "王芳(语文)"])
def test_a_name_with_brackets_is_the_same_in_either_width(kept: str, typed: str, world: World) -> None:
    for post, name in (("duty", kept), ("moral", "王芳（数学）")):
        type(world.members[post]).objects.filter(pk=world.members[post].pk).update(name=name)
    send(Told(words="x", not_told_names=typed))
    assert [row.member_id for row in LeftOut.objects.all()] == [world.members["duty"].pk]


def test_a_report_about_somebody_who_is_known_leaves_nobody_of_the_surname_out(world: World) -> None:
    for post, name in (("duty", "王芳"), ("person", "王一一")):
        type(world.members[post]).objects.filter(pk=world.members[post].pk).update(name=name)
    send(Told(about="王一一"))
    assert not LeftOut.objects.exists()


def test_a_namesake_is_left_out_with_the_one_who_is_meant(world: World) -> None:
    for post in ("moral", "doctor"):
        type(world.members[post]).objects.filter(pk=world.members[post].pk).update(name="王芳")
    send(Told(about="王芳"))
    rows = LeftOut.objects.all()
    assert {row.member_id for row in rows} == {world.members[post].pk for post in ("moral", "doctor")}
    assert {row.why for row in rows} == {"namesake"}


def test_a_number_is_left_out_as_a_number(world: World) -> None:
    incident = send(Told(words="x", not_told_names="139 0000 0002")).incident
    decide_school()
    assert bytes(LeftOut.objects.get().number_hash or b"") == number_hash(world.school.pk, PHONES["duty"])
    assert world.members["duty"].pk not in called(incident)


def test_where_the_only_psychologist_is_meant_the_outside_line_hears_of_it(world: World) -> None:
    Seat.objects.all().delete()
    incident = send(Told(about="心理老师"), danger=True).incident
    for _ in range(6):
        decide_school()
    assert legs_of(incident)["school"].state == "exhausted" and "operator" in paged(incident, "school")


def test_two_that_leave_out_other_people_are_two_incidents(world: World) -> None:
    plain, about = send(), send(Told(about="老师1"), danger=True)
    assert plain.incident_id != about.incident_id
    assert send(Told(about="老师1")).incident_id == about.incident_id
    assert send().incident_id == plain.incident_id


def test_a_flood_of_names_opens_a_few_and_hides_nothing_that_names_nobody(world: World) -> None:
    plain = send(danger=True)
    posts = [[post] for post in Post] + [[Post.PRINCIPAL, Post.MORAL], [Post.DOCTOR, Post.MORAL]]
    for one in posts:
        send(Told(words="x", not_told=tuple(one)), danger=True)
    assert Incident.objects.count() == 1 + MOST_APART
    assert send(danger=True).incident_id == plain.incident_id
    assert not plain.incident.left_out.exists()
    kept = {(row.incident_id, told_in(row).not_told) for row in Report.objects.exclude(incident=plain.incident)}
    for incident, said in kept:
        school = world.school
        wanted = meant(school, chain_now(), posts=[Post(one) for one in said], names="", about="").all
        assert wanted <= set(LeftOut.objects.filter(incident=incident).values_list("member_id", flat=True))


def test_it_is_about_whom_somebody_writes_and_never_whom_a_machine_finds(world: World) -> None:
    report = send(Told(about=world.members["person"].name))
    assert report.incident.person_id is None
    named = name_person(actor=world.actor("duty"), incident_id=report.incident_id, person_id=world.members["person"].pk)
    assert named.incident.pk == report.incident_id
    assert send().incident_id != report.incident_id, "what has a person is joined by hand"


def test_reports_go_along_when_two_incidents_become_one(world: World) -> None:
    goes_on = world.open()
    report = send()
    name_person(actor=world.actor("duty"), incident_id=report.incident_id, person_id=world.members["person"].pk)
    moved = Report.objects.get(pk=report.pk)
    assert moved.incident_id == goes_on.pk and told_in(moved) == SEEN and moved.next_at is not None


def test_the_posts_that_words_name() -> None:
    assert posts_in("王校长") == {Post.PRINCIPAL}
    assert posts_in("Principal Wang") == {Post.PRINCIPAL}
    assert posts_in("张老师") == frozenset()
