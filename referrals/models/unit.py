"""Table of units: one session, day, month or hour that was decided, and what of it stands in the books (books §1)."""

from django.db import models
from django.db.models import F, Q

from ledger.models import MAX_REFERENCE
from referrals.models.referral import Referral
from referrals.states import UnitState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class Unit(TenantModel):
    """One unit of a request with its split, in whole fen. It holds its own reservation in the books.

    ``index`` counts from 0 in the order in which units are **served**. ``service_date`` (a day of the school's zone) chooses
    the lines: the pool of its calendar year, the quota of its school year. ``quota`` is what it draws of the quota, in the
    quota's unit. ``carried_to`` is the calendar year whose pool pays since the service's own was closed. ``reservation`` is the reference it is held under, made anew by each ``attempt``; empty where nothing is
    subsidised. Written under the lock of its referral.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="decided_units")
    index = models.PositiveSmallIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in UnitState])
    service_date = models.DateField()
    fee_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField()
    self_fen = models.BigIntegerField()
    quota = models.BigIntegerField()
    carried_to = models.PositiveSmallIntegerField(null=True, blank=True)
    reservation = models.CharField(max_length=MAX_REFERENCE, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["referral", "index"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            models.UniqueConstraint(fields=["tenant", "referral", "index"], name="unit_once"),
            models.CheckConstraint(
                condition=Q(fee_fen=F("subsidy_fen") + F("self_fen"))
                & Q(subsidy_fen__gte=0)
                & Q(self_fen__gte=0)
                & Q(quota__gte=0),
                name="unit_split_sums_to_fee",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in UnitState]) & (Q(subsidy_fen=0) | ~Q(reservation="")),
                name="unit_subsidised_is_reserved",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "service_date"], condition=Q(state="held"), name="unit_held"),
        ]

    @property
    def budget_year(self) -> int:
        """The calendar year whose pool pays it."""
        return self.carried_to or self.service_date.year

    @property
    def is_in_books(self) -> bool:
        """Whether anything of it stands, or stood, in the books."""
        return self.subsidy_fen > 0
