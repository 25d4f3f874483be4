"""Who stays with the person of an incident, when, where, and what they watch for (chain §6, §10)."""

import json
from collections.abc import Mapping
from typing import Any, Final, cast
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Incident, values
from referrals.emergency.rules.companions import OPEN, CompanionState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from tenancy.ranges import TimeRange
from vault import own_key

_OPEN: Final = sorted(state.value for state in OPEN)
ONE_AT_A_TIME: Final = "companion_one_at_a_time"
ONE_PLACE: Final = "companion_in_one_place"


class CompanionShift(TenantModel):
    """``companion`` stays with the person during ``[starts_at, ends_at)`` (UTC, the chain's clock); ``owner`` planned it and is
    told of it. ``next_at``: when the engine looks next; **an open one has it, an ended one not**, by the database.

    ``words``: where, and what to watch for, as JSON sealed by the incident's key. ``here_at`` and ``left_at`` are what they said.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="companions")
    companion = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    owner = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=values(CompanionState), default=CompanionState.ASKED.value)
    next_at = models.DateTimeField(null=True)
    here_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    words_sealed = models.BinaryField(editable=False)
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("companion's shift")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("companion"),
            TenantFK("owner"),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN, next_at__isnull=False) | (~Q(state__in=_OPEN) & Q(next_at__isnull=True)),
                name="companion_open_has_a_clock",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="companion_times"),
            models.CheckConstraint(
                condition=~Q(state__in=[CompanionState.HERE.value, CompanionState.OVER.value])
                | Q(here_at__isnull=False),
                name="companion_here_says_when",
            ),
            *(
                ExclusionConstraint(
                    name=name,
                    expressions=[
                        ("tenant", RangeOperators.EQUAL),
                        (of, RangeOperators.EQUAL),
                        (TimeRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                    ],
                    condition=Q(state__in=_OPEN),
                )
                for name, of in ((ONE_AT_A_TIME, "incident"), (ONE_PLACE, "companion"))
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="companion_due", condition=Q(next_at__isnull=False)),
            models.Index(fields=["tenant", "companion"], name="companion_open", condition=Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.state

    @property
    def _row(self) -> tuple[UUID, str, UUID, str]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk, "words_sealed"

    def seal(self, key: bytes, words: Mapping[str, str]) -> None:
        """Put ``place`` and ``watch`` in, under the incident's key."""
        self.words_sealed = own_key.seal_words(key, *self._row, json.dumps(dict(words), ensure_ascii=False))

    def words(self, key: bytes | None) -> dict[str, Any]:
        """``place`` and ``watch``; both empty once the key is gone."""
        said = own_key.read_words(key, *self._row, self.words_sealed)
        return {"place": "", "watch": ""} | (json.loads(said) if said else {})
