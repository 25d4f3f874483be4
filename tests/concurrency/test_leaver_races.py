"""Two clicks on "send a new link" in the same second: one link, one letter (books §4).

An objection through the link in the last second of its term, while the term is settled: one outcome.
"""

from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of
from kernel.errors import TooMany
from ledger.selectors import difference
from notifications.models import OutboxMessage
from referrals.missed import UNRESOLVED_FOR, day_over_at
from referrals.models import LeaverLink, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import leaver_links, leavers
from referrals.workflow.leaver_links import path_of, send_link_again
from referrals.workflow.objecting import pass_redemption
from referrals.workflow.redeeming import redeem
from referrals.workflow.unscanned import pass_time, say_took_place
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.missed_steps import booked, with_terms

pytestmark = pytest.mark.usefixtures("committed")


def clicked(monkeypatch: pytest.MonkeyPatch | None = None) -> tuple[int, int]:
    """How many of four clicks were refused, and how many letters wait."""
    school = make_school()
    with use_tenant(school.id):
        admin, member = actor_of(make_person(school, "admin")), make_person(school)
        Membership.objects.filter(pk=member.pk).update(left_on=school.today() - timedelta(days=1))

    def send() -> Any:
        return send_link_again(actor=admin, tenant=school, membership_id=member.pk)

    said = at_once(school, [send] * 4)
    with use_tenant(school.id):
        letters = OutboxMessage.objects.filter(template="leaver_link").count()
    return sum(isinstance(one, TooMany) for one in said), letters


def test_one_of_four_clicks_sends() -> None:
    assert clicked() == (3, 1)


def test_control_without_the_lock_several_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaver_links, "_locked", lambda pk: Membership.objects.get(pk=pk))
    refused, letters = clicked()
    assert refused < 3 or letters > 1


@pytest.mark.parametrize("what", ["missed", "use"])
@pytest.mark.parametrize("head_start", [0, 0.03])
def test_an_objection_meets_the_end_of_its_term(what: str, head_start: float) -> None:
    """Whoever is first decides, and the other one is told: what is disputed is not settled, and what is settled says so."""
    journey = make_journey(make_school())
    tenant = journey.tenant
    with use_tenant(tenant.id):
        with_terms(journey)
        _referral, booking, _voucher = booked(journey)
        member, over = journey.members["staff"], day_over_at(booking.ends_at, booking.zone)
        left_on = tenant.day_of(booking.starts_at) - timedelta(days=tenant.settings.leaver_days)
        Membership.objects.filter(pk=member.pk).update(left_on=left_on)
        path = path_of(LeaverLink.objects.create(membership=member, left_on=left_on))
        row: Any
        if what == "use":
            at = over - timedelta(minutes=1)
            with as_of(at):
                [row] = redeem(actor=journey.partner_counter, text=Voucher.objects.get(booking=booking).code)
            page, said = f"{path}uses/{row.pk}/dispute/", {"reason": "not_received"}
        else:
            row, at = booking, over + timedelta(minutes=5)
            with as_of(at):
                say_took_place(actor=journey.partner_counter, tenant=tenant, booking_id=row.pk, says="no_show")
            page, said = f"{path}bookings/{row.pk}/took-place/", {"says": "yes"}

    def objects() -> int:
        with as_of(at + UNRESOLVED_FOR - timedelta(seconds=1)):
            return Client(headers={"host": tenant.host}).post(page, said).status_code

    def settles() -> bool:
        sleep(head_start)
        with as_of(at + UNRESOLVED_FOR):
            return pass_redemption(redemption_id=row.pk) if what == "use" else pass_time(booking_id=row.pk)

    status, settled = at_once(tenant, [objects, settles])
    with use_tenant(tenant.id):
        row.refresh_from_db()
        assert (status == 303, settled) in ((True, False), (False, True)), (status, settled)
        assert (row.state == "disputed") is (status == 303)
        assert difference() == units_difference() == 0


def answered_and_left() -> tuple[str, bool, list[Any]]:
    """An agency answers in the second in which the sweep ends what waits; how the request stands, and whether a voucher does."""
    journey = make_journey(make_school())
    tenant = journey.tenant
    with use_tenant(tenant.id):
        referral = ask(journey, days=5)
        Membership.objects.filter(pk=journey.members["staff"].pk).update(left_on=tenant.today() - timedelta(days=1))

    def ends() -> bool:
        return leavers.leave_school(actor=journey.centre, tenant=tenant, referral_id=referral.pk)

    said = at_once(tenant, [ends, lambda: answer(journey, referral)])
    with use_tenant(tenant.id):
        referral.refresh_from_db()
        return referral.state, Voucher.objects.filter(state="issued").exists(), said


def takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep looks, and writes a second later."""
    look = leavers.state_today

    def slow(referral: Referral, tenant: Tenant) -> str:
        found = look(referral, tenant)
        sleep(1)
        return found

    monkeypatch.setattr(leavers, "state_today", slow)


def test_an_answer_meets_the_end_of_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    takes_its_time(monkeypatch)
    state, has_voucher, said = answered_and_left()
    assert (state, has_voucher) in (("cancelled", False), ("confirmed", True)), said


def test_control_without_the_lock_a_cancelled_request_has_a_voucher(monkeypatch: pytest.MonkeyPatch) -> None:
    takes_its_time(monkeypatch)
    monkeypatch.setattr(leavers, "locked", lambda referral_id: Referral.objects.get(pk=referral_id))
    state, has_voucher, said = answered_and_left()
    assert (state, has_voucher) == ("cancelled", True), said
