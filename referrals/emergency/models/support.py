"""What is asked for after an incident beside the centre: the union's own grant, and care for those who were close to it (chain §3, §6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.incidents import Incident, values
from referrals.emergency.rules.support import CareKind, GrantState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel

CARE_ONCE = "group_care_once_a_day"


class UnionGrant(TenantModel):
    """The union was asked, with the person's yes, for its own grant, which it gives outside of this product: asked, given or
    declined, and the days of it. **No amount and no word of why**: the union reads that support is asked for.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="grants")
    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    state = models.CharField(max_length=8, choices=values(GrantState), default=GrantState.ASKED.value)
    asked_on = models.DateField()
    asked_by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("union's own grant")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("person"),
            TenantFK("asked_by"),
            TenantFK("decided_by"),
            models.CheckConstraint(
                condition=Q(state=GrantState.ASKED.value, decided_on=None, decided_by=None)
                | Q(
                    state__in=[GrantState.GIVEN.value, GrantState.DECLINED.value],
                    decided_on__isnull=False,
                    decided_by__isnull=False,
                    decided_on__gte=models.F("asked_on"),
                ),
                name="union_grant_said_when",
            ),
            models.UniqueConstraint(
                fields=["tenant", "incident"], condition=Q(state=GrantState.ASKED.value), name="union_grant_asked_once"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-asked_on", "-id"], name="union_grant_newest")]

    def __str__(self) -> str:
        return self.state


class GroupCare(TenantModel):
    """Others were touched: how many people of which department (none: of the whole school) are offered what. It bears no name
    and leads to no incident; whoever plans the care reads it.
    """

    kind = models.CharField(max_length=7, choices=values(CareKind))
    department = models.ForeignKey(
        "accounts.Department", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    how_many = models.PositiveSmallIntegerField()
    asked_on = models.DateField()
    asked_by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("care for those who were close")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("department"),
            TenantFK("asked_by"),
            models.CheckConstraint(condition=Q(how_many__gte=2), name="group_care_of_several"),
            models.UniqueConstraint(
                fields=["tenant", "kind", "department", "asked_on"], nulls_distinct=False, name=CARE_ONCE
            ),
        ]

    def __str__(self) -> str:
        return self.kind
