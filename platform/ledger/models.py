"""Accounts, transfers, entries. What must never happen is refused by the database, not by us.

- entries are only ever added; a trigger carries each into its account's balance, and nothing else may touch a balance;
- no bucket but the source goes below zero (CHECK); at the commit the entries of a transfer sum to zero in each unit.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from ledger.keys import AGAINST, Book, Bucket, Kind, Unit
from ledger.statements import BALANCED, CARRY, GUARDED, MOVE
from tenancy.constraints import AppendOnly, TenantFK
from tenancy.models import TenantModel

MAX_REFERENCE = 160


def _choices(enum: type[Book] | type[Unit] | type[Bucket] | type[Kind]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


class Account(TenantModel):
    """One bucket of one account; ``AccountKey`` names the account. ``balance`` is in ``unit`` and always the sum of the account's entries."""

    book = models.CharField(max_length=8, choices=_choices(Book))
    owner = models.CharField(max_length=120)
    period = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8, choices=_choices(Unit))
    bucket = models.CharField(max_length=10, choices=_choices(Bucket))
    balance = models.BigIntegerField(default=0, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "book", "owner", "period", "unit", "bucket"], name="ledger_account_once"
            ),
            models.CheckConstraint(
                name="ledger_never_below_zero",
                condition=models.Q(balance__gte=0) | models.Q(bucket=Bucket.GRANTED.value),
            ),
            models.CheckConstraint(
                name="ledger_source_never_above_zero",
                condition=models.Q(balance__lte=0) | ~models.Q(bucket=Bucket.GRANTED.value),
            ),
            models.CheckConstraint(
                name="ledger_account_words",
                condition=models.Q(book__in=[w.value for w in Book])
                & models.Q(unit__in=[w.value for w in Unit])
                & models.Q(bucket__in=[w.value for w in Bucket]),
            ),
            GUARDED,
        ]
        indexes = [models.Index(fields=["tenant", "book", "period"], name="ledger_account_by_period")]


class Transfer(TenantModel):
    """One movement of one or more accounts. ``reference`` is the caller's key: the same key moves nothing twice.

    ``against`` is the reservation that it belongs to: no commit, release or refund is without one. Of a unit of service,
    ``service_date`` is the day it is for (the school's zone) and ``budget_year`` the calendar year of the pool that pays.
    """

    kind = models.CharField(max_length=8, choices=_choices(Kind))
    reference = models.CharField(max_length=MAX_REFERENCE)
    against = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="followers")
    reason = models.CharField(max_length=40, blank=True)
    by = models.UUIDField(null=True, editable=False)
    service_date = models.DateField(null=True, editable=False)
    budget_year = models.PositiveSmallIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("against"),
            models.UniqueConstraint(fields=["tenant", "reference"], name="ledger_reference_once"),
            models.CheckConstraint(name="ledger_transfer_words", condition=models.Q(kind__in=[w.value for w in Kind])),
            models.CheckConstraint(
                name="ledger_against_a_reservation",
                condition=~models.Q(kind__in=sorted(kind.value for kind in AGAINST)) | models.Q(against__isnull=False),
            ),
            AppendOnly(),
        ]
        indexes = [models.Index(fields=["tenant", "kind", "id"], name="ledger_transfer_by_kind")]


class Entry(TenantModel):
    """One side of a transfer: ``amount`` in the account's unit, positive into it, negative out of it, never zero."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, db_constraint=False, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, related_name="entries")
    amount = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("transfer"),
            TenantFK("account"),
            models.CheckConstraint(name="ledger_entry_not_zero", condition=~models.Q(amount=0)),
            models.UniqueConstraint(fields=["tenant", "transfer", "account"], name="ledger_entry_once"),
            AppendOnly(),
            CARRY,
            BALANCED,
            MOVE,
        ]
        indexes = [models.Index(fields=["tenant", "account", "-id"], name="ledger_entry_by_account")]
