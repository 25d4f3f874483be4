"""What a person, their family and the centre agree on after an incident (chain §3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.incidents import Incident
from referrals.emergency.models.versions import VersionedWords
from tenancy.constraints import AppendOnly, TenantFK


class AgreedPlan(VersionedWords):
    """One version of the agreed plan. ``agreed_on``: the day it was agreed."""

    PARTS = ("signs", "person", "family", "centre")

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="agreed_plans")
    agreed_on = models.DateField()

    class Meta(VersionedWords.Meta):
        abstract = False
        verbose_name = _("agreed plan")
        constraints = [
            *VersionedWords.Meta.constraints,
            TenantFK("incident"),
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "incident", "version"], name="agreed_plan_version_once"),
            AppendOnly(),
        ]
