"""The only writers of the expert pool (row 14.9)."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Invalid, NotFound
from kernel.fold import fold_name
from partners.models import Agreement, Institution
from referrals.emergency.models import Expert, ExpertKind, Reach, chain_moment
from vault.phones import normalise_phone


@transaction.atomic
def add_expert(*, actor: Actor, name: str, kind: str, reach: str, phone: str, partner_id: UUID | None) -> Expert:
    """Somebody outside who can be asked; ``partner_id``: an institution with which the school has, or had, an agreement.

    Needs ``chain.rota``. Invalid ``expert_name``, ``expert_kind``, ``expert_partner``, ``phone_invalid``.
    """
    require(actor, "chain.rota")
    expert = Expert()
    _fill(expert, name, kind, reach, phone, partner_id)
    expert.save(force_insert=True)
    record(actor=actor, action="expert.add", obj=expert)
    return expert


@transaction.atomic
def change_expert(
    *, actor: Actor, expert_id: UUID, name: str, kind: str, reach: str, phone: str, partner_id: UUID | None
) -> Expert:
    """Needs ``chain.rota``. NotFound, also for one that is asked no more; Invalid as ``add_expert``."""
    require(actor, "chain.rota")
    expert = _living(expert_id)
    _fill(expert, name, kind, reach, phone, partner_id)
    expert.save()
    record(actor=actor, action="expert.change", obj=expert)
    return expert


@transaction.atomic
def end_expert(*, actor: Actor, expert_id: UUID) -> Expert:
    """Is asked no more; the number goes, name and kind stay. Needs ``chain.rota``; NotFound."""
    require(actor, "chain.rota")
    expert = _living(expert_id)
    expert.ended_at, expert.phone = chain_moment(), ""
    expert.save()
    record(actor=actor, action="expert.end", obj=expert)
    return expert


def _living(expert_id: UUID) -> Expert:
    expert = Expert.objects.select_for_update(no_key=True).filter(pk=expert_id, ended_at=None).first()
    if expert is None:
        raise NotFound
    return expert


def _fill(expert: Expert, name: str, kind: str, reach: str, phone: str, partner_id: UUID | None) -> None:
    called = fold_name(name)
    if not called or len(called) > 60:
        raise Invalid("expert_name", fields=(("name", "expert_name", ""),))
    if kind not in ExpertKind.values or reach not in Reach.values:
        raise Invalid("expert_kind", fields=(("kind", "expert_kind", ""),))
    partner = None
    if partner_id is not None:
        if not Agreement.objects.filter(partner_id=partner_id).exists():
            raise Invalid("expert_partner", fields=(("partner", "expert_partner", ""),))
        partner = Institution.objects.filter(pk=partner_id).first()
    expert.name, expert.kind, expert.reach, expert.partner = called, kind, reach, partner
    expert.phone = normalise_phone(phone) if phone.strip() else ""
