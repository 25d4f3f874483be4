"""Table of the trade union's posts: who is its chair, and who deputises (books §1)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class PostKind(models.TextChoices):
    """Both may do the same; there is one of each."""

    CHAIR = "chair", _("Chair")
    DEPUTY = "deputy", _("Deputy chair")


class UnionPost(TenantModel):
    """That ``holder`` has the post from ``since`` (UTC) until ``until`` (UTC, excluded; empty: still).

    A post that has ended stays: a word given under it was the chair's when it was given.
    """

    kind = models.CharField(max_length=8, choices=PostKind)
    holder = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField(default=now, editable=False)
    until = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-since", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("holder"),
            models.CheckConstraint(
                condition=Q(kind__in=PostKind.values) & (Q(until__isnull=True) | Q(until__gte=F("since"))),
                name="union_post_sense",
            ),
            models.UniqueConstraint(
                fields=["tenant", "kind"], condition=Q(until__isnull=True), name="union_post_held_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "holder"], condition=Q(until__isnull=True), name="union_post_one_each"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "holder", "-since"], name="union_post_of")]

    def __str__(self) -> str:
        return self.kind
