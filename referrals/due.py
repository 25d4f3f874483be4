"""What time itself moves: unanswered offers and vouchers past their last day. Found as system, done school by school."""

from datetime import timedelta

from accounts.actor import system_in
from kernel.clock import local_day, now
from referrals.models import Offer, Voucher
from referrals.states import OfferState, VoucherState
from referrals.workflow.answering import expire_offer
from referrals.workflow.ending import expire_voucher
from tenancy.models import Tenant
from tenancy.scope import across_tenants, use_tenant


def run_due(limit: int = 500) -> int:
    """Do what is due now, at most ``limit`` of each kind; safe to run twice. Returns how much was done."""
    with across_tenants("find offers past their deadline and vouchers past their last day"):
        offers = list(
            Offer.objects.filter(state=OfferState.OPEN, deadline__lte=now()).values_list("tenant_id", "pk")[:limit]
        )
        # One day later than any zone's today, and looked at again inside the school's own zone.
        before = local_day(now()) + timedelta(days=1)
        vouchers = list(
            Voucher.objects.filter(
                state__in=[VoucherState.ISSUED, VoucherState.ACTIVE], valid_until__lt=before
            ).values_list("tenant_id", "pk")[:limit]
        )
    done = 0
    for tenant_id, offer_id in offers:
        with use_tenant(tenant_id):
            expire_offer(actor=system_in(tenant_id), offer_id=offer_id)
            done += 1
    for tenant_id, voucher_id in vouchers:
        with use_tenant(tenant_id):
            tenant = Tenant.objects.get(pk=tenant_id)
            done += expire_voucher(actor=system_in(tenant_id), tenant=tenant, voucher_id=voucher_id)
    return done
