"""A plan that holds a step only newer code can read: an older process opens the incident, says so, and calls the others (chain §7)."""

import logging

import pytest
from django.db import connection

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import PlanStep, Timeline
from tests.emergency.rota import plan_row, step_row
from tests.emergency.world import World, legs_of, make_due, paged
from tests.tenancy.catalogue import ROLES

pytestmark = pytest.mark.django_db


def test_the_others_are_called_and_it_is_said(open_world: World, caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:  # as the update would have it
        for check in ("plan_step_target_known", "plan_step_number"):
            cursor.execute(f"SET LOCAL ROLE {ROLES['owner']}; ALTER TABLE emergency_planstep DROP CONSTRAINT {check}")
    plan = plan_row(kind="psychological", grade="extreme")
    new = step_row(plan, leg="school", position=0)
    step_row(plan, leg="school", position=1, target="seat", number=None, seat="doctor")
    PlanStep.objects.filter(pk=new.pk).update(target="drone", number=None)
    type(plan).objects.filter(pk=plan.pk).update(state="in_use", version=1, in_use_at=now())
    with caplog.at_level(logging.ERROR):
        incident = open_world.open()
    assert "cannot read it" in caplog.text
    decide_school()
    assert paged(incident, "school")[0] == "seat:doctor", "not the rules' own steps: the rest of the plan"
    make_due(incident, "school")
    decide_school()
    assert legs_of(incident)["school"].state == "paging"
    assert paged(incident, "family"), "the other legs are called"
    said = Timeline.objects.filter(incident=incident, code="leg.step_unknown")
    assert [row.leg.kind for row in said if row.leg] == ["school"]
