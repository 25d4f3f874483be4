"""A hospital that the school has an agreement with, and a card on its way to it."""

from datetime import timedelta
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from demo.worlds import agree
from kernel.clock import local_day, now
from partners.models import Institution
from partners.workflow import add_service
from referrals.liaison.models import HandOn, HandOnCard
from referrals.liaison.workflow.handing_on import consent, open_card, write_card
from tenancy.scope import use_partner, use_tenant
from tests.fixtures_journey import Journey, make_institution, make_partner_person

WORDS = {
    "ask": "请帮忙评估睡眠和情绪",
    "situation": "最近两个月睡得很少",
    "tried": "谈过五次",
    "medicines": "没有在用的药",
    "reach": "0571-5550100",
}


def hospital(journey: Journey, kind: str = "hospital", service: str = "psychiatry") -> tuple[Institution, User, Actor]:
    """It, and who works in its office."""
    found = make_institution(kind, operator=journey.operator)
    with use_tenant(journey.platform.id):
        visit = add_service(
            actor=journey.operator, institution_id=found.pk, name="门诊", kind=service, list_fee_fen=10_000,
            unit="session", minutes=30,
        )  # fmt: skip
    user, office = make_partner_person(journey.operator, journey.platform, found, "partner_office")
    today = local_day(now())
    with use_tenant(journey.tenant.id):
        days = (today - timedelta(30), today + timedelta(300))
        agree(journey.union, journey.finance, found.pk, {visit.pk: 10_000}, days)
    return found, user, office


def written(journey: Journey, there: Institution, **more: Any) -> HandOn:
    """The centre has written it; the person reads it next."""
    said: dict[str, Any] = {"person_id": journey.members["staff"].pk, "purpose": "assessment", "words": WORDS, **more}
    return write_card(actor=said.pop("actor", journey.centre), tenant=journey.tenant, partner_id=there.pk, **said)


def sent(journey: Journey, there: Institution, fields: tuple[str, ...] = ("name", "situation")) -> HandOn:
    """The person has said yes to ``fields``."""
    return consent(actor=journey.staff, tenant=journey.tenant, case_id=written(journey, there).pk, fields=fields)


def card_of(case: HandOn) -> HandOnCard:
    """As its institution finds it, through its own wall."""
    with use_partner(case.partner_id):
        return HandOnCard.objects.get(hand_on_id=case.pk)


def opened(journey: Journey, case: HandOn, office: Actor) -> HandOnCard:
    """The office opens it."""
    return open_card(actor=office, card_id=card_of(case).pk)
