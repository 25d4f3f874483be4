"""Steps of the main job that several files walk; the school of ``journey`` is open."""

from datetime import timedelta

from kernel.clock import local_day, now
from ledger.keys import AccountKey
from ledger.selectors import balance
from referrals.models import Offer
from referrals.workflow.answering import confirm_offer
from referrals.workflow.submitting import submit_referral
from tests.fixtures_journey import soon


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
