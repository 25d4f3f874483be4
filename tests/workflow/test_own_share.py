"""What the person paid for a use that was taken back is owed until the person says "I have it back" (books §3)."""

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of
from kernel.errors import NotFound, Refused
from referrals.models import Redemption, Voucher
from referrals.workflow.own_share import confirm_own_share
from referrals.workflow.redeeming import redeem, reverse
from tests.api.journey_client import API, staff_of
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def taken_back(journey: Journey) -> Redemption:
    booking = answer(journey, ask(journey))
    with as_of(booking.starts_at):
        (taken,) = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        with pytest.raises(Refused, match="nothing_due"):
            confirm_own_share(actor=journey.staff, redemption_id=taken.pk)
        return reverse(actor=journey.partner_office, redemption_id=taken.pk, reason="not_delivered")


def test_it_is_owed_until_the_person_has_it_and_said_twice_counts_once(journey: Journey) -> None:
    taken = taken_back(journey)
    assert (taken.own_share_due, taken.self_fen) == (True, 9_000)
    for stranger in (journey.staff2, journey.centre):
        with pytest.raises(NotFound):
            confirm_own_share(actor=stranger, redemption_id=taken.pk)
    first = confirm_own_share(actor=journey.staff, redemption_id=taken.pk)
    again = confirm_own_share(actor=journey.staff, redemption_id=taken.pk)
    assert (first.own_share_due, again.own_share_back_at) == (False, first.own_share_back_at)
    assert AuditEntry.objects.filter(action="voucher.own_share_back").count() == 1


def test_the_vouchers_page_says_what_is_owed_and_takes_the_word(journey: Journey) -> None:
    taken = taken_back(journey)
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    user = journey.members["staff"].user
    assert user is not None
    client.force_login(user)
    page = f"/vouchers/{taken.voucher_id}/"
    assert f"/vouchers/own-share/{taken.pk}/" in client.get(page).content.decode()
    assert client.get(f"/vouchers/own-share/{taken.pk}/").status_code == 302, "asked for by GET it is the wallet"
    assert client.post(f"/vouchers/own-share/{taken.pk}/").status_code == 302
    assert f"/vouchers/own-share/{taken.pk}/" not in client.get(page).content.decode()


def test_a_program_says_it_too(journey: Journey) -> None:
    taken = taken_back(journey)
    address = f"{API}vouchers/own-share/{taken.pk}/"
    assert staff_of(journey, "staff2").post(address, {}).status_code == 404
    said = staff_of(journey).post(address, {})
    assert (said.status_code, said.json()["own_share_due"]) == (200, False)
