"""A look at a voucher and a redemption say at which desk of the institution they were made."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from kernel.clock import as_of, now
from partners.models import InstitutionMember
from partners.workflow import change_member
from referrals.models import Voucher
from referrals.workflow.redeeming import prepare, redeem
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True


def spent_at_two_desks(journey: Journey) -> Voucher:
    """Looked at in the office, redeemed at counter 1 by somebody with a name, who stands at counter 9 today."""
    InstitutionMember.objects.filter(user=journey.counter_user).update(name="钱月")
    InstitutionMember.objects.filter(user=journey.partner_user).update(counter="")
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey, days=0))
        voucher = Voucher.objects.get(booking=booking)
    with as_of(booking.starts_at):
        prepare(actor=journey.partner_office, text=voucher.code)
        redeem(actor=journey.partner_counter, text=voucher.code)
        place = InstitutionMember.objects.get(user=journey.counter_user)
        with as_of(now() + timedelta(minutes=1)), use_tenant(journey.platform.id):
            change_member(actor=journey.operator, member_id=place.pk, role="partner_counter", counter="前台 9 号机")
    return voucher


def test_the_voucher_says_at_which_desk_it_was_looked_at_and_no_name(journey: Journey) -> None:
    voucher = spent_at_two_desks(journey)
    person = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    user = journey.members["staff"].user
    assert user is not None
    person.force_login(user)
    page = person.get(f"/vouchers/{voucher.pk}/").content.decode()
    looked = page[page.index('id="looked"') :]
    assert f"{journey.institution.name} · 前台 1 号机 核销了" in looked
    assert f"{journey.institution.name} · 机构办公室 查看过" in looked
    assert "前台 9 号机" not in page
    assert "钱月" not in page


def test_the_institution_sees_at_which_counter_and_by_whom(journey: Journey) -> None:
    spent_at_two_desks(journey)
    office = Client(headers={"host": journey.platform.host, "accept-language": "zh-hans"})
    office.force_login(journey.partner_user)
    page = office.get("/partner/redemptions/").content.decode()
    assert "前台 1 号机 · 钱月" in page
    (row,) = csv.DictReader(io.StringIO(office.get("/partner/redemptions/export.csv").content.decode("utf-8-sig")))
    assert (row["前台"], row["核销人"]) == ("前台 1 号机", "钱月")
