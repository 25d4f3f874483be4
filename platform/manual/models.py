"""The best result of an administrator's quiz (requirements 16.15). Tries and answers are kept nowhere."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class QuizBest(TenantModel):
    """``right`` of ``asked`` answers, and the last day (in the school's zone) on which that many were right."""

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    right = models.PositiveSmallIntegerField()
    asked = models.PositiveSmallIntegerField()
    reached_on = models.DateField()

    class Meta(TenantModel.Meta):
        verbose_name = _("best result of the quiz")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            models.UniqueConstraint(fields=["tenant", "person"], name="quiz_best_once_a_person"),
            models.CheckConstraint(condition=models.Q(right__lte=models.F("asked")), name="quiz_best_within_asked"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
