"""Services of an institution: entered, changed within what schools have agreed, opened and shut (rules §1, §3)."""

from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.once import Taken, once
from audit.workflow import record
from kernel.errors import Invalid, NotFound, Refused
from kernel.fold import fold_name
from partners.checking import checked
from partners.kinds import may_offer
from partners.models import Service
from partners.selectors import agreed_in
from partners.workflow.institutions import MANAGE, locked_institution

AGREED: Final = ("name", "unit", "minutes")
"""What a school agreed to, beside its tariff: a price per session of 50 minutes is not one per session of 30."""
_FREE: Final = ("name_en", "list_fee_fen", "online", "on_site", "takes")
_TAKEN: Final[Taken] = {
    "service_name_once": lambda: Invalid("service_taken", fields=(("name", "service_taken", ""),)),
}


@transaction.atomic
def add_service(
    *, actor: Actor, institution_id: UUID, name: str, kind: str, list_fee_fen: int, **details: Any
) -> Service:
    """A service with its public price in fen. Raises Refused ``wrong_kind``: only a medical licence may treat; Invalid
    ``service_taken`` for a name that looks like that of another service of the institution.
    """
    require(actor, MANAGE)
    institution = locked_institution(institution_id)
    if not may_offer(institution.kind, kind):
        raise Refused("wrong_kind")
    service = checked(
        Service(institution=institution, name=fold_name(name), kind=kind, list_fee_fen=list_fee_fen, **details)
    )
    with once(_TAKEN):
        service.save(force_insert=True)
    record(
        actor=actor, action="service.create", obj=service, facts={"kind": service.kind, "list_fee_fen": list_fee_fen}
    )
    return service


@transaction.atomic
def change_service(*, actor: Actor, service_id: UUID, **changes: Any) -> Service:
    """Change some of name, unit, minutes, English name, list price in fen, online, on site, seats taken. The kind stays.

    While an agreement of any school stands on it, name, unit and minutes stay and no way of giving it is taken away:
    Refused ``service_agreed``. The list price may change: never more than the agreed tariff is asked (rules §1), and
    what was reserved keeps its price, what is booked its seats. Raises Invalid (``service_taken`` as ``add_service``), Forbidden, NotFound.
    """
    require(actor, MANAGE)
    if not changes.keys() <= {*AGREED, *_FREE}:
        raise TypeError("no such column to change")
    service = _locked_service(service_id)
    before = {name: getattr(service, name) for name in changes}
    for name, value in changes.items():
        setattr(service, name, _plain(value))
    changed = sorted(name for name, value in before.items() if getattr(service, name) != _plain(value))
    if not changed:
        return service
    taken_away = [name for name in ("online", "on_site") if before.get(name) and name in changed]
    if (taken_away or set(changed) & {*AGREED}) and agreed_in(service):
        raise Refused("service_agreed")
    with once(_TAKEN):
        checked(service).save(update_fields=changed)
    facts: dict[str, Any] = {"changed": changed}
    if "list_fee_fen" in changed:
        facts |= {"before_fen": before["list_fee_fen"], "list_fee_fen": service.list_fee_fen}
    record(actor=actor, action="service.change", obj=service, facts=facts)
    return service


@transaction.atomic
def set_service_active(*, actor: Actor, service_id: UUID, active: bool) -> Service:
    """Open or shut a service for new bookings everywhere. Agreements and appointments that exist stay."""
    require(actor, MANAGE)
    service = _locked_service(service_id)
    service.active = active
    service.save(update_fields=["active"])
    record(actor=actor, action="service.open" if active else "service.shut", obj=service)
    return service


def _plain(value: Any) -> Any:
    """A text as it is kept; a spelling of before, sent back unchanged, is no change."""
    return fold_name(value) if isinstance(value, str) else value


def _locked_service(service_id: UUID) -> Service:
    """The row; a draft of an agreement locks it too, so nothing is agreed while it changes. Raises NotFound."""
    service = Service.objects.select_for_update(no_key=True).filter(pk=service_id).first()
    if service is None:
        raise NotFound
    return service
