"""What a provider says became of a page of the chain (``settings.RECEIPTS_TAKER``). Arrived or read is never an answer."""

from datetime import datetime

from django.db import transaction

from kernel.errors import NotFound
from notifications.models import Delivery as Receipt
from notifications.receipts import MOVES
from referrals.emergency.engine.send import failed_later
from referrals.emergency.models import Delivery
from referrals.emergency.outside import finding
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant


def take_receipt(*, key: str, said: str, at: datetime, host: Tenant) -> None:
    """Note it, once and in whatever order they come. NotFound for an unknown reference and for another school's."""
    page = finding.by_reference(key)
    if page is None or (host.kind != TenantKind.PLATFORM and host.pk != page.tenant_id):
        raise NotFound
    with use_tenant(page.tenant_id), transaction.atomic():
        delivery = Delivery.objects.select_for_update(no_key=True).get(pk=page.pk)
        if said not in MOVES[delivery.receipt]:
            return
        delivery.receipt, delivery.receipt_at = said, at
        delivery.save(update_fields=["receipt", "receipt_at"])
        if said == Receipt.FAILED:
            failed_later(delivery)
