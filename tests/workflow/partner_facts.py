"""Ready-made institutions, services and agreements for tests of several files. Everything goes through the writers."""

import random
import uuid
from datetime import date, timedelta
from typing import Any

from accounts.actor import Actor, ActorKind
from accounts.models import User
from kernel.clock import local_day, now
from partners.kinds import LicenceKind
from partners.models import Agreement, Institution, Service
from partners.states import InstitutionEvent
from partners.workflow import (
    LineDraft,
    add_licence,
    add_service,
    approve_agreement,
    create_institution,
    draft_agreement,
    move_institution,
)
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from vault.keys import create_tenant_key

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def new_uscc() -> str:
    """A social credit code that passes its check, of nobody: random organisation digits."""
    body = "91420100" + "".join(random.choice(_ALPHABET) for _ in range(9))
    total = sum(_ALPHABET.index(letter) * weight for letter, weight in zip(body, _WEIGHTS, strict=True))
    return body + _ALPHABET[-total % 31]


def platform() -> Tenant:
    """The tenant that owns the operator's acts."""
    tenant = Tenant.objects.filter(kind="platform").first()
    if tenant is None:
        forget()
        tenant = Tenant.objects.create(slug="platform", host="localhost", kind="platform", name="平台", code="PT")
        with use_tenant(tenant.id):
            create_tenant_key(tenant.id)
    return tenant


def operator() -> Actor:
    """The operator on the platform host."""
    user = User.objects.create_user(email=f"{uuid.uuid4().hex[:12]}@platform.example", password="x", full_name="运营")
    User.objects.filter(pk=user.pk).update(is_operator=True)
    return Actor(
        user_id=user.pk,
        tenant_id=platform().id,
        roles=frozenset({"operator"}),
        is_operator=True,
        kind=ActorKind.OPERATOR,
    )


def make_institution(kind: str = "counselling_agency", *, listed: bool = True, licences: Any = None) -> Institution:
    """A listed institution with lasting papers."""
    actor = operator()
    with use_tenant(platform().id):
        slug = f"p-{uuid.uuid4().hex[:10]}"
        institution = create_institution(
            actor=actor, slug=slug, name=f"安心心理咨询 {slug}", uscc=new_uscc(), kind=kind, district="武昌区",
            address="中山路 1 号", phone="027-88880000", contact_name="王主任", contact_phone="027-88880001",
        )  # fmt: skip
        for licence in LicenceKind if licences is None else licences:
            add_licence(
                actor=actor, institution_id=institution.pk, kind=licence, number="1", valid_from=date(2020, 1, 1)
            )
        if listed:
            for event in (InstitutionEvent.VET, InstitutionEvent.LIST):
                institution = move_institution(actor=actor, institution_id=institution.pk, event=event)
    return institution


def make_service(institution: Institution, kind: str = "counselling", fee_fen: int = 30000, **details: Any) -> Service:
    """One service of the institution."""
    with use_tenant(platform().id):
        return add_service(
            actor=operator(), institution_id=institution.pk, name=f"服务 {uuid.uuid4().hex[:6]}", kind=kind,
            list_fee_fen=fee_fen, **details,
        )  # fmt: skip


def make_agreement(
    school: Any, *services: Service, tariff_fen: int = 28000, days: tuple[int, int] = (-30, 300), approved: bool = True
) -> Agreement:
    """An agreement over ``days`` from today with a line for each service, approved by a second person."""
    today = local_day(now())
    union, finance = make_person(school, "union"), make_person(school, "finance")
    with use_tenant(school.id):
        agreement = draft_agreement(
            actor=actor_of(union),
            partner_id=services[0].institution_id,
            valid_from=today + timedelta(days[0]),
            valid_until=today + timedelta(days[1]),
            data_part_valid_until=today + timedelta(days[1]),
            lines=[LineDraft(service.pk, tariff_fen) for service in services],
            cancellation_terms={"no_show_fee_bp": 5000},
        )
        if approved:
            agreement = approve_agreement(actor=actor_of(finance), agreement_id=agreement.pk)
    return agreement
