"""A survey, its counters, its words, and the forms that were sent. No column leads to a person or tells a moment.

How an answer is kept from its sender (rules §6, ADR 0038): with every answer all rows of the survey are written anew in one
transaction, so that all bear the same ``xmin``; words and spent forms in a random order; keys are drawn, because a key that
holds the time would tell it. What PostgreSQL leaves behind of the rows before is cleaned up by autovacuum within a minute.
"""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from tenancy.constraints import Statement, TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed

_AT_ONCE = "autovacuum_enabled = true, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0"
_NAMES = "autovacuum_enabled, autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay"


def leaves_nothing(table: str) -> Statement:
    """One dead row is enough for autovacuum to come."""
    return Statement(
        name=f"{table}_leaves_nothing",
        create=f'ALTER TABLE "{table}" SET ({_AT_ONCE})',
        drop=f'ALTER TABLE "{table}" RESET ({_NAMES})',
    )


class Survey(TenantModel):
    """Questions about one thing. Answers are taken in ``[opens_at, closes_at)``, UTC, and never after ``closed_at``.

    ``subject``: the row of another app that it is about. ``fewest``: of fewer nothing is told; ``most`` answers are taken.
    """

    questionnaire = models.CharField(max_length=40)
    subject = models.UUIDField()
    token_hash = models.BinaryField(max_length=32, editable=False)
    token_sealed = models.BinaryField(default=bytes)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, editable=False)
    fewest = models.PositiveSmallIntegerField()
    most = models.PositiveIntegerField()
    answered = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    token = Sealed("token_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("survey")
        constraints = [
            *TenantModel.Meta.constraints,
            leaves_nothing("surveys_survey"),
            models.UniqueConstraint(fields=["tenant", "questionnaire", "subject"], name="survey_once"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="survey_secret"),
            models.CheckConstraint(condition=models.Q(opens_at__lt=models.F("closes_at")), name="survey_lasts"),
            models.CheckConstraint(condition=models.Q(answered__lte=models.F("most")), name="survey_most"),
        ]
        indexes = [
            models.Index(fields=["closes_at"], name="survey_due", condition=models.Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Counter(TenantModel):
    """How many chose ``value``. Every one of a survey stands from its beginning."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, db_constraint=False, related_name="counters")
    question = models.CharField(max_length=40)
    value = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        verbose_name = _("counted answers")
        constraints = [
            *TenantModel.Meta.constraints,
            leaves_nothing("surveys_counter"),
            TenantFK("survey"),
            models.UniqueConstraint(fields=["tenant", "survey", "question", "value"], name="survey_counter_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Words(TenantModel):
    """One answer in somebody's own words, sealed; with every answer to the survey each gets a row, a key and a seal anew."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, db_constraint=False, related_name="words")
    question = models.CharField(max_length=40)
    text_sealed = models.BinaryField(default=bytes)

    text = Sealed("text_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("answers in words")
        constraints = [*TenantModel.Meta.constraints, leaves_nothing("surveys_words"), TenantFK("survey")]
        indexes = [models.Index(fields=["tenant", "survey"], name="survey_words")]

    def __str__(self) -> str:
        return str(self.pk)


class Spent(TenantModel):
    """A form that was sent: sent again, it counts once. It names no answer, and goes when the survey ends."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, db_constraint=False, related_name="spent")
    form_hash = models.BinaryField(max_length=32, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("form that was sent")
        constraints = [
            *TenantModel.Meta.constraints,
            leaves_nothing("surveys_spent"),
            TenantFK("survey"),
            models.UniqueConstraint(fields=["tenant", "survey", "form_hash"], name="survey_form_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
