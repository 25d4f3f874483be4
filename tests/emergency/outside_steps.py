"""Somebody outside who was called: their secrets, and a browser on the platform's host."""

import re
from typing import Any

from django.test import Client

from kernel.clock import now
from partners.models import Institution
from referrals.emergency import secrets
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import HomeCommunity, Incident, Leg, Plan, Recipient
from schools.workflow import platform_tenant
from tenancy.scope import use_tenant
from tests.emergency.rota import plan_row, step_row
from tests.emergency.world import PHONES, World
from tests.workflow.partner_facts import make_agreement, make_institution, make_service

HOSPITAL = "+8613900000021"
STATION = "+8657187990002"
STREET = "翠苑一区 3 幢 2 单元 501"
LAST = {"family": PHONES["wife"][-4:], "medical": HOSPITAL[-4:], "community": STATION[-4:]}


def add_outside_parties(world: World) -> None:
    """A hospital in the plan and the community of the person's home, both with an agreement that stands."""
    hospital = _institution(world, HOSPITAL)
    station = _institution(world, STATION)
    with use_tenant(world.school.pk):
        plan = plan_row()
        ways = ["sms", "voice"]
        step_row(plan, leg="medical", position=0, target="partner", number=None, partner=hospital, channels=ways)
        Plan.objects.filter(pk=plan.pk).update(state="in_use", version=1, in_use_at=now())
        home = HomeCommunity(person=world.members["person"], community=station)
        home.street = STREET
        home.save(force_insert=True)


def _institution(world: World, phone: str) -> Institution:
    institution = make_institution()
    Institution.objects.filter(pk=institution.pk).update(contact_phone=phone)
    make_agreement(world.school, make_service(institution))
    return Institution.objects.get(pk=institution.pk)


def called(world: World, **values: Any) -> Incident:
    """An extreme incident whose first steps were fired, so that family, hospital and community were called."""
    with use_tenant(world.school.pk):
        incident = world.open(**values)
        decide_school()
    return incident


def recipient_of(world: World, incident: Incident, kind: str = "family") -> Recipient:
    """The newest outside recipient of a leg, as it is now."""
    with use_tenant(world.school.pk):
        rows = Recipient.objects.filter(leg__incident=incident, leg__kind=kind, token_hash__isnull=False)
        return rows.order_by("-paged_at", "-pk")[0]


def leg_of(world: World, incident: Incident, kind: str = "family") -> Leg:
    """A leg as it is now."""
    with use_tenant(world.school.pk):
        return Leg.objects.get(incident=incident, kind=kind)


def link_of(recipient: Recipient) -> str:
    """The address of a recipient's page."""
    return f"/a/{secrets.token_of(recipient.pk)}/"


def browser(host: str = "", **headers: str) -> Client:
    """A browser without an account, on the platform's host; one that checks forged forms as the real one does."""
    client = Client(headers={"host": host or platform_tenant().host, **headers}, enforce_csrf_checks=True)
    client.raise_request_exception = False
    return client


def press(client: Client, path: str, act: str, **values: Any) -> Any:
    """A button of the page; where it leads."""
    return client.post(path, {"act": act, **values}, follow=True)


def words_of(response: Any) -> str:
    """What a reader sees: no tags, no blanks in rows, no help lines."""
    text = re.sub(r"<(script|style|head|nav)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(text.split())
