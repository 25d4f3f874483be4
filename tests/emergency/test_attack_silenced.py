"""Nobody silences a true report by others that name everybody as who must not know: however many come, in whatever order."""

from typing import Any

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, LeftOut, Recipient, Report
from referrals.emergency.rules.reporting import MOST_APART, Post
from referrals.emergency.workflow.receiving import Told
from tests.emergency.report_steps import send
from tests.emergency.test_left_out import called
from tests.emergency.world import OPERATOR_LINE, World

pytestmark = pytest.mark.django_db
EVERYBODY = tuple(post.value for post in Post)
TRUE = Told(words="她在楼顶，是校长逼的", not_told=("principal",))


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def silencing(number: int) -> Report:
    """It leaves out the whole chain, and one number more than the one before."""
    return send(Told(words="x", not_told=EVERYBODY, not_told_names=f"137000000{number:02d}"), danger=True)


def is_called(world: World, report: Report) -> bool:
    for _ in range(3):
        decide_school()
    incident = Report.objects.select_related("incident").get(pk=report.pk).incident
    return world.members["duty"].pk in called(incident)


@pytest.mark.parametrize(("before", "danger"), [*((number, True) for number in range(7)), (0, False), (5, False)])
def test_a_true_report_is_heard_whatever_was_sent_around_it(before: int, danger: bool, world: World) -> None:
    for number in range(before):
        silencing(number)
    true = send(TRUE, danger=danger, worked=not danger)
    for number in range(before, 7):
        silencing(number)
    assert is_called(world, true)
    assert not {world.members["principal"].pk} & called(Incident.objects.get(pk=true.incident_id))


def test_such_a_flood_opens_a_few(world: World) -> None:
    for number in range(12):
        silencing(number)
    assert Incident.objects.count() == MOST_APART


def test_ever_other_people_open_a_few_too(world: World) -> None:
    seen: Any = set()
    for number in range(12):
        told = Told(words="x", not_told=(EVERYBODY[number % 6],), not_told_names=f"137000000{number:02d}")
        seen.add(send(told, danger=True).incident_id)
    assert len(seen) <= MOST_APART + 1


def test_the_operators_line_is_called_whatever_number_is_named(world: World) -> None:
    report = send(Told(words="x", not_told=EVERYBODY, not_told_names=f"{OPERATOR_LINE}、13700000001"), danger=True)
    for _ in range(4):
        decide_school()
    rows = Recipient.objects.filter(leg__incident=report.incident_id, role="operator")
    assert rows.exists() and LeftOut.objects.filter(incident=report.incident_id, number_hash__isnull=False).count() == 1
