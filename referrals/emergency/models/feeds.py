"""The secret address by which a colleague's own calendar reads their shifts (issue E: calendar feed)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel

ONE_FEED: Final = "duty_feed_one_a_member"


class DutyFeed(TenantModel):
    """One living address a member. Of the secret only its hash is kept: it is shown once, when it is made."""

    member = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    token_hash = models.BinaryField(max_length=32, editable=False)
    made_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("calendar address of the rota")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("member"),
            models.UniqueConstraint(fields=["tenant", "member"], name=ONE_FEED),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="duty_feed_one_a_secret"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
