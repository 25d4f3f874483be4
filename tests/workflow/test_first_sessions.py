"""The first sessions of a school year need nobody's word; what counts are the sessions that stand (rules §2)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from kernel.clock import as_of, local_day, now
from ledger.selectors import difference
from partners.models import Agreement
from referrals.models import Referral, Voucher
from referrals.states import ReviewReason
from referrals.subsidies.accounting import units_difference
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.redeeming import redeem
from referrals.workflow.stopping import stop_course
from referrals.workflow.submitting import decline_referral, look_again, submit_referral
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def desk(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def ask_on(journey: Journey, start: datetime, units: int = 1) -> Referral:
    return submit_referral(
        actor=journey.staff,
        tenant=journey.tenant,
        service_id=journey.counselling.pk,
        units=units,
        windows=[(start, start + timedelta(hours=3))],
        consent=["referral"],
    )


def test_what_was_cancelled_counts_for_nothing(journey: Journey) -> None:
    first = ask(journey, units=3)
    assert not first.needs_person
    assert ask(journey, days=2).review_reason == ReviewReason.BEYOND_FIRST
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=first.pk)
    again = ask(journey, units=2, days=3)
    assert (again.needs_person, again.review_reason) == (False, ""), "one stands, two more make three"
    assert ask(journey, days=4).needs_person
    assert difference() == units_difference() == 0


def test_of_a_stopped_course_only_the_sessions_that_took_place_count(journey: Journey) -> None:
    course = ask(journey, units=3)
    booking = answer(journey, course)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    stop_course(actor=journey.staff, tenant=journey.tenant, referral_id=course.pk)
    assert not ask(journey, units=2, days=2).needs_person
    assert ask(journey, days=3).needs_person


def test_each_person_has_first_sessions_of_their_own(journey: Journey) -> None:
    ask(journey, units=3)
    assert not ask(journey, who=journey.staff2, units=3).needs_person
    assert ask(journey, days=2).needs_person


@pytest.fixture
def lasting(journey: Journey) -> int:
    """The year of a 1 September to come that the agreement covers."""
    year = local_day(now()).year + 1
    Agreement.objects.update(valid_until=date(year + 1, 8, 1), data_part_valid_until=date(year + 1, 8, 1))
    return year


def test_they_begin_anew_on_the_first_of_september(journey: Journey, lasting: int) -> None:
    august = datetime(lasting, 8, 20, 2, tzinfo=UTC)
    with as_of(august):
        assert not ask_on(journey, august + timedelta(days=3), units=3).needs_person
        assert ask_on(journey, datetime(lasting, 8, 31, 12, 30, tzinfo=UTC)).needs_person
        assert ask_on(journey, datetime(lasting, 8, 31, 15, 30, tzinfo=UTC)).needs_person, "23:30 in the school"
        assert not ask_on(journey, datetime(lasting, 8, 31, 16, tzinfo=UTC), units=3).needs_person, "1 September there"
        assert ask_on(journey, datetime(lasting, 9, 2, 2, tzinfo=UTC)).needs_person


def test_new_year_begins_no_first_sessions(journey: Journey, lasting: int) -> None:
    december = datetime(lasting - 1, 12, 20, 2, tzinfo=UTC)
    with as_of(december):
        assert not ask_on(journey, december + timedelta(days=2), units=3).needs_person
        assert ask_on(journey, datetime(lasting, 1, 4, 2, tzinfo=UTC)).needs_person


def test_why_an_office_looks_is_said_to_both_and_no_number_to_the_office(journey: Journey) -> None:
    waiting = ask(journey, units=4, days=2)
    mine = desk(journey, "staff").get(f"/my/referrals/{waiting.pk}/").content.decode()
    assert "超过了本学年不用审核的前几次" in mine
    theirs = desk(journey, "centre").get(f"/centre/referrals/{waiting.pk}/").content.decode()
    assert "超过了本学年不用审核的前几次" in theirs
    assert "您已经用过或约了" not in theirs


def test_a_second_look_is_kept_as_the_reason(journey: Journey) -> None:
    waiting = ask(journey, units=4, days=2)
    decline_referral(actor=journey.centre, referral_id=waiting.pk, reason="talk_first")
    looked = look_again(actor=journey.staff, tenant=journey.tenant, referral_id=waiting.pk)
    assert looked.review_reason == ReviewReason.AGAIN
