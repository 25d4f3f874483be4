"""Table of the union's files of hardship and charity, as far as they pay for services (rules §1, books §2, 16.11)."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from referrals.kinds import FILE_SCHEMES, Scheme
from referrals.states import HardshipState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel

MOST_DAYS: Final = 184
"""A semester: the longest that one word of union and finance holds."""
MAX_FILE_NUMBER: Final = 24


class HardshipFile(TenantModel):
    """That the union's file ``number`` opens the pool of ``scheme`` to a person: it pays up to ``ceiling_fen``, from ``first_day`` to ``last_day`` (both included).

    Asked for by the union, which keeps the file and knows whose it is; granted by somebody of finance, who reads number,
    ceiling and last day, never ``person``. No proof is kept here: it lies in the file.
    """

    scheme = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in FILE_SCHEMES], default=Scheme.HARDSHIP.value
    )
    number = models.CharField(max_length=MAX_FILE_NUMBER)
    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    ceiling_fen = models.BigIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in HardshipState], default=HardshipState.ASKED
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-asked_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")) & Q(ceiling_fen__gt=0), name="hardship_file_sense"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="hardship_file_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["tenant", "scheme", "number"],
                condition=Q(state__in=["asked", "granted"]),
                name="hardship_file_once",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "-id"], name="hardship_of_person"),
            models.Index(fields=["tenant", "-asked_at", "-id"], name="hardship_newest"),
        ]
