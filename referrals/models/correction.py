"""Table of corrections: a unit that was spent with a wrong split, its old split and the right one (books §2, §9)."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from referrals import policy
from referrals.models.voucher import Redemption
from referrals.policy import UnitSplit
from referrals.states import CorrectionState
from tenancy.constraints import PartnerRead, TenantFK
from tenancy.models import TenantModel

MAX_REASON: Final = 200


class CorrectionCause(models.TextChoices):
    """What was wrong."""

    PRICE = "price", "price"  # another price stands in the agreement of that day
    POLICY = "policy", "policy"  # another version of the policy counts on that day
    NOT_HAD = "not_had", "not_had"  # the unit was entered and not had


class CorrectionSide(models.TextChoices):
    """Who asked finance for it (books §5)."""

    PERSON = "person", "person"
    AGENCY = "agency", "agency"
    UNION = "union", "union"
    FINANCE = "finance", "finance"


class Correction(TenantModel):
    """New split − old split of one redemption, in whole fen. The redemption itself stays as it was written.

    ``old_*`` is what counted when it was asked, earlier corrections included; ``new_*`` is the right split. ``version``: the
    policy that gives the new one, where it is not the one of the request. ``service_date`` and ``partner`` are the
    redemption's: they say into which statement its line comes. ``own_share_due``: the agency owes the person what it
    collected too much, until they say "got it" at ``own_share_back_at``.
    """

    redemption = models.ForeignKey(Redemption, models.PROTECT, db_constraint=False, related_name="corrections")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(
        "referrals.SubsidyPolicy", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    cause = models.CharField(max_length=8, choices=CorrectionCause)
    side = models.CharField(max_length=8, choices=CorrectionSide)
    reason = models.CharField(max_length=MAX_REASON)
    voucher_number = models.CharField(max_length=24)
    service_date = models.DateField()
    old_fee_fen = models.BigIntegerField()
    old_subsidy_fen = models.BigIntegerField()
    old_self_fen = models.BigIntegerField()
    new_fee_fen = models.BigIntegerField()
    new_subsidy_fen = models.BigIntegerField()
    new_self_fen = models.BigIntegerField()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in CorrectionState], default=CorrectionState.ASKED
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    own_share_due = models.BooleanField(default=False)
    own_share_back_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-asked_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("redemption"),
            TenantFK("version"),
            PartnerRead("partner"),
            models.CheckConstraint(
                condition=Q(
                    cause__in=CorrectionCause.values,
                    side__in=CorrectionSide.values,
                    state__in=[s.value for s in CorrectionState],
                ),
                name="correction_words",
            ),
            models.CheckConstraint(
                condition=Q(old_fee_fen=F("old_subsidy_fen") + F("old_self_fen"))
                & Q(new_fee_fen=F("new_subsidy_fen") + F("new_self_fen"))
                & Q(old_subsidy_fen__gte=0, old_self_fen__gte=0, new_subsidy_fen__gte=0, new_self_fen__gte=0),
                name="correction_splits_sum_to_fee",
            ),
            models.CheckConstraint(
                condition=~Q(old_subsidy_fen=F("new_subsidy_fen"), old_self_fen=F("new_self_fen")),
                name="correction_changes_something",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="correction_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["tenant", "redemption"], condition=Q(state="asked"), name="correction_asked_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-asked_at", "-id"], name="correction_newest"),
            models.Index(fields=["partner", "service_date"], name="correction_of_partner"),
        ]

    @property
    def old(self) -> UnitSplit:
        """The split that counted when it was asked."""
        return UnitSplit(self.old_fee_fen, self.old_subsidy_fen, self.old_self_fen)

    @property
    def new(self) -> UnitSplit:
        """The right split."""
        return UnitSplit(self.new_fee_fen, self.new_subsidy_fen, self.new_self_fen)

    @property
    def change(self) -> policy.Correction:
        """New less old, part by part, fen: what payer and person give more, or get back (below zero)."""
        return policy.correction(self.old, self.new)
