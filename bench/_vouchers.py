"""A school with one partner and as many one-unit vouchers as a measurement needs. No name of a person anywhere."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import transaction

from accounts.actor import Actor, ActorKind, system_in
from accounts.models import Membership, User
from kernel.clock import local_day, now, start_of_day
from kernel.identifiers import new_secret, uuid7
from ledger.keys import AccountKey, Kind
from ledger.workflow import move
from partners.kinds import LicenceKind, ServiceKind
from partners.models import Agreement, AgreementLine, Institution, Licence, Service
from partners.states import AgreementState, InstitutionState
from referrals.codes import new_code
from referrals.models import Booking, Offer, Referral, SubsidyPolicy, Voucher
from referrals.states import PolicyState
from referrals.subsidies import accounting
from referrals.subsidies.policies import grant_pool
from referrals.workflow.answering import confirm_offer
from referrals.workflow.secrets import secret_hash
from referrals.workflow.submitting import submit_referral
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant
from vault.keys import create_tenant_key

FEE_FEN, SHARE_BP = 20_000, 5_000
SUBSIDY_FEN = 10_000
GRANT_FEN = 1_000_000_000


@dataclass(frozen=True)
class Ground:
    """``counter`` redeems at the partner; ``codes`` are the vouchers' twelve digits; the two accounts pay for all of them."""

    school: Tenant
    person: Actor
    counter: Actor
    service: Service
    codes: list[str]
    pool: AccountKey
    quota: AccountKey


def make_ground(vouchers: int, *, pool_fen: int = GRANT_FEN, quota_fen: int = GRANT_FEN) -> Ground:
    """Commit the school. The first voucher comes through the workflow, the others are its copies, all of them paid for.

    With ``vouchers`` 0 nothing is asked for yet: a person, a service and a pool of ``pool_fen``.
    """
    slug = f"bench-{uuid7().hex[-12:]}"
    school = Tenant.objects.create(
        slug=slug, host=f"{slug}.localhost", kind=TenantKind.MIDDLE, name="Bench", code="BB", is_active=False
    )
    create_tenant_key(school.id)
    service = _service(slug)
    users = User.objects.bulk_create(User(email=f"{n}@{slug}.example", password="!") for n in range(3))
    today = local_day(now())
    with use_tenant(school.id), transaction.atomic():
        membership = Membership.objects.create(user=users[0], accepted_at=now(), name="Bench", roles=["staff"])
        _agree(service, users, today)
        policy = _policy(users, today, quota_fen)
        for year in (today.year, today.year + 1):
            grant_pool(
                actor=system_in(school.id), scheme="home_help", year=year, amount_fen=pool_fen, reference=f"{year}"
            )
    person = Actor(user_id=users[0].pk, tenant_id=school.id, membership_id=membership.pk, roles=frozenset({"staff"}))
    counter = Actor(
        user_id=users[1].pk,
        tenant_id=school.id,
        institution_id=service.institution_id,
        roles=frozenset({"partner_office"}),
        kind=ActorKind.PARTNER,
    )
    accounts = accounting.accounts_for(
        accounting.terms_of(policy), local_day(_visit()), person_id=membership.pk, child_id=None
    )
    assert accounts.quota is not None
    ground = Ground(school, person, counter, service, [], accounts.pool, accounts.quota)
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


def _service(slug: str) -> Service:
    institution = Institution.objects.create(
        slug=slug, name=slug, uscc=uuid4().hex[:18].upper(), kind="housekeeping", state=InstitutionState.LISTED,
        district="-", address="-", phone="-", contact_name="-", contact_phone="-",
    )  # fmt: skip
    Licence.objects.create(
        institution=institution, kind=LicenceKind.REGISTRATION, number="1", valid_from=date(2020, 1, 1)
    )
    return Service.objects.create(
        institution=institution, name="bench", kind=ServiceKind.HOME_HELP, list_fee_fen=FEE_FEN
    )


def _agree(service: Service, users: list[User], today: date) -> None:
    until = today + timedelta(300)
    agreement = Agreement.objects.create(
        partner_id=service.institution_id, number="1", state=AgreementState.ACTIVE, valid_from=today - timedelta(30),
        valid_until=until, data_part_valid_until=until, drafted_by=users[1], approved_by=users[2], approved_at=now(),
    )  # fmt: skip
    AgreementLine.objects.create(
        agreement=agreement, partner_id=service.institution_id, service=service, unit=service.unit, tariff_fen=FEE_FEN
    )


def _policy(users: list[User], today: date, quota_fen: int) -> SubsidyPolicy:
    return SubsidyPolicy.objects.create(
        scheme="home_help", version=1, share_bp=SHARE_BP, quota_unit="fen", quota_amount=quota_fen, drafted_by=users[1],
        valid_from=today - timedelta(30), state=PolicyState.APPROVED, approved_by=users[2], approved_at=now(),
    )  # fmt: skip


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
    # The appointment is tomorrow; the vouchers are to be good at once.
    Voucher.objects.update(valid_from=local_day(now(), ground.school.time_zone) - timedelta(1))
    voucher = Voucher.objects.get()
    referral.refresh_from_db()
    codes = [voucher.code]
    referrals, bookings, copies = [], [], []
    for number in range(1, vouchers):
        codes.append(new_code())
        asked = _copy(referral, number=f"R{number}")
        booked = _copy(booking, referral=asked, resource=f"{booking.resource}/{number}")
        copy = _copy(voucher, referral=asked, booking=booked, number=f"V{number}")
        copy.code_hash, copy.token_hash = secret_hash(codes[-1]), secret_hash(new_secret())
        # What is sealed can be read in its own row only.
        copy.code_sealed = copy.token_sealed = asked.note_sealed = booked.card_sealed = b""
        referrals.append(asked)
        bookings.append(booked)
        copies.append(copy)
    Referral.objects.bulk_create(referrals, batch_size=500)
    Booking.objects.bulk_create(bookings, batch_size=500)
    Voucher.objects.bulk_create(copies, batch_size=500)
    if copies:
        total = sum(copy.subsidy_fen for copy in copies)
        amounts = {ground.pool: total, ground.quota: total}
        move(actor=system_in(ground.school.id), kind=Kind.RESERVE, amounts=amounts, reference="copies")
    return codes


def _copy[Row: (Referral, Booking, Voucher)](row: Row, **changed: object) -> Row:
    """A new row with the same values but for its key and what is ``changed``."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    fresh = type(row)(**{**values, "id": uuid7()})
    for name, value in changed.items():
        setattr(fresh, name, value)
    fresh._state.adding = True
    return fresh
