"""The operator keeps what all schools share; every act leaves a row in the platform's record (rules §3)."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit.workflow import record
from kernel.errors import NotFound, Refused
from partners.checking import checked
from partners.kinds import may_offer
from partners.models import Institution, InstitutionMember, Licence, Service
from partners.states import InstitutionEvent, step

WORD = "institution.manage"


@transaction.atomic
def create_institution(*, actor: Actor, slug: str, name: str, uscc: str, kind: str, **details: Any) -> Institution:
    """A new ``prospect``. ``details`` are the other columns of Institution. Raises Invalid, Forbidden."""
    require(actor, WORD)
    code = uscc.strip().upper()
    institution = checked(Institution(slug=slug, name=name.strip(), uscc=code, kind=kind, **details))
    institution.save(force_insert=True)
    record(actor=actor, action="institution.create", obj=institution, facts={"kind": institution.kind})
    return institution


@transaction.atomic
def move_institution(*, actor: Actor, institution_id: UUID, event: InstitutionEvent) -> Institution:
    """Vet, list, suspend, reinstate, terminate, archive. Raises NotFound, Forbidden, IllegalMove.

    A suspended institution takes no new bookings in any school; what was booked stays and is decided one by one.
    """
    require(actor, WORD)
    institution = locked_institution(institution_id)
    before = institution.state
    institution.state = step(before, event)
    institution.save(update_fields=["state"])
    record(
        actor=actor,
        action=f"institution.{event}",
        obj=institution,
        facts={"before": before, "after": institution.state},
    )
    return institution


@transaction.atomic
def add_service(
    *, actor: Actor, institution_id: UUID, name: str, kind: str, list_fee_fen: int, **details: Any
) -> Service:
    """A service with its public price in fen. Raises Refused ``wrong_kind``: only a medical licence may treat."""
    require(actor, WORD)
    institution = locked_institution(institution_id)
    if not may_offer(institution.kind, kind):
        raise Refused("wrong_kind")
    service = checked(
        Service(institution=institution, name=name.strip(), kind=kind, list_fee_fen=list_fee_fen, **details)
    )
    service.save(force_insert=True)
    record(
        actor=actor, action="service.create", obj=service, facts={"kind": service.kind, "list_fee_fen": list_fee_fen}
    )
    return service


@transaction.atomic
def set_service_active(*, actor: Actor, service_id: UUID, active: bool) -> Service:
    """Open or close a service for new bookings everywhere."""
    require(actor, WORD)
    service = Service.objects.select_for_update(no_key=True).filter(pk=service_id).first()
    if service is None:
        raise NotFound
    service.active = active
    service.save(update_fields=["active"])
    record(actor=actor, action="service.open" if active else "service.shut", obj=service)
    return service


@transaction.atomic
def add_licence(
    *, actor: Actor, institution_id: UUID, kind: str, number: str, valid_from: date, valid_until: date | None = None
) -> Licence:
    """A paper valid ``[valid_from, valid_until)``; no end for a lasting one."""
    require(actor, WORD)
    institution = locked_institution(institution_id)
    licence = checked(
        Licence(
            institution=institution, kind=kind, number=number.strip(), valid_from=valid_from, valid_until=valid_until
        )
    )
    licence.save(force_insert=True)
    record(actor=actor, action="licence.create", obj=licence, facts={"kind": kind, "valid_until": valid_until})
    return licence


@transaction.atomic
def add_member(*, actor: Actor, institution_id: UUID, user_id: UUID, role: str, counter: str = "") -> InstitutionMember:
    """A person who acts for the institution: ``partner_office`` or ``partner_counter``."""
    require(actor, WORD)
    institution = locked_institution(institution_id)
    member = checked(InstitutionMember(institution=institution, user_id=user_id, role=role, counter=counter.strip()))
    member.save(force_insert=True)
    record(actor=actor, action="institution.member_add", obj=member, facts={"role": role})
    return member


def locked_institution(institution_id: UUID) -> Institution:
    """The row, locked until the transaction ends. Raises NotFound."""
    institution = Institution.objects.select_for_update(no_key=True).filter(pk=institution_id).first()
    if institution is None:
        raise NotFound
    return institution
