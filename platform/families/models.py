"""Who belongs to a member of the staff, and what each of them agreed to. Names and numbers are sealed (rules §5)."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from families.purposes import Purpose
from families.states import OPEN, ConsentState
from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed


class Relation(models.TextChoices):
    """What a relative is to the member of the staff."""

    SPOUSE = "spouse", _("Husband or wife")
    PARENT = "parent", _("Mother or father")
    CHILD = "child", _("Son or daughter")
    SIBLING = "sibling", _("Brother or sister")
    OTHER = "other", _("Another person of trust")


class ConsentChoices(models.TextChoices):
    """``ConsentState`` with a text for each value."""

    ASKED = ConsentState.ASKED.value, _("Waiting for an answer")
    GIVEN = ConsentState.GIVEN.value, _("Agreed")
    REFUSED = ConsentState.REFUSED.value, _("Refused")
    WITHDRAWN = ConsentState.WITHDRAWN.value, _("Withdrawn")


class Relative(TenantModel):
    """Somebody whom a member of the staff named. Needs no account."""

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="relatives")
    relation = models.CharField(max_length=10, choices=Relation)
    name_sealed = models.BinaryField(default=bytes)
    phone_sealed = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(default=now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    name = Sealed("name_sealed")
    phone = Sealed("phone_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("relative")
        constraints = [*TenantModel.Meta.constraints, TenantFK("person")]
        indexes = [models.Index(fields=["tenant", "person"], name="relative_by_person")]

    def __str__(self) -> str:
        return str(self.pk)


class Child(TenantModel):
    """A child of one or two employed parents, counted once in a school (rules §1)."""

    name_sealed = models.BinaryField(default=bytes)
    born = models.DateField()
    same_child = models.BinaryField(max_length=32, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    name = Sealed("name_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("child")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "same_child"], name="child_counted_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Guardianship(TenantModel):
    """A member of the staff is a guardian of a child."""

    membership = models.ForeignKey(
        "accounts.Membership", models.PROTECT, db_constraint=False, related_name="guardianships"
    )
    child = models.ForeignKey(Child, models.PROTECT, db_constraint=False, related_name="guardianships")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("membership"),
            TenantFK("child"),
            models.UniqueConstraint(fields=["tenant", "membership", "child"], name="guardian_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Consent(TenantModel):
    """What one person said to one purpose.

    ``relative`` None: the member of the staff for themself, or, with ``child``, as guardian. ``text_id`` names the text
    that was shown, ``recipient_id`` the institution it named. ``at`` is when the present state began (UTC).
    """

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    relative = models.ForeignKey(Relative, models.PROTECT, null=True, db_constraint=False, related_name="consents")
    child = models.ForeignKey(Child, models.PROTECT, null=True, db_constraint=False, related_name="consents")
    purpose = models.CharField(max_length=10, choices=Purpose)
    state = models.CharField(max_length=10, choices=ConsentChoices)
    text_id = models.CharField(max_length=30)
    recipient_id = models.UUIDField(null=True)
    referral_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(default=now, editable=False)
    at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("consent")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("relative"),
            TenantFK("child"),
            models.UniqueConstraint(
                fields=["tenant", "relative", "purpose"],
                condition=models.Q(relative__isnull=False, state__in=[state.value for state in OPEN]),
                name="consent_one_open_of_relative",
            ),
            models.UniqueConstraint(
                fields=["tenant", "person", "purpose", "referral_id", "child", "recipient_id"],
                condition=models.Q(relative__isnull=True, state=ConsentState.GIVEN.value),
                nulls_distinct=False,
                name="consent_one_own",
            ),
            models.CheckConstraint(
                condition=models.Q(relative__isnull=True) | models.Q(child__isnull=True),
                name="consent_of_one_party",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "purpose"], name="consent_by_person"),
            models.Index(fields=["tenant", "referral_id"], name="consent_by_referral"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"


class FamilyLink(TenantModel):
    """A way in without an account. Only a keyed hash of the secret is kept; each act happens once, by POST (rules §4).

    A link that was agreed to turns from ``answer`` to ``withdraw``: whoever looks for the way back opens the message that
    the link came in. ``read``: it came in a letter with tips, opens them and ends them. ``later_at`` is when the reader first chose to answer later (UTC), ``used_at`` when it was spent.
    """

    class Act(models.TextChoices):
        ANSWER = "answer", _("Answer")
        WITHDRAW = "withdraw", _("Withdraw")
        READ = "read", _("Read and stop")

    token_hash = models.BinaryField(max_length=32, editable=False)
    act = models.CharField(max_length=10, choices=Act)
    purpose = models.CharField(max_length=10, choices=Purpose)
    relative = models.ForeignKey(Relative, models.PROTECT, db_constraint=False, related_name="links")
    consent = models.ForeignKey(Consent, models.PROTECT, db_constraint=False, related_name="links")
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)
    later_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("relative"),
            TenantFK("consent"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="family_link_secret_once"),
        ]
        indexes = [models.Index(fields=["tenant", "consent"], name="family_link_by_consent")]

    def __str__(self) -> str:
        return str(self.pk)

    def is_live(self, moment: datetime) -> bool:
        """Whether it may still act at ``moment``."""
        return self.used_at is None and moment < self.expires_at
