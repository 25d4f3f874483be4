"""A mediation is taken back while its request is being sent: one of the two, never both (16.6)."""

import threading
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.db import transaction

from kernel.clock import as_of, now
from kernel.errors import IllegalMove
from referrals.liaison.models import Mediation
from referrals.liaison.workflow import mediation
from referrals.liaison.workflow.mediation import agree, ask_mediation, invite, suggest, withdraw
from referrals.models import Referral
from referrals.workflow.reviewing import lock_person
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import make_journey, soon
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.usefixtures("committed")


def sent_and_taken_back() -> tuple[list[Any], str, str]:
    """The request holds the person when the taking back comes; what both said, and how mediation and request stand."""
    journey = make_journey(make_school())
    tenant, person = journey.tenant, journey.members["staff"]
    with use_tenant(tenant.id):
        pay_for(journey, "mediation", share_bp=10_000)
        room = agency_with(journey, "mediation", 20_000)[0]
        row = ask_mediation(actor=journey.staff, tenant=tenant)
        talk_at = now() + timedelta(days=2)
        invite(actor=journey.centre, mediation_id=row.pk, talk_at=talk_at, place="centre")
        after = talk_at + timedelta(hours=1)
        with as_of(after):
            suggest(actor=journey.centre, tenant=tenant, mediation_id=row.pk, sides="both")
            agree(actor=journey.staff, mediation_id=row.pk, own=True, other=True)
            times = soon(days=4)
    holds = threading.Event()

    def send() -> Referral:
        with as_of(after), transaction.atomic():
            lock_person(person.pk)  # as the request itself does, a moment earlier
            holds.set()
            sleep(0.5)
            return submit_referral(
                actor=journey.staff, tenant=tenant, service_id=room.pk, units=1, windows=[times], consent=["referral"]
            )

    def take_back() -> Mediation:
        assert holds.wait(timeout=30)
        with as_of(after):
            return withdraw(actor=journey.staff, mediation_id=row.pk)

    said = at_once(tenant, [send, take_back])
    with use_tenant(tenant.id):
        return said, Mediation.objects.get().state, "".join(Referral.objects.values_list("state", flat=True))


def test_whoever_holds_the_person_is_first() -> None:
    said, state, request = sent_and_taken_back()
    assert isinstance(said[1], IllegalMove)
    assert (state, request) == ("linked", "offered")


def test_control_without_the_person_the_taking_back_comes_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediation, "lock_person", lambda membership_id: frozenset({membership_id}))
    said, state, request = sent_and_taken_back()
    assert not isinstance(said[1], Exception), "it did not wait for the request under way"
    assert (state, request) == ("withdrawn", "")
