"""Several agencies for one kind of service, each asked in mode ``query``; and help at home, which the union decides."""

from datetime import date, timedelta
from typing import Any

from accounts.actor import Actor
from demo.worlds import agree, fill_pools, make_rules
from kernel.clock import local_day, now, school_year
from partners.models import Service
from partners.workflow import add_service
from referrals.models import Offer, Referral
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_partner, make_partner_person, soon


def pay_for(journey: Journey, scheme: str, *, share_bp: int = 5_000, pool_fen: int = 1_000_000, **more: Any) -> None:
    """A rule and two years of money for one more scheme."""
    today = local_day(now())
    begins = date(school_year(today), 9, 1)
    rule = {"share_bp": share_bp, "quota_unit": "session", "quota_amount": None, **more}
    make_rules(journey.finance, journey.finance2, begins, {scheme: rule})
    fill_pools(journey.finance, journey.finance2, (today.year, today.year + 1), {scheme: pool_fen})


def agency_with(journey: Journey, kind: str, fee_fen: int, *, mode: str = "query") -> tuple[Service, Actor]:
    """One more agency with one service of ``kind``, agreed with the school; and who answers there."""
    institution = make_partner(journey.operator, journey.platform)
    with use_tenant(journey.platform.id):
        service = add_service(
            actor=journey.operator, institution_id=institution.pk, name="上门服务", kind=kind, list_fee_fen=fee_fen,
            unit="session", minutes=50, mode=mode,
        )  # fmt: skip
    _user, office = make_partner_person(journey.operator, journey.platform, institution, "partner_office")
    today = local_day(now())
    with use_tenant(journey.tenant.id):
        agree(
            journey.union, journey.finance, institution.pk, {service.pk: fee_fen},
            (today - timedelta(30), today + timedelta(300)),
        )  # fmt: skip
    return service, office


def ask_several(journey: Journey, services: list[Service], *, units: int = 1, **more: Any) -> Referral:
    """One request to all of them, for three hours of tomorrow."""
    start, _end = soon(days=1)
    return submit_referral(
        actor=more.pop("who", journey.staff), tenant=journey.tenant, service_id=services[0].pk,
        others=[row.pk for row in services[1:]], units=units, windows=[(start, start + timedelta(hours=3))],
        consent=["referral"], **more,
    )  # fmt: skip


def offer_to(referral: Referral, service: Service) -> Offer:
    """What was laid before one of them."""
    return Offer.objects.get(referral=referral, service=service)
