"""Steps of the main job that several files walk; the school of ``journey`` is open."""

from datetime import timedelta

from kernel.clock import local_day, now
from ledger.keys import AccountKey
from ledger.selectors import balance
from partners.workflow import LineDraft, add_service, approve_agreement, draft_agreement
from referrals.models import Offer
from referrals.workflow.answering import confirm_offer
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import make_partner, soon


def ask(journey, *, who=None, units=1, service=None, days=1, consent=("referral",), **extra):
    start, _end = soon(days=days)
    return submit_referral(
        actor=who or journey.staff,
        tenant=journey.tenant,
        service_id=(service or journey.counselling).pk,
        units=units,
        windows=[(start, start + timedelta(hours=3))],
        consent=list(consent),
        **extra,
    )


def answer(journey, referral):
    offer = Offer.objects.get(referral=referral)
    start = referral.windows.get().starts_at
    return confirm_offer(
        actor=journey.partner_office,
        tenant=journey.tenant,
        offer_id=offer.pk,
        starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )


def pool(journey, scheme="counselling"):
    return balance(AccountKey("pool", scheme, local_day(now() + timedelta(days=1)).year, "fen"))


def second_agency(journey):
    """Another agency with counselling, a little dearer (320 yuan), agreed with the same school; its service."""
    institution = make_partner(journey.operator, journey.platform)
    with use_tenant(journey.platform.id):
        service = add_service(
            actor=journey.operator, institution_id=institution.pk, name="心理咨询", kind="counselling",
            list_fee_fen=40_000, unit="session", minutes=50,
        )  # fmt: skip
    today = local_day(now())
    agreement = draft_agreement(
        actor=journey.union, partner_id=institution.pk, valid_from=today - timedelta(30),
        valid_until=today + timedelta(300), data_part_valid_until=today + timedelta(300),
        lines=[LineDraft(service.pk, 32_000)],
    )  # fmt: skip
    approve_agreement(actor=journey.finance, agreement_id=agreement.pk)
    return service
