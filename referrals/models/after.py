"""Tables of what follows an appointment: the person's answer, and marks of an agency that nobody can trace (rules §2, §5)."""

from django.db import models
from django.db.models import Q

from kernel.clock import now
from referrals.after import Answer
from referrals.models.referral import Referral
from referrals.models.voucher import Redemption
from tenancy.constraints import PartnerRead, TenantFK
from tenancy.models import TenantModel


class Outcome(TenantModel):
    """That the person was asked whether it is solved, once, and what they said; empty for no answer.

    ``asked_at``: when the message was written; empty where they said it before.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="outcomes")
    answer = models.CharField(max_length=12, choices=[(a.value, a.value) for a in Answer], blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            models.UniqueConstraint(fields=["tenant", "referral"], name="outcome_once"),
            models.CheckConstraint(
                condition=Q(answer__in=[a.value for a in Answer], answered_at__isnull=False)
                | Q(answer="", answered_at__isnull=True),
                name="outcome_answered",
            ),
        ]


class Rater(TenantModel):
    """That a person has rated an agency in a school year (its first calendar year); never how. Once, so marks count people."""

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            models.UniqueConstraint(fields=["tenant", "person", "partner", "year"], name="rater_once"),
        ]


class RatingBox(TenantModel):
    """Marks that wait until enough people have given some: counters, without a person or a day (``after.Marks``).

    No agency may read it; a box is emptied into ``AgencyRating`` as a whole.
    """

    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "partner", "year"], name="rating_box_once"),
        ]


class AgencyRating(TenantModel):
    """What an agency may know of its marks in one school and school year: whole boxes, each of enough people."""

    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [
            *TenantModel.Meta.constraints,
            PartnerRead("partner"),
            models.UniqueConstraint(fields=["tenant", "partner", "year"], name="agency_rating_once"),
        ]


class PassedOn(TenantModel):
    """That an objection waited for ten working days, and who of the deciding office goes on with it; empty where nobody else is.

    The state of the redemption stays ``disputed`` (books §9). Beside it, for agencies read redemptions.
    """

    redemption = models.ForeignKey(Redemption, models.PROTECT, db_constraint=False, related_name="passed_on")
    member = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("redemption"),
            TenantFK("member"),
            models.UniqueConstraint(fields=["tenant", "redemption"], name="passed_on_once"),
        ]
