"""An agreement is terminated; nothing new is agreed on while it is paused; who may do it, and by hand (books §4, ADR 0050)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from kernel.errors import Forbidden, IllegalMove, Invalid, NotFound, Refused
from partners.models import Agreement, Service
from partners.selectors import lines_open_on
from partners.workflow import (
    resume_agreement,
    suspend_agreement,
    terminate_agreement,
)
from referrals.due import run_due
from referrals.models import Booking, Offer, PausedRequest, WaitingEntry
from referrals.pauses import pauses_of, seat_is_open
from referrals.workflow.answering import confirm_offer, propose_times
from referrals.workflow.paused import pause_of, paused_now, tell_paused
from referrals.workflow.submitting import approve_referral, decline_referral
from referrals.workflow.waiting_list import accept_seat, offer_seat
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow.journey_steps import answer, ask, pool, second_agency
from tests.workflow.paused_steps import (
    booked,
    even,
    resume,
    suspend,
    suspend_agency,
    terminate,
    told,
    use,
)
from tests.workflow.test_instant import draft_of, hold, send

pytestmark = pytest.mark.django_db


# -- terminated --------------------------------------------------------------------------------------------------------------


def test_terminated_what_was_not_served_is_void_and_another_agency_is_offered(journey: Journey) -> None:
    second_agency(journey)
    referral, booking, voucher = booked(journey, units=2)
    with as_of(booking.starts_at):
        use(journey, voucher)
        terminate(journey)
        with pytest.raises(Refused, match="suspended"):
            use(journey, voucher)
        assert not paused_now().exists(), "there is nothing to decide"
        assert pause_of(journey.tenant, referral) is None
        run_due()
        run_due()
    referral.refresh_from_db()
    voucher.refresh_from_db()
    assert (referral.state, voucher.state, told("booking_cancelled_by_agency") > 0) == ("completed", "void", True)
    assert pool(journey).reserved == 0
    assert even()


def test_terminated_an_offer_without_answer_is_a_no_at_once(journey: Journey, other_school: Any) -> None:
    referral = ask(journey, days=5)
    terminate(journey)
    run_due()
    referral.refresh_from_db()
    assert (referral.state, Offer.objects.get().state) == ("expired", "declined")
    assert even()


def test_an_agreement_before_its_first_day_is_called_off_and_pauses_nothing(journey: Journey) -> None:
    referral, _booking, _voucher = booked(journey)
    today = local_day(now())
    Agreement.objects.update(valid_from=today + timedelta(days=5))
    row = terminate(journey)
    assert (row.state, row.terminated_at) == ("ended", None)
    assert pauses_of(referral.pk, now()) == [], "another agreement may cover that day; of this one nothing is left"


# -- what is asked while it is paused ----------------------------------------------------------------------------------------


def test_an_offer_is_not_answered_for_a_day_on_which_the_agency_is_paused(journey: Journey) -> None:
    referral = ask(journey, days=5)
    offer, start = Offer.objects.get(), referral.windows.get().starts_at
    suspend(journey)
    times = {"starts_at": start, "ends_at": start + timedelta(minutes=50)}
    answers: list[Callable[[], Any]] = [
        lambda: confirm_offer(actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, **times),
        lambda: propose_times(
            actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, windows=[tuple(times.values())]
        ),
    ]
    for act in answers:
        with pytest.raises(Refused, match="suspended"):
            act()
    offer.refresh_from_db()
    assert (offer.state, Booking.objects.count()) == ("open", 0)
    resume(journey)
    answer(journey, referral)


def test_nothing_new_is_asked_for_and_the_directory_is_silent(journey: Journey) -> None:
    suspend(journey)
    with pytest.raises(Refused, match="no_agreement"):
        ask(journey, days=5)
    assert not lines_open_on(local_day(now())).exists()


# -- who may, and what is written --------------------------------------------------------------------------------------------


def test_either_office_suspends_finance_alone_lifts_and_terminates(journey: Journey) -> None:
    for who in (journey.centre, journey.staff, journey.partner_office):
        with pytest.raises(Forbidden):
            suspend(journey, who)
    suspend(journey, journey.finance)
    for write in (
        lambda: resume_agreement(actor=journey.union, agreement_id=journey.agreement.pk),
        lambda: terminate_agreement(actor=journey.union, agreement_id=journey.agreement.pk, reason="quality"),
    ):
        with pytest.raises(Forbidden):
            write()
    with pytest.raises(IllegalMove):
        suspend(journey)
    lifted = resume(journey)
    assert (lifted.state, lifted.reason, lifted.suspended_at) == ("active", "", None)
    with pytest.raises(IllegalMove):
        resume(journey)
    terminate(journey)
    for again in (suspend, resume, terminate):
        with pytest.raises(IllegalMove):
            again(journey)
    acts = AuditEntry.objects.filter(action__startswith="agreement.").order_by("seq").values_list("action", flat=True)
    assert list(acts)[-3:] == ["agreement.suspend", "agreement.resume", "agreement.terminate"]
    assert AuditEntry.objects.filter(action="agreement.terminate", facts__reason="quality").count() == 1


def test_a_reason_comes_from_the_list_and_a_strangers_agreement_is_not_found(
    journey: Journey, other_school: Any
) -> None:
    for wrong in ("", "because", "Quality"):
        for write in (suspend_agreement, terminate_agreement):
            with pytest.raises(Invalid):
                write(actor=journey.finance, agreement_id=journey.agreement.pk, reason=wrong)
    with use_tenant(other_school.id), pytest.raises(NotFound):
        suspend_agreement(
            actor=actor_of(make_person(other_school, "union")), agreement_id=journey.agreement.pk, reason="quality"
        )
    row = Agreement.objects.get(pk=journey.agreement.pk)
    assert (row.state, row.reason, row.suspended_at) == ("active", "", None)


def client_of(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def test_by_hand_suspended_lifted_and_terminated(journey: Journey) -> None:
    referral, _booking, _voucher = booked(journey)
    union, finance, centre = (client_of(journey, who) for who in ("union", "finance", "centre"))
    page = f"/agreements/{journey.agreement.pk}/"
    assert f"/union{page}suspend/" in union.get(f"/union{page}").content.decode()
    assert union.post(f"/union{page}suspend/", {"reason": ""}).status_code == 422
    assert union.post(f"/union{page}suspend/", {"reason": "billing"})["Location"] == f"/union{page}"
    shown = union.get(f"/union{page}").content.decode()
    assert "已暂停" in shown
    assert "suspend/" not in shown
    assert union.get(f"/union{page}suspend/").status_code == 302, "it says how it stands"
    listed = centre.get(f"/centre/suspended/{referral.pk}/").content.decode()
    assert "本校与这家机构的协议" in listed
    person = client_of(journey, "staff").get(f"/my/referrals/{referral.pk}/").content.decode()
    assert "账单" not in person
    assert "协议" not in person, "the person reads that it is looked at, not why"
    assert union.get(f"/finance{page}resume/").status_code in (403, 404)
    assert finance.get(f"/finance{page}resume/").status_code == 200
    assert finance.post(f"/finance{page}resume/").status_code == 302
    assert "terminate/" in finance.get(f"/finance{page}").content.decode()
    assert finance.post(f"/finance{page}terminate/", {"reason": "agreed"}).status_code == 302
    row = Agreement.objects.get(pk=journey.agreement.pk)
    assert (row.state, row.reason) == ("ended", "agreed")


def test_a_waiting_list_passes_a_paused_school_by_and_keeps_its_place(journey: Journey) -> None:
    start = now() + timedelta(days=5)
    entry = WaitingEntry.objects.create(
        person=journey.members["staff"], service=journey.counselling, resource=UUID(int=7), starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    assert WaitingEntry.objects.filter(seat_is_open(), pk=entry.pk).exists()
    suspend(journey)
    assert not WaitingEntry.objects.filter(seat_is_open(), pk=entry.pk).exists()
    assert not offer_seat(entry_id=entry.pk), "the round that saw it open came too late"
    assert WaitingEntry.objects.get().state == "waiting"


def test_told_once_for_each_reason(journey: Journey) -> None:
    referral, _booking, _voucher = booked(journey)
    suspend(journey)
    said: dict[str, Any] = {"actor": journey.centre, "tenant": journey.tenant, "referral_id": referral.pk}
    assert tell_paused(**said)
    assert not tell_paused(**said)
    suspend_agency(journey)
    assert tell_paused(**said)
    assert not tell_paused(**said)
    assert PausedRequest.objects.count() == 2


def test_a_time_under_review_is_not_confirmed_there_and_the_office_may_decline(journey: Journey) -> None:
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()
    tenant = journey.tenant
    tenant.rules = {**tenant.rules, "automatic_approval": False}
    tenant.save()
    draft = draft_of(journey)
    hold(journey, draft, soon(days=5)[0].replace(minute=0))
    referral = send(journey, draft)
    suspend(journey)
    with pytest.raises(Refused, match="suspended"), transaction.atomic():
        approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    referral.refresh_from_db()
    assert (referral.state, Booking.objects.get().state) == ("submitted", "pending")
    decline_referral(actor=journey.centre, referral_id=referral.pk, reason="talk_first")
    assert Booking.objects.get().state == "cancelled"
    assert even()


def test_an_offered_seat_is_not_taken_while_the_agency_is_paused(journey: Journey) -> None:
    start = now() + timedelta(days=5)
    entry = WaitingEntry.objects.create(
        person=journey.members["staff"], service=journey.counselling, resource=UUID(int=7), starts_at=start,
        ends_at=start + timedelta(minutes=50), state="offered", until=now() + timedelta(hours=1), slot=UUID(int=8),
    )  # fmt: skip
    suspend(journey)
    with pytest.raises(Refused, match="suspended"):
        accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft_of(journey))
    entry.refresh_from_db()
    assert (entry.state, entry.slot) == ("offered", UUID(int=8))
