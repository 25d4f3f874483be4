"""A school with all that one case needs: people, a partner with two services, agreement, policies and pools.

Everything goes through the writers, needs no fixture, and may be committed or rolled back.
"""

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from stdnum.cn import uscc

from accounts.actor import Actor
from accounts.models import Membership, User
from accounts.roles import PlatformRole
from demo.worlds import Paper, agree, employ, fill_pools, make_listed, make_rules, operator_of
from kernel.clock import SCHOOL_ZONE, local_day, now, school_year
from partners.calendars.opening import DAY_MINUTES, Hours
from partners.kinds import LicenceKind
from partners.models import Agreement, Institution, OpeningHours, Service
from partners.workflow import add_service
from referrals.models import SubsidyPolicy
from schools.workflow import platform_tenant
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

COUNSELLING_FEN = 30_000
CHILDCARE_FEN = 120_000
POOL_FEN = 1_000_000
ALWAYS = tuple(Hours(weekday, 0, DAY_MINUTES) for weekday in range(7))
"""A test begins at any hour: what asks for hours says them."""
BOXES = {f"box_{kind}_{part}": "on" for kind in ("workday", "weekend") for part in ("morning", "afternoon", "evening")}
"""Any time: what a person ticks who can come whenever the agency is open."""
ORGANISATION_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass
class Journey:
    """One school ready for one case. ``actors`` holds an actor per role; a partner's stands on the platform host."""

    tenant: Tenant
    platform: Tenant
    operator: Actor
    institution: Institution
    counselling: Service
    childcare: Service
    agreement: Agreement
    policies: dict[str, SubsidyPolicy]
    members: dict[str, Membership]
    actors: dict[str, Actor]
    partner_user: User
    partner_office: Actor
    counter_user: User
    partner_counter: Actor

    def __getattr__(self, role: str) -> Actor:
        """``journey.staff``, ``journey.union``: the actor of that role."""
        try:
            return self.__dict__["actors"][role]
        except KeyError:
            raise AttributeError(role) from None


def make_platform() -> Tenant:
    """The platform's own tenant."""
    return platform_tenant()


def make_operator(platform: Tenant | None = None) -> Actor:
    """A new operator on the platform host."""
    platform = platform or make_platform()
    user = User.objects.create_user(
        email=f"{uuid.uuid4().hex[:12]}@platform.example",
        password=settings.DEMO_PASSWORD,
        full_name="周运营",
        is_operator=True,
    )
    return operator_of(platform, user)


def new_uscc() -> str:
    """A social credit code that passes its check, of nobody: random organisation digits."""
    body = "91420100" + "".join(random.choice(ORGANISATION_DIGITS) for _ in range(9))
    return body + uscc.calc_check_digit(body)


def make_institution(
    kind: str = "counselling_agency",
    *,
    operator: Actor | None = None,
    listed: bool = True,
    licences: Iterable[str] = tuple(LicenceKind),
    hours: Iterable[Hours] | None = ALWAYS,
) -> Institution:
    """A listed institution with lasting papers, of every kind unless said; open day and night, None: it has not said."""
    operator = operator or make_operator()
    slug = f"p-{uuid.uuid4().hex[:10]}"
    with use_tenant(make_platform().id):
        institution = make_listed(
            operator, map(Paper, licences), listed=listed,
            slug=slug, name=f"安心 {slug}", uscc=new_uscc(), kind=kind, district="滨江区", address="滨江路 18 号",
            phone="0571-5550201", contact_name="王主任", contact_phone="0571-5550201",
        )  # fmt: skip
        if hours is not None:
            OpeningHours.objects.bulk_create(OpeningHours(institution=institution, **row._asdict()) for row in hours)
    return institution


def make_partner(operator: Actor, platform: Tenant, *, kind: str = "own_school") -> Institution:
    """A listed institution with a lasting registration and childcare filing."""
    return make_institution(kind, operator=operator, licences=("registration", "childcare"))


def make_partner_person(operator: Actor, platform: Tenant, institution: Institution, role: str) -> tuple[User, Actor]:
    """Somebody who works there, and the actor on the platform host."""
    user = User.objects.create_user(
        email=f"{uuid.uuid4().hex[:12]}@partner.example", password=settings.DEMO_PASSWORD, full_name="陈前台"
    )
    with use_tenant(platform.id):
        return user, employ(operator, institution, user, role, counter="前台 1 号机")


def make_journey(tenant: Tenant, *, pool_fen: int = POOL_FEN, quota_sessions: int | None = 8) -> Journey:
    """All that stands before a request in ``tenant``: counselling at 300 yuan and 70 %, childcare at 1 200 and 50 %."""
    platform = make_platform()
    operator = make_operator(platform)
    institution = make_partner(operator, platform)
    with use_tenant(platform.id):
        counselling, childcare = (
            add_service(
                actor=operator,
                institution_id=institution.pk,
                name=name,
                kind=kind,
                list_fee_fen=fee,
                unit=unit,
                minutes=50,
            )
            for name, kind, fee, unit in (
                ("个人心理咨询", "counselling", 36_000, "session"),
                ("课后托管", "childcare", 130_000, "month"),
            )
        )
    office_user, office = make_partner_person(operator, platform, institution, PlatformRole.PARTNER_OFFICE)
    counter_user, counter = make_partner_person(operator, platform, institution, PlatformRole.PARTNER_COUNTER)
    members = {
        name: make_person(tenant, *roles)
        for name, roles in (
            ("staff", ("staff",)),
            ("staff2", ("staff",)),
            ("centre", ("centre", "staff")),
            ("union", ("union", "staff")),
            ("finance", ("finance", "staff")),
            ("finance2", ("finance", "staff")),
        )
    }
    actors = {name: actor_of(member) for name, member in members.items()}
    with use_tenant(tenant.id):
        today = local_day(now())
        tariffs = {counselling.pk: COUNSELLING_FEN, childcare.pk: CHILDCARE_FEN}
        days = (today - timedelta(30), today + timedelta(300))
        agreement = agree(actors["union"], actors["finance"], institution.pk, tariffs, days)
        rules: dict[str, dict[str, Any]] = {
            "counselling": {"share_bp": 7_000, "quota_unit": "session", "quota_amount": quota_sessions},
            "childcare": {"share_bp": 5_000, "quota_unit": "fen", "quota_amount": 480_000},
        }
        begins = date(school_year(today), 9, 1)
        policies = make_rules(actors["finance"], actors["finance2"], begins, rules)
        years = (today.year, today.year + 1)
        fill_pools(actors["finance"], actors["finance2"], years, dict.fromkeys(("counselling", "childcare"), pool_fen))
    return Journey(
        tenant, platform, operator, institution, counselling, childcare, agreement, policies, members, actors,
        office_user, office, counter_user, counter,
    )  # fmt: skip


def by_daylight(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The same day at eleven in the school, as long as before: an agency that has said no hours takes nothing at night."""
    local = start.astimezone(ZoneInfo(SCHOOL_ZONE))
    moved = local.replace(hour=11, minute=0)
    return moved, moved + (end - start)


def soon(*, days: int = 0, minutes: int = 90, length: int = 50) -> tuple[datetime, datetime]:
    """A time from ``minutes`` after now (plus ``days``), ``length`` minutes long, on whole minutes."""
    start = (now() + timedelta(days=days, minutes=minutes)).replace(second=0, microsecond=0)
    return start, start + timedelta(minutes=length)
