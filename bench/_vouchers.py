"""A school with one partner and as many one-unit vouchers as a measurement needs. No name of a person anywhere."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from stdnum.cn import uscc

from accounts.actor import Actor, system_in
from accounts.models import Membership, User
from accounts.roles import PlatformRole, Role
from demo.worlds import Paper, agree, employ, fill_pools, make_listed, make_rules, operator_of
from kernel.clock import local_day, now, start_of_day
from kernel.identifiers import new_secret, uuid7
from ledger.keys import AccountKey, Kind
from ledger.workflow import Move, prepare_move, send_all
from partners.kinds import LicenceKind, ServiceKind
from partners.models import Service
from partners.workflow import add_service
from referrals.codes import new_code
from referrals.models import Booking, Offer, Referral, SubsidyPolicy, Unit, Voucher
from referrals.subsidies import accounting
from referrals.workflow.answering import confirm_offer
from referrals.workflow.secrets import secret_hash
from referrals.workflow.submitting import submit_referral
from schools.workflow import create_school, platform_tenant
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant

FEE_FEN, SHARE_BP = 20_000, 5_000
SUBSIDY_FEN = 10_000
GRANT_FEN = 1_000_000_000
_SCHEME: Final = "home_help"
_OPERATOR: Final = 4
"""Which of a world's five accounts is the operator's."""


@dataclass(frozen=True)
class Ground:
    """``counter`` redeems at the partner, ``finance`` reads the books; ``codes`` are the vouchers' twelve digits; the two accounts pay for all of them."""

    school: Tenant
    person: Actor
    finance: Actor
    counter: Actor
    service: Service
    codes: list[str]
    pool: AccountKey
    quota: AccountKey


def make_ground(vouchers: int, *, pool_fen: int = GRANT_FEN, quota_fen: int = GRANT_FEN) -> Ground:
    """Commit the school. The first voucher comes through the workflow, the others are its copies, all of them paid for.

    With ``vouchers`` 0 nothing is asked for yet: a person, a service and a pool of ``pool_fen``.
    """
    platform = platform_tenant()
    slug = f"bench-{uuid7().hex[-12:]}"
    drafter, approver, asking, serving, running = User.objects.bulk_create(
        User(email=f"{n}@{slug}.example", password="!", full_name="Bench", is_operator=n == _OPERATOR)
        for n in range(_OPERATOR + 1)
    )
    operator = operator_of(platform, running)
    with use_tenant(platform.id), transaction.atomic():
        school = create_school(actor=operator, slug=slug, name="Bench", kind=TenantKind.MIDDLE, code="BB")
        service = _service(operator, slug)
        counter = employ(operator, service.institution, serving, PlatformRole.PARTNER_OFFICE)
    with use_tenant(school.id), transaction.atomic():
        person = make_member(school, asking, Role.STAFF)
        first, second = (make_member(school, user, Role.UNION, Role.FINANCE) for user in (drafter, approver))
        policy = _terms(service, first, second, quota_fen)
        today = local_day(now())
        fill_pools(first, second, (today.year, today.year + 1), {_SCHEME: pool_fen})
    assert person.membership_id is not None
    accounts = accounting.accounts_for(
        accounting.terms_of(policy), local_day(_visit()), person_id=person.membership_id, child_id=None
    )
    assert accounts.quota is not None
    ground = Ground(school, person, first, counter, service, [], accounts.pool, accounts.quota)
    if vouchers:
        with use_tenant(school.id), transaction.atomic():
            ground.codes.extend(_issue(ground, vouchers))
    return ground


def ask(ground: Ground, *, person: Actor | None = None) -> Referral:
    """The person asks for one unit, tomorrow; the subsidy is reserved."""
    start = _visit()
    return submit_referral(
        actor=person or ground.person,
        tenant=ground.school,
        service_id=ground.service.pk,
        units=1,
        windows=[(start, start + timedelta(hours=1))],
        consent=["referral"],
    )


def _visit() -> datetime:
    """Tomorrow in the morning: within every agency's hours, whenever somebody measures."""
    return start_of_day(local_day(now()) + timedelta(days=1)) + timedelta(hours=10)


def make_member(school: Tenant, user: User, *roles: str) -> Actor:
    """``user`` with an accepted place in ``school``, whose scope is open."""
    membership = Membership.objects.create(user=user, accepted_at=now(), name="Bench", roles=list(roles))
    return Actor(user_id=user.pk, tenant_id=school.id, membership_id=membership.pk, roles=frozenset(roles))


def _service(operator: Actor, slug: str) -> Service:
    body = f"91420100{secrets.randbelow(10**9):09d}"
    institution = make_listed(
        operator, [Paper(LicenceKind.REGISTRATION)], slug=slug, name=slug, uscc=body + uscc.calc_check_digit(body),
        kind="home_service", district="-", address="-", phone="0571-5550204", contact_name="-",
        contact_phone="0571-5550204",
    )  # fmt: skip
    return add_service(
        actor=operator, institution_id=institution.pk, name="bench", kind=ServiceKind.HOME_HELP, list_fee_fen=FEE_FEN,
        unit="session", minutes=60,
    )  # fmt: skip


def _terms(service: Service, first: Actor, second: Actor, quota_fen: int) -> SubsidyPolicy:
    """An agreement from last month on, and the policy of its service from then on."""
    today = local_day(now())
    days = (today - timedelta(30), today + timedelta(300))
    agree(first, second, service.institution_id, {service.pk: FEE_FEN}, days)
    said = {"share_bp": SHARE_BP, "quota_unit": "fen", "quota_amount": quota_fen}
    return make_rules(first, second, days[0], {_SCHEME: said})[_SCHEME]


def _issue(ground: Ground, vouchers: int) -> list[str]:
    """One voucher by the workflow; its copies differ in numbers, secrets and keys only."""
    referral = ask(ground)
    offer = Offer.objects.get(referral=referral)
    start = datetime.fromisoformat(offer.windows[0]["starts_at"])
    booking = confirm_offer(
        actor=ground.counter,
        tenant=ground.school,
        offer_id=offer.pk,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    # The appointment is tomorrow and the vouchers are to be good at once: nothing is spent before its day.
    Booking.objects.update(starts_at=now(), ends_at=now() + timedelta(minutes=50))
    booking.refresh_from_db()
    Voucher.objects.update(valid_from=local_day(now(), ground.school.time_zone) - timedelta(1))
    voucher = Voucher.objects.get()
    referral.refresh_from_db()
    codes = [voucher.code]
    (unit,) = Unit.objects.all()
    referrals, bookings, copies, units = [], [], [], []
    for number in range(1, vouchers):
        codes.append(new_code())
        asked = _copy(referral, number=f"R{number}")
        booked = _copy(booking, referral=asked, resource=None, slot=None)
        copy = _copy(voucher, referral=asked, booking=booked, number=f"V{number}")
        copy.code_hash, copy.token_hash = secret_hash(codes[-1]), secret_hash(new_secret())
        # What is sealed can be read in its own row only.
        copy.code_sealed = copy.token_sealed = asked.note_sealed = booked.card_sealed = b""
        referrals.append(asked)
        bookings.append(booked)
        copies.append(copy)
        units.append(_copy(unit, referral=asked, reservation=f"unit/{asked.pk}/0/1"))
    Referral.objects.bulk_create(referrals, batch_size=500)
    Booking.objects.bulk_create(bookings, batch_size=500)
    Voucher.objects.bulk_create(copies, batch_size=500)
    Unit.objects.bulk_create(units, batch_size=500)
    for first in range(0, len(units), 200):
        send_all([_reserve(ground, unit) for unit in units[first : first + 200]])
    return codes


def _reserve(ground: Ground, unit: Unit) -> Move:
    amounts = {ground.pool: unit.subsidy_fen, ground.quota: unit.quota}
    return prepare_move(
        actor=system_in(ground.school.id),
        kind=Kind.RESERVE,
        amounts=amounts,
        reference=unit.reservation,
        service_date=unit.service_date,
    )


def _copy[Row: (Referral, Booking, Unit, Voucher)](row: Row, **changed: object) -> Row:
    """A new row with the same values but for its key and what is ``changed``."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    fresh = type(row)(**{**values, "id": uuid7()})
    for name, value in changed.items():
        setattr(fresh, name, value)
    fresh._state.adding = True
    return fresh
