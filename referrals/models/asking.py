"""Tables beside a request that says more than one agency, or that somebody else has sent (rules §2, books §2)."""

from typing import Final

from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from referrals.models.referral import Referral
from referrals.states import ConsentWay
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel

MOST_ASKED: Final = 8
"""Agencies that one request may ask at once."""


class Candidate(TenantModel):
    """One agency that the person ticked when several are asked at once, with a decision of its own (books §2).

    Amounts are whole fen over all units of the request. ``decision`` as in ``Referral``. No agency reads it: an answer to
    one must not tell what another would have cost.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="candidates")
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    decision = models.JSONField(default=dict)
    decision_hash = models.CharField(max_length=64)
    fee_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField()
    self_fen = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            models.UniqueConstraint(fields=["tenant", "referral", "service"], name="candidate_once"),
            models.CheckConstraint(
                condition=Q(fee_fen=F("subsidy_fen") + F("self_fen")) & Q(subsidy_fen__gte=0) & Q(self_fen__gte=0),
                name="candidate_split_sums_to_fee",
            ),
        ]


class Proxy(TenantModel):
    """That an officer of the union sent the request for a colleague who could not, and how and when they agreed.

    ``agreed_on`` is a day of the school's zone. ``stopped_at``: the person stopped it, with one tap.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="proxies")
    officer = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    agreed_how = models.CharField(max_length=12, choices=[(way.value, way.value) for way in ConsentWay])
    agreed_on = models.DateField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            TenantFK("officer"),
            models.UniqueConstraint(fields=["tenant", "referral"], name="proxy_once"),
            models.CheckConstraint(
                condition=Q(agreed_how__in=[way.value for way in ConsentWay]), name="proxy_agreed_how"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "officer", "-id"], name="proxy_of_officer")]
