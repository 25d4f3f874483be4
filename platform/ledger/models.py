"""Accounts, transfers, entries. What must never happen is refused by the database, not by us.

- entries are only ever added; a trigger carries each into its account's balance, and nothing else may touch a balance;
- no bucket but the source goes below zero (CHECK); at the commit the entries of a transfer sum to zero in each unit.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from ledger.keys import Book, Bucket, Kind, Unit
from tenancy.constraints import AppendOnly, Statement, TenantFK
from tenancy.models import TenantModel

MAX_REFERENCE = 160

CARRY = Statement(
    name="ledger_entry_carry",
    create="""
CREATE FUNCTION ledger_entry_carry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_account SET balance = balance + NEW.amount
        WHERE id = NEW.account_id AND tenant_id = NEW.tenant_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger: an entry without its account' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_carry AFTER INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_carry();
""",
    drop="""
DROP TRIGGER IF EXISTS ledger_entry_carry ON ledger_entry;
DROP FUNCTION IF EXISTS ledger_entry_carry();
""",
)
"""The balance follows the entries; the application has no other way to change it."""

BALANCED = Statement(
    name="ledger_entry_balanced",
    create="""
CREATE FUNCTION ledger_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('app.tenant', true), '');
    entries bigint;
    crooked bigint;
BEGIN
    -- Runs at the commit, when another school may be open: look at the entry's own school.
    PERFORM set_config('app.tenant', NEW.tenant_id::text, true);
    SELECT coalesce(sum(n), 0), count(*) FILTER (WHERE total <> 0) INTO entries, crooked FROM (
        SELECT count(*) AS n, sum(e.amount) AS total
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
            WHERE e.transfer_id = NEW.transfer_id GROUP BY a.unit
    ) per_unit;
    PERFORM set_config('app.tenant', before, true);
    IF entries = 0 OR crooked <> 0 THEN
        RAISE EXCEPTION 'ledger: debit and credit differ' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balanced();
""",
    drop="""
DROP TRIGGER IF EXISTS ledger_entry_balanced ON ledger_entry;
DROP FUNCTION IF EXISTS ledger_entry_balanced();
""",
)
"""Debit equals credit per transfer and unit, checked once all entries are in."""

GUARDED = Statement(
    name="ledger_account_guarded",
    create="""
CREATE FUNCTION ledger_account_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance <> 0 THEN
            RAISE EXCEPTION 'ledger: an account opens at zero' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF (NEW.id, NEW.tenant_id, NEW.book, NEW.owner, NEW.period, NEW.unit, NEW.bucket)
            IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.book, OLD.owner, OLD.period, OLD.unit, OLD.bucket) THEN
        RAISE EXCEPTION 'ledger: an account keeps its name' USING ERRCODE = 'integrity_constraint_violation';
    ELSIF NEW.balance <> OLD.balance AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'ledger: only an entry moves a balance' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_account_guarded BEFORE INSERT OR UPDATE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_guarded();
""",
    drop="""
DROP TRIGGER IF EXISTS ledger_account_guarded ON ledger_account;
DROP FUNCTION IF EXISTS ledger_account_guarded();
""",
)
"""A balance set by hand is refused, by whichever role."""


def _choices(words: type[Book] | type[Unit] | type[Bucket] | type[Kind]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Account(TenantModel):
    """One bucket of one line. ``balance`` is in ``unit`` and always the sum of the account's entries."""

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
    """One movement of one or more lines. ``reference`` is the caller's key: the same key moves nothing twice.

    ``against`` is the reservation that a commit, release or refund belongs to, when the caller says so.
    """

    kind = models.CharField(max_length=8, choices=_choices(Kind))
    reference = models.CharField(max_length=MAX_REFERENCE)
    against = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="followers")
    reason = models.CharField(max_length=40, blank=True)
    by = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("against"),
            models.UniqueConstraint(fields=["tenant", "reference"], name="ledger_reference_once"),
            models.CheckConstraint(name="ledger_transfer_words", condition=models.Q(kind__in=[w.value for w in Kind])),
            AppendOnly(),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="ledger_transfer_newest")]


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
        ]
        indexes = [models.Index(fields=["tenant", "account", "-id"], name="ledger_entry_by_account")]
