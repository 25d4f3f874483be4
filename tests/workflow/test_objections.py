"""After a service: the person agrees or objects within 48 h, silence agrees, the office decides; one line alone waits (books §9)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.clock import as_of
from kernel.errors import Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.models import PassedOn, Redemption
from referrals.workflow.objecting import agree, decide_dispute, dispute, withdraw_dispute
from referrals.workflow.own_share import confirm_own_share
from referrals.workflow.redeeming import redeem, reverse
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import pool
from tests.workflow.missed_steps import booked, even, fresh, sweep

pytestmark = pytest.mark.django_db
TWO_DAYS = timedelta(hours=48)
SECOND = timedelta(seconds=1)


@pytest.fixture
def used(journey: Journey) -> Redemption:
    """A session that was had and redeemed."""
    _referral, booking, voucher = booked(journey)
    with as_of(booking.starts_at):
        (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
    line.refresh_from_db()
    return line


def objects(
    journey: Journey, line: Redemption, after: timedelta = SECOND, who: Any = None, reason: str = ""
) -> Redemption:
    with as_of(line.redeemed_at + after):
        return dispute(
            actor=who or journey.staff, tenant=journey.tenant, redemption_id=line.pk, reason=reason or "not_received"
        )


def test_silence_of_two_days_agrees_and_a_sweep_that_lags_gives_no_more_time(
    journey: Journey, used: Redemption
) -> None:
    assert used.due_at == used.redeemed_at + TWO_DAYS
    sweep(used.redeemed_at + TWO_DAYS - SECOND)
    assert fresh(used) == ("redeemed",)
    with pytest.raises(Refused, match="too_late"):  # no sweep has been
        objects(journey, used, TWO_DAYS)
    sweep(used.redeemed_at + 3 * TWO_DAYS)
    assert fresh(used) == ("validated",)
    assert (used.agreed_at, used.due_at) == (None, None)
    with pytest.raises(Refused, match="too_late"):
        objects(journey, used, 3 * TWO_DAYS)


def test_ones_own_yes_is_the_last_word(journey: Journey, used: Redemption) -> None:
    with as_of(used.redeemed_at + SECOND):
        agree(actor=journey.staff, redemption_id=used.pk)
        agree(actor=journey.staff, redemption_id=used.pk)
    assert fresh(used) == ("validated",)
    with pytest.raises(Refused, match="agreed"):
        objects(journey, used, 2 * SECOND)


def test_an_objection_moves_no_money_and_taken_back_it_counts(journey: Journey, used: Redemption) -> None:
    stands = pool(journey)
    objects(journey, used)
    assert fresh(used) == ("disputed",)
    assert pool(journey) == stands
    sweep(used.redeemed_at + 20 * TWO_DAYS)
    assert fresh(used) == ("disputed",), "silence never decides a quarrel"
    withdraw_dispute(actor=journey.staff, redemption_id=used.pk)
    assert fresh(used) == ("validated",)
    with pytest.raises(Refused, match="agreed"):
        objects(journey, used)
    assert even()


def test_the_office_upholds_or_takes_back_and_nobody_else(journey: Journey, used: Redemption) -> None:
    objects(journey, used)
    for who in (journey.union, journey.finance, journey.staff, journey.staff2, journey.partner_office):
        with pytest.raises((NotFound, Forbidden)):
            decide_dispute(actor=who, redemption_id=used.pk, finding="uphold")
    with pytest.raises(Invalid):
        decide_dispute(actor=journey.centre, redemption_id=used.pk, finding="both")
    decide_dispute(actor=journey.centre, redemption_id=used.pk, finding="uphold")
    assert fresh(used) == ("validated",)
    with pytest.raises((IllegalMove, Refused)):
        decide_dispute(actor=journey.centre, redemption_id=used.pk, finding="reverse")
    assert fresh(used) == ("validated",)
    assert pool(journey).spent == 21_000
    assert even()


def test_upheld_for_the_person_the_agency_owes_their_own_part_until_they_have_it(
    journey: Journey, used: Redemption
) -> None:
    objects(journey, used)
    with as_of(used.redeemed_at + TWO_DAYS):
        decide_dispute(actor=journey.centre, redemption_id=used.pk, finding="reverse")
    assert fresh(used) == ("reversed",)
    assert (used.reverse_reason, used.own_share_due) == ("upheld", True)
    assert (pool(journey).reserved, pool(journey).spent) == (0, 0)
    confirm_own_share(actor=journey.staff, redemption_id=used.pk)
    used.refresh_from_db()
    assert not used.own_share_due
    assert even()


def test_an_agency_that_takes_it_back_ends_the_quarrel_in_the_same_act(journey: Journey, used: Redemption) -> None:
    objects(journey, used)
    with as_of(used.redeemed_at + SECOND * 9):
        reverse(actor=journey.partner_office, redemption_id=used.pk, reason="not_delivered")
    assert fresh(used) == ("reversed",)
    assert used.due_at is None
    with pytest.raises(IllegalMove):
        withdraw_dispute(actor=journey.staff, redemption_id=used.pk)
    with pytest.raises((IllegalMove, Refused)):
        decide_dispute(actor=journey.centre, redemption_id=used.pk, finding="uphold")
    assert even()


def test_a_stranger_and_a_word_of_no_list(journey: Journey, used: Redemption) -> None:
    for who in (journey.staff2, journey.centre):
        with pytest.raises(NotFound):
            objects(journey, used, who=who)
        with pytest.raises(NotFound):
            agree(actor=who, redemption_id=used.pk)
        with pytest.raises(NotFound):
            withdraw_dispute(actor=who, redemption_id=used.pk)
    with pytest.raises(Invalid):
        objects(journey, used, reason="because")
    with pytest.raises(IllegalMove):
        withdraw_dispute(actor=journey.staff, redemption_id=used.pk)
    assert fresh(used) == ("redeemed",)


def test_the_pages_of_person_and_office(journey: Journey, used: Redemption) -> None:
    mine = Client(headers={"host": journey.tenant.host})
    mine.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    centre = Client(headers={"host": journey.tenant.host})
    centre.force_login(journey.members["centre"].user)  # type: ignore[arg-type]
    page = f"/vouchers/uses/{used.pk}/"
    with as_of(used.redeemed_at + SECOND):
        assert page in mine.get(f"/vouchers/{used.voucher_id}/").content.decode()
        assert f"{page}dispute/" in mine.get(page).content.decode()
        assert centre.get(page).status_code == 404
        assert mine.post(f"{page}dispute/", {}).status_code == 422
        assert mine.post(f"{page}dispute/", {"reason": "other_amount"}).status_code == 302
        assert "withdraw" in mine.get(page).content.decode()
        listed = centre.get("/centre/disputes/").content.decode()
        assert f"/centre/disputes/{used.pk}/" in listed
        assert journey.members["staff"].name not in listed.split("<main")[1]
        assert centre.get("/union/disputes/").status_code == 404
        assert centre.get(f"/centre/disputes/{used.pk}/").status_code == 200
        assert centre.post(f"/centre/disputes/{used.pk}/", {}).status_code == 422
        assert centre.post(f"/centre/disputes/{used.pk}/", {"finding": "reverse"}).status_code == 302
    assert fresh(used) == ("reversed",)


TEN_DAYS = timedelta(days=30)
"""More than ten working days, whatever holidays lie between."""


def passed_on(line: Redemption) -> Any:
    return PassedOn.objects.filter(redemption=line).first()


def told(template: str, line: Redemption) -> int:
    return OutboxMessage.objects.filter(template=template, key__contains=str(line.pk), channel="in_app").count()


def test_after_ten_working_days_a_colleague_who_has_not_read_it_goes_on(journey: Journey, used: Redemption) -> None:
    objects(journey, used)
    used.refresh_from_db()
    assert used.due_at is not None
    due = used.due_at
    second = make_person(journey.tenant, "centre", "staff")
    reader = Client(headers={"host": journey.tenant.host})
    reader.force_login(journey.members["centre"].user)  # type: ignore[arg-type]
    with as_of(used.redeemed_at + TWO_DAYS):
        assert reader.get(f"/centre/disputes/{used.pk}/").status_code == 200
    sweep(due - SECOND)
    assert passed_on(used) is None
    for late in (due, due + TWO_DAYS, due + TEN_DAYS):
        sweep(late)
    assert fresh(used) == ("disputed",), "time decides who, never what"
    assert passed_on(used).member_id == second.pk
    assert used.due_at is None
    assert told("voucher_passed_on", used) == 1
    assert OutboxMessage.objects.filter(key__endswith="second", key__contains=str(second.pk)).exists()
    assert not OutboxMessage.objects.filter(key__contains=f"{used.pk}/late").exists()
    with as_of(due + TEN_DAYS):
        assert second.name in reader.get(f"/centre/disputes/{used.pk}/").content.decode()
        decide_dispute(actor=actor_of(second), redemption_id=used.pk, finding="uphold")
        with pytest.raises((IllegalMove, Refused)):
            decide_dispute(actor=journey.centre, redemption_id=used.pk, finding="reverse")
    assert fresh(used) == ("validated",)
    assert even()


def test_where_nobody_else_decides_the_office_is_told_again_and_no_other_office_reads_it(
    journey: Journey, used: Redemption
) -> None:
    objects(journey, used)
    sweep(used.redeemed_at + TEN_DAYS)
    assert passed_on(used).member_id is None
    assert (told("voucher_still_waits", used), told("voucher_passed_on", used)) == (1, 0)
    assert OutboxMessage.objects.filter(key__contains=f"{used.pk}/late").exists()
    assert not OutboxMessage.objects.filter(link__contains=f"/union/disputes/{used.pk}/").exists()


def test_the_person_is_never_their_own_second_decider(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, who=journey.centre)
    with as_of(booking.starts_at):
        (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(line.redeemed_at + SECOND):
        dispute(actor=journey.centre, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
    others = {make_person(journey.tenant, "centre", "staff").pk for _ in range(2)}
    sweep(line.redeemed_at + TEN_DAYS)
    assert passed_on(line).member_id in others
    assert referral.person_id not in others


def test_decided_before_the_sweep_nothing_is_passed_on(journey: Journey, used: Redemption) -> None:
    objects(journey, used)
    with as_of(used.redeemed_at + TEN_DAYS):
        decide_dispute(actor=journey.centre, redemption_id=used.pk, finding="uphold")
    sweep(used.redeemed_at + TEN_DAYS)
    assert passed_on(used) is None
    assert told("voucher_passed_on", used) + told("voucher_still_waits", used) == 0


def test_the_load_is_spread(journey: Journey, used: Redemption) -> None:
    objects(journey, used)
    first, second = (make_person(journey.tenant, "centre", "staff") for _ in range(2))
    reader = Client(headers={"host": journey.tenant.host})
    reader.force_login(journey.members["centre"].user)  # type: ignore[arg-type]
    with as_of(used.redeemed_at + TWO_DAYS):
        reader.get(f"/centre/disputes/{used.pk}/")
    other = booked(journey, who=journey.staff2, days=3)
    with as_of(other[1].starts_at):
        (line,) = redeem(actor=journey.partner_counter, text=other[2].code)
    with as_of(line.redeemed_at + SECOND):
        dispute(actor=journey.staff2, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
    sweep(used.redeemed_at + TEN_DAYS)
    sweep(line.redeemed_at + TEN_DAYS)
    took = {passed_on(used).member_id, passed_on(line).member_id}
    assert len(took) == 2, "whoever goes on with one gets the next last"
    assert passed_on(used).member_id in {first.pk, second.pk}
