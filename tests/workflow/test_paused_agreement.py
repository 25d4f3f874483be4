"""An agreement is suspended and lifted, a paper runs out: one road for all (books §4, ADR 0050).

The late moment, the partial use and the second school stand first.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from demo.worlds import agree
from kernel.clock import as_of, local_day, now, start_of_day
from kernel.errors import IllegalMove, NotFound, Refused
from partners.kinds import LicenceKind
from partners.models import Agreement, Licence
from partners.pauses import PauseCause, check_open, pauses_on
from partners.selectors import lines_open_on
from partners.workflow import (
    advance_agreements,
    change_licence,
    end_agreement,
)
from referrals.due import run_due
from referrals.models import Offer, PausedRequest, Referral, Voucher
from referrals.pauses import pauses_of
from referrals.workflow.answering import confirm_offer
from referrals.workflow.paused import pass_paused, pause_of, paused_now
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import ask, pool
from tests.workflow.paused_steps import (
    booked,
    day_of,
    decide,
    end_paper,
    even,
    paper,
    resume,
    suspend,
    suspend_agency,
    told,
    use,
)

pytestmark = pytest.mark.django_db


# -- late, partial, other schools ------------------------------------------------------------------------------------------


def test_nothing_is_redeemed_from_the_moment_of_the_suspension_on_swept_or_not(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey, days=0)
    with as_of(booking.starts_at):
        suspend(journey)
        with pytest.raises(Refused, match="suspended"):
            use(journey, voucher)
        run_due()
        with pytest.raises(Refused, match="suspended"):
            use(journey, voucher)
        resume(journey)
        use(journey, voucher)
    assert even()


def test_what_was_used_before_stays_and_only_the_rest_is_decided(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, units=2)
    with as_of(booking.starts_at):
        use(journey, voucher)
        suspend(journey)
    with as_of(booking.starts_at + timedelta(days=1)):
        decide(journey, referral, "move")
    referral.refresh_from_db()
    assert (referral.state, Voucher.objects.get().state) == ("completed", "void")
    assert even()


def test_an_agreement_suspended_at_one_school_leaves_the_other_school_untouched(
    journey: Journey, other_school: Any
) -> None:
    mine, _booking, _voucher = booked(journey)
    with use_tenant(other_school.id):
        other = make_journey(other_school)
        today = local_day(now())
        days = (today - timedelta(30), today + timedelta(300))
        agree(other.union, other.finance, journey.institution.pk, {journey.counselling.pk: 28_000}, days)
        theirs = ask(other, service=journey.counselling, days=20)
        offer = Offer.objects.get(referral=theirs)
        start = theirs.windows.get().starts_at
        booking = confirm_offer(
            actor=journey.partner_office, tenant=other.tenant, offer_id=offer.pk, starts_at=start + timedelta(hours=1),
            ends_at=start + timedelta(hours=1, minutes=50),
        )  # fmt: skip
    suspend(journey)
    run_due()
    assert [row.pk for row in paused_now()] == [mine.pk]
    with use_tenant(other_school.id):
        assert not paused_now().exists()
        assert not PausedRequest.objects.exists()
        assert lines_open_on(day_of(booking)).filter(service=journey.counselling).exists()
        with as_of(booking.starts_at):
            redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=theirs).code)


@pytest.mark.parametrize("swept", [False, True])
def test_lifted_before_or_after_the_sweep_there_is_nothing_to_decide(journey: Journey, *, swept: bool) -> None:
    referral, booking, voucher = booked(journey)
    suspend(journey)
    if swept:
        run_due()
    pause = pause_of(journey.tenant, referral)
    assert pause is not None
    resume(journey)
    assert pause_of(journey.tenant, referral) is None
    with as_of(pause.due_at + timedelta(hours=1)):
        run_due()
        with pytest.raises(NotFound):
            decide(journey, referral, "move")
        if swept:
            assert not pass_paused(actor=journey.centre, tenant=journey.tenant, pause_id=pause.pk)
    with as_of(booking.starts_at):
        use(journey, voucher)
    assert told("agency_paused") == (2 if swept else 0) or told("agency_paused") == int(swept)
    assert even()


def test_silence_moves_the_person_on_without_a_fee(journey: Journey) -> None:
    referral, _booking, voucher = booked(journey)
    suspend(journey)
    run_due()
    pause = PausedRequest.objects.get()
    assert (pause.cause, pause.state) == ("agreement", "open")
    with as_of(pause.due_at):
        with pytest.raises(Refused, match="too_late"):
            decide(journey, referral, "keep")
        run_due()
    referral.refresh_from_db()
    voucher.refresh_from_db()
    assert (referral.state, voucher.state) == ("expired", "void")
    assert pool(journey).reserved == 0
    assert even()


# -- one word for what stands, a new reason is asked anew --------------------------------------------------------------------


def test_kept_it_takes_place_and_a_new_reason_is_asked_anew(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    suspend(journey)
    assert decide(journey, referral, "keep").state == "kept"
    suspend_agency(journey)
    with as_of(booking.starts_at), pytest.raises(Refused, match="suspended"):
        use(journey, voucher)
    run_due()
    assert sorted(PausedRequest.objects.values_list("cause", "state")) == [("agency", "open"), ("agreement", "kept")]
    decide(journey, referral, "keep")
    with as_of(booking.starts_at):
        use(journey, voucher)
    assert even()


def test_one_word_answers_every_reason_that_stands(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    suspend(journey)
    suspend_agency(journey)
    run_due()
    assert told("agency_paused") in (1, 2), "both reasons are one message (and one for each channel)"
    decide(journey, referral, "keep")
    assert set(PausedRequest.objects.values_list("state", flat=True)) == {"kept"}
    with pytest.raises(IllegalMove):
        decide(journey, referral, "cancel")
    with as_of(booking.starts_at):
        use(journey, voucher)


def test_a_word_is_for_that_suspension_alone(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    suspend(journey)
    decide(journey, referral, "keep")
    resume(journey)
    with as_of(now() + timedelta(minutes=1)):
        suspend(journey)
    with as_of(booking.starts_at), pytest.raises(Refused, match="suspended"):
        use(journey, voucher)


# -- a paper -----------------------------------------------------------------------------------------------------------------


def test_a_paper_that_ends_on_a_day_needs_no_sweep(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    day = day_of(booking)
    end_paper(journey, day + timedelta(days=1))
    assert pauses_of(referral.pk, now()) == [], "its last day is the appointment's"
    end_paper(journey, day)
    [pause] = pauses_of(referral.pk, now())
    assert (pause.cause, pause.since) == (PauseCause.LICENCE, start_of_day(day, booking.zone))
    with as_of(booking.starts_at), pytest.raises(Refused, match="suspended"):
        use(journey, voucher)
    shown = pause_of(journey.tenant, referral)
    assert shown is not None
    assert shown.due_at == booking.starts_at - timedelta(hours=2), "known beforehand, decided beforehand"


def test_a_new_paper_in_time_takes_the_pause_away(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    day = day_of(booking)
    end_paper(journey, day)
    run_due()
    assert PausedRequest.objects.get().cause == "licence"
    with use_tenant(journey.platform.id):
        row = paper(journey)
        change_licence(
            actor=journey.operator, licence_id=row.pk, number=row.number, issuer="", valid_from=row.valid_from,
            valid_until=day + timedelta(days=300),
        )  # fmt: skip
    assert pauses_of(referral.pk, now()) == []
    with as_of(booking.starts_at):
        run_due()
        use(journey, voucher)
    assert even()


def test_a_paper_of_another_kind_of_service_pauses_nothing(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    end_paper(journey, local_day(now()), "childcare")
    assert pauses_of(referral.pk, now()) == []
    assert [pause.cause for pause in pauses_on(journey.institution.pk, "childcare", day_of(booking))] == ["licence"]
    with as_of(booking.starts_at):
        use(journey, voucher)


def test_a_paper_ended_for_a_day_that_is_over_gives_the_office_its_days_all_the_same(journey: Journey) -> None:
    referral, _booking, _voucher = booked(journey)
    end_paper(journey, local_day(now()) - timedelta(days=30))
    [pause] = pauses_of(referral.pk, now())
    assert abs(pause.since - now()) < timedelta(minutes=1), "decided now, not a month ago"
    shown = pause_of(journey.tenant, referral)
    assert shown is not None
    assert shown.due_at - now() >= timedelta(days=3, minutes=-1)


def test_nobody_keeps_a_treatment_without_a_medical_licence(journey: Journey) -> None:
    referral, _booking, _voucher = booked(journey)
    end_paper(journey, local_day(now()))
    run_due()
    Referral.objects.filter(pk=referral.pk).update(kind="psychiatry")
    with pytest.raises(Refused, match="no_medical_paper"):
        decide(journey, referral, "keep")
    assert not PausedRequest.objects.filter(state="kept").exists()


def test_every_paper_that_a_kind_needs_is_asked_for(journey: Journey) -> None:
    for kind in LicenceKind:
        Licence.objects.get_or_create(
            institution=journey.institution, kind=kind, defaults={"number": "9", "valid_from": date(2020, 1, 1)}
        )
    day = local_day(now())
    for service, needed in {"psychiatry": "medical", "meals": "food", "elder_care": "elder_care"}.items():
        assert pauses_on(journey.institution.pk, service, day) == []
        check_open(journey.institution.pk, service, day)
        Licence.objects.filter(kind=needed).update(valid_until=day)
        assert [pause.cause for pause in pauses_on(journey.institution.pk, service, day)] == ["licence"]
        with pytest.raises(Refused, match="suspended"):
            check_open(journey.institution.pk, service, day)


# -- the agreement's own days ------------------------------------------------------------------------------------------------


def test_an_agreement_ended_for_a_day_lists_what_lies_beyond(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    end_agreement(actor=journey.finance, agreement_id=journey.agreement.pk, on=day_of(booking) + timedelta(days=1))
    assert pauses_of(referral.pk, now()) == []
    end_agreement(actor=journey.finance, agreement_id=journey.agreement.pk, on=day_of(booking))
    assert [pause.cause for pause in pauses_of(referral.pk, now())] == ["agreement"]
    with as_of(booking.starts_at), pytest.raises(Refused, match="suspended"):
        use(journey, voucher)
    decide(journey, referral, "keep")
    with as_of(booking.starts_at):
        run_due()
        use(journey, voucher)
    assert even()


def test_a_suspension_outlives_the_agreements_last_day_swept_or_not(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    suspend(journey)
    Agreement.objects.update(valid_until=day_of(booking))
    with as_of(booking.starts_at):
        with pytest.raises(IllegalMove):
            resume(journey)
        advance_agreements(actor=journey.centre, today=day_of(booking))
        assert Agreement.objects.get().state == "ended"
        with pytest.raises(IllegalMove):
            resume(journey)
        with pytest.raises(Refused, match="suspended"):
            use(journey, voucher)
