"""An agency cannot after all: the truth is said, nothing stays held, and the same times go to another in one press."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.models import Booking, Offer, Referral, Voucher
from referrals.staff.selectors import agencies_instead
from referrals.wishes import Wishes
from referrals.workflow.answering import decline_offer, propose_times
from referrals.workflow.redeeming import redeem
from referrals.workflow.rerouting import ask_another, cancel_by_agency, refuse_proposals
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_partner_person, soon
from tests.workflow.journey_steps import answer, ask, pool, second_agency

pytestmark = pytest.mark.django_db


@pytest.fixture
def renai(journey: Journey) -> Service:
    """A second agency with the same kind of service."""
    return second_agency(journey)


def told(template: str) -> int:
    return OutboxMessage.objects.filter(template=template).count()


def declined(journey: Journey, **wish: Any) -> Referral:
    referral = ask(journey, **wish)
    decline_offer(actor=journey.partner_office, offer_id=Offer.objects.get(referral=referral).pk, reason="no_capacity")
    referral.refresh_from_db()
    return referral


def page(journey: Journey, referral: Referral) -> str:
    client = Client(HTTP_HOST=journey.tenant.host)
    client.force_login(journey.members["staff"].user)
    return client.get(f"/my/referrals/{referral.pk}/").content.decode()


def instead(journey: Journey, referral: Referral, service: Service, token: str = "", who: Any = None) -> Referral:
    if not token:
        token = next(
            (q.token for q in agencies_instead(journey.staff, journey.tenant, referral) if q.service == service),
            "missing",
        )
    return ask_another(
        actor=who or journey.staff, tenant=journey.tenant, referral_id=referral.pk, service_id=service.pk,
        quote_token=token,
    )  # fmt: skip


def test_a_no_of_the_agency_is_called_what_it_is(journey: Journey, renai: Service) -> None:
    referral = declined(journey)
    assert (referral.state, referral.shown_state) == ("expired", "no_taker")
    assert (told("referral_no_taker"), told("referral_expired")) == (1, 0)
    text = page(journey, referral)
    assert "这家约不上" in text
    assert "已过期" not in text
    assert renai.institution.name in text
    assert "¥224.00" in text  # 70 % of 320, before the press
    client = Client(HTTP_HOST=journey.tenant.host)
    client.force_login(journey.members["staff"].user)
    assert "这家约不上" in client.get("/my/referrals/").content.decode()


def test_the_same_times_go_to_another_agency_in_one_press(journey: Journey, renai: Service) -> None:
    referral = declined(journey, wishes=Wishes(access=("step_free",)))
    made = instead(journey, referral, renai)
    assert made.instead_of_id == referral.pk
    assert (made.partner_id, made.kind, made.units) == (renai.institution_id, "counselling", 1)
    assert made.wishes == referral.wishes == Wishes(access=("step_free",))
    assert [(w.starts_at, w.ends_at) for w in made.windows.all()] == [
        (w.starts_at, w.ends_at) for w in referral.windows.all()
    ]
    assert Offer.objects.get(referral=made).state == "open"
    assert pool(journey).reserved == made.subsidy_fen == 22_400
    assert instead(journey, referral, renai, token="missing") == made, "pressed twice it is asked once"
    assert Referral.objects.count() == 2
    assert agencies_instead(journey.staff, journey.tenant, referral) == []
    assert made.number in page(journey, referral)
    assert difference() == 0


def test_it_is_asked_by_its_owner_at_the_price_shown_and_for_the_same_kind(journey: Journey, renai: Service) -> None:
    referral = declined(journey)
    with pytest.raises(NotFound):
        instead(journey, referral, renai, token="x", who=actor_of(make_person(journey.tenant, "staff")))
    with pytest.raises(NotFound):
        instead(journey, referral, journey.childcare, token="x")
    with pytest.raises(NotFound):
        instead(journey, referral, journey.counselling, token="x")
    with pytest.raises((Conflict, Refused), match="quote"):
        instead(journey, referral, renai, token="missing")
    assert Referral.objects.count() == 1
    assert pool(journey).reserved == 0


def test_what_is_open_or_was_cancelled_goes_nowhere(journey: Journey, renai: Service) -> None:
    referral = ask(journey)
    with pytest.raises(Refused, match="not_rerouted"):
        instead(journey, referral, renai, token="x")
    assert Referral.objects.count() == 1


def test_past_times_are_not_asked_again(journey: Journey, renai: Service) -> None:
    referral = declined(journey)
    with as_of(referral.windows.get().starts_at + timedelta(minutes=1)):
        assert agencies_instead(journey.staff, journey.tenant, referral) == []
        with pytest.raises(Refused, match="times_over"):
            instead(journey, referral, renai, token="x")
    assert Referral.objects.count() == 1


def test_a_silent_agency_counts_as_a_no_before_the_sweep_has_been(journey: Journey, renai: Service) -> None:
    referral = ask(journey, days=6)
    with as_of(Offer.objects.get().deadline + timedelta(minutes=1)):
        assert "这家约不上" in page(journey, referral)
        made = instead(journey, referral, renai)
        referral.refresh_from_db()
        assert (referral.state, referral.decline_reason) == ("expired", "no_answer")
        assert pool(journey).reserved == made.subsidy_fen, "the first is free, the second is held"
    assert difference() == 0


def test_what_the_dates_ended_stays_ended_when_the_repetition_is_refused(journey: Journey, renai: Service) -> None:
    """It is written down by itself: the repetition takes its number and the books with no lock of it held."""
    referral = ask(journey, days=6)
    with as_of(Offer.objects.get().deadline + timedelta(minutes=1)):
        with pytest.raises((Conflict, Refused), match="quote"):
            instead(journey, referral, renai, token="missing")
        referral.refresh_from_db()
        assert (referral.state, referral.decline_reason) == ("expired", "no_answer")
        assert (Referral.objects.count(), pool(journey).reserved, difference()) == (1, 0, 0)


def test_an_agency_that_could_not_is_not_offered_again(journey: Journey, renai: Service) -> None:
    made = instead(journey, declined(journey), renai)
    _user, office = make_partner_person(journey.operator, journey.platform, renai.institution, "partner_office")
    decline_offer(actor=office, offer_id=Offer.objects.get(referral=made).pk, reason="on_holiday")
    made.refresh_from_db()
    assert agencies_instead(journey.staff, journey.tenant, made) == []


def proposed(journey: Journey) -> Referral:
    referral = ask(journey)
    start, end = soon(days=3)
    offer = Offer.objects.get(referral=referral)
    propose_times(actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, windows=[(start, end)])
    return referral


def test_other_times_are_announced_with_their_last_moment(journey: Journey) -> None:
    text = page(journey, proposed(journey))
    assert "请选一个时间" in text
    assert "等机构答复" not in text
    assert f"/my/referrals/{Referral.objects.get().pk}/none-fits/" in text


def test_none_of_the_times_ends_it_at_once_and_the_agency_is_told(journey: Journey, renai: Service) -> None:
    referral = proposed(journey)
    refuse_proposals(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    referral.refresh_from_db()
    assert (referral.shown_state, referral.decline_reason) == ("no_taker", "none_fits")
    assert Offer.objects.get().state == "withdrawn"
    assert told("offer_withdrawn") > 0
    assert (pool(journey).reserved, difference()) == (0, 0)
    assert [quote.service for quote in agencies_instead(journey.staff, journey.tenant, referral)] == [renai]
    with pytest.raises(IllegalMove):
        refuse_proposals(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert AuditEntry.objects.filter(action="proposal.refuse").count() == 1


def test_nothing_is_refused_that_nobody_proposed_or_that_is_over(journey: Journey) -> None:
    referral = ask(journey)
    with pytest.raises(Refused, match="nothing_proposed"):
        refuse_proposals(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    with pytest.raises(NotFound):
        refuse_proposals(
            actor=actor_of(make_person(journey.tenant, "staff")), tenant=journey.tenant, referral_id=referral.pk
        )
    with as_of(Offer.objects.get().deadline + timedelta(minutes=1)), pytest.raises(IllegalMove):
        refuse_proposals(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert Offer.objects.get().state == "open"


def call_off(journey: Journey, booking: Booking, *, reason: str = "ill", who: Any = None) -> Booking:
    return cancel_by_agency(
        actor=who or journey.partner_office, tenant=journey.tenant, booking_id=booking.pk, reason=reason
    )


def test_the_agency_cancels_and_it_costs_the_person_nothing(journey: Journey, renai: Service) -> None:
    referral = ask(journey)
    booking = call_off(journey, answer(journey, referral))
    referral.refresh_from_db()
    assert (booking.state, booking.sequence) == ("cancelled", 1)
    assert Voucher.objects.get().state == "void"
    assert (referral.shown_state, referral.decline_reason) == ("no_taker", "ill")
    assert (pool(journey).reserved, pool(journey).spent, difference()) == (0, 0, 0)
    assert told("booking_cancelled_by_agency") == 1
    text = page(journey, referral)
    assert "机构有人生病" in text
    assert "卡券到期没有使用" not in text
    assert renai.institution.name in text
    with pytest.raises(IllegalMove):
        call_off(journey, booking)


def test_what_has_begun_or_was_used_is_not_called_off(journey: Journey) -> None:
    booking = answer(journey, ask(journey))
    with as_of(booking.starts_at), pytest.raises(Refused, match="cancel_started"):
        call_off(journey, booking)
    with as_of(booking.starts_at + timedelta(minutes=5)):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        booking.refresh_from_db()
        with pytest.raises(IllegalMove):
            call_off(journey, booking)
    assert told("booking_cancelled_by_agency") == 0


def test_only_the_agency_itself_calls_off_with_a_reason_of_the_list(journey: Journey, renai: Service) -> None:
    booking = answer(journey, ask(journey))
    _user, stranger = make_partner_person(journey.operator, journey.platform, renai.institution, "partner_office")
    with pytest.raises(NotFound):
        call_off(journey, booking, who=stranger)
    with pytest.raises(Forbidden):
        call_off(journey, booking, who=journey.staff)
    with pytest.raises(Invalid):
        call_off(journey, booking, reason="no_mood")
    booking.refresh_from_db()
    assert booking.state == "confirmed"


def test_of_a_course_only_the_one_appointment_goes(journey: Journey) -> None:
    referral = ask(journey, units=3)
    booking = call_off(journey, answer(journey, referral), reason="double_booked")
    referral.refresh_from_db()
    voucher = Voucher.objects.get()
    assert (booking.state, referral.state, voucher.units_left) == ("cancelled", "confirmed", 3)
    assert voucher.valid_until >= local_day(now())
    assert pool(journey).reserved == referral.subsidy_fen


def test_the_desk_shows_the_way_and_asks_before(journey: Journey) -> None:
    booking = answer(journey, ask(journey))
    client = Client(HTTP_HOST=journey.platform.host)
    client.force_login(journey.partner_user)
    address = f"/partner/bookings/{booking.pk}/cancel/"
    assert address in client.get("/partner/bookings/").content.decode()
    shown = client.get(address).content.decode()
    assert booking.card in shown
    assert client.post(address).status_code == 422
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    assert client.post(address, {"reason": "ill"}).status_code == 302
    booking.refresh_from_db()
    assert booking.state == "cancelled"
    assert address not in client.get("/partner/bookings/").content.decode()
