"""What anybody has told about a danger, and the letters that go with it; nothing here knows who it was (chain §1, §10).

No column leads to whoever sent it: none is filled from a session, and the keys are drawn, because a key that holds the
time would tell the second. What stands beside such a row in time is as coarse as ``CoarseNow``.
"""

from typing import cast
from uuid import UUID, uuid4

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Incident
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault import own_key


class CoarseNow(Now):
    """The beginning of the ten minutes in which the chain's clock stands; UTC."""

    template = "date_bin('10 minutes', chain_now(), 'epoch')"

    def as_postgresql(self, compiler, connection, **extra):  # type: ignore[no-untyped-def]
        """Not the ``statement_timestamp()`` that Django would write."""
        return self.as_sql(compiler, connection, **extra)


class Report(TenantModel):
    """One report of ``/report/``. ``own_key`` seals all its words and its picture, and goes with the incident's.

    ``opened``: its incident was opened for it. ``next_at`` (the chain's clock): until then somebody has to have read it;
    none stands once they have. ``receipt_hash``: what is kept of the number by which the sender comes back.
    ``work_hash``: of a piece of work done by the sender's browser, so that none counts twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, db_index=False, related_name="reports")
    opened = models.BooleanField(default=False)
    danger_now = models.BooleanField(default=False)
    receipt_hash = models.BinaryField(max_length=32, editable=False)
    work_hash = models.BinaryField(max_length=32, null=True, editable=False)
    received_at = models.DateTimeField(db_default=CoarseNow(), editable=False)
    own_key = models.BinaryField(editable=False)
    words_sealed = models.BinaryField(null=True, editable=False)
    picture_sealed = models.BinaryField(null=True, editable=False)
    next_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, editable=False)
    was_read = models.BooleanField(default=False, db_default=False, editable=False)
    read_by = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("report")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("read_by"),
            models.UniqueConstraint(fields=["tenant", "receipt_hash"], name="report_receipt_once"),
            models.UniqueConstraint(fields=["tenant", "work_hash"], name="report_work_once"),
            models.CheckConstraint(
                condition=models.Q(read_at__isnull=True, next_at__isnull=False)
                | models.Q(read_at__isnull=False, next_at__isnull=True),
                name="report_unread_has_a_clock",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="report_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["tenant", "incident", "-received_at", "id"], name="report_of_incident"),
            models.Index(fields=["tenant", "-received_at"], name="report_newest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def write(self, field: str, words: str) -> None:
        """Seal ``words`` into ``<field>_sealed`` under its own key."""
        setattr(self, f"{field}_sealed", own_key.seal_words(self._key, *self._row, field, words))

    def read(self, field: str) -> str:
        """The words of ``<field>_sealed``; ``""`` where there are none."""
        return own_key.read_words(self._key, *self._row, field, getattr(self, f"{field}_sealed"))

    def make_key(self) -> None:
        """A key of its own, before anything is written."""
        self.own_key = own_key.new_key(*self._row)

    @property
    def _key(self) -> bytes:
        key = own_key.unwrap(*self._row, self.own_key)
        assert key is not None
        return key

    @property
    def _row(self) -> tuple[UUID, str, UUID]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk


class ReportLetter(TenantModel):
    """What sender and school write to each other afterwards, sealed by the report's key. Without ``by`` the sender wrote it.

    ``number`` counts from one within the report.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    report = models.ForeignKey(Report, models.PROTECT, db_constraint=False, db_index=False, related_name="letters")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    written_at = models.DateTimeField(db_default=CoarseNow(), editable=False)
    words_sealed = models.BinaryField(editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("letter about a report")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("report"),
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "report", "number"], name="report_letter_in_order"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def write(self, words: str) -> None:
        """Seal ``words`` by the key of the report."""
        self.words_sealed = own_key.seal_words(self.report._key, *self._row, "words", words)

    def read(self) -> str:
        """What was written."""
        return own_key.read_words(self.report._key, *self._row, "words", self.words_sealed)

    @property
    def _row(self) -> tuple[UUID, str, UUID]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk


class ReportChecklist(TenantModel):
    """The signs that a school asks for instead of those that come with the product; one row a school.

    ``signs``: dimension (``rules.reporting.Dimension``) → texts in their order.
    """

    signs = models.JSONField(default=dict)
    changed_by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    changed_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("checklist of signs")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("changed_by"),
            models.UniqueConstraint(fields=["tenant"], name="one_checklist_of_a_school"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
