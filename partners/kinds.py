"""Closed lists of the partners app (contract §API, rules §3). A value is stable; its label is for people."""

from collections.abc import Iterable
from typing import Final

from django.db import models
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class InstitutionKind(models.TextChoices):
    """What an institution is (rules §3)."""

    COUNSELLING_AGENCY = "counselling_agency", _("Counselling agency")
    MENTAL_HEALTH_CENTRE = "mental_health_centre", _("Mental-health centre")
    HOSPITAL = "hospital", _("Hospital")
    CHILDCARE = "childcare", _("Childcare provider")
    HOME_SERVICE = "home_service", _("Home service company")
    ELDER_DAY_CARE = "elder_day_care", _("Elder day care")
    MEDIATION_ROOM = "mediation_room", _("Mediation room")
    COMMUNITY = "community", _("Community station")
    CHARITY = "charity", _("Charity")
    OWN_SCHOOL = "own_school", _("Run by the school itself")


class ServiceKind(models.TextChoices):
    """The closed list of service kinds of the contract."""

    COUNSELLING = "counselling", _("Counselling")
    PSYCHIATRY = "psychiatry", _("Psychiatric clinic")
    CHILDCARE = "childcare", _("After-school childcare")
    CAMP = "camp", _("Holiday camp")
    HOME_HELP = "home_help", _("Home help")
    ELDER_CARE = "elder_care", _("Elder care")
    MEDIATION = "mediation", _("Family mediation")
    MEALS = "meals", _("Meals")


class ServiceMode(models.TextChoices):
    """How a time is found (rules §2)."""

    INSTANT = "instant", _("Pick a free slot")
    CONFIRM = "confirm", _("The partner confirms a time")
    QUERY = "query", _("Several partners are asked")


class ServiceUnit(models.TextChoices):
    """What one tariff pays for (rules §1)."""

    SESSION = "session", _("session")
    HOUR = "hour", _("hour")
    HALF_DAY = "half_day", _("half day")
    DAY = "day", _("day")
    MONTH = "month", _("month")


class LicenceKind(models.TextChoices):
    """Papers that a service may need. ``registration`` is whichever paper makes the institution a legal person."""

    REGISTRATION = "registration", _("Registration certificate")
    MEDICAL = "medical", _("Medical practice licence")
    CHILDCARE = "childcare", _("Childcare filing")
    ELDER_CARE = "elder_care", _("Elder care filing")
    FOOD = "food", _("Food permit")


class AgreementReason(models.TextChoices):
    """Why a school suspends or terminates an agreement. A closed list: nothing about a person is typed in."""

    PAPERS = "papers", _("Papers are missing or unclear")
    QUALITY = "quality", _("Complaints or quality")
    SAFETY = "safety", _("Somebody's safety")
    BILLING = "billing", _("A dispute about bills")
    AGREED = "agreed", _("Both sides agreed to it")
    OTHER = "other", _("Another reason, on file at the school")


class MemberRole(models.TextChoices):
    """Roles of a person who works at an institution: the office sees statements, a counter redeems."""

    OFFICE = "partner_office", _("Partner office")
    COUNTER = "partner_counter", _("Partner counter")


class ResourceKind(models.TextChoices):
    """What of an agency can be taken for an appointment (books §4)."""

    COUNSELLOR = "counsellor", _("Counsellor")
    ROOM = "room", _("Room")
    SEAT = "seat", _("Places, such as of a childcare group")
    GROUP = "group", _("Group")


class CounsellorGender(models.TextChoices):
    """What a person may wish of a counsellor; empty where it is not said."""

    FEMALE = "female", _("Woman")
    MALE = "male", _("Man")


LEAST_GROUP: Final = 5
MOST_GROUP: Final = 8
"""People in a group: fewer are told to the agency, one more makes two groups (rules §2)."""


class Speciality(models.TextChoices):
    """What a counsellor knows best: read by who chooses, kept of nobody who chose (ADR 0026)."""

    WORK = "work", _("Work and strain")
    SLEEP = "sleep", _("Sleep")
    MOOD = "mood", _("Mood and worry")
    COUPLE = "couple", _("Couples")
    PARENTS = "parents", _("Parents and children")
    TEENAGERS = "teenagers", _("Teenagers")
    GRIEF = "grief", _("Loss and grief")
    SHOCK = "shock", _("After something terrible")


MEDICAL_KINDS = frozenset({InstitutionKind.MENTAL_HEALTH_CENTRE, InstitutionKind.HOSPITAL})

NEEDED_LICENCES: dict[ServiceKind, frozenset[LicenceKind]] = {
    ServiceKind.COUNSELLING: frozenset({LicenceKind.REGISTRATION}),
    ServiceKind.PSYCHIATRY: frozenset({LicenceKind.REGISTRATION, LicenceKind.MEDICAL}),
    ServiceKind.CHILDCARE: frozenset({LicenceKind.REGISTRATION, LicenceKind.CHILDCARE}),
    ServiceKind.CAMP: frozenset({LicenceKind.REGISTRATION}),
    ServiceKind.HOME_HELP: frozenset({LicenceKind.REGISTRATION}),
    ServiceKind.ELDER_CARE: frozenset({LicenceKind.REGISTRATION, LicenceKind.ELDER_CARE}),
    ServiceKind.MEDIATION: frozenset({LicenceKind.REGISTRATION}),
    ServiceKind.MEALS: frozenset({LicenceKind.REGISTRATION, LicenceKind.FOOD}),
}


INSTITUTION_PAPERS: dict[InstitutionKind, frozenset[LicenceKind]] = {
    InstitutionKind.COUNSELLING_AGENCY: frozenset({LicenceKind.REGISTRATION}),
    InstitutionKind.MENTAL_HEALTH_CENTRE: frozenset({LicenceKind.REGISTRATION, LicenceKind.MEDICAL}),
    InstitutionKind.HOSPITAL: frozenset({LicenceKind.REGISTRATION, LicenceKind.MEDICAL}),
    InstitutionKind.CHILDCARE: frozenset({LicenceKind.REGISTRATION, LicenceKind.CHILDCARE, LicenceKind.FOOD}),
    InstitutionKind.HOME_SERVICE: frozenset({LicenceKind.REGISTRATION}),
    InstitutionKind.ELDER_DAY_CARE: frozenset({LicenceKind.REGISTRATION, LicenceKind.ELDER_CARE}),
    InstitutionKind.MEDIATION_ROOM: frozenset({LicenceKind.REGISTRATION}),
    InstitutionKind.COMMUNITY: frozenset({LicenceKind.REGISTRATION}),
    InstitutionKind.CHARITY: frozenset({LicenceKind.REGISTRATION}),
    InstitutionKind.OWN_SCHOOL: frozenset({LicenceKind.REGISTRATION}),
}
"""What must be valid on the day an institution is vetted or listed. Where children are, the food permit too (rules §3)."""


def may_offer(institution_kind: str, service_kind: str) -> bool:
    """Only a medical institution may diagnose or treat, so only it may offer psychiatry (rules §3)."""
    return service_kind != ServiceKind.PSYCHIATRY or institution_kind in MEDICAL_KINDS


def _listed(papers: tuple[LicenceKind, ...]) -> str:
    return gettext(", ").join(str(paper.label) for paper in papers)


_later = lazy(_listed, str)


def papers_text(papers: Iterable[LicenceKind]) -> str:
    """The papers' names joined by commas, translated when the text is shown."""
    return _later(tuple(papers))
