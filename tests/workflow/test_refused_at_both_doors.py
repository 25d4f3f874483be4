"""Whoever comes second is told so by page and by program alike, by the same name, and nothing has moved (books §4, §9)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.models import Booking, Offer, Referral, ReferralDraft, Reschedule
from referrals.workflow.answering import confirm_offer
from referrals.workflow.rescheduling import ask_reschedule
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, office_of, staff_of, window
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask, pool
from tests.workflow.several_steps import agency_with, ask_several, offer_to, pay_for
from tests.workflow.test_free_time_pages import ready
from tests.workflow.test_free_time_pages import send as press_send

pytestmark = pytest.mark.django_db
SESSION = timedelta(minutes=50)
TAKEN = "另一家先确认了"
WISH_OPEN = "已经有一个改时间的请求"
PENDING = "您已有一份申请占着时间等答复"


def browser(host: str, user: Any) -> Client:
    client = Client(headers={"host": host, "accept-language": "zh-hans"})
    client.force_login(user)
    return client


def of_side(journey: Journey, side: str) -> Client:
    if side == "person":
        return browser(journey.tenant.host, journey.members["staff"].user)
    return browser(journey.platform.host, journey.partner_user)


def is_refused(answered: Any, status: int, title: str) -> bool:
    return answered.status_code == status and title in answered.content.decode()


def is_refused_program(answered: Any, status: int, code: str) -> bool:
    return (answered.status_code, answered.json()["code"]) == (status, code)


@pytest.mark.parametrize("door", ["page", "program"])
@pytest.mark.parametrize("act", ["confirm", "decline"])
def test_the_agency_that_is_second_is_told_that_another_was_faster(journey: Journey, door: str, act: str) -> None:
    pay_for(journey, "home_help")
    rows = [agency_with(journey, "home_help", fee) for fee in (20_000, 40_000)]
    referral = ask_several(journey, [service for service, _office in rows])
    start = referral.windows.get().starts_at
    (winner, who_won), (loser, who_lost) = rows
    lost = offer_to(referral, loser).pk
    confirm_offer(
        actor=who_won, tenant=journey.tenant, offer_id=offer_to(referral, winner).pk, starts_at=start,
        ends_at=start + SESSION,
    )  # fmt: skip

    def moved() -> tuple[Any, ...]:
        with use_tenant(journey.tenant.id):
            booked = tuple(Booking.objects.values_list("partner_id", "state"))
            offers = dict(Offer.objects.values_list("pk", "state"))
            return booked, offers, pool(journey, "home_help"), OutboxMessage.objects.count()

    before = moved()
    assert (len(before[0]), before[1][lost]) == (1, "withdrawn")
    page, times = f"/partner/offers/{lost}/", (start.isoformat(), (start + SESSION).isoformat())
    if door == "page":
        assert who_lost.user_id is not None
        client = browser(journey.platform.host, User.objects.get(pk=who_lost.user_id))
        shown = client.get(page).content.decode()
        assert 'name="starts_at"' not in shown, "nothing is left to answer"
        sent = (page, {"starts_at": times[0]}) if act == "confirm" else (f"{page}decline/", {"reason": "no_capacity"})
        assert is_refused(client.post(*sent), 409, TAKEN)
    else:
        said = (
            dict(zip(("starts_at", "ends_at"), times, strict=True)) if act == "confirm" else {"reason": "no_capacity"}
        )
        program = Caller(journey.platform, who_lost)
        assert is_refused_program(program.post(f"{API}partner/offers/{lost}/{act}/", said), 409, "taken")
    assert moved() == before


@pytest.mark.parametrize("door", ["page", "program"])
@pytest.mark.parametrize("side", ["person", "agency"])
def test_a_second_wish_to_move_waits_for_the_first(journey: Journey, door: str, side: str) -> None:
    """Whoever asked for the first one."""
    booking = answer(journey, ask(journey, days=4))
    first = booking.starts_at + timedelta(days=1)
    ask_reschedule(
        actor=journey.staff, tenant=journey.tenant, booking_id=booking.pk, starts_at=first, ends_at=first + SESSION
    )
    start = booking.starts_at + timedelta(days=2)
    if door == "page":
        check = (
            f"/my/referrals/{booking.referral_id}/appointments/{booking.pk}/move/check/"
            if side == "person"
            else f"/partner/bookings/{booking.pk}/move/check/"
        )
        client = of_side(journey, side)
        assert client.get(check, {"start": start.isoformat()}).status_code == 302, "no button is shown"
        assert is_refused(client.post(check, {"start": start.isoformat()}), 409, WISH_OPEN)
    else:
        program = staff_of(journey) if side == "person" else office_of(journey)
        span = {"starts_at": start.isoformat(), "ends_at": (start + SESSION).isoformat()}
        answered = program.post(f"{API}bookings/{booking.pk}/reschedule/", {"windows": [span]})
        assert is_refused_program(answered, 409, "reschedule_open")
    with use_tenant(journey.tenant.id):
        assert [(row.starts_at, row.state) for row in Reschedule.objects.all()] == [(first, "open")]
        assert Booking.objects.get().starts_at == booking.starts_at


def asked_at_once(journey: Journey, days: int, units: int) -> dict[str, Any]:
    return {
        "service": str(journey.counselling.pk),
        "units": units,
        "consent": ["referral"],
        "at_once": True,
        "windows": [window(days=days)],
    }


def by_page(journey: Journey) -> Callable[[], Any]:
    """The press of a draft that is ready."""
    client = browser(journey.tenant.host, journey.members["staff"].user)
    draft, _start = ready(journey, client)
    check = client.get(f"/apply/{draft}/check/").content.decode()
    return lambda: press_send(client, draft, check)


@pytest.mark.parametrize("door", ["page", "program"])
def test_one_request_of_a_kind_waits_with_a_time(journey: Journey, door: str) -> None:
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    program = staff_of(journey)
    press = by_page(journey) if door == "page" else None
    first = program.post(f"{API}referrals/", asked_at_once(journey, 8, 4))
    assert (first.status_code, first.json()["state"]) == (201, "submitted"), first.content
    before = held_times(journey)
    if press is not None:
        assert is_refused(press(), 422, PENDING)
        assert ReferralDraft.objects.exists(), "what was written is kept"
    else:
        assert is_refused_program(program.post(f"{API}referrals/", asked_at_once(journey, 9, 1)), 422, "pending_open")
    assert held_times(journey) == before
    assert Referral.objects.count() == 1


def held_times(journey: Journey) -> list[tuple[datetime, str]]:
    with use_tenant(journey.tenant.id):
        return list(Booking.objects.values_list("starts_at", "state"))
