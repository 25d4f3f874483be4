"""Who was invited by whom, who comes, and their seats. Forms of address and number plates are sealed and wiped (books §6)."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.opendays.models.days import OpenDay, Session
from content.opendays.rules import Band
from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed


class BandChoices(models.TextChoices):
    """``Band`` with a text for each value."""

    ADULT = Band.ADULT.value, _("Grown-ups")
    TEEN = Band.TEEN.value, _("14 to 17 years")
    CHILD = Band.CHILD.value, _("6 to 13 years")
    SMALL = Band.SMALL.value, _("Under 6 years")


class Invitation(TenantModel):
    """A member of the staff invites their family by one link. It opens the form and none of the answers.

    The secret is kept as a hash to find it and sealed to show it again to whoever made it.
    """

    open_day = models.ForeignKey(OpenDay, models.PROTECT, db_constraint=False, related_name="invitations")
    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    token_hash = models.BinaryField(max_length=32, editable=False)
    token_sealed = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(default=now, editable=False)

    token = Sealed("token_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("invitation")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("open_day"),
            TenantFK("person"),
            models.UniqueConstraint(fields=["tenant", "open_day", "person"], name="openday_invitation_once"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="openday_invitation_secret"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Party(TenantModel):
    """One answer: a family that comes together. ``token_hash`` is of the answer's own link, ``gate_hash`` of its QR.

    ``form_key`` is that of the form it came from, so that a second sending is the same answer. ``left_at``: called off by the
    family, or removed by whoever invited it. ``changes``: how often it was changed on ``changed_on``, a day of the school.
    """

    open_day = models.ForeignKey(OpenDay, models.PROTECT, db_constraint=False, related_name="parties")
    invitation = models.ForeignKey(Invitation, models.PROTECT, db_constraint=False, related_name="parties")
    token_hash = models.BinaryField(max_length=32, editable=False)
    form_key = models.BinaryField(max_length=32, editable=False)
    gate_hash = models.CharField(max_length=32, editable=False)
    address_sealed = models.BinaryField(default=bytes)
    plate_sealed = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(default=now, editable=False)
    left_at = models.DateTimeField(null=True, editable=False)
    was_removed = models.BooleanField(default=False, editable=False)
    changed_on = models.DateField(null=True, editable=False)
    changes = models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)

    address = Sealed("address_sealed")
    plate = Sealed("plate_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("family that comes")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("open_day"),
            TenantFK("invitation"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="openday_party_secret"),
            models.UniqueConstraint(fields=["tenant", "form_key"], name="openday_party_once"),
            models.UniqueConstraint(fields=["tenant", "gate_hash"], name="openday_party_gate"),
        ]
        indexes = [
            models.Index(fields=["tenant", "open_day"], name="party_by_day"),
            models.Index(fields=["tenant", "invitation"], name="party_by_invitation"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Guest(TenantModel):
    """One person of a family, by age alone. ``may_photograph`` is no until somebody who may say so says yes.

    ``photo_ended_at``: when a yes was taken back (UTC); pictures come down within three working days of it.
    """

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="guests")
    band = models.CharField(max_length=5, choices=BandChoices)
    may_photograph = models.BooleanField(default=False)
    photo_ended_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("guest")
        constraints = [*TenantModel.Meta.constraints, TenantFK("party")]
        indexes = [models.Index(fields=["tenant", "party"], name="guest_by_party")]

    def __str__(self) -> str:
        return str(self.pk)


class Claim(TenantModel):
    """A family's seats in one session: ``seats`` it has; of ``wants`` more it waits for, ``offered`` are kept for it.

    ``line`` is its place in the waiting list; an offer holds while ``offer_until`` (UTC) is to come, whatever a sweep has
    written since. ``passed``: how often a smaller family was let by (``seats.waiting``).
    """

    party = models.ForeignKey(Party, models.PROTECT, db_constraint=False, related_name="claims")
    session = models.ForeignKey(Session, models.PROTECT, db_constraint=False, related_name="claims")
    seats = models.PositiveSmallIntegerField(default=0)
    wants = models.PositiveSmallIntegerField(default=0)
    line = models.PositiveIntegerField(null=True)
    passed = models.PositiveSmallIntegerField(default=0)
    offered = models.PositiveSmallIntegerField(default=0)
    offer_until = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("seats of a family")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("party"),
            TenantFK("session"),
            models.UniqueConstraint(fields=["tenant", "party", "session"], name="openday_claim_once"),
            models.UniqueConstraint(fields=["tenant", "session", "line"], name="openday_one_in_line"),
            models.CheckConstraint(
                condition=models.Q(wants=0, line__isnull=True) | models.Q(wants__gt=0, line__isnull=False),
                name="claim_waits_in_line",
            ),
            models.CheckConstraint(
                condition=models.Q(offered=0, offer_until__isnull=True)
                | models.Q(offered__gt=0, offered__lte=models.F("wants"), offer_until__isnull=False),
                name="claim_offer_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def has_offer(self, moment: datetime) -> bool:
        """Whether seats are kept for it at ``moment``."""
        return self.offer_until is not None and moment < self.offer_until
