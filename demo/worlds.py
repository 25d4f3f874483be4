"""What every world of ours is made of, through the writers: the demo, the tests and the measurements build on these.

Each world says its own names, sums and days; how an institution comes to be listed, who signs an agreement, and that two
people stand behind a policy is said here once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from accounts.actor import Actor, ActorKind
from accounts.models import User
from accounts.roles import PlatformRole
from partners.models import Agreement, Institution
from partners.states import InstitutionEvent
from partners.workflow import (
    LineDraft,
    add_licence,
    add_member,
    approve_agreement,
    create_institution,
    draft_agreement,
    move_institution,
)
from referrals.models import OrderKind, SubsidyPolicy
from referrals.workflow.policies import approve_policy, draft_policy
from referrals.workflow.pools import approve_pool_order, ask_pool_order
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id


@dataclass(frozen=True, slots=True)
class Paper:
    """A licence of an institution; without an end it lasts."""

    kind: str
    number: str = "1"
    issuer: str = ""
    valid_from: date = date(2020, 1, 1)
    valid_until: date | None = None


def operator_of(platform: Tenant, user: User) -> Actor:
    """``user`` as the operator on the platform's host."""
    return Actor(
        user_id=user.pk,
        tenant_id=platform.id,
        roles=frozenset({PlatformRole.OPERATOR}),
        is_operator=True,
        display_name=user.full_name,
        kind=ActorKind.OPERATOR,
    )


def make_listed(operator: Actor, papers: Iterable[Paper], *, listed: bool = True, **details: Any) -> Institution:
    """An institution with its ``papers``, vetted and listed unless said. Inside the platform's scope."""
    institution = create_institution(actor=operator, **details)
    for paper in papers:
        add_licence(
            actor=operator,
            institution_id=institution.pk,
            kind=paper.kind,
            number=paper.number,
            issuer=paper.issuer,
            valid_from=paper.valid_from,
            valid_until=paper.valid_until,
        )
    for event in (InstitutionEvent.VET, InstitutionEvent.LIST) if listed else ():
        institution = move_institution(actor=operator, institution_id=institution.pk, event=event)
    return institution


def employ(operator: Actor, institution: Institution, user: User, role: str, *, counter: str = "") -> Actor:
    """``user`` works for the institution from now on: whom they act as on the platform's host, whose scope is open."""
    add_member(
        actor=operator,
        institution_id=institution.pk,
        user_id=user.pk,
        name=user.full_name,
        email=user.email or "",
        role=role,
        counter=counter,
    )
    return Actor(
        user_id=user.pk,
        tenant_id=operator.tenant_id,
        roles=frozenset({role}),
        institution_id=institution.pk,
        display_name=user.full_name,
        kind=ActorKind.PARTNER,
    )


def agree(
    drafter: Actor,
    approver: Actor,
    institution_id: UUID,
    tariffs_fen: Mapping[UUID, int],
    days: tuple[date, date],
    *,
    approved: bool = True,
    **details: Any,
) -> Agreement:
    """An agreement with a tariff for each service from the first of ``days`` until the last, signed by two people."""
    agreement = draft_agreement(
        actor=drafter,
        partner_id=institution_id,
        valid_from=days[0],
        valid_until=days[1],
        data_part_valid_until=days[1],
        lines=[LineDraft(service_id, fen) for service_id, fen in tariffs_fen.items()],
        **details,
    )
    return approve_agreement(actor=approver, agreement_id=agreement.pk) if approved else agreement


def make_rules(
    drafter: Actor, approver: Actor, first_day: date, terms: Mapping[str, Mapping[str, Any]]
) -> dict[str, SubsidyPolicy]:
    """A policy for each scheme from ``first_day`` on, drafted by one and approved by another."""
    return {
        scheme: approve_policy(
            actor=approver,
            policy_id=draft_policy(actor=drafter, scheme=scheme, valid_from=first_day, **said).pk,
        )
        for scheme, said in terms.items()
    }


def fill_pools(first: Actor, second: Actor, years: Iterable[int], amounts_fen: Mapping[str, int]) -> None:
    """Money for each scheme in each of the years: the first person of finance asks for it, the second says yes."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    for year in years:
        for scheme, fen in amounts_fen.items():
            order = ask_pool_order(
                actor=first,
                tenant=tenant,
                kind=OrderKind.GRANT,
                scheme=scheme,
                year=year,
                amount_fen=fen,
                reason="年度预算",
            )
            approve_pool_order(actor=second, tenant=tenant, order_id=order.pk)
