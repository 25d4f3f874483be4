"""The table of family mediations: the first of the two steps, and the yes that opens the second (16.6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from referrals.liaison.mediation_states import OPEN, CloseReason, MediationState, Sides, TalkPlace
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed

MAX_NOTE = 500


class Mediation(TenantModel):
    """One person asks the school's psychologist to sit between them and somebody of their family.

    ``deadline`` (UTC): by when the centre names a time; ``talk_at`` the time it named, ``talk_with`` the psychologist. After
    the talk ``sides`` says who came. ``until`` ends a suggestion, and later the yes; ``both_agreed_at`` is that yes, said by
    the person for both sides. ``referral`` is the request to a mediation room that followed. ``note`` is read by the centre
    alone. No institution reads a row of this table.
    """

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in MediationState], default=MediationState.ASKED
    )
    note_sealed = models.BinaryField(default=bytes, editable=False)
    asked_at = models.DateTimeField(default=now, editable=False)
    deadline = models.DateTimeField()
    talk_at = models.DateTimeField(null=True, blank=True)
    talk_place = models.CharField(max_length=8, blank=True, choices=[(p.value, p.value) for p in TalkPlace])
    talk_with = models.ForeignKey(
        "accounts.Membership", models.PROTECT, db_constraint=False, related_name="+", null=True, blank=True
    )
    sides = models.CharField(max_length=4, blank=True, choices=[(s.value, s.value) for s in Sides])
    close_reason = models.CharField(max_length=12, blank=True, choices=[(r.value, r.value) for r in CloseReason])
    until = models.DateTimeField(null=True, blank=True)
    both_agreed_at = models.DateTimeField(null=True, blank=True)
    referral = models.ForeignKey(
        "referrals.Referral", models.PROTECT, db_constraint=False, related_name="+", null=True, blank=True
    )
    changed_at = models.DateTimeField(default=now)

    note = Sealed("note_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("family mediation")
        ordering = ["-asked_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("talk_with"),
            TenantFK("referral"),
            models.UniqueConstraint(
                fields=["tenant", "person"], condition=Q(state__in=OPEN), name="mediation_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["suggested", "agreed", "linked"])
                | (Q(until__isnull=False) & Q(talk_at__isnull=False)),
                name="mediation_talked_first",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "linked"]) | Q(both_agreed_at__isnull=False),
                name="mediation_both_sides",
            ),
            models.CheckConstraint(
                condition=~Q(state="linked") | Q(referral__isnull=False), name="mediation_linked_to"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-asked_at", "-id"], name="mediation_newest"),
            models.Index(fields=["state", "until"], name="mediation_due"),
        ]

    def __str__(self) -> str:
        return self.state
