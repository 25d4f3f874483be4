"""Series of tips, who gets them, and every letter that went out (requirements 16.3, books §6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from tips.rules import End
from vault.sealed import Sealed

MAIL, PAGE = "email", "page"
"""By mail, or on the family's own page alone. Carriers in China refuse such texts as SMS: what proves a number may go
there once, a tip never, and the database itself knows no third way (ADR 0030).
"""


class Rhythm(models.TextChoices):
    """How often a family gets a letter."""

    WEEKLY = "weekly", _("One tip a week")
    MONTHLY = "monthly", _("Once a month, up to four tips")


class Ending(models.TextChoices):
    """``rules.End`` in words."""

    STOPPED = End.STOPPED.value, _("Stopped")
    UNREAD = End.UNREAD.value, _("Not visited for a year")
    LEFT = End.LEFT.value, _("The person who named you has left")


class Series(TenantModel):
    """Tips in an order. Each family begins with the first one, whenever it comes.

    ``every_days``: at least so many days between two of them for one family. ``starts_on``: nothing is sent before, a day
    of the school's zone. A single tip is a series of one (``is_single``), sent from its day on. ``stopped_at``: UTC.
    """

    title = models.CharField(max_length=60)
    is_single = models.BooleanField(default=False)
    every_days = models.PositiveSmallIntegerField(default=7)
    starts_on = models.DateField()
    created_at = models.DateTimeField(default=now, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("series of tips")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(every_days__gte=7, every_days__lte=90), name="tips_never_more_than_one_a_week"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="tips_series_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class Item(TenantModel):
    """One tip of a series. ``page`` is the key of a ``content.TipPage`` and no foreign key: a page may go, and what was
    sent stays known. ``place`` counts from 1.
    """

    series = models.ForeignKey(Series, models.PROTECT, db_constraint=False, related_name="items")
    page = models.PositiveIntegerField()
    place = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("series"),
            models.UniqueConstraint(fields=["tenant", "series", "page"], name="tips_page_once_in_series"),
            models.UniqueConstraint(
                fields=["tenant", "series", "place"],
                name="tips_place_once_in_series",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Subscription(TenantModel):
    """A relative who wants tips, on the agreement ``consent`` to the purpose ``tips``.

    Begins with an address typed on the family page, counts from ``confirmed_at`` on: a code that was sent there came back.
    ``address`` is a mailbox, or for ``PAGE`` a number (E.164) to which the code went and nothing else ever goes.
    ``seen_at``: the last visit or click, never known from a picture in a mail. ``next_at``: when it is looked at again.
    What ended keeps its row without the address. Moments are UTC.
    """

    relative = models.ForeignKey("families.Relative", models.PROTECT, db_constraint=False, related_name="+")
    consent = models.ForeignKey("families.Consent", models.PROTECT, db_constraint=False, related_name="+")
    channel = models.CharField(max_length=10, default=MAIL, editable=False)
    address_sealed = models.BinaryField(default=bytes)
    address_index = models.BinaryField(max_length=32, editable=False)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    code_hash = models.BinaryField(max_length=32, null=True, editable=False)
    code_until = models.DateTimeField(null=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(default=now, editable=False)
    next_at = models.DateTimeField(default=now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_why = models.CharField(max_length=10, choices=Ending, blank=True, default="", editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    address = Sealed("address_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("subscription")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("relative"),
            TenantFK("consent"),
            models.CheckConstraint(condition=models.Q(channel__in=(MAIL, PAGE)), name="tips_wanted_by_mail_or_page"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_why="")
                | models.Q(ended_at__isnull=False) & ~models.Q(ended_why=""),
                name="tips_ended_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["tenant", "consent"], condition=models.Q(ended_at__isnull=True), name="tips_wanted_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "address_index"],
                condition=models.Q(ended_at__isnull=True, confirmed_at__isnull=False),
                name="tips_one_an_address",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], condition=models.Q(ended_at__isnull=True), name="tips_look_at")]

    def __str__(self) -> str:
        return str(self.pk)


class LetterKind(models.TextChoices):
    CODE = "code"
    TIPS = "tips"
    LAST = "last"


class LetterState(models.TextChoices):
    """``sending`` is written before the mail leaves and is never taken back by time: a tip comes once or not at all."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given_up"
    LOST = "lost"
    DROPPED = "dropped"


class Letter(TenantModel):
    """One e-mail to one address; for ``PAGE`` one lot of tips that stands on the page, or the text with the code. ``week`` is the Monday whose week it stands for (school's zone), for tips alone.

    ``taken_at`` is when it was last handed to the mailer, ``next_at`` when it is tried (UTC). ``trouble``: our word for
    what went wrong.
    """

    subscription = models.ForeignKey(Subscription, models.PROTECT, db_constraint=False, related_name="letters")
    channel = models.CharField(max_length=10, default=MAIL, editable=False)
    kind = models.CharField(max_length=5, choices=LetterKind)
    address_index = models.BinaryField(max_length=32, editable=False)
    week = models.DateField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.DUE)
    sends = models.PositiveSmallIntegerField(default=0, editable=False)
    trouble = models.CharField(max_length=40, blank=True, default="", editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    next_at = models.DateTimeField(default=now, editable=False)
    taken_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("subscription"),
            models.CheckConstraint(condition=models.Q(channel__in=(MAIL, PAGE)), name="tips_go_by_mail_or_page"),
            models.UniqueConstraint(
                fields=["tenant", "address_index", "week"],
                condition=models.Q(week__isnull=False),
                name="tips_one_letter_a_week",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=LetterKind.TIPS, week__isnull=False)
                | ~models.Q(kind=LetterKind.TIPS) & models.Q(week__isnull=True),
                name="tips_letter_of_a_week",
            ),
            models.UniqueConstraint(
                fields=["tenant", "subscription"],
                condition=models.Q(kind=LetterKind.LAST),
                name="tips_last_word_once",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state=LetterState.DUE), name="tips_letter_due"),
            models.Index(fields=["taken_at"], condition=models.Q(state=LetterState.SENDING), name="tips_letter_taken"),
            models.Index(fields=["tenant", "subscription"], name="tips_letter_of"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Given(TenantModel):
    """This address was sent this tip: once, whichever series it stands in and whoever named the relative."""

    letter = models.ForeignKey(Letter, models.PROTECT, db_constraint=False, related_name="tips")
    series = models.ForeignKey(Series, models.PROTECT, null=True, db_constraint=False, related_name="+")
    address_index = models.BinaryField(max_length=32, editable=False)
    page = models.PositiveIntegerField()
    place = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("letter"),
            TenantFK("series"),
            models.UniqueConstraint(fields=["tenant", "address_index", "page"], name="tips_each_once_a_person"),
        ]
        indexes = [models.Index(fields=["tenant", "letter"], name="tips_given_of_letter")]

    def __str__(self) -> str:
        return str(self.pk)
