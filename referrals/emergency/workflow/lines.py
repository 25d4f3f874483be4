"""The only writers of duty lines."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.fold import fold_name, fold_prose
from referrals.emergency.models import DutyLine, LineKind, chain_moment
from referrals.emergency.rules.line_numbers import line_number
from referrals.emergency.rules.numbers import is_service_number
from referrals.emergency.rules.plan_states import ChainState
from referrals.emergency.workflow.holders import locked_chain


@transaction.atomic
def add_line(*, actor: Actor, name: str, number: str, kind: str, answers: str) -> DutyLine:
    """A number outside the school that shifts, seats and plans may name.

    Needs ``chain.rota``. Invalid ``service_number`` for one that no machine may dial, in whatever spelling,
    ``line_number_invalid``, ``line_kind_unknown``, ``line_without_name``; Conflict ``line_there_already``.
    """
    require(actor, "chain.rota")
    kept = _kept(number)
    line = DutyLine(number=kept, **_words(name, kind, answers))
    try:
        with transaction.atomic():
            line.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("line_there_already", fields=(("number", "line_there_already", ""),)) from error
    record(actor=actor, action="duty_line.add", obj=line, facts={"line_kind": kind})
    return line


@transaction.atomic
def change_line(*, actor: Actor, line_id: UUID, name: str, kind: str, answers: str) -> DutyLine:
    """Its words. Another number is another line: who was called stays. Needs ``chain.rota``; NotFound; Invalid as above."""
    require(actor, "chain.rota")
    locked_chain()
    line = _line(line_id)
    for field, value in _words(name, kind, answers).items():
        setattr(line, field, value)
    line.save(update_fields=["name", "kind", "answers"])
    record(actor=actor, action="duty_line.change", obj=line, facts={"line_kind": kind})
    return line


@transaction.atomic
def end_line(*, actor: Actor, line_id: UUID) -> DutyLine:
    """It answers no more: from now on its shifts and steps are holes, and shown as such.

    Needs ``chain.rota``. NotFound; Refused ``line_behind_live_chain`` for the operator's line of a live chain.
    """
    require(actor, "chain.rota")
    chain = locked_chain()
    line = _line(line_id)
    if chain.state == ChainState.LIVE and chain.operator_line_id == line.pk:
        raise Refused("line_behind_live_chain")
    if line.is_active:
        line.is_active, line.ended_at = False, chain_moment()
        line.save(update_fields=["is_active", "ended_at"])
        record(actor=actor, action="duty_line.end", obj=line)
    return line


@transaction.atomic
def resume_line(*, actor: Actor, line_id: UUID) -> DutyLine:
    """It answers again. Needs ``chain.rota``; NotFound."""
    require(actor, "chain.rota")
    locked_chain()
    line = _line(line_id)
    if not line.is_active:
        line.is_active, line.ended_at = True, None
        line.save(update_fields=["is_active", "ended_at"])
        record(actor=actor, action="duty_line.resume", obj=line)
    return line


def _line(line_id: UUID) -> DutyLine:
    line = DutyLine.objects.select_for_update(no_key=True).filter(pk=line_id).first()
    if line is None:
        raise NotFound
    return line


def _kept(number: str) -> str:
    if is_service_number(number):
        raise Invalid("service_number", fields=(("number", "service_number", ""),))
    kept = line_number(number)
    if not kept:
        raise Invalid("line_number_invalid", fields=(("number", "line_number_invalid", ""),))
    return kept


def _words(name: str, kind: str, answers: str) -> dict[str, str]:
    if kind not in LineKind.values:
        raise Invalid("line_kind_unknown", fields=(("kind", "line_kind_unknown", ""),))
    words = {"name": fold_name(name)[:60], "kind": kind, "answers": fold_prose(answers)[:80]}
    if missing := [field for field, text in words.items() if not text]:
        raise Invalid("line_without_name", fields=tuple((field, "line_without_name", "") for field in missing))
    return words
