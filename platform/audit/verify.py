"""Reads a school's whole audit chain and says whether it is unchanged."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import router, transaction

from audit import chain
from audit.models import AuditEntry, AuditHead
from tenancy.scope import use_tenant

PAGE = 2000


@dataclass(frozen=True, slots=True)
class Verdict:
    """``broken`` is None for a whole chain; ``rows`` were read; ``head`` is the last hash, to be noted elsewhere."""

    tenant_id: UUID
    rows: int
    head: bytes
    broken: chain.Broken | None


def verify(tenant_id: UUID, *, progress: Callable[[int], None] = lambda rows: None, page: int = PAGE) -> Verdict:
    """Check one school's chain from the first row to the head; ``progress`` is told rows read.

    Old rows never change, so they are read freely; only the last stretch is read while the head is held still.
    """
    walk = chain.Walk(chain.chain_key(settings.HASH_KEY, tenant_id))

    def read(limit: int | None) -> tuple[int, chain.Broken | None]:
        rows = AuditEntry.objects.filter(seq__gt=walk.seq).order_by("seq")
        count = 0
        for entry in rows[:limit] if limit else rows:
            count += 1
            if fault := walk.step(entry.link()):
                return count, fault
        progress(walk.seq)
        return count, None

    with use_tenant(tenant_id):
        while True:
            count, fault = read(page)
            if fault:
                return Verdict(tenant_id, walk.seq, walk.last_hash, fault)
            if count < page:
                break
        with transaction.atomic(using=router.db_for_write(AuditHead)):
            head = AuditHead.objects.select_for_update(no_key=True).first()
            _, fault = read(None)
            if fault is None:
                fault = walk.close(head.value() if head else None)
            if fault is None and AuditEntry.objects.count() != walk.seq:
                fault = chain.Broken(walk.seq, "order")
    return Verdict(tenant_id, walk.seq, walk.last_hash, fault)
