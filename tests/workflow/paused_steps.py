"""One school's agreement or an agency's paper comes to an end for a while; what is booked there, and how it stands."""

from datetime import date
from typing import Any

from kernel.clock import local_day
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import Agreement, Licence
from partners.states import InstitutionEvent
from partners.workflow import (
    end_licence,
    move_institution,
    resume_agreement,
    suspend_agreement,
    terminate_agreement,
)
from referrals.models import Booking, PausedRequest, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow.paused import decide_paused
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask


def suspend(journey: Journey, actor: Any = None) -> Agreement:
    return suspend_agreement(actor=actor or journey.union, agreement_id=journey.agreement.pk, reason="quality")


def resume(journey: Journey) -> Agreement:
    return resume_agreement(actor=journey.finance, agreement_id=journey.agreement.pk)


def terminate(journey: Journey) -> Agreement:
    return terminate_agreement(actor=journey.finance, agreement_id=journey.agreement.pk, reason="quality")


def booked(journey: Journey, *, days: int = 20, **more: Any) -> tuple[Referral, Booking, Voucher]:
    referral = ask(journey, days=days, **more)
    booking = answer(journey, referral)
    return Referral.objects.get(pk=referral.pk), booking, Voucher.objects.get(referral=referral)


def use(journey: Journey, voucher: Voucher) -> None:
    redeem(actor=journey.partner_counter, text=voucher.code)


def decide(journey: Journey, referral: Referral, choice: str) -> PausedRequest:
    return decide_paused(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk, choice=choice)


def paper(journey: Journey, kind: str = "registration") -> Licence:
    return journey.institution.licences.get(kind=kind)


def end_paper(journey: Journey, on: date, kind: str = "registration") -> None:
    with use_tenant(journey.platform.id):
        end_licence(actor=journey.operator, licence_id=paper(journey, kind).pk, on=on)


def suspend_agency(journey: Journey, event: InstitutionEvent = InstitutionEvent.SUSPEND) -> None:
    with use_tenant(journey.platform.id):
        move_institution(actor=journey.operator, institution_id=journey.institution.pk, event=event)


def even() -> bool:
    return difference() == units_difference() == 0


def told(template: str) -> int:
    return OutboxMessage.objects.filter(template=template).count()


def day_of(booking: Booking) -> date:
    return local_day(booking.starts_at, booking.zone)
