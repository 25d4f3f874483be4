"""Documents that everyone is to have, the proofs, long leaves (requirements 17.2, books §6)."""

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.roles import Role
from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class ProofKind(models.TextChoices):
    """What proves that somebody has it."""

    READ = "read", _("Read to the end")
    QUIZ = "quiz", _("Three questions answered")
    PAPER = "paper", _("Handed over on paper")


class Reading(TenantModel):
    """One material version of a document, for an audience, until a day.

    ``kind`` and ``ref`` name the document (``kinds``), ``version`` its present wording; one that is not material changes
    ``version`` and reopens nothing. A material one begins a new reading that ``follows`` this one, replaced at
    ``replaced_at``. The audience is everybody, or roles, or departments: what is left empty narrows nothing. No list of
    persons and no field of health can be an audience. ``due_on`` is a day of the school's zone, moments are UTC.
    """

    kind = models.CharField(max_length=20)
    ref = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=64)
    follows = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="+")
    roles = ArrayField(models.CharField(max_length=12, choices=Role), default=list, blank=True)
    departments = ArrayField(models.UUIDField(), default=list, blank=True)
    due_on = models.DateField()
    proof = models.CharField(max_length=5, choices=ProofKind)
    questions = models.JSONField(default=list)
    """``[{"question", "right", "wrong": [two]}]``, three of them for a quiz."""
    issued_by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    kept_by = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    """Who took it over; None: whoever gave it out. That one person reads who is missing."""
    issued_at = models.DateTimeField(default=now, editable=False)
    next_at = models.DateTimeField(default=now, editable=False)
    replaced_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("reading")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("follows"),
            TenantFK("issued_by"),
            TenantFK("kept_by"),
            models.UniqueConstraint(
                fields=["tenant", "kind", "ref"],
                condition=models.Q(replaced_at__isnull=True, ended_at__isnull=True),
                name="reading_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=list(Role.values)), name="reading_roles_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-issued_at", "-id"], name="reading_newest"),
            models.Index(
                fields=["next_at"],
                condition=models.Q(replaced_at__isnull=True, ended_at__isnull=True),
                name="reading_look_at",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def keeper_id(self) -> UUID:
        """Whose it is now: the one person who reads who is missing."""
        keeper: UUID = self.kept_by_id or self.issued_by_id
        return keeper

    @property
    def is_open(self) -> bool:
        """Proofs are still taken."""
        return self.replaced_at is None and self.ended_at is None


class Proof(TenantModel):
    """One person has it, or was handed it. ``counted_at`` is when it began to count (UTC).

    Paper is noted by a colleague and counts once the receiver marks it on their own page, or another colleague attests it.
    """

    reading = models.ForeignKey(Reading, models.PROTECT, db_constraint=False, related_name="proofs")
    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    how = models.CharField(max_length=5, choices=ProofKind)
    version = models.CharField(max_length=64)
    noted_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    second_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    marked_at = models.DateTimeField(null=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("proof")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("reading"),
            TenantFK("person"),
            TenantFK("noted_by"),
            TenantFK("second_by"),
            models.UniqueConstraint(fields=["tenant", "reading", "person"], name="proof_once_a_person"),
            models.CheckConstraint(
                condition=~models.Q(how=ProofKind.PAPER)
                | models.Q(counted_at__isnull=True)
                | models.Q(marked_at__isnull=False)
                | models.Q(second_by__isnull=False),
                name="proof_paper_has_two_words",
            ),
            models.CheckConstraint(
                condition=models.Q(noted_by__isnull=True) | ~models.Q(noted_by=models.F("person")),
                name="proof_noted_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(second_by__isnull=True)
                | ~models.Q(second_by=models.F("person")) & ~models.Q(second_by=models.F("noted_by")),
                name="proof_second_is_a_third",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "person"], name="proof_by_person")]

    def __str__(self) -> str:
        return str(self.pk)


class Leave(TenantModel):
    """Somebody is away from ``first_day`` to ``last_day``, both included. Why is asked by nobody and kept nowhere."""

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    noted_by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = pgettext_lazy("days", "leave")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("noted_by"),
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="leave_in_order"),
            models.UniqueConstraint(fields=["tenant", "person", "first_day"], name="leave_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
