"""The next sessions of the same in one tap: price and review before it, once however often it is tapped (experience §1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.clock import as_of
from kernel.errors import Conflict, NotFound, Refused
from partners.models import OpeningHours
from referrals.models import Offer, Referral
from referrals.subsidies.quoting import quote
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.continuing import ask_next, may_continue, plan_next
from referrals.workflow.redeeming import redeem
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked, even, fresh

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def had(journey: Journey) -> tuple[Referral, Any]:
    """A single session that was had, and when."""
    referral, booking, voucher = booked(journey)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    referral.refresh_from_db()
    return referral, booking.starts_at


def token(journey: Journey, referral: Referral) -> tuple[str, Any]:
    """What the page would carry: the price's token and the plan."""
    plan = plan_next(actor=journey.staff, tenant=journey.tenant, referral=referral)
    asked = quote(
        actor=journey.staff,
        tenant=journey.tenant,
        service_id=plan.service.pk,
        units=plan.units,
        service_date=min(journey.tenant.day_of(start) for start, _end in plan.times),
    )
    return asked.token, plan


def tap(journey: Journey, referral: Referral, sent: str, who: Any = None, review: str = "") -> Referral:
    return ask_next(
        actor=who or journey.staff,
        tenant=journey.tenant,
        referral_id=referral.pk,
        quote_token=sent,
        review_seen=review,
    )


def test_one_tap_asks_for_the_same_at_the_same_weekday_and_hour(journey: Journey, had: Any) -> None:
    referral, at = had
    with as_of(at + SECOND):
        sent, plan = token(journey, referral)
        made = tap(journey, referral, sent)
        assert tap(journey, referral, sent) == made, "tapped twice"
    assert (made.service_id, made.partner_id, made.units, made.follows_id) == (
        referral.service_id, referral.partner_id, referral.units, referral.pk,
    )  # fmt: skip
    assert (made.consent, made.wishes, made.note) == (referral.consent, referral.wishes, "")
    assert made.state == "offered"
    assert Offer.objects.filter(referral=made).count() == 1
    asked = [(row.starts_at, row.ends_at) for row in made.windows.all()]
    assert asked == plan.times
    assert all((start - at) % (7 * DAY) == timedelta(0) and start > plan.answer_by for start, _end in asked)
    assert Referral.objects.count() == 2
    assert even()


def test_a_running_course_goes_on_after_its_last_appointment(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, units=2)
    assert not may_continue(referral), "nothing was had yet"
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    referral.refresh_from_db()
    with as_of(booking.starts_at + SECOND):
        _sent, plan = token(journey, referral)
        assert plan.units == 2
        assert plan.review is not None, "more than the first sessions of a school year"
        assert min(start for start, _end in plan.times) > booking.starts_at
        sent, _plan = token(journey, referral)
        with pytest.raises(Conflict, match="review_changed"):
            tap(journey, referral, sent)
        assert Referral.objects.count() == 1
        made = tap(journey, referral, sent, review="centre")
    assert (made.state, fresh(referral)) == ("submitted", ("in_service",))


def test_let_go_it_may_be_asked_once_more(journey: Journey, had: Any) -> None:
    referral, at = had
    with as_of(at + SECOND):
        made = tap(journey, referral, token(journey, referral)[0])
        assert not may_continue(referral)
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=made.pk)
        other = tap(journey, referral, token(journey, referral)[0])
    assert other.pk != made.pk
    assert even()


def test_ninety_days_on_and_never_for_a_stranger(journey: Journey, had: Any) -> None:
    referral, at = had
    with as_of(at + SECOND):
        sent, _plan = token(journey, referral)
        with pytest.raises(NotFound):
            tap(journey, referral, sent, journey.staff2)
        with pytest.raises(Refused, match="quote_expired"):
            tap(journey, referral, "missing")
    with as_of(at + 91 * DAY), pytest.raises(Refused, match="not_continued"):
        tap(journey, referral, sent)
    assert Referral.objects.count() == 1


def test_an_agency_that_is_shut_then_leads_to_the_form(journey: Journey, had: Any) -> None:
    referral, at = had
    weekday = journey.tenant.day_of(at).weekday()
    OpeningHours.objects.filter(institution=journey.institution, weekday=weekday).delete()
    mine = Client(headers={"host": journey.tenant.host})
    mine.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    with as_of(at + SECOND):
        with pytest.raises(Refused, match="closed_then"):
            tap(journey, referral, "missing")
        answered = mine.get(f"/my/referrals/{referral.pk}/next/")
        assert answered.headers["Location"] == f"/apply/{referral.service_id}/"
    assert Referral.objects.count() == 1


def test_the_page_says_price_times_and_who_looks_before_the_tap(journey: Journey, had: Any) -> None:
    referral, at = had
    mine = Client(headers={"host": journey.tenant.host})
    mine.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    page = f"/my/referrals/{referral.pk}/next/"
    with as_of(at + SECOND):
        with CaptureQueriesContext(connection) as asked:
            shown = mine.get(page)
        assert len(asked) <= 21, "as many as pages that price take"
        body = shown.content.decode()
        assert shown.context["review"]["title"] in body
        assert "¥90.00" in body
        assert (
            mine.post(page, {"quote": "missing", "review": ""}).headers["Location"] == f"{page}?changed=quote_expired"
        )
        assert Referral.objects.count() == 1
        sent = mine.post(page, {"quote": shown.context["quote"].token, "review": ""})
        made = Referral.objects.get(follows=referral)
        assert sent.headers["Location"] == f"/apply/done/{made.pk}/"
        again = mine.post(page, {"quote": shown.context["quote"].token, "review": ""})
        assert again.headers["Location"] == f"/apply/done/{made.pk}/"
        assert mine.get(page).headers["Location"] == f"/my/referrals/{made.pk}/"
        assert str(made.pk) in mine.get(f"/my/referrals/{referral.pk}/").content.decode()
