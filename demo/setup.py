"""Creates the demo's operator, institutions, schools, people, agreements, policies and pools."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from uuid import UUID

from django.conf import settings
from stdnum.cn import uscc

from accounts.actor import Actor
from accounts.models import Department, Membership, User
from accounts.roles import Role
from accounts.tokens import issue_token
from content.demo import load_library, load_pages, offer_guideline
from demo.persons import BUREAU, PARTNERS, ROLES, SCHOOLS, Names, Partner, School
from demo.worlds import Paper, agree, employ, fill_pools, make_listed, make_rules, operator_of
from kernel.clock import as_of, local_day, now, start_of_day
from partners.calendars.forms import read_hours
from partners.calendars.opening import Opening
from partners.calendars.resource_workflow import ResourceDraft, add_resource, set_mode
from partners.calendars.selectors import opening_of
from partners.calendars.workflow import close, save_hours
from partners.models import Institution, Service
from partners.workflow import add_service
from people.workflow import MemberFields
from people.workflow import add_member as add_place
from referrals.workflow.union_posts import name_post
from schools.workflow import create_school, platform_tenant, save_settings
from tenancy.models import Tenant
from tenancy.scope import use_tenant

_ISSUERS = {
    "registration": "滨江区市场监督管理局",
    "medical": "滨江区卫生健康局",
    "childcare": "滨江区教育局",
    "elder_care": "滨江区民政局",
    "food": "滨江区市场监督管理局",
}
"""Who gives which paper."""
_RENEWED_BEFORE = timedelta(days=60)
"""How long before its end an agreement of the demo already covers another school year."""
_GRANTED_BEFORE = timedelta(days=90)
"""How long before today the pools were filled: longer than the oldest request."""
_MANY_ASKED = ("home_help", "hour")
"""Cleaning: three agencies can be asked at once, and the first to confirm comes."""
_LATE = {"free_hours": 24, "late_fee_bp": 3_000, "no_show_fee_bp": 5_000}
"""What an agency may ask for an appointment that is cancelled late or missed: parts of the tariff, in basis points."""
_TRAINING_IN = timedelta(days=12)
"""When the counselling agency is closed for a day."""


@dataclass
class Ground:
    """What the history is told with."""

    platform: Tenant
    operator: Actor
    names: Names
    schools: dict[str, Tenant] = field(default_factory=dict)
    people: dict[str, dict[str, Actor]] = field(default_factory=dict)
    staff: dict[str, list[Actor]] = field(default_factory=dict)
    partners: dict[UUID, Actor] = field(default_factory=dict)
    openings: dict[UUID, Opening] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    logins: list[dict[str, str]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)


def operator_ground(random: Random) -> Ground:
    """The platform's own row, its operator, and the five institutions with papers, services and counters."""
    platform = platform_tenant()
    load_library(platform)
    names = Names(random)
    user = make_user("operator@platform.example", names.new(), is_operator=True)
    operator = operator_of(platform, user)
    ground = Ground(platform, operator, names)
    with use_tenant(platform.id):
        sign_in(ground, operator, "operator", platform, user)
        for number, partner in enumerate(PARTNERS):
            _institution(ground, partner, number)
    return ground


def make_user(email: str, name: str, **extra: bool) -> User:
    """An account of the demo, with its one password."""
    return User.objects.create_user(email=email, password=settings.DEMO_PASSWORD, full_name=name, **extra)


def sign_in(ground: Ground, actor: Actor, role: str, tenant: Tenant, user: User) -> None:
    """Its sign-in and a key for programs stand in ``var/demo.json``."""
    ground.logins.append(
        {
            "role": role,
            "host": f"http://{tenant.host}:{settings.BASE_PORT}/",
            "email": user.email or "",
            "name": user.full_name,
            "password": settings.DEMO_PASSWORD,
        }
    )
    _key, raw = issue_token(actor=actor, label="demo")
    ground.tokens[user.email or ""] = raw


def credit_code(number: int) -> str:
    """A social credit code that passes its check, of nobody."""
    body = f"9133010{number}MA2DEMO0{number}".replace("O", "X")[:17].ljust(17, "0")
    return body + uscc.calc_check_digit(body)


def _institution(ground: Ground, partner: Partner, number: int) -> None:
    operator = ground.operator
    papers = [
        Paper(paper, f"浙-{number}{index}-2024", _ISSUERS[paper], date(2024, 1, 1), date(2029, 1, 1))
        for index, paper in enumerate(partner.papers)
    ]
    institution = make_listed(
        operator,
        papers,
        slug=partner.slug,
        name=partner.name,
        name_en=partner.name_en,
        uscc=credit_code(number),
        kind=partner.kind,
        district=partner.district,
        address=partner.address,
        phone=partner.phone,
        contact_name=ground.names.new(),
        contact_phone=partner.phone,
    )
    for name, name_en, kind, unit, minutes, list_fen, _tariff in partner.services:
        ground.services[name] = add_service(
            actor=operator,
            institution_id=institution.pk,
            name=name,
            name_en=name_en,
            kind=kind,
            list_fee_fen=list_fen,
            unit=unit,
            minutes=minutes,
            mode="query" if (kind, unit) == _MANY_ASKED else "confirm",
        )
    for address, role, counter in (("partner", "partner_office", ""), ("partner2", "partner_counter", "前台 2 号机")):
        user = make_user(f"{address}@{partner.slug}.example", ground.names.new())
        actor = employ(operator, institution, user, role, counter=counter)
        ground.partners.setdefault(institution.pk, actor)
        if role == "partner_office":
            _hours(ground, partner, actor)
        sign_in(ground, actor, address, ground.platform, user)


def _hours(ground: Ground, partner: Partner, office: Actor) -> None:
    """Its week, and the day in twelve days on which the counsellors are in training."""
    save_hours(actor=office, week={weekday: read_hours(text) or [] for weekday, text in enumerate(partner.week)})
    if partner.kind == "counselling_agency":
        start = start_of_day(local_day(now()) + _TRAINING_IN)
        close(actor=office, starts_at=start, ends_at=start + timedelta(days=1), reason="全员培训")
        _counsellors(ground, partner, office)
    if partner.kind == "childcare":
        _group(ground, office)
    assert office.institution_id is not None
    ground.openings[office.institution_id] = opening_of(office.institution_id)


def _counsellors(ground: Ground, partner: Partner, office: Actor) -> None:
    """Its three counsellors; people choose among the free times of a single talk themselves."""
    services = [ground.services[name].pk for name, *_rest in partner.services]
    for name, gender, online, specialities in (
        ("黄春燕", "female", False, ("sleep", "mood")),
        ("沈一帆", "male", True, ("couple", "parents")),
        ("郑可", "female", True, ("work", "grief")),
    ):
        said = ResourceDraft(
            name=name, services=services, online=online, gender=gender, specialities=specialities, buffer_minutes=10
        )
        add_resource(actor=office, kind="counsellor", draft=said)
    set_mode(actor=office, service_id=services[0], at_once=True)


def _group(ground: Ground, office: Actor) -> None:
    """Twelve children at a time; a parent takes one of the free places of a single day."""
    service = ground.services["课后托管（按次）"]
    said = ResourceDraft(name="活力班", services=[service.pk], is_named=False, capacity=12)
    add_resource(actor=office, kind="seat", draft=said)
    set_mode(actor=office, service_id=service.pk, at_once=True)


def school_ground(ground: Ground, school: School, *, staff: int, today: date, random: Random) -> Tenant:
    """One school with its people; for a teaching school also agreements, policies, pools and pages."""
    with use_tenant(ground.platform.id):
        tenant = create_school(
            actor=ground.operator,
            slug=school.slug,
            name=school.name,
            name_en=school.name_en,
            kind=school.kind,
            code=school.code,
            district="滨江区",
            duty_phone=school.duty_phone,
            duty_hours="工作日 8:00–20:00",
            takes_library=school is not BUREAU,
        )
    ground.schools[school.slug] = tenant
    with use_tenant(tenant.id):
        departments = [Department.objects.create(name=name) for name in school.departments]
        named = {"district": ("district",), "editor": ("editor",)} if school is BUREAU else ROLES
        cast = ground.people.setdefault(school.slug, {})
        for number, (address, roles) in enumerate(named.items()):
            cast[address] = make_member(ground, tenant, f"{address}@{school.slug}.example", roles, departments, number)
            user = User.objects.get(email=f"{address}@{school.slug}.example")
            sign_in(ground, cast[address], address, tenant, user)
        if school is BUREAU:
            load_pages(tenant, kind=school.kind, seed=0)
            offer_guideline(tenant)
            return tenant
        ground.staff[school.slug] = [
            make_member(ground, tenant, f"t{number:03d}@{school.slug}.example", ("staff",), departments, 100 + number)
            for number in range(staff)
        ]
        newcomer = ground.names.new()
        add_place(
            actor=cast["admin"],
            email=f"newcomer@{school.slug}.example",
            phone="",
            fields=MemberFields(name=newcomer, title=f"{newcomer[0]}老师", roles=frozenset({Role.STAFF})),
        )
        if school.asked_kinds:
            ground.schools[school.slug] = tenant = save_settings(
                actor=cast["admin"],
                duty_phone=tenant.duty_phone,
                duty_hours=tenant.duty_hours,
                rules={"asked_kinds": school.asked_kinds},
            )
        for kind, who in (("chair", "union"), ("deputy", "union2")):
            name_post(actor=cast["admin"], tenant=tenant, kind=kind, person_id=cast[who].membership_id)
        _agreements(ground, cast, today)
        _policies(cast, today)
        load_pages(tenant, kind=school.kind, seed=random.randrange(1 << 30))
    return tenant


def make_member(
    ground: Ground,
    tenant: Tenant,
    email: str,
    roles: tuple[str, ...],
    departments: list[Department],
    number: int,
) -> Actor:
    """Somebody who has accepted a place; ``number``: in the staff list and behind a telephone that cannot ring."""
    name = ground.names.new()
    user = make_user(email, name)
    membership = Membership(
        user=user,
        accepted_at=now(),
        email=email,
        name=name,
        title=f"{name[0]}老师",
        roles=list(roles),
        staff_no=f"{tenant.code}{number:04d}",
        department=departments[number % len(departments)],
    )
    # 199 is followed by a block that no carrier hands out: the demo can never ring a real telephone.
    membership.keep_phone(f"1990000{tenant.code and len(ground.schools)}{number:03d}")
    membership.save(force_insert=True)
    return Actor(
        user_id=user.pk,
        tenant_id=tenant.id,
        membership_id=membership.pk,
        roles=frozenset(roles),
        display_name=membership.address,
    )


def _agreements(ground: Ground, cast: dict[str, Actor], today: date) -> None:
    start = date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    end = date(start.year + 1, 9, 1)
    if end - today < _RENEWED_BEFORE:  # in summer the next year's agreement is signed: appointments go on
        end = date(end.year + 1, 9, 1)
    for partner in PARTNERS:
        institution = Institution.objects.get(slug=partner.slug)
        agree(
            cast["union"],
            cast["finance"],
            institution.pk,
            {ground.services[name].pk: tariff for name, _e, _k, _u, _m, _list, tariff in partner.services},
            (start, end),
            cancellation_terms=_LATE,
            duties="按约定时间提供服务，接待时只核对券码与称呼；有变动提前一天告知。",
            service_content="、".join(name for name, *_rest in partner.services),
        )


def _policies(cast: dict[str, Actor], today: date) -> None:
    start = date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    terms: dict[str, dict[str, object]] = {
        "counselling": {
            "share_bp": 7_000, "quota_unit": "session", "quota_amount": 8, "session_eligible_cap_fen": 40_000,
        },
        "childcare": {"share_bp": 5_000, "quota_unit": "fen", "quota_amount": 480_000},
        "camp": {"share_bp": 5_000, "quota_unit": "fen", "quota_amount": 150_000},
        "home_help": {"share_bp": 0},
        "mediation": {"share_bp": 10_000},
        "hardship": {"share_bp": 10_000},
        "charity": {"share_bp": 10_000},
    }  # fmt: skip
    make_rules(cast["finance"], cast["finance2"], start, terms)
    years = sorted({start.year, today.year, (today + timedelta(days=120)).year})
    with as_of(now() - _GRANTED_BEFORE):
        fill_pools(
            cast["finance"],
            cast["finance2"],
            years,
            {
                "counselling": 6_000_000,
                "childcare": 9_000_000,
                "camp": 3_000_000,
                "mediation": 600_000,
                "hardship": 900_000,
                "charity": 500_000,
            },
        )


__all__ = [
    "BUREAU",
    "SCHOOLS",
    "Ground",
    "credit_code",
    "make_user",
    "operator_ground",
    "school_ground",
    "sign_in",
]
