"""Table of the links by which people who have left reach what still runs (books §4)."""

from django.db import models

from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class LeaverLink(TenantModel):
    """The one link of somebody who has left: another one, or another last day, ends the one before.

    Its secret stands in no table: it is made from this row when the message is sent. ``left_on`` is the last day for which it was
    made, in the school's zone; ``issued_at`` is UTC.
    """

    membership = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    left_on = models.DateField()
    issued_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("membership"),
            models.UniqueConstraint(fields=["tenant", "membership"], name="leaver_link_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
