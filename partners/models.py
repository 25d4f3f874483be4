"""Institutions, services and licences are shared by all schools; an agreement belongs to one school (rules §3).

Every range of dates is half-open ``[valid_from, valid_until)``; an empty ``valid_until`` of a licence means no end.
"""

from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NumberError

from accounts.by_name import ByName, ByNameQuerySet, NameKeyField, SortKeyField
from kernel.clock import now
from kernel.identifiers import uuid7
from partners.calendars.models import Absence, Closure, OpeningHours, Resource, ResourceHours
from partners.kinds import (
    AgreementReason,
    InstitutionKind,
    LicenceKind,
    MemberRole,
    ServiceKind,
    ServiceMode,
    ServiceUnit,
)
from partners.pauses import PAUSES_ON
from partners.states import AgreementState, InstitutionState
from tenancy.constraints import PartnerRead, Statement, TenantFK
from tenancy.models import TenantModel
from tenancy.ranges import DateRange

__all__ = [
    "BOUND_STATES",
    "Absence",
    "Agreement",
    "AgreementLine",
    "Closure",
    "Institution",
    "InstitutionMember",
    "Licence",
    "OpeningHours",
    "Resource",
    "ResourceHours",
    "Service",
    "validate_uscc",
]

_HOUR = 60
MOST_TAKES = 20
"""The most seats that one appointment may take."""
BOUND_STATES = (
    AgreementState.SIGNED,
    AgreementState.ACTIVE,
    AgreementState.RENEWAL_DUE,
    AgreementState.SUSPENDED,
)
"""States in which an agreement binds the school: two such ones with one institution may not overlap."""


def validate_uscc(value: str) -> None:
    """Unified social credit code of 18 characters with its check character (GB 32100-2015)."""
    try:
        compact = uscc.validate(value)
    except NumberError as error:
        raise ValidationError(_("This unified social credit code is not right."), code="bad_uscc") from error
    if compact != value:
        raise ValidationError(_("Write the code as 18 capital letters and digits."), code="bad_uscc")


_ONLY_MEDICAL = Statement(
    name="service_psychiatry_needs_medical",
    create="""
        CREATE OR REPLACE FUNCTION partners_service_medical() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.kind = 'psychiatry' AND NOT EXISTS (
            SELECT 1 FROM partners_institution
            WHERE id = NEW.institution_id AND kind IN ('mental_health_centre', 'hospital'))
          THEN RAISE EXCEPTION 'only a medical institution may treat' USING ERRCODE = 'check_violation'; END IF;
          RETURN NEW; END $$;
        CREATE TRIGGER partners_service_medical BEFORE INSERT OR UPDATE OF kind, institution_id ON partners_service
          FOR EACH ROW EXECUTE FUNCTION partners_service_medical();""",
    drop="DROP TRIGGER partners_service_medical ON partners_service; DROP FUNCTION partners_service_medical();",
)
"""A counselling agency may not diagnose or treat (rules §3); the writer says so first, the database last."""


class InstitutionManager(models.Manager.from_queryset(ByNameQuerySet)):  # type: ignore[misc]
    """All institutions."""


class Institution(ByName):
    """An institution that schools may agree with. Kept by the operator, seen by every school.

    ``suspended_at`` (UTC): since when it is suspended; empty unless it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    sort_key = SortKeyField()
    name_en = models.CharField(max_length=120, blank=True)
    uscc = models.CharField(max_length=18, unique=True, validators=[validate_uscc])
    kind = models.CharField(max_length=24, choices=InstitutionKind)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in InstitutionState], default=InstitutionState.PROSPECT
    )
    district = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=30)
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=30)
    second_contact_name = models.CharField(max_length=60, blank=True)
    second_contact_phone = models.CharField(max_length=30, blank=True)
    area = models.CharField(max_length=200, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = InstitutionManager()

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(uscc__regex=r"^[0-9A-Z]{18}$"), name="institution_uscc_shape"),
        ]
        indexes = [
            models.Index(fields=["state", "kind"], name="institution_state_kind"),
            models.Index(fields=["sort_key", "id"], name="institution_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Licence(models.Model):
    """A paper of an institution, valid ``[valid_from, valid_until)``; ``issuer`` is the authority that gave it.

    ``ended_at`` (UTC): when its days were last changed; empty while they are those it was entered with.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="licences", db_index=False)
    kind = models.CharField(max_length=16, choices=LicenceKind)
    number = models.CharField(max_length=60)
    issuer = models.CharField(max_length=120, blank=True, default="", db_default="")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["institution", "kind", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "kind", "number"], name="licence_once"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="licence_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def covers(self, day: date) -> bool:
        """Whether the paper is valid on ``day``."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class ServiceManager(models.Manager.from_queryset(ByNameQuerySet)):  # type: ignore[misc]
    """All services."""


class Service(ByName):
    """One service of one institution with its public price in fen per unit. ``key`` is what the name is compared by:
    names that look alike are one. ``takes``: how many seats of a place one appointment takes, as for a pair or a family.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="services", db_index=False)
    name = models.CharField(max_length=120)
    key = NameKeyField()
    name_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=16, choices=ServiceKind)
    mode = models.CharField(max_length=8, choices=ServiceMode, default=ServiceMode.CONFIRM)
    unit = models.CharField(max_length=8, choices=ServiceUnit, default=ServiceUnit.SESSION)
    minutes = models.PositiveSmallIntegerField(default=50)
    list_fee_fen = models.BigIntegerField()
    online = models.BooleanField(default=False)
    on_site = models.BooleanField(default=True)
    takes = models.PositiveSmallIntegerField(default=1, db_default=1)
    active = models.BooleanField(default=True)

    objects = ServiceManager()

    class Meta:
        ordering = ["institution", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "key"], name="service_name_once"),
            models.CheckConstraint(condition=Q(list_fee_fen__gte=0), name="service_fee_not_negative"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="service_minutes_positive"),
            models.CheckConstraint(condition=Q(takes__gte=1, takes__lte=MOST_TAKES), name="service_takes_some"),
            models.CheckConstraint(condition=Q(online=True) | Q(on_site=True), name="service_somewhere"),
            _ONLY_MEDICAL,
        ]
        indexes = [models.Index(fields=["kind", "active"], name="service_kind_active")]

    def __str__(self) -> str:
        return self.name

    @property
    def visit_minutes(self) -> int:
        """The least that one appointment lasts: the session; of what goes by hour, day or month, an hour at most."""
        return self.minutes if self.unit == ServiceUnit.SESSION else min(self.minutes, _HOUR)


class InstitutionMemberQuerySet(models.QuerySet["InstitutionMember"]):
    """Places at institutions as rules speak of them."""

    def current(self, day: date) -> "InstitutionMemberQuerySet":
        """Those that count on ``day``, accepted or not."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))

    def accepted(self) -> "InstitutionMemberQuerySet":
        """Those whose owner has taken the place; only they can act or be told anything but an invitation."""
        return self.filter(user__isnull=False)


class InstitutionMember(models.Model):
    """A person's place at an institution: in its office or at one of its counters, from ``since`` on.

    ``name`` and ``email`` are the operator's words. As in a school, the place holds no right until ``user`` has accepted
    it (ADR 0010). ``valid_until`` is the first day on which it no longer counts. Whoever takes a place after one that had
    ended has ``reopened_at``: what signed in before does not open it. Another role or counter is another row,
    so that a redemption of the past keeps the counter at which it was made (``partners.members.desks_at``).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="institution_memberships"
    )
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    name = models.CharField(max_length=80, blank=True, default="", db_default="")
    email = models.EmailField(blank=True, default="", db_default="")
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="members")
    role = models.CharField(max_length=16, choices=MemberRole)
    counter = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField(default=now, db_default=Now(), editable=False)
    valid_until = models.DateField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, editable=False)

    objects = InstitutionMemberQuerySet.as_manager()

    class Meta:
        ordering = ["institution", "since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "institution"], condition=Q(valid_until__isnull=True), name="institution_member_once"
            ),
            models.UniqueConstraint(
                fields=["institution", "email"],
                condition=Q(valid_until__isnull=True) & ~Q(email=""),
                name="institution_member_email_once",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="institution_member_email_lower"),
            models.CheckConstraint(
                condition=Q(user__isnull=True, accepted_at__isnull=True)
                | Q(user__isnull=False, accepted_at__isnull=False),
                name="institution_member_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_role_display()}"


class Agreement(TenantModel):
    """One school's agreement with one institution: duties, tariffs, terms, validity, data-processing part.

    Moments in UTC: ``suspended_at`` since when it is suspended, also after its last day; ``ended_at`` when an earlier end was
    entered; ``terminated_at`` when it was terminated, which voids what is left. ``reason`` of the suspension or termination.
    """

    partner = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in AgreementState], default=AgreementState.DRAFT
    )
    valid_from = models.DateField()
    valid_until = models.DateField()
    data_part_valid_until = models.DateField()
    duties = models.TextField(blank=True)
    service_content = models.TextField(blank=True)
    cancellation_terms = models.JSONField(default=dict, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    terminated_at = models.DateTimeField(null=True, blank=True, editable=False)
    reason = models.CharField(max_length=12, choices=AgreementReason, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            PartnerRead("partner"),
            models.UniqueConstraint(fields=["tenant", "number"], name="agreement_number_once"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="agreement_dates"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")), name="agreement_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AgreementState.DRAFT, AgreementState.ENDED]) | Q(approved_by__isnull=False),
                name="agreement_bound_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state=AgreementState.SUSPENDED) | Q(suspended_at__isnull=False),
                name="agreement_suspended_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(terminated_at__isnull=True) | Q(state=AgreementState.ENDED),
                name="agreement_terminated_has_ended",
            ),
            PAUSES_ON,
            ExclusionConstraint(
                name="agreement_no_overlap",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("partner", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=BOUND_STATES),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def covers(self, day: date) -> bool:
        """Whether ``day`` lies in the agreement and in its data-processing part."""
        return self.valid_from <= day < min(self.valid_until, self.data_part_valid_until)


class AgreementLine(TenantModel):
    """One service with its agreed tariff in fen per unit. ``partner`` repeats the agreement's for the partner's wall."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, db_constraint=False, related_name="lines")
    partner = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    unit = models.CharField(max_length=8, choices=ServiceUnit)
    tariff_fen = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        ordering = ["agreement", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("agreement"),
            PartnerRead("partner"),
            models.UniqueConstraint(fields=["tenant", "agreement", "service"], name="agreement_line_once"),
            models.CheckConstraint(condition=Q(tariff_fen__gte=0), name="agreement_line_tariff"),
        ]

    def __str__(self) -> str:
        return str(self.service_id)

    @property
    def fee_fen(self) -> int:
        """Price actually asked per unit, fen: min(list price, agreed tariff) (rules §1)."""
        return min(self.service.list_fee_fen, self.tariff_fen)
