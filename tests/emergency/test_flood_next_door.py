"""A flood of reports to one school delays no other: danger of now next door is called for in one round of the engine (chain §1)."""

from typing import Any

import pytest

from referrals.emergency.engine.rounds import decide_round
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Delivery, Incident, Report
from referrals.emergency.workflow.receiving import Told, send_report
from tenancy.scope import no_scope, use_tenant
from tests.emergency.report_steps import send
from tests.emergency.world import World, make_world, paged
from tests.gateway import open_gateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]

FLOOD = 200


def test_two_hundred_reports_to_one_school_and_a_true_one_to_another(
    school: Any, other_school: Any, settings: Any
) -> None:
    worlds: list[World] = []
    for place in (school, other_school):
        with use_tenant(place.pk):
            worlds.append(make_world(place))
    with use_tenant(school.pk):
        for number in range(FLOOD):
            send_report(told=Told(words=f"{number}"), danger_now=True)
        assert (Report.objects.count(), Incident.objects.count()) == (FLOOD, 1)
    with use_tenant(other_school.pk):
        assert send(danger=True).opened

    with open_gateway() as gateway:
        settings.GATEWAY_URL = gateway.url
        with no_scope():
            decide_round()
            send_due("sms")
        assert gateway.keys(other_school.slug), "it has left"
        flooded = gateway.keys(school.slug)
    with use_tenant(other_school.pk):
        assert paged(Incident.objects.get(), "school") == ["on_duty:1"]
        sms = Delivery.objects.filter(leg__kind="school", channel="sms")
        assert set(sms.values_list("state", flat=True)) == {"sent"}
    with use_tenant(school.pk):
        assert paged(Incident.objects.get(), "school") == ["on_duty:1"], "one call for all of the flood"
        assert len(flooded) == Delivery.objects.filter(channel="sms", state="sent").count()
