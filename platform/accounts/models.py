"""People, where they belong, and what they carry to sign in."""

from datetime import date, datetime, timedelta
from typing import ClassVar, Final, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.by_name import ByName, ByNameQuerySet, NameKeyField, SortKeyField
from accounts.managers import UserManager
from accounts.roles import Role
from kernel.clock import now
from kernel.identifiers import uuid7
from tenancy.constraints import TenantFK
from tenancy.managers import TenantManager
from tenancy.models import Tenant, TenantModel
from vault.blind import blind_index
from vault.keyring import GLOBAL_TENANT
from vault.phones import normalise_phone
from vault.sealed import Sealed


class User(AbstractBaseUser, PermissionsMixin):
    """One person who signs in, in as many schools and institutions as they belong to. Global: no wall.

    It holds nothing that a school may change or see: what a school says of a person stands in ``Membership``. Address
    and number are proved: the owner opened a link sent to ``email``, and typed a code sent to the number (ADR 0010),
    last at ``phone_proved_at`` (UTC).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    full_name = models.CharField(_("name"), max_length=80, blank=True)
    phone_hash = models.BinaryField(max_length=32, unique=True, null=True, blank=True, editable=False)
    phone_sealed = models.BinaryField(null=True, blank=True, editable=False)
    phone = Sealed("phone_sealed")
    phone_verified = models.BooleanField(default=False, editable=False)
    phone_proved_at = models.DateTimeField(null=True, editable=False)
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
            models.CheckConstraint(
                name="user_phone_is_proved",
                condition=models.Q(
                    phone_hash__isnull=True, phone_sealed__isnull=True, phone_verified=False, phone_proved_at=None
                )
                | models.Q(
                    phone_hash__isnull=False,
                    phone_sealed__isnull=False,
                    phone_verified=True,
                    phone_proved_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        """The name, never an address: this text reaches logs of the framework."""
        return self.full_name or str(self.pk)

    def get_full_name(self) -> str:
        """The name shown on screens."""
        return self.full_name

    def keep_proved_phone(self, raw: str) -> None:
        """Set a number that a code has just proved, sealed, with its blind index; ``""`` removes it. Invalid when it is
        none. Saved by ``PHONE_FIELDS``.
        """
        number = normalise_phone(raw) if raw else ""
        self.phone = number
        self.phone_hash = phone_index(number) if number else None
        self.phone_verified = bool(number)
        self.phone_proved_at = now() if number else None

    def proved_phone(self) -> str:
        """The number while its proof is fresh (``PHONE_PROOF_DAYS``), else ``""``: carriers give numbers to other people."""
        proved_at = self.phone_proved_at
        fresh = proved_at is not None and now() - proved_at < timedelta(days=settings.PHONE_PROOF_DAYS)
        return str(self.phone) if fresh else ""

    def get_short_name(self) -> str:
        """The same: a Chinese name has no short form to guess."""
        return self.full_name


PHONE_FIELDS: Final = ("phone_hash", "phone_sealed", "phone_verified", "phone_proved_at")
"""What ``User.keep_proved_phone`` sets."""


def phone_index(number: str) -> bytes:
    """The blind index of a number in E.164 form: finds a user by number without opening any."""
    return blind_index(GLOBAL_TENANT, "accounts.user.phone", number)


def place_phone_index(tenant_id: UUID, number: str) -> bytes:
    """The blind index of a number in E.164 form among one school's members: another in every school."""
    return blind_index(tenant_id, "accounts.membership.phone", number)


class Gender(models.TextChoices):
    """As the school's roster has it; empty when it does not say."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class DepartmentManager(TenantManager.from_queryset(ByNameQuerySet)):  # type: ignore[misc]
    """Departments of the open school."""


class Department(ByName, TenantModel):
    """A part of a school: 语文组, 教务处. ``key`` is what the name is compared by: names that look alike are one."""

    name = models.CharField(_("name"), max_length=60)
    key = NameKeyField()
    sort_key = SortKeyField()

    objects: ClassVar[DepartmentManager] = DepartmentManager()

    class Meta(TenantModel.Meta):
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "key"], name="department_name_once"),
        ]
        indexes = [models.Index(fields=["tenant", "sort_key", "id"], name="department_by_name")]

    def __str__(self) -> str:
        """The name."""
        return self.name


def not_left(day: date, of: str = "") -> models.Q:
    """Whose last day does not lie before ``day`` (in the school's zone), as a condition; a last day may be planned long ahead.

    ``of``: the field that leads to the membership, such as ``person``, where the rows are others. The one place that asks it.
    """
    field = f"{of}__left_on" if of else "left_on"
    return models.Q(**{f"{field}__isnull": True}) | models.Q(**{f"{field}__gte": day})


class MembershipQuerySet(ByNameQuerySet):
    """Members of a school as rules speak of them."""

    def current(self, day: date) -> "MembershipQuerySet":
        """Those who belong on ``day`` (in the school's zone): from ``active_from`` to ``left_on``, both included."""
        begun = models.Q(active_from__isnull=True) | models.Q(active_from__lte=day)
        return self.filter(begun, not_left(day))

    def left(self, day: date) -> "MembershipQuerySet":
        """Those whose last day lies before ``day``."""
        return self.filter(left_on__lt=day)

    def accepted(self) -> "MembershipQuerySet":
        """Those whose owner has taken the place; only they can act, decide, or be told anything but an invitation."""
        return self.filter(user__isnull=False)


class MembershipManager(TenantManager.from_queryset(MembershipQuerySet)):  # type: ignore[misc]
    """Members of the open school."""


class Membership(ByName, TenantModel):
    """One place in one school, in the school's own words: name, address, number, department, roles.

    It stands as soon as the school has typed it, and holds no right until ``user`` has accepted it at ``accepted_at``
    (ADR 0010). ``email`` and ``phone`` are where the school writes to; they say nothing about the account.
    ``invited_at`` is when an invitation was last sent. ``left_on`` is the last day that counts; from the following day
    the person has no access (rules §1 Leaver). ``reopened_at`` is when a leaver was last taken back.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="memberships", editable=False
    )
    accepted_at = models.DateTimeField(null=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True, default="", db_default="")
    phone_hash = models.BinaryField(max_length=32, null=True, editable=False)
    phone_sealed = models.BinaryField(null=True, editable=False)
    phone = Sealed("phone_sealed")
    name = models.CharField(_("name"), max_length=80)
    sort_key = SortKeyField(person=True)
    title = models.CharField(_("form of address"), max_length=40, blank=True)
    staff_no = models.CharField(_("staff number"), max_length=32, blank=True)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="members"
    )
    roles = ArrayField(models.CharField(max_length=12, choices=Role), default=list, verbose_name=_("roles"))
    active_from = models.DateField(_("active from"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, editable=False)
    invited_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects: ClassVar[MembershipManager] = MembershipManager()

    class Meta(TenantModel.Meta):
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("department"),
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once_per_school"),
            models.UniqueConstraint(
                fields=["tenant", "email"], name="membership_email_once", condition=~models.Q(email="")
            ),
            models.UniqueConstraint(fields=["tenant", "phone_hash"], name="membership_phone_once"),
            models.CheckConstraint(name="membership_email_lower", condition=models.Q(email=Lower("email"))),
            models.CheckConstraint(
                name="membership_phone_is_found",
                condition=models.Q(phone_hash__isnull=True, phone_sealed__isnull=True)
                | models.Q(phone_hash__isnull=False, phone_sealed__isnull=False),
            ),
            models.CheckConstraint(
                name="membership_accepted_by_somebody",
                condition=models.Q(user__isnull=True, accepted_at__isnull=True)
                | models.Q(user__isnull=False, accepted_at__isnull=False),
            ),
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
            models.Index(fields=["tenant", "sort_key", "id"], name="membership_by_name"),
        ]

    def __str__(self) -> str:
        """Its id: a name must not reach a log by way of a repr."""
        return str(self.pk)

    @property
    def waits(self) -> bool:
        """Whether nobody has accepted the place yet."""
        return self.user_id is None

    def keep_phone(self, raw: str) -> None:
        """Set the number that the school typed, sealed, with its blind index; ``""`` removes it. Invalid when it is none."""
        number = normalise_phone(raw) if raw else ""
        self.phone = number
        self.phone_hash = place_phone_index(cast(UUID, self.tenant_id), number) if number else None

    def keep_days(self, *, active_from: date | None, left_on: date | None, today: date) -> None:
        """Set the first and the last day. A place whose last day was over on ``today`` and that goes on is reopened:
        sign-ins and keys from before open it no more.
        """
        if self.left_on is not None and self.left_on < today and (left_on is None or left_on >= today):
            self.reopened_at = now()
        self.active_from, self.left_on = active_from, left_on

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
    is done or discarded; while ``reading`` the file waits on the disk (``people.roster.waiting``), and ``done_rows`` of
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


class PhoneCode(models.Model):
    """A number that its owner wants to prove, and the code that was sent to it. One a person; a new one replaces it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    phone_sealed = models.BinaryField(editable=False)
    phone = Sealed("phone_sealed")
    code_hash = models.BinaryField(max_length=32, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("telephone code")
        verbose_name_plural = _("telephone codes")


class ApiToken(models.Model):
    """A key for programs, bound to one person and, for school work, to one school. Stored as a keyed hash only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_keys", db_index=False)
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
