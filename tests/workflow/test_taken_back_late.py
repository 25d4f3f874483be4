"""A use is taken back when its day is over: that is the answer, nobody is asked once more, and the unit is the person's (ADR 0055)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from kernel.clock import as_of
from kernel.errors import IllegalMove, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from referrals.due import run_due
from referrals.models import Booking, Redemption, Unit, Voucher
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.objecting import decide_dispute, dispute
from referrals.workflow.redeeming import redeem, reverse
from referrals.workflow.unscanned import say_took_place
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked, even, fresh

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def used(journey: Journey) -> tuple[Booking, Voucher, Redemption]:
    """The first of two sessions, redeemed on its day."""
    _referral, booking, voucher = booked(journey, units=2)
    with as_of(booking.starts_at):
        (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
    return booking, voucher, line


def by_agency(journey: Journey, line: Redemption) -> None:
    reverse(actor=journey.partner_office, redemption_id=line.pk, reason="scanned_by_mistake")


def by_office(journey: Journey, line: Redemption) -> None:
    decide_dispute(actor=journey.centre, redemption_id=line.pk, finding="reverse")


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "late sweep"])
@pytest.mark.parametrize("take_back", [by_agency, by_office])
def test_days_later_nobody_is_asked_and_silence_takes_nothing(journey: Journey, take_back: Any, swept: bool) -> None:
    booking, voucher, line = used(journey)
    with as_of(booking.starts_at + DAY):
        if take_back is by_office:
            dispute(actor=journey.staff, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
    with as_of(booking.starts_at + 3 * DAY):
        if swept:
            run_due()
        take_back(journey, line)
        take_back_twice(journey, line, take_back)
    with as_of(booking.starts_at + 6 * DAY):  # longer than anybody would be asked for
        run_due()
        assert fresh(booking, voucher, line) == ("done", "active", "reversed")
        assert (voucher.units_left, booking.due_at) == (2, None)
        for who in (journey.staff, journey.partner_office):
            with pytest.raises(Refused, match="too_late"):
                say_took_place(actor=who, tenant=journey.tenant, booking_id=booking.pk, says="yes")
    assert not OutboxMessage.objects.filter(template__in=["booking_unscanned", "booking_unscanned_there"]).exists()
    assert set(Unit.objects.values_list("state", flat=True)) == {"held"}
    assert even()


def take_back_twice(journey: Journey, line: Redemption, take_back: Any) -> None:
    """The second press moves nothing."""
    with pytest.raises(IllegalMove):
        take_back(journey, line)
    assert Voucher.objects.get().units_left == 2


def test_the_unit_that_came_back_is_used_at_another_appointment(journey: Journey) -> None:
    booking, voucher, line = used(journey)
    with as_of(booking.starts_at + 2 * DAY):
        by_agency(journey, line)
        another = enter_appointment(
            actor=journey.partner_counter, tenant=journey.tenant, voucher_id=voucher.pk,
            starts_at=booking.starts_at + 4 * DAY, ends_at=booking.ends_at + 4 * DAY,
        )  # fmt: skip
    with as_of(another.starts_at):
        (again,) = redeem(actor=journey.partner_counter, text=voucher.code)
    assert (again.unit_index, again.booking_id) == (0, another.pk)
    assert difference() == 0


@pytest.mark.parametrize(("days", "is_said"), [(0, False), (1, True)])
def test_the_page_says_before_the_click_that_the_day_is_over(journey: Journey, days: int, is_said: bool) -> None:
    booking, _voucher, line = used(journey)
    moment: datetime = booking.starts_at + days * DAY
    with as_of(moment):
        client = Client(headers={"host": journey.platform.host, "accept-language": "zh-hans"})
        client.force_login(partner_user(journey))
        page = client.get(f"/partner/redemptions/{line.pk}/reverse/").content.decode()
    assert "撤销" in page
    assert ("服务日期已过" in page) is is_said


def partner_user(journey: Journey) -> Any:
    """The account of the agency's office."""
    return get_user_model().objects.get(pk=journey.partner_office.user_id)
