"""People, where they belong, and what they carry to sign in."""

from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.managers import UserManager
from accounts.roles import Role
from kernel.clock import now
from kernel.identifiers import uuid7
from tenancy.constraints import TenantFK
from tenancy.models import Tenant, TenantModel
from vault.blind import blind_index
from vault.keyring import GLOBAL_TENANT
from vault.phones import normalise_phone
from vault.sealed import Sealed


class User(AbstractBaseUser, PermissionsMixin):
    """One person who signs in, in as many schools and institutions as they belong to. Global: no wall.

    It holds nothing that a school may change: name, address and telephone are the person's own, and what a school
    says about them stands in ``Membership``. So one school's roster can never reach an account of another.
    ``phone_typed``: the owner typed the number and nobody vouches for it, so a school joins no account by it. Else
    whoever claimed a colleague's number first would be handed the colleague's membership.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    full_name = models.CharField(_("name"), max_length=80, blank=True)
    phone_hash = models.BinaryField(max_length=32, unique=True, null=True, blank=True, editable=False)
    phone_sealed = models.BinaryField(null=True, blank=True, editable=False)
    phone = Sealed("phone_sealed")
    phone_verified = models.BooleanField(default=False, editable=False)
    phone_typed = models.BooleanField(default=False, db_default=False, editable=False)
    language = models.CharField(_("language"), max_length=12, default="zh-hans", choices=settings.LANGUAGES)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_operator = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(name="user_email_lower", condition=models.Q(email=Lower("email"))),
            models.CheckConstraint(name="user_email_not_blank", condition=~models.Q(email="")),
        ]

    def __str__(self) -> str:
        """The name, never an address: this text reaches logs of the framework."""
        return self.full_name or str(self.pk)

    def get_full_name(self) -> str:
        """The name shown on screens."""
        return self.full_name

    def keep_phone(self, raw: str) -> None:
        """Set the number, sealed, and its blind index; ``""`` removes both. Invalid when it is not a number."""
        number = normalise_phone(raw) if raw else ""
        self.phone = number
        self.phone_hash = phone_index(number) if number else None
        self.phone_verified = False

    def get_short_name(self) -> str:
        """The same: a Chinese name has no short form to guess."""
        return self.full_name


def phone_index(number: str) -> bytes:
    """The blind index of a number in E.164 form: finds a user by number without opening any."""
    return blind_index(GLOBAL_TENANT, "accounts.user.phone", number)


class Gender(models.TextChoices):
    """As the school's roster has it; empty when it does not say."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class Department(TenantModel):
    """A part of a school: 语文组, 教务处."""

    name = models.CharField(_("name"), max_length=60)

    class Meta(TenantModel.Meta):
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "name"], name="department_name_once"),
        ]

    def __str__(self) -> str:
        """The name."""
        return self.name


class Membership(TenantModel):
    """One person in one school, in the school's own words: name, number, department, roles.

    ``invited_at`` is when a link to choose a first password was last sent. ``left_on`` is the last day that counts; from the following day the person has no access (rules §1 Leaver).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    name = models.CharField(_("name"), max_length=80)
    title = models.CharField(_("form of address"), max_length=40, blank=True)
    staff_no = models.CharField(_("staff number"), max_length=32, blank=True)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="members"
    )
    roles = ArrayField(models.CharField(max_length=12, choices=Role), default=list, verbose_name=_("roles"))
    active_from = models.DateField(_("active from"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    invited_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("department"),
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once_per_school"),
            models.UniqueConstraint(
                "tenant", Lower("staff_no"), name="membership_staff_no_once", condition=~models.Q(staff_no="")
            ),
            models.CheckConstraint(
                name="membership_roles_known", condition=models.Q(roles__contained_by=list(Role.values))
            ),
            models.CheckConstraint(
                name="membership_left_after_start",
                condition=models.Q(left_on__isnull=True)
                | models.Q(active_from__isnull=True)
                | models.Q(left_on__gte=models.F("active_from")),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "name"], name="membership_by_name"),
            models.Index(fields=["user"], name="membership_by_user"),
        ]

    def __str__(self) -> str:
        """Its id: a name must not reach a log by way of a repr."""
        return str(self.pk)

    def is_current(self, day: date) -> bool:
        """Whether the membership counts on ``day`` (in the school's zone): from ``active_from`` to ``left_on``, both included."""
        started = self.active_from is None or self.active_from <= day
        return started and (self.left_on is None or day <= self.left_on)

    @property
    def address(self) -> str:
        """How to greet: 李老师 when the school said so, else the name."""
        return self.title or self.name


class RosterState(models.TextChoices):
    """A roster on its way: read, being written, written, or put away."""

    READING = "reading", _("Being read")
    PREVIEWED = "previewed", _("Waiting for you to confirm")
    RUNNING = "running", _("Being written")
    DONE = "done", _("Done")
    DISCARDED = "discarded", _("Discarded")


ONE_BEING_READ = "roster_one_being_read"


class RosterImport(TenantModel):
    """One uploaded staff list: what it would change, and later what it changed.

    ``sealed_rows`` holds the rows as read, encrypted (they carry telephone numbers), and is emptied when the import
    is done or discarded; while ``reading`` the file waits on the disk (``accounts.roster.waiting``), and ``done_rows`` of
    ``total_rows`` are percent. A school has one such list at a time. ``errors`` are ``[row, field, code, detail, blocking]``; ``detail`` is never a cell's content.
    """

    uploaded_by = models.ForeignKey(Membership, models.PROTECT, db_constraint=False, related_name="+")
    file_name = models.CharField(max_length=120)
    file_hash = models.BinaryField(max_length=32, editable=False)
    state = models.CharField(max_length=10, choices=RosterState, default=RosterState.PREVIEWED)
    marks_leavers = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    sealed_rows = models.BinaryField(null=True, editable=False)
    rows_text = Sealed("sealed_rows")
    done_rows = models.PositiveIntegerField(default=0)
    total_rows = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    applied_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("staff list")
        verbose_name_plural = _("staff lists")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("uploaded_by"),
            models.CheckConstraint(name="roster_state_known", condition=models.Q(state__in=list(RosterState.values))),
            models.UniqueConstraint(fields=["tenant"], name=ONE_BEING_READ, condition=models.Q(state="reading")),
            models.CheckConstraint(
                name="roster_done_within_total", condition=models.Q(done_rows__lte=models.F("total_rows"))
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="roster_newest")]


class ApiToken(models.Model):
    """A key for programs, bound to one person and, for school work, to one school. Stored as a keyed hash only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_keys")
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, blank=True, related_name="+")
    token_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    label = models.CharField(_("label"), max_length=60)
    created_at = models.DateTimeField(default=now, editable=False)
    last_used_on = models.DateField(null=True, editable=False)
    expires_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("access key")
        verbose_name_plural = _("access keys")
        indexes = [models.Index(fields=["user", "-created_at"], name="token_by_user")]

    def __str__(self) -> str:
        """Its id."""
        return str(self.pk)

    def is_live(self, moment: datetime) -> bool:
        """Neither revoked nor past its end."""
        return self.revoked_at is None and moment < self.expires_at


class TryCount(models.Model):
    """The moments at which one secret was tried, as far as they still count (``accounts.tries``), oldest first.

    Global: who tries is not known yet. ``key`` is a keyed hash of what is counted, so no address of a person is kept.
    """

    key = models.CharField(primary_key=True, max_length=64)
    times = ArrayField(models.DateTimeField(), default=list)
    kept_until = models.DateTimeField()

    class Meta:
        verbose_name = _("count of tries")
        verbose_name_plural = _("counts of tries")
        indexes = [models.Index(fields=["kept_until"], name="try_count_age")]

    def __str__(self) -> str:
        """Its key."""
        return self.key
