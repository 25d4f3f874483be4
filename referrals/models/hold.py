"""The table of times that are held while a request is being written."""

from django.db import models
from django.db.models import F, Q

from partners.kinds import ServiceKind
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class TimeHold(TenantModel):
    """One time that a person has chosen and not sent yet, held for five minutes (books §4). One a person and kind.

    ``resource`` and ``slot`` as with an appointment; ``until`` is the end of the hold by the clock of the database, which
    alone decides. ``counsellor``: whom the person chose, empty for anybody.
    """

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=16, choices=ServiceKind)
    draft = models.ForeignKey(
        "referrals.ReferralDraft", models.CASCADE, db_constraint=False, related_name="holds", db_index=False
    )
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    counsellor = models.ForeignKey("partners.Resource", models.PROTECT, null=True, blank=True, related_name="+")
    resource = models.UUIDField(null=True, blank=True, editable=False)
    slot = models.UUIDField(null=True, blank=True, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("draft"),
            models.UniqueConstraint(fields=["tenant", "person", "kind"], name="hold_one_of_person_and_kind"),
            models.UniqueConstraint(fields=["tenant", "draft"], name="hold_one_of_draft"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="hold_ends_after_start"),
        ]
