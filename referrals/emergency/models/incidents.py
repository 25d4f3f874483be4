"""An incident, what happened in it, and first words that wait for a second person (chain §1, §3, §8)."""

from typing import Any, Final, cast
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.rules.incident_moves import LIVE, IncidentEvent, IncidentState
from tenancy.constraints import AppendOnly, SchoolsUncounted, TenantFK
from tenancy.models import TenantModel
from vault import own_key


def values(names: Any) -> list[tuple[str, str]]:
    """Choices of a closed list whose words stand elsewhere."""
    return [(name.value, name.value) for name in names]


class Home(models.TextChoices):
    """Could somebody at home be the danger."""

    SAFE = "safe", _("No")
    DANGER = "danger", _("Yes")
    UNKNOWN = "unknown", _("Not known")


class Place(models.TextChoices):
    """Where the person is."""

    SCHOOL = "school", _("At school")
    HOME = "home", _("At home")
    ELSEWHERE = "elsewhere", _("Elsewhere")
    MISSING = "missing", _("Cannot be found")


class Company(models.TextChoices):
    """Who is with them."""

    NOBODY = "nobody", _("Nobody")
    COLLEAGUE = "colleague", _("A colleague")
    CHILD = "child", _("A child")
    FRAIL = "frail", _("A frail person")
    UNKNOWN = "unknown", _("Not known")


class Outcome(models.TextChoices):
    """How it ended (closed list)."""

    SAFE_WITH_FAMILY = "safe_with_family", _("Safe with the family")
    ADMITTED = "admitted", _("Admitted to hospital")
    IN_TREATMENT = "in_treatment", _("In treatment")
    SUPPORTED = "supported", _("Supported at school")
    REFUSED_WATCH = "refused_watch", _("Refused help, watch kept")
    UNFOUNDED = "unfounded", _("Unfounded")
    DIED = "died", _("Died")
    MERGED = "merged", _("Joined to another incident")


_LIVE: Final = sorted(state.value for state in LIVE)


class Incident(TenantModel):
    """One case of danger, about one person or nobody named yet.

    ``suggested`` is the grade of a head's report, ``grade`` what duty or centre wrote; until then it is ``reported``.
    ``next_event`` falls due at ``next_at`` (the chain's clock): its own clock beside those of its legs. ``own_key`` seals
    all its words and is destroyed at the end of its keeping (``erased_at``); the row and its counts stay, about nobody.
    ``released_at``: when the operator let it call in a copy of the database (ADR 0057).
    ``by_line``: it came by a call to the school's landline or 400 line, which whoever is on duty answered and wrote down.
    ``addresses_gone_at``: numbers, links and codes of those who were called were taken away.
    """

    number = models.CharField(max_length=12)
    person = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=14, choices=values(IncidentKind))
    suggested = models.CharField(max_length=8, choices=values(Grade))
    grade = models.CharField(max_length=8, choices=values(Grade), blank=True)
    state = models.CharField(max_length=12, choices=values(IncidentState))
    home = models.CharField(max_length=8, choices=Home, default=Home.UNKNOWN)
    place = models.CharField(max_length=10, choices=Place, blank=True)
    company = models.CharField(max_length=10, choices=Company, default=Company.UNKNOWN)
    can_be_asked = models.BooleanField(null=True)
    danger_now = models.BooleanField(default=False)
    by_line = models.BooleanField(default=False, db_default=False)
    signs_sealed = models.BinaryField(null=True, editable=False)
    place_sealed = models.BinaryField(null=True, editable=False)
    meeting_place_sealed = models.BinaryField(null=True, editable=False)
    found_at = models.DateTimeField()
    opened_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    reported_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    graded_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    closed_at = models.DateTimeField(null=True, editable=False)
    is_drill = models.BooleanField(default=False)
    next_event = models.CharField(max_length=16, choices=values(IncidentEvent), blank=True)
    next_at = models.DateTimeField(null=True)
    own_key = models.BinaryField(null=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)
    addresses_gone_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("incident")
        constraints = [
            *TenantModel.Meta.constraints,
            SchoolsUncounted(),
            TenantFK("person"),
            TenantFK("reported_by"),
            TenantFK("graded_by"),
            models.UniqueConstraint(fields=["tenant", "number"], name="incident_number_once"),
            models.UniqueConstraint(fields=["tenant", "id", "is_drill"], name="incident_is_drill_or_not"),
            models.UniqueConstraint(
                fields=["tenant", "person"],
                condition=models.Q(is_drill=False, state__in=_LIVE),
                name="incident_one_live_of_person",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=_LIVE, next_at__isnull=False)
                | (~models.Q(state__in=_LIVE) & models.Q(next_at__isnull=True)),
                name="incident_live_has_a_clock",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[*_LIVE], outcome="")
                | (~models.Q(state__in=_LIVE) & models.Q(closed_at__isnull=False)),
                name="incident_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[IncidentState.OPEN.value, IncidentState.WATCH.value])
                | ~models.Q(grade=""),
                name="incident_open_is_graded",
            ),
            models.CheckConstraint(
                condition=models.Q(is_drill=True) | ~models.Q(state=IncidentState.FROZEN.value),
                name="incident_frozen_in_drills",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True)
                | models.Q(
                    closed_at__isnull=False, addresses_gone_at__isnull=False, own_key__isnull=True,
                    person__isnull=True, reported_by__isnull=True, signs_sealed__isnull=True,
                    place_sealed__isnull=True, meeting_place_sealed__isnull=True,
                ),
                name="incident_erased_is_about_nobody",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["next_at"], name="incident_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["tenant", "-opened_at", "-id"], name="incident_newest"),
            models.Index(fields=["tenant", "person"], name="incident_of_person"),
            models.Index(
                fields=["tenant", "closed_at"],
                name="incident_kept",
                condition=models.Q(erased_at__isnull=True, closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def pace_grade(self) -> Grade:
        """The grade whose waits are kept: the written one, else the suggestion's, where an ungraded one is major, and
        extreme with danger now (chain §3).
        """
        if self.grade:
            return Grade(self.grade)
        return Grade.EXTREME if self.danger_now else Grade.MAJOR

    @property
    def key(self) -> bytes | None:
        """The key of its words; None when it was destroyed."""
        return own_key.unwrap(*self._row, self.own_key)

    @property
    def _row(self) -> tuple[UUID, str, UUID]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk

    def write_words(self, field: str, words: str) -> None:
        """Seal ``words`` into ``<field>_sealed`` under its own key."""
        key = self.key
        assert key is not None, "a closed incident is not written to"
        setattr(self, f"{field}_sealed", own_key.seal_words(key, *self._row, field, words))

    def read_words(self, field: str) -> str:
        """The words of ``<field>_sealed``; ``""`` where there are none or the key is gone."""
        return own_key.read_words(self.key, *self._row, field, getattr(self, f"{field}_sealed"))


class Timeline(TenantModel):
    """What happened, in order: codes and ids; words are sealed by the incident's key. Never changed."""

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="timeline")
    leg = models.ForeignKey("emergency.Leg", models.PROTECT, null=True, db_constraint=False, related_name="+")
    at = models.DateTimeField(db_default=ChainNow(), editable=False)
    code = models.CharField(max_length=40)
    by = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    who = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    words_sealed = models.BinaryField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("timeline")
        constraints = [
            *TenantModel.Meta.constraints,
            SchoolsUncounted(),
            TenantFK("incident"),
            TenantFK("leg"),
            TenantFK("by"),
            AppendOnly(),
        ]
        indexes = [models.Index(fields=["tenant", "incident", "at", "id"], name="timeline_in_order")]

    def __str__(self) -> str:
        return self.code

    def words(self, key: bytes | None) -> str:
        """Its words, by the key of its incident; ``""`` where there are none or the key is gone."""
        row = cast(UUID, self.tenant_id), self._meta.db_table, self.pk
        return own_key.read_words(key, *row, "words_sealed", self.words_sealed)


class FirstWord(TenantModel):
    """What one person has said and a second one must say too: a close, a false alarm, a lower grade, the end of a hold."""

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="first_words")
    leg = models.ForeignKey("emergency.Leg", models.PROTECT, null=True, db_constraint=False, related_name="+")
    act = models.CharField(max_length=24)
    facts = models.JSONField(default=dict)
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    at = models.DateTimeField(db_default=ChainNow(), editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("leg"),
            TenantFK("by"),
            models.UniqueConstraint(
                fields=["tenant", "incident", "leg", "act"],
                condition=models.Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="first_word_once",
            ),
        ]

    def __str__(self) -> str:
        return self.act
