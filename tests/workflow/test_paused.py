"""A suspended agency: what is booked there is listed and decided one by one; silence loses nothing (books §4)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of, now
from kernel.errors import Forbidden, IllegalMove, Invalid, NotFound, Refused
from ledger.keys import AccountKey, Balance, Book
from ledger.keys import Unit as CountedIn
from ledger.selectors import balance, difference
from notifications.models import OutboxMessage
from partners.models import Institution
from partners.states import InstitutionEvent
from partners.workflow import move_institution
from referrals.due import run_due
from referrals.models import Booking, PausedRequest, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow.paused import decide_paused, pass_paused, pause_of, tell_paused
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def suspend(journey: Journey, event: InstitutionEvent = InstitutionEvent.SUSPEND) -> None:
    with use_tenant(journey.platform.id):
        move_institution(actor=journey.operator, institution_id=journey.institution.pk, event=event)


def booked(journey: Journey, *, days: int = 20, **more: Any) -> tuple[Referral, Booking]:
    referral = ask(journey, days=days, **more)
    booking = answer(journey, referral)
    return Referral.objects.get(pk=referral.pk), booking


def decide(journey: Journey, referral: Referral, choice: str, actor: Any = None) -> PausedRequest:
    return decide_paused(actor=actor or journey.centre, tenant=journey.tenant, referral_id=referral.pk, choice=choice)


def pool_of(referral: Referral) -> Balance:
    """The pool of the year of its day: twenty days from now may be another year."""
    return balance(AccountKey(Book.POOL, "counselling", referral.service_date.year, CountedIn.FEN))


def even() -> bool:
    return difference() == units_difference() == 0


def told(template: str) -> int:
    return OutboxMessage.objects.filter(template=template).count()


def due(journey: Journey, referral: Referral) -> datetime:
    pause = pause_of(journey.tenant, Referral.objects.get(pk=referral.pk))
    assert pause is not None
    return pause.due_at


def test_kept_it_takes_place_and_is_paid_though_the_agency_is_suspended(journey: Journey) -> None:
    referral, booking = booked(journey)
    voucher = Voucher.objects.get(referral=referral)
    suspend(journey)
    with as_of(booking.starts_at), pytest.raises(Refused, match="suspended"):
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert decide(journey, referral, "keep").state == "kept"
    with as_of(booking.starts_at):
        run_due()
        redeem(actor=journey.partner_counter, text=voucher.code)
    referral.refresh_from_db()
    assert referral.state == "completed"
    assert pool_of(referral).spent == referral.subsidy_fen
    assert even()


def test_a_word_counts_for_one_suspension_alone(journey: Journey) -> None:
    referral, booking = booked(journey)
    suspend(journey)
    decide(journey, referral, "keep")
    suspend(journey, InstitutionEvent.REINSTATE)
    assert pause_of(journey.tenant, referral) is None
    suspend(journey)
    with as_of(booking.starts_at), pytest.raises(Refused, match="suspended"):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=referral).code)
    assert decide(journey, referral, "move").state == "moved"
    assert PausedRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("choice", "state", "shown"), [("move", "expired", "no_taker"), ("cancel", "cancelled", "cancelled")]
)
def test_moved_or_called_off_all_is_free_and_costs_nothing(
    journey: Journey, choice: str, state: str, shown: str
) -> None:
    referral, booking = booked(journey)
    before = pool_of(referral).available
    suspend(journey)
    decide(journey, referral, choice)
    referral.refresh_from_db()
    booking.refresh_from_db()
    assert (referral.state, referral.shown_state, booking.state, booking.missed_fee_fen) == (
        state,
        shown,
        "cancelled",
        0,
    )
    assert pool_of(referral).available == before + referral.subsidy_fen
    assert Voucher.objects.get(referral=referral).state == "void"
    assert even()
    with pytest.raises(NotFound):
        decide(journey, referral, "keep")


def test_what_was_served_stays_and_the_rest_of_a_course_is_free(journey: Journey) -> None:
    referral, booking = booked(journey, units=2)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=referral).code)
        suspend(journey)
    with as_of(booking.starts_at + timedelta(days=1)):
        decide(journey, referral, "move")
    referral.refresh_from_db()
    assert referral.state == "completed"
    stands = pool_of(referral)
    assert (stands.spent, stands.reserved) == (referral.subsidy_fen // 2, 0)
    assert even()


@pytest.mark.parametrize("swept", [False, True])
def test_after_three_working_days_it_moves_swept_or_not(journey: Journey, *, swept: bool) -> None:
    referral, _booking = booked(journey)
    suspend(journey)
    if swept:
        run_due()
        run_due()
        assert (told("agency_paused") > 0, PausedRequest.objects.count()) == (True, 1)
    until = due(journey, referral)
    assert timedelta(days=3, minutes=-1) <= until - now() <= timedelta(days=12)
    with as_of(until):
        for choice in ("keep", "move", "cancel"):
            with pytest.raises(Refused, match="too_late"):
                decide(journey, referral, choice)
        run_due()
        run_due()
    referral.refresh_from_db()
    pause = PausedRequest.objects.get()
    assert (referral.state, pause.state, pause.decided_by_id) == ("expired", "moved", None)
    assert told("agency_paused_move") > 0
    assert even()


def test_the_school_says_in_how_many_working_days(journey: Journey) -> None:
    referral, _booking = booked(journey)
    suspend(journey)
    before = due(journey, referral)
    journey.tenant.rules = {"pause_days": 1}
    journey.tenant.save()
    assert timedelta(hours=23) <= due(journey, referral) - now() <= timedelta(days=10)
    assert due(journey, referral) < before


def test_the_clock_decides_two_hours_before_an_appointment_that_is_sooner(journey: Journey) -> None:
    referral, booking = booked(journey, days=1)
    suspend(journey)
    assert due(journey, referral) == booking.starts_at - timedelta(hours=2)
    with as_of(booking.starts_at - timedelta(hours=2)):
        run_due()
        run_due()
    referral.refresh_from_db()
    assert referral.state == "expired"


def test_an_agency_that_is_back_leaves_nothing_to_decide(journey: Journey) -> None:
    referral, _booking = booked(journey)
    suspend(journey)
    run_due()
    until = due(journey, referral)
    suspend(journey, InstitutionEvent.REINSTATE)
    with as_of(until):
        run_due()
        with pytest.raises(NotFound):
            decide(journey, referral, "move")
    referral.refresh_from_db()
    assert referral.state == "confirmed"


def test_the_office_of_the_kind_decides_once_and_nobody_their_own(journey: Journey) -> None:
    own = make_person(journey.tenant, "centre", "staff")
    mine, _booking = booked(journey, who=actor_of(own), days=22)
    referral, _booking = booked(journey)
    suspend(journey)
    with pytest.raises(Forbidden, match="same_person"):
        decide(journey, mine, "keep", actor_of(own))
    with pytest.raises((Forbidden, NotFound)):
        decide(journey, referral, "keep", journey.union)
    with pytest.raises(Invalid, match="out_of_range"):
        decide(journey, referral, "wait")
    decide(journey, referral, "keep")
    with pytest.raises(IllegalMove):
        decide(journey, referral, "cancel")
    assert PausedRequest.objects.get().state == "kept"


def test_whoever_may_read_does_not_decide_and_what_was_decided_stays_so_after_its_time(journey: Journey) -> None:
    referral, _booking = booked(journey)
    suspend(journey)
    with pytest.raises(Forbidden):
        decide(journey, referral, "keep", actor_of(make_person(journey.tenant, "duty", "staff")))
    done = decide(journey, referral, "keep")
    with as_of(done.due_at), pytest.raises(IllegalMove):
        decide(journey, referral, "cancel")


def test_the_sweep_tells_once_and_moves_nothing_that_is_decided_or_not_due(journey: Journey) -> None:
    referral, _booking = booked(journey)
    suspend(journey)
    said: dict[str, Any] = {"actor": journey.centre, "tenant": journey.tenant}
    assert tell_paused(**said, referral_id=referral.pk)
    assert not tell_paused(**said, referral_id=referral.pk)
    pause = PausedRequest.objects.get()
    assert not pass_paused(**said, pause_id=pause.pk), "not due"
    decide(journey, referral, "keep")
    with as_of(pause.due_at + timedelta(hours=1)):
        assert not pass_paused(**said, pause_id=pause.pk), "decided"
    assert (PausedRequest.objects.get().state, Booking.objects.get().state) == ("kept", "confirmed")


def test_what_is_under_way_when_the_agency_is_suspended_is_not_called_off(journey: Journey) -> None:
    referral, booking = booked(journey)
    with as_of(booking.starts_at + timedelta(minutes=5)):
        suspend(journey)
        for choice in ("cancel", "move"):
            with pytest.raises(Refused, match="cancel_started"):
                decide(journey, referral, choice)
    assert Booking.objects.get().state == "confirmed"
    assert not PausedRequest.objects.exclude(state="open").exists()


def client_of(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def test_by_hand_the_list_the_choice_and_what_the_person_reads(journey: Journey) -> None:
    Membership.objects.filter(pk=journey.members["staff"].pk).update(name="柳问渠")
    referral, _booking = booked(journey)
    centre, union = client_of(journey, "centre"), client_of(journey, "union")
    assert "没有暂停服务的机构" in centre.get("/centre/suspended/").content.decode()
    suspend(journey)
    listed = centre.get("/centre/suspended/").content.decode()
    page = f"/centre/suspended/{referral.pk}/"
    assert page in listed
    assert "柳问渠" not in listed
    assert referral.number in b"".join(centre.get("/centre/suspended/export.csv")).decode()
    assert referral.number not in union.get("/union/suspended/").content.decode()
    assert union.get(f"/union/suspended/{referral.pk}/").status_code == 404
    assert centre.post(page, {"choice": ""}).status_code == 422
    person = client_of(journey, "staff")
    assert "暂停服务" in person.get(f"/my/referrals/{referral.pk}/").content.decode()
    assert centre.post(page, {"choice": "move"})["Location"] == "/centre/suspended/"
    assert "这家约不上" in person.get(f"/my/referrals/{referral.pk}/").content.decode()
    assert Institution.objects.get(pk=journey.institution.pk).suspended_at is not None
