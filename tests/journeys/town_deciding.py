"""Who decides: a colleague's request by the union, hardship files on both desks, several agencies at once."""

from datetime import timedelta

from kernel.clock import local_day, now
from kernel.identifiers import uuid7
from partners.models import Agreement
from partners.states import InstitutionEvent
from partners.workflow import move_institution, suspend_agreement
from referrals.models import CorrectionSide, Offer, Redemption, Referral
from referrals.staff.drafts import consent_to
from referrals.workflow.answering import confirm_offer
from referrals.workflow.claiming import claim_amount, decline_claim
from referrals.workflow.correcting import approve_correction, ask_correction
from referrals.workflow.drafting import keep_draft
from referrals.workflow.hardship import ask_hardship
from referrals.workflow.objecting import agree
from referrals.workflow.proxy import submit_proxy
from referrals.workflow.relief import submit_relief
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import BOXES, Journey
from tests.journeys.town_missed import used
from tests.workflow.chair_steps import lead
from tests.workflow.several_steps import agency_with, ask_several, pay_for


def deciding_paths(journey: Journey) -> dict[str, str]:
    """Inside the school. A request of the union for a colleague, a file that waits for finance, a draft that may ask several."""
    pay_for(journey, "home_help")
    services = [agency_with(journey, "home_help", fee)[0] for fee in (18_000, 24_000, 21_000)]
    person = journey.members["staff2"]
    start = (now() + timedelta(days=6)).replace(second=0, microsecond=0)
    sent = submit_proxy(
        actor=journey.union, tenant=journey.tenant, person_id=person.pk, service_id=services[0].pk, units=2,
        windows=[(start, start + timedelta(hours=4))], agreed_how="by_phone", agreed_on=local_day(now()),
    )  # fmt: skip
    today = local_day(now())
    file = ask_hardship(
        actor=journey.union, tenant=journey.tenant, person_id=person.pk, number="KN-2031", ceiling_fen=300_000,
        first_day=today, last_day=today + timedelta(days=120),
    )  # fmt: skip
    answers = {
        "when": {"units": "1", **dict.fromkeys(BOXES, "on")}, "unit": services[0].unit, "consent": True,
        "consent_to": consent_to(services[0]),
        "others": {"beside": str(services[0].pk), "ticked": [str(services[1].pk)]},
    }  # fmt: skip
    draft = keep_draft(
        actor=journey.staff2, tenant=journey.tenant, draft_id=uuid7(), service=services[0], answers=answers
    )
    asked = ask_several(journey, services, who=journey.staff2)
    relief, paused = _relief(journey), _paused(journey)
    return _corrected(journey) | {
        "open_agreement": f"/finance/agreements/{journey.agreement.pk}/",
        "suspended_agreement": f"/finance/agreements/{_suspended(journey).pk}/",
        "relief_first": f"/union/referrals/{relief.pk}/",
        "paused_one": f"/union/suspended/{paused.pk}/",
        "paused_mine": f"/my/referrals/{paused.pk}/",
        "proxied": f"/my/referrals/{sent.pk}/",
        "asked_several": f"/my/referrals/{asked.pk}/",
        "apply_several": f"/apply/{draft.pk}/several/",
        "apply_check_several": f"/apply/{draft.pk}/check/",
        "proxy_for": f"/union/proxy/{person.pk}/",
        "proxy_form": f"/union/proxy/{person.pk}/?service={services[0].pk}",
        "proxy_union": f"/union/referrals/{sent.pk}/",
        "hardship_new": f"/union/hardship/new/{person.pk}/",
        "hardship_union": f"/union/hardship/{file.pk}/",
        "hardship_finance": f"/finance/hardship/{file.pk}/",
    }


def _relief(journey: Journey) -> Referral:
    """More crisis relief than the union's chair grants alone; the town has one, and no deputy."""
    lead(journey, "union")
    pay_for(journey, "crisis_relief", share_bp=10_000)
    service, _office = agency_with(journey, "home_help", 210_000, mode="confirm")
    start = (now() + timedelta(days=8)).replace(second=0, microsecond=0)
    return submit_relief(
        actor=journey.centre, tenant=journey.tenant, person_id=journey.members["staff2"].pk, service_id=service.pk,
        units=1, windows=[(start, start + timedelta(hours=4))],
    )  # fmt: skip


def _paused(journey: Journey) -> Referral:
    """An appointment at an agency that was suspended since."""
    service, office = agency_with(journey, "home_help", 19_000, mode="confirm")
    start = (now() + timedelta(days=12)).replace(second=0, microsecond=0)
    sent = submit_referral(
        actor=journey.staff2, tenant=journey.tenant, service_id=service.pk, units=1,
        windows=[(start, start + timedelta(hours=4))], consent=["referral"],
    )  # fmt: skip
    confirm_offer(
        actor=office, tenant=journey.tenant, offer_id=Offer.objects.get(referral=sent).pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    with use_tenant(journey.platform.id):
        move_institution(actor=journey.operator, institution_id=service.institution_id, event=InstitutionEvent.SUSPEND)
    return sent


def _suspended(journey: Journey) -> Agreement:
    """An agreement that the union has suspended; nothing is booked there."""
    service, _office = agency_with(journey, "home_help", 26_000, mode="confirm")
    found = Agreement.objects.get(partner_id=service.institution_id)
    return suspend_agreement(actor=journey.union, agreement_id=found.pk, reason="papers")


def _claimed(journey: Journey, lines: list[Redemption]) -> dict[str, str]:
    """An amount that the person asks about, and one that was answered; a use of the union's kinds that was agreed to."""
    waits, answered = (
        claim_amount(
            actor=journey.staff2, redemption_id=line.pk, side=CorrectionSide.PERSON, cause="price", fee_fen=22_000,
            reason="机构贴出来的价目是 220 元",
        )
        for line in lines
    )  # fmt: skip
    decline_claim(actor=journey.finance, claim_id=answered.pk, answer="协议里这一天的价格是 240 元，已经按它更正。")
    helped = agree(actor=journey.staff2, redemption_id=used(journey, days=28).pk)
    Referral.objects.filter(pk=helped.voucher.referral_id).update(kind="home_help")  # which the union decides
    claim_amount(
        actor=journey.union, redemption_id=helped.pk, side=CorrectionSide.UNION, cause="not_had", reason="那天没有人来"
    )
    new = f"/finance/corrections/new/{waits.redemption_id}/"
    return {
        "claim": f"/finance/corrections/claims/{waits.pk}/",
        "claim_answered": f"/finance/corrections/claims/{answered.pk}/",
        "correction_of_claim": f"{new}?claim={waits.pk}",
        "use_claimed": f"/vouchers/uses/{waits.redemption_id}/",
        "use_wrong": f"/vouchers/uses/{answered.redemption_id}/wrong/",
        "union_amounts_found": f"/union/amounts/?q={helped.voucher_number}",
        "union_amount": f"/union/amounts/{helped.pk}/",
        "partner_claim": f"/partner/redemptions/{answered.redemption_id}/wrong/",
    }


def _corrected(journey: Journey) -> dict[str, str]:
    """A use that was corrected, and a correction of another one that waits for a second person."""
    lines = [used(journey, days=days) for days in (26, 27)]
    rows = []
    for line in lines:
        agree(actor=journey.staff2, redemption_id=line.pk)
        rows.append(
            ask_correction(
                actor=journey.finance, redemption_id=line.pk, cause="price", side="agency", fee_fen=24_000,
                reason="协议里这一天的价格是 240 元",
            )
        )  # fmt: skip
    approve_correction(actor=journey.finance2, correction_id=rows[0].pk)
    return _claimed(journey, lines) | {
        "correction": f"/finance/corrections/{rows[1].pk}/",
        "correction_found": f"/finance/corrections/new/?q={lines[0].voucher_number}",
        "correction_new": f"/finance/corrections/new/{lines[0].pk}/",
        "use_corrected": f"/vouchers/uses/{lines[0].pk}/",
    }
