"""Whom a person wants called in danger, whom never, and where they live (chain §2, §10)."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now
from referrals.emergency.rules.grades import Grade
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault.blind import blind_index
from vault.sealed import Sealed


class GradeChoices(models.TextChoices):
    """``Grade`` with a text for each value."""

    GENERAL = Grade.GENERAL.value, pgettext_lazy("grade", "General")
    MAJOR = Grade.MAJOR.value, pgettext_lazy("grade", "Major")
    EXTREME = Grade.EXTREME.value, pgettext_lazy("grade", "Extreme")


class NextOfKin(models.TextChoices):
    """Whether a contact is next of kin: some steps of a hospital ask for one."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("I am not sure")


class Fault(models.TextChoices):
    """What is known to be wrong with a contact's number."""

    BOUNCED = "bounced", _("The number could not be reached")
    WRONG = "wrong", _("Somebody else answers at the number")


class SetBy(models.TextChoices):
    """Who said that somebody is never to be called."""

    PERSON = "person", _("You")
    DUTY = "duty", _("The psychologist on duty")


ONE_OF_A_RANK: Final = "contact_one_of_a_rank"
ONE_OF_A_NUMBER: Final = "contact_one_of_a_number"


def number_hash(tenant_id: UUID, number: str) -> bytes:
    """The blind index of an E.164 number in the chain of one school: equal numbers are one recipient."""
    return blind_index(tenant_id, "emergency.number", number)


def number_hashes(tenant_id: UUID, numbers: Iterable[str]) -> frozenset[bytes]:
    """The same of several."""
    return frozenset(number_hash(tenant_id, number) for number in numbers)


class Contact(TenantModel):
    """Somebody whom the chain may call for ``person``, once they have agreed by link (``families.Consent``, purpose emergency).

    ``grades``: at which they may be called. ``adult_said_at`` (UTC): when the person said that they are 18 or older.
    ``confirmed_on``: the school's day on which the person last said that all is still right. ``fault`` and ``bounced_at``:
    what is wrong with the number, since when (UTC).
    """

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    relative = models.ForeignKey("families.Relative", models.PROTECT, db_constraint=False, related_name="+")
    rank = models.PositiveSmallIntegerField()
    grades = ArrayField(models.CharField(max_length=10, choices=GradeChoices))
    number_hash = models.BinaryField(max_length=32, editable=False)
    is_next_of_kin = models.CharField(max_length=7, choices=NextOfKin, default=NextOfKin.UNKNOWN)
    adult_said_at = models.DateTimeField(default=now, editable=False)
    confirmed_on = models.DateField()
    fault = models.CharField(max_length=7, choices=Fault, blank=True, default="")
    bounced_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("emergency contact")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("relative"),
            # Both rows change places in one statement, so the look comes at its end.
            models.UniqueConstraint(
                fields=["tenant", "person", "rank"], name=ONE_OF_A_RANK, deferrable=models.Deferrable.IMMEDIATE
            ),
            models.UniqueConstraint(fields=["tenant", "person", "number_hash"], name=ONE_OF_A_NUMBER),
            models.UniqueConstraint(fields=["tenant", "relative"], name="contact_once_a_relative"),
            models.CheckConstraint(condition=models.Q(rank__in=(1, 2)), name="contact_first_or_second"),
            models.CheckConstraint(
                condition=models.Q(grades__contained_by=list(GradeChoices.values)) & ~models.Q(grades=[]),
                name="contact_grades_known",
            ),
            models.CheckConstraint(
                condition=models.Q(fault="", bounced_at__isnull=True)
                | models.Q(fault__in=Fault.values, bounced_at__isnull=False),
                name="contact_fault_since",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "confirmed_on"], name="contact_by_confirmed")]

    def __str__(self) -> str:
        return str(self.pk)


class NeverContact(TenantModel):
    """Somebody whom the chain never calls about ``person``: a number, or a colleague with every number of theirs.

    ``label`` and ``end`` (the last digits) are kept for the person to recognise a number by.
    """

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    number_hash = models.BinaryField(max_length=32, null=True, editable=False)
    member = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    label_sealed = models.BinaryField(default=bytes)
    end_sealed = models.BinaryField(default=bytes)
    set_by = models.CharField(max_length=6, choices=SetBy, default=SetBy.PERSON)
    created_at = models.DateTimeField(default=now, editable=False)

    label = Sealed("label_sealed")
    end = Sealed("end_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("somebody never to be called")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("member"),
            models.UniqueConstraint(fields=["tenant", "person", "number_hash"], name="never_once_a_number"),
            models.UniqueConstraint(fields=["tenant", "person", "member"], name="never_once_a_member"),
            models.CheckConstraint(
                condition=models.Q(number_hash__isnull=True, member__isnull=False)
                | models.Q(number_hash__isnull=False, member__isnull=True),
                name="never_a_number_or_a_member",
            ),
            models.CheckConstraint(
                condition=models.Q(member__isnull=True) | ~models.Q(member=models.F("person")),
                name="never_not_oneself",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class HomeCommunity(TenantModel):
    """The community station of the place where ``person`` lives; ``street`` only if they wrote it."""

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    community = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+")
    street_sealed = models.BinaryField(default=bytes)
    changed_at = models.DateTimeField(default=now, editable=False)

    street = Sealed("street_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("home community")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            models.UniqueConstraint(fields=["tenant", "person"], name="one_home_community"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ContactAsked(TenantModel):
    """When the school last asked a person to name a contact (UTC): at most once in some days."""

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    asked_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            models.UniqueConstraint(fields=["tenant", "person"], name="contact_asked_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
