"""Table of first words on crisis relief that one person of the union may not give alone (books §1)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from referrals.models.referral import Referral
from referrals.states import ReliefWordState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class ReliefWord(TenantModel):
    """One person's yes to a request whose case comes to more than one person may grant; it holds until ``until`` (UTC, excluded).

    ``case_fen``: what the case came to when it was given, this request included.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="relief_words")
    case_fen = models.BigIntegerField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ReliefWordState], default=ReliefWordState.WAITING
    )
    seconded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            models.CheckConstraint(
                condition=~Q(state="seconded") | (Q(seconded_by__isnull=False) & ~Q(seconded_by=F("given_by"))),
                name="relief_word_four_eyes",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="relief_word_has_time"),
            models.UniqueConstraint(
                fields=["tenant", "referral"], condition=Q(state="waiting"), name="relief_word_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "until"], name="relief_word_due")]
