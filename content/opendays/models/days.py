"""The day itself and what happens on it."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.opendays.states import DayState
from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class DayChoices(models.TextChoices):
    """``DayState`` with a text for each value."""

    DRAFT = DayState.DRAFT.value, _("Not published")
    OPEN = DayState.OPEN.value, pgettext_lazy("open day", "Published")
    CALLED_OFF = DayState.CALLED_OFF.value, _("Called off")


class OpenDay(TenantModel):
    """One open day. Times are UTC; ``[starts_at, ends_at)`` lies within one day of the school's zone.

    ``page`` says it to everybody; without one the day is known by its invitations alone. Answers are taken in
    ``[answers_from, answers_until)``. ``report``: the page with pictures that editors write afterwards; ``pictures_seen_at``:
    when somebody last took out whoever had said no. ``names_kept_days``: as families read it when they answer. ``sequence`` grows with every change that a calendar should take over (RFC 5545).
    """

    # No key of the database: an editor may throw the page away, in no school's scope, and the day stands without it.
    page = models.ForeignKey(
        "wagtailcore.Page", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    report = models.ForeignKey(
        "wagtailcore.Page", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    title = models.CharField(max_length=40)
    summary = models.CharField(max_length=160, blank=True)
    entrance = models.CharField(max_length=60)
    way = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    answers_from = models.DateTimeField(default=now)
    answers_until = models.DateTimeField()
    state = models.CharField(max_length=12, choices=DayChoices, default=DayChoices.DRAFT)
    sequence = models.PositiveIntegerField(default=0)
    names_kept_days = models.PositiveSmallIntegerField(default=7, db_default=7, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    plates_wiped_at = models.DateTimeField(null=True, editable=False)
    names_wiped_at = models.DateTimeField(null=True, editable=False)
    report_begun_at = models.DateTimeField(null=True, editable=False)
    pictures_seen_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("open day")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(condition=models.Q(starts_at__lt=models.F("ends_at")), name="openday_lasts"),
            models.CheckConstraint(
                condition=models.Q(answers_from__lt=models.F("answers_until"))
                & models.Q(answers_until__lte=models.F("starts_at")),
                name="openday_answers_before",
            ),
            models.UniqueConstraint(fields=["tenant", "page"], name="openday_page_once"),
        ]
        indexes = [models.Index(fields=["tenant", "starts_at"], name="openday_by_day")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def names_end_at(self) -> datetime:
        """When forms of address go."""
        return self.ends_at + timedelta(days=self.names_kept_days)

    def takes_answers(self, moment: datetime) -> bool:
        """Whether a family may answer at ``moment``."""
        return self.state == DayState.OPEN and self.answers_from <= moment < self.answers_until

    def is_to_come(self, moment: datetime) -> bool:
        """Whether it is on, and has not begun."""
        return self.state == DayState.OPEN and moment < self.starts_at


class Session(TenantModel):
    """One thing on the programme, ``[starts_at, ends_at)``. ``capacity`` in people; without one everybody may come along.

    The entry is the session through which everybody comes: its capacity is that of the whole day. ``last_in_line`` is the
    last place given out in its waiting list. The row is the lock under which its seats are counted.
    """

    open_day = models.ForeignKey(OpenDay, models.PROTECT, db_constraint=False, related_name="sessions")
    is_entry = models.BooleanField(default=False)
    title = models.CharField(max_length=40)
    note = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(null=True)
    last_in_line = models.PositiveIntegerField(default=0, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = pgettext_lazy("open day", "session")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("open_day"),
            models.UniqueConstraint(
                fields=["tenant", "open_day"], condition=models.Q(is_entry=True), name="openday_one_entry"
            ),
            models.CheckConstraint(condition=models.Q(starts_at__lt=models.F("ends_at")), name="session_lasts"),
            models.CheckConstraint(
                condition=models.Q(is_entry=False) | models.Q(capacity__isnull=False), name="entry_is_counted"
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True) | models.Q(capacity__gte=1), name="session_has_room"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "open_day", "starts_at"], name="session_by_day")]

    def __str__(self) -> str:
        return str(self.pk)
