"""Table of claims: a person, an agency or the union tells finance that an amount of one use is wrong (books §5)."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from referrals.claim_states import UNANSWERED, ClaimState
from referrals.models.correction import Correction, CorrectionCause, CorrectionSide
from referrals.models.voucher import Redemption
from tenancy.constraints import PartnerRead, TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed

MAX_WORDS: Final = 200
_SIDES: Final = [CorrectionSide.PERSON, CorrectionSide.AGENCY, CorrectionSide.UNION]


class AmountClaim(TenantModel):
    """One use of a voucher, what is wrong with its amount, and what finance answers.

    ``agency`` is the institution where it is the one that says so, else empty: an institution reads no claim of a person.
    ``fee_fen``: the right price of the unit as whoever asks has it, or none. ``reason`` and ``answer`` are words of two
    sides about one use and are read by these alone. ``correction`` is the last that finance asked for because of it.
    """

    redemption = models.ForeignKey(Redemption, models.PROTECT, db_constraint=False, related_name="claims")
    agency = models.ForeignKey("partners.Institution", models.PROTECT, null=True, related_name="+", db_index=False)
    correction = models.ForeignKey(
        Correction, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="claims"
    )
    side = models.CharField(max_length=8, choices=CorrectionSide)
    cause = models.CharField(max_length=8, choices=CorrectionCause)
    fee_fen = models.BigIntegerField(null=True, blank=True)
    reason_sealed = models.BinaryField(default=bytes, editable=False)
    answer_sealed = models.BinaryField(default=bytes, editable=False)
    voucher_number = models.CharField(max_length=24)
    service_date = models.DateField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in ClaimState], default=ClaimState.OPEN)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now, editable=False)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    reason = Sealed("reason_sealed")
    answer = Sealed("answer_sealed")

    class Meta(TenantModel.Meta):
        ordering = ["-asked_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("redemption"),
            TenantFK("correction"),
            PartnerRead("agency"),
            models.CheckConstraint(
                condition=Q(side__in=_SIDES, cause__in=CorrectionCause.values, state__in=[s.value for s in ClaimState]),
                name="amount_claim_words",
            ),
            models.CheckConstraint(
                condition=Q(side="agency", agency__isnull=False) | (~Q(side="agency") & Q(agency__isnull=True)),
                name="amount_claim_of_its_side",
            ),
            models.CheckConstraint(
                condition=Q(fee_fen__isnull=True) | (Q(fee_fen__gt=0) & ~Q(cause="not_had")), name="amount_claim_price"
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | (Q(answered_by__isnull=False) & ~Q(answered_by=F("asked_by"))),
                name="amount_claim_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["taken", "corrected"]) | Q(correction__isnull=False),
                name="amount_claim_by_correction",
            ),
            models.UniqueConstraint(
                fields=["tenant", "redemption"],
                condition=Q(state__in=[s.value for s in UNANSWERED]),
                name="amount_claim_once",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-asked_at", "-id"], name="amount_claim_newest"),
            models.Index(fields=["agency", "-asked_at"], name="amount_claim_of_agency"),
        ]

    def __str__(self) -> str:
        return self.state
