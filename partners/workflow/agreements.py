"""One school's agreements: drafted by the union, approved by finance, never by the same person (rules §3)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.same_person import require_second
from audit.workflow import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_text
from kernel.money import checked_fen
from notifications.colleagues import tell_who_may
from partners.checking import checked
from partners.kinds import may_offer
from partners.members import GONE
from partners.models import BOUND_STATES, Agreement, AgreementLine, Institution, Service
from partners.pauses import lock_pauses
from partners.states import AgreementEvent, AgreementState, step
from partners.terms import CancellationTerms
from tenancy.rounds import Due, each_by_itself, not_set_back

REMIND_BEFORE = timedelta(days=90)
ADVANCE = "agreements.advance"
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One service and its agreed tariff, fen per unit of the service."""

    service_id: UUID
    tariff_fen: int


@transaction.atomic
def draft_agreement(
    *,
    actor: Actor,
    partner_id: UUID,
    valid_from: date,
    valid_until: date,
    data_part_valid_until: date,
    lines: Sequence[LineDraft],
    duties: str = "",
    service_content: str = "",
    cancellation_terms: Mapping[str, Any] | None = None,
    number: str = "",
) -> Agreement:
    """A draft over ``[valid_from, valid_until)``; it opens nothing until finance approves, which is told.

    Raises Forbidden, NotFound (institution), Refused ``institution_closed``, ``foreign_service``,
    ``wrong_kind``, Invalid for dates, amounts, terms or an agreement without a line.
    """
    drafter = require(actor, "agreement.draft").user_id
    if drafter is None:
        raise Forbidden  # the machine signs nothing
    partner = Institution.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    if partner.state in GONE:
        raise Refused("institution_closed")
    terms = CancellationTerms.from_json(cancellation_terms or {})
    agreement = checked(
        Agreement(
            partner=partner,
            number=fold_text(number) or _new_number(valid_from),
            valid_from=valid_from,
            valid_until=valid_until,
            data_part_valid_until=data_part_valid_until,
            duties=duties.strip(),
            service_content=service_content.strip(),
            cancellation_terms=terms.as_json(),
            drafted_by_id=drafter,
        )
    )
    agreement.save(force_insert=True)
    AgreementLine.objects.bulk_create(_lines(agreement, partner, lines))
    record(
        actor=actor,
        action="agreement.draft",
        obj=agreement,
        facts={
            "partner_id": partner.pk,
            "valid_from": valid_from,
            "valid_until": valid_until,
            "lines": len(lines),
            "services": [line.service_id for line in lines],
            "tariffs_fen": [line.tariff_fen for line in lines],
        },
    )
    tell_who_may(
        "agreement.approve",
        template="agreement_drafted",
        key=f"agreement/{agreement.pk}/drafted",
        link=f"/finance/agreements/{agreement.pk}/",
        apart_from=drafter,
    )
    return agreement


@transaction.atomic
def approve_agreement(*, actor: Actor, agreement_id: UUID) -> Agreement:
    """Put a draft into force for its dates. Raises Forbidden ``same_person``, Conflict ``overlap``.

    Once approved the dates alone decide what is open on which day: there is no switch that must be thrown in time.
    """
    require(actor, "agreement.approve")
    seen = Agreement.objects.filter(pk=agreement_id).first()
    if seen is None:
        raise NotFound
    # All of one partner's agreements are locked, so of two overlapping drafts the second to come is refused. In one go and
    # in one order, its own among them: two that approve side by side never wait for each other crosswise.
    others = list(Agreement.objects.select_for_update(no_key=True).filter(partner_id=seen.partner_id).order_by("pk"))
    agreement = next(other for other in others if other.pk == seen.pk)
    require_second(actor.user_id, agreement.drafted_by_id)
    for other in others:
        if other.pk != agreement.pk and other.state in BOUND_STATES and _overlap(agreement, other):
            raise Conflict("overlap")
    agreement.state = step(step(agreement.state, AgreementEvent.SIGN), AgreementEvent.ACTIVATE)
    agreement.approved_by_id, agreement.approved_at = actor.user_id, now()
    agreement.save(update_fields=["state", "approved_by", "approved_at"])
    record(actor=actor, action="agreement.approve", obj=agreement, facts={"partner_id": agreement.partner_id})
    return agreement


@transaction.atomic
def end_agreement(*, actor: Actor, agreement_id: UUID, on: date) -> Agreement:
    """Let an agreement end with the day ``on`` (the first day that it no longer covers), or throw a draft away.

    Only earlier than agreed; a longer term is a new agreement. Directory, booking and vouchers follow at once, since
    all of them ask for the date. Raises Invalid ``after_the_end``, IllegalMove when it has ended already.
    """
    agreement = locked_agreement(agreement_id)
    lock_pauses(agreement.partner_id)
    if not actor.may("agreement.approve"):
        require(actor, "agreement.draft")
    before = agreement.valid_until
    if agreement.state == AgreementState.DRAFT:
        agreement.state = step(agreement.state, AgreementEvent.DISCARD)
    else:
        ended = step(agreement.state, AgreementEvent.END)
        if on > agreement.valid_until:
            raise Invalid(fields=(("on", "after_the_end", ""),))
        agreement.ended_at = now()
        if on > agreement.valid_from:
            agreement.valid_until = on
        if on <= local_day(now()):
            agreement.state = ended
        elif on <= agreement.valid_from:
            agreement.state = ended  # called off before its first day
    agreement.save(update_fields=["state", "valid_until", "ended_at"])
    record(
        actor=actor,
        action="agreement.end",
        obj=agreement,
        facts={"before": before, "after": agreement.valid_until, "state": agreement.state},
    )
    return agreement


def advance_agreements(*, actor: Actor, today: date) -> int:
    """Daily, in one school: mark what ends within 90 days as due, end what is over. Returns how many moved.

    Nothing is opened or closed by it: the dates have decided already. Safe to run twice; each stands for itself.
    """
    due = Agreement.objects.filter(state__in=BOUND_STATES, valid_until__lte=today + REMIND_BEFORE).order_by("pk")
    rows = [Due(*row) for row in not_set_back(due, ADVANCE).values_list("tenant_id", "pk")]
    return each_by_itself(rows, lambda row: _advance(actor, row.pk, today), loop=ADVANCE)


@transaction.atomic
def _advance(actor: Actor, agreement_id: UUID, today: date) -> bool:
    agreement = locked_agreement(agreement_id)
    if agreement.state not in BOUND_STATES:  # ended while we waited for the row
        return False
    if agreement.valid_until <= today:
        event = AgreementEvent.END
    elif agreement.state == AgreementState.ACTIVE and agreement.valid_until <= today + REMIND_BEFORE:
        event = AgreementEvent.FALL_DUE
    else:
        return False
    agreement.state = step(agreement.state, event)
    agreement.save(update_fields=["state"])
    record(actor=actor, action=f"agreement.{event}", obj=agreement, facts={"valid_until": agreement.valid_until})
    return True


def locked_agreement(agreement_id: UUID) -> Agreement:
    """The open school's agreement, locked until the transaction ends. Raises NotFound, for a foreign id too."""
    agreement: Agreement | None = Agreement.objects.select_for_update(no_key=True).filter(pk=agreement_id).first()
    if agreement is None:
        raise NotFound
    return agreement


def _lines(agreement: Agreement, partner: Institution, drafts: Sequence[LineDraft]) -> list[AgreementLine]:
    if not drafts:
        raise Invalid(fields=(("lines", "required", ""),))
    # Locked, so that unit and minutes cannot change between being read here and standing in an agreement.
    rows_of = Service.objects.select_for_update(no_key=True).order_by("pk")
    services = rows_of.in_bulk([draft.service_id for draft in drafts])
    if len(services) != len(drafts) and len({draft.service_id for draft in drafts}) != len(drafts):
        raise Invalid(fields=(("lines", "service_twice", ""),))
    rows = []
    for index, draft in enumerate(drafts):
        service = services.get(draft.service_id)
        if service is None or service.institution_id != partner.pk:
            raise Refused("foreign_service")
        if not may_offer(partner.kind, service.kind):
            raise Refused("wrong_kind")
        try:
            tariff = checked_fen(draft.tariff_fen)
        except (TypeError, ValueError) as error:
            raise Invalid(fields=((f"lines.{index}.tariff_fen", "out_of_range", ""),)) from error
        rows.append(
            AgreementLine(agreement=agreement, partner=partner, service=service, unit=service.unit, tariff_fen=tariff)
        )
    return rows


def _overlap(one: Agreement, other: Agreement) -> bool:
    return one.valid_from < other.valid_until and other.valid_from < one.valid_until


def _new_number(day: date) -> str:
    """``2026-7KQ4M2``: readable aloud, no look-alike letters; unique per school by constraint."""
    return f"{day.year}-{''.join(secrets.choice(_LETTERS) for _ in range(6))}"
