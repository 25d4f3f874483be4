"""What a school's offices find beside the requests: files, cards, a suspended agency, a wrong split. All through the writers."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.actor import Actor, system_in
from demo.history import this_day
from demo.setup import Ground, credit_code, make_user, sign_in
from demo.worlds import Paper, agree, employ, make_listed
from kernel.clock import as_of
from partners.calendars.forms import read_hours
from partners.calendars.workflow import save_hours
from partners.models import Institution, Service
from partners.states import InstitutionEvent
from partners.workflow import add_service, move_institution
from referrals.liaison.models import HandOnCard
from referrals.liaison.workflow.handing_on import consent, open_card, write_card
from referrals.liaison.workflow.reporting import report
from referrals.models import Correction, CorrectionSide, Offer, Redemption, Referral
from referrals.states import RedemptionKind, RedemptionState
from referrals.workflow.answering import confirm_offer
from referrals.workflow.claiming import claim_amount, decline_claim
from referrals.workflow.correcting import approve_correction, ask_correction
from referrals.workflow.hardship import ask_hardship, grant_hardship
from referrals.workflow.objecting import pass_redemption
from referrals.workflow.paused import tell_paused
from referrals.workflow.submitting import submit_referral
from tenancy.models import Tenant
from tenancy.scope import use_tenant

_HOSPITAL: Final = "renai"
_SUSPENDED: Final = "qinghe"
_NUMBER: Final = 8
"""Of the institution, after those of ``persons.PARTNERS``."""
_WORDS: Final = {
    "ask": "请帮忙评估睡眠和情绪，看是否需要门诊。",
    "situation": "这个学期接了两个班，最近睡得不好，白天没有精神。",
    "tried": "在中心谈过三次，做了作息记录。",
    "reach": "0571-5550100",
}


def tell_beside(ground: Ground, slug: str, *, today: datetime) -> None:
    """Inside one school's scope: charity granted and a file that waits, a card answered and one to be read, a correction, amounts that are questioned."""
    tenant, people = ground.schools[slug], ground.people[slug]
    _files(tenant, people, today)
    _cards(ground, tenant, people, today)
    _corrections(people, today)
    _claims(people, today)


def _files(tenant: Tenant, people: dict[str, Actor], today: datetime) -> None:
    """Charity pays for the doctor's talks; a hardship file waits for finance."""
    day = tenant.day_of(today)
    for who, scheme, number, ceiling in (
        ("doctor", "charity", "CS-2026-07", 200_000),
        ("moral", "hardship", "KN-2026-12", 300_000),
    ):
        with as_of(today - timedelta(days=6, hours=2)):
            file = ask_hardship(
                actor=people["union"],
                tenant=tenant,
                person_id=_member(people[who]),
                number=number,
                ceiling_fen=ceiling,
                first_day=day,
                last_day=day + timedelta(days=120),
                scheme=scheme,
            )
        if scheme == "charity":
            with as_of(today - timedelta(days=5)):
                grant_hardship(actor=people["finance"], file_id=file.pk)


def _cards(ground: Ground, tenant: Tenant, people: dict[str, Actor], today: datetime) -> None:
    """One went to the hospital and was answered; another waits for the person's yes."""
    hospital = Institution.objects.get(slug=_HOSPITAL)
    office = ground.partners[hospital.pk]
    for who, days in (("staff2", 9), ("staff", 1)):
        with as_of(today - timedelta(days=days)):
            case = write_card(
                actor=people["centre"],
                tenant=tenant,
                person_id=_member(people[who]),
                partner_id=hospital.pk,
                purpose="assessment",
                words=_WORDS,
            )
        if days < 2:
            continue
        with as_of(today - timedelta(days=days - 1)):
            consent(actor=people[who], tenant=tenant, case_id=case.pk, fields=("name", "situation"))
        card = HandOnCard.objects.get(hand_on=case)
        with as_of(today - timedelta(days=days - 3)):
            open_card(actor=office, card_id=card.pk)
            report(
                actor=office,
                tenant=tenant,
                card_id=card.pk,
                outcome="seen",
                goes_on="school",
                advice="规律作息，两周后复诊。",
            )


def _corrections(people: dict[str, Actor], today: datetime) -> None:
    """A use with another price in the agreement of its day was corrected; a second one waits for the other of finance."""
    lines = Redemption.objects.filter(
        kind=RedemptionKind.SERVICE,
        state=RedemptionState.REDEEMED,
        subsidy_fen__gt=0,
        self_fen__gt=0,
        due_at__lt=today - timedelta(days=2),
    ).order_by("redeemed_at", "pk")
    for number, line in enumerate(lines[:2]):
        with as_of(today - timedelta(days=1, hours=4)):
            pass_redemption(redemption_id=line.pk)
            row = ask_correction(
                actor=people["finance"],
                redemption_id=line.pk,
                cause="price",
                side="agency",
                fee_fen=line.fee_fen - 1_000,
                reason="补充协议：这一天起每次少十元",
            )
        if number == 0:
            with as_of(today - timedelta(days=1)):
                approve_correction(actor=people["finance2"], correction_id=row.pk)


def _claims(people: dict[str, Actor], today: datetime) -> None:
    """Amounts that are questioned: one waits for finance, one was answered, one became a correction that waits."""
    named = Correction.objects.values("redemption")
    lines = Redemption.objects.filter(
        kind=RedemptionKind.SERVICE,
        state=RedemptionState.REDEEMED,
        subsidy_fen__gt=0,
        self_fen__gt=0,
        due_at__lt=today - timedelta(days=2),
    ).exclude(pk__in=named)
    lines = lines.exclude(voucher__person__roles__contains=["finance"])  # nobody answers about their own use
    for number, line in enumerate(lines.order_by("redeemed_at", "pk")[:3]):
        person = Actor(
            user_id=line.voucher.person.user_id,
            tenant_id=line.tenant_id,
            membership_id=line.voucher.person_id,
            roles=frozenset(line.voucher.person.roles),
            display_name=line.voucher.person.address,
        )
        with as_of(today - timedelta(hours=30 - number)):
            pass_redemption(redemption_id=line.pk)
            claim = claim_amount(
                actor=person,
                redemption_id=line.pk,
                side=CorrectionSide.PERSON,
                cause="price",
                reason="机构墙上写的是会员价，比这里少二十元。",
                fee_fen=line.fee_fen - 2_000,
            )
        with as_of(today - timedelta(hours=5 - number)):
            if number == 1:
                decline_claim(actor=people["finance"], claim_id=claim.pk, answer="会员价九月已经取消，按协议价计算。")
            elif number == 2:
                ask_correction(
                    actor=people["finance2"],
                    redemption_id=line.pk,
                    cause="price",
                    side=claim.side,
                    fee_fen=line.fee_fen - 2_000,
                    reason="机构补来的价目表上是这个价",
                    claim_id=claim.pk,
                )


def _member(person: Actor) -> UUID:
    assert person.membership_id is not None
    return person.membership_id


def suspend_one(ground: Ground, slug: str, *, today: datetime) -> Referral:
    """An agency that the operator suspended this morning, with an appointment that the union has to decide about."""
    service, office = _agency(ground, today)
    tenant, people = ground.schools[slug], ground.people[slug]
    start = this_day(today + timedelta(days=5), first=9, last=16)
    with use_tenant(tenant.id):
        first = tenant.day_of(today) - timedelta(days=20)
        with as_of(today - timedelta(days=19)):
            agree(
                people["union"],
                people["finance"],
                service.institution_id,
                {service.pk: 10_000},
                (first, first + timedelta(days=300)),
                duties="按约定时间上门。",
                service_content=service.name,
            )
        with as_of(today - timedelta(days=2)):
            sent = submit_referral(
                actor=people["head"],
                tenant=tenant,
                service_id=service.pk,
                units=1,
                windows=[(start, start + timedelta(hours=3))],
                consent=["referral"],
            )
        with as_of(today - timedelta(days=1, hours=20)):
            confirm_offer(
                actor=office,
                tenant=tenant,
                offer_id=Offer.objects.get(referral=sent).pk,
                starts_at=start,
                ends_at=start + timedelta(hours=2),
            )
    with as_of(today - timedelta(hours=2)):
        with use_tenant(ground.platform.id):
            move_institution(
                actor=ground.operator, institution_id=service.institution_id, event=InstitutionEvent.SUSPEND
            )
        with use_tenant(tenant.id):
            tell_paused(actor=system_in(tenant.id), tenant=tenant, referral_id=sent.pk)
    return sent


def _agency(ground: Ground, today: datetime) -> tuple[Service, Actor]:
    """It, with its paper, one service and who works in its office."""
    with use_tenant(ground.platform.id), as_of(today - timedelta(days=20)):
        agency = make_listed(
            ground.operator,
            [Paper("registration", "浙-清和-2024", "滨江区市场监督管理局", date(2024, 1, 1), date(2029, 1, 1))],
            slug=_SUSPENDED,
            name="清和家电清洗",
            name_en="Qinghe Appliance Care",
            uscc=credit_code(_NUMBER),
            kind="home_service",
            district="滨江区",
            address="共联路 33 号",
            phone="0571-5550207",
            contact_name=ground.names.new(),
            contact_phone="0571-5550207",
        )
        service = add_service(
            actor=ground.operator,
            institution_id=agency.pk,
            name="家电清洗",
            name_en="Appliance cleaning",
            kind="home_help",
            list_fee_fen=12_000,
            unit="session",
            minutes=120,
            mode="confirm",
        )
        user = make_user(f"partner@{_SUSPENDED}.example", ground.names.new())
        office = employ(ground.operator, agency, user, "partner_office")
        save_hours(actor=office, week={weekday: read_hours("8:00–20:00") or [] for weekday in range(7)})
        sign_in(ground, office, "partner", ground.platform, user)
        return service, office
