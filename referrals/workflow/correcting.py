"""A unit was spent with a wrong split: one person of finance asks for the right one, another decides (books §2, §5, §9)."""

from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.actor import Actor, require
from accounts.same_person import same_member
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.money import MAX_FEN
from notifications.colleagues import tell_who_may
from referrals.access import as_uuid
from referrals.claim_states import ClaimEvent
from referrals.models import Correction, CorrectionCause, CorrectionSide, Redemption, Referral, Unit, Voucher
from referrals.models.correction import MAX_REASON
from referrals.policy import UnitSplit
from referrals.states import (
    CorrectionEvent,
    CorrectionState,
    RedemptionEvent,
    RedemptionKind,
    RedemptionState,
    step,
)
from referrals.subsidies.corrections import right_split, split_of
from referrals.who_signs import Act
from referrals.workflow.claiming import check_counts, end_claims, own_numbers, take_claim
from referrals.workflow.notices import tell_partner, tell_person
from referrals.workflow.union_posts import check_second
from referrals.workflow.unit_corrections import correct_unit
from referrals.workflow.units import lock_accounts_of

PERMISSION: Final = "voucher.correct"


def _of_another(actor: Actor, redemption: Redemption) -> None:
    """Nobody of finance has a part in what corrects their own use, under another account either."""
    if actor.user_id is None or same_member(redemption.voucher.person_id, actor.membership_id):
        raise Forbidden("same_person")


def _faults(cause: str, side: str, fee_fen: int, reason: str) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if cause not in CorrectionCause.values:
        faults.append(("cause", "out_of_range", ", ".join(CorrectionCause.values)))
    if side not in CorrectionSide.values:
        faults.append(("side", "out_of_range", ", ".join(CorrectionSide.values)))
    whole = isinstance(fee_fen, int) and not isinstance(fee_fen, bool)
    if not whole or not 0 <= fee_fen <= MAX_FEN:
        faults.append(("fee_fen", "amount", ""))
    elif (cause == CorrectionCause.NOT_HAD) != (fee_fen == 0):  # what was not had costs nothing, and nothing else does
        faults.append(("fee_fen", "out_of_range", "0" if fee_fen else "1–"))
    if not reason.strip() or len(reason.strip()) > MAX_REASON:
        faults.append(("reason", "out_of_range", f"1–{MAX_REASON}"))
    return faults


def spent_unit(redemption: Redemption) -> Unit:
    """The unit that a redemption spent."""
    return Unit.objects.get(referral=redemption.voucher.referral_id, index=redemption.unit_index)


def of_number(number: str) -> list[Redemption]:
    """What was used of the voucher with that number, in order; a fee for a missed appointment is no use."""
    rows = Redemption.objects.select_related("voucher__referral").filter(
        voucher_number=number.strip(), kind=RedemptionKind.SERVICE
    )
    return list(rows.exclude(state=RedemptionState.REVERSED).order_by("unit_index"))


def readable_corrections(actor: Actor) -> QuerySet[Correction]:
    """What finance reads of corrections: all but those of the reader's own uses, whichever of their places had them."""
    require(actor, PERMISSION)
    return Correction.objects.exclude(voucher_number__in=own_numbers(actor))


def readable_correction(actor: Actor, correction_id: UUID | str) -> Correction:
    """One of them. NotFound, Forbidden ``same_person`` for one of the reader's own use."""
    require(actor, PERMISSION)
    row = Correction.objects.select_related("redemption__voucher").filter(pk=as_uuid(correction_id)).first()
    if row is None:
        raise NotFound
    _of_another(actor, row.redemption)
    return row


def looked_at(actor: Actor, redemption_id: UUID | str) -> Redemption:
    """A redemption that finance may ask a correction for. NotFound for a fee or an unknown one, Forbidden ``same_person``
    for one's own, Refused ``still_open`` while the person may object or it is disputed, IllegalMove when it was taken back."""
    require(actor, PERMISSION)
    found = (
        Redemption.objects.select_related("voucher__referral")
        .filter(pk=as_uuid(redemption_id), kind=RedemptionKind.SERVICE)
        .first()
    )
    if found is None:
        raise NotFound
    _of_another(actor, found)
    check_counts(found)
    return found


def proposed(actor: Actor, redemption_id: UUID | str, *, cause: str, fee_fen: int) -> tuple[UnitSplit, UnitSplit]:
    """``(old, new)`` as it would be asked for, before the click. Errors as ``ask_correction``."""
    found = looked_at(actor, redemption_id)
    unit = spent_unit(found)
    old, new = split_of(unit), right_split(found.voucher.referral, unit, cause, fee_fen).split
    if old == new:
        raise Refused("nothing_changes")
    return old, new


@transaction.atomic
def ask_correction(
    *,
    actor: Actor,
    redemption_id: UUID | str,
    cause: str,
    side: str,
    fee_fen: int,
    reason: str,
    key: UUID | None = None,
    claim_id: UUID | None = None,
) -> Correction:
    """Ask that a use counts with ``fee_fen`` (the right price of the unit, fen) by the rule; nothing moves yet.

    ``side``: who asked finance for it; ``claim_id``: the claim that it answers, of this use and this side. ``key`` names it:
    the same one sent twice is asked once. Raises what ``looked_at`` and ``take_claim`` do, Invalid with one row a fault, Refused ``nothing_changes``, ``year_closed`` or ``no_policy``, Conflict
    ``correction_asked`` while another one for the same use waits.
    """
    require(actor, PERMISSION)
    if key and (sent := Correction.objects.filter(pk=key, asked_by=actor.user_id).first()):
        return sent
    if faults := _faults(cause, side, fee_fen, reason):
        raise Invalid("out_of_range", fields=tuple(faults))
    seen = looked_at(actor, redemption_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.voucher.referral_id)
    found = looked_at(actor, seen.pk)  # what a statement or an agency changed meanwhile counts
    assert actor.user_id is not None
    unit = spent_unit(found)
    old, right = split_of(unit), right_split(referral, unit, cause, fee_fen)
    if old == right.split:
        raise Refused("nothing_changes")
    row = Correction(
        redemption=found,
        partner_id=found.partner_id,
        version=right.version,
        cause=cause,
        side=side,
        reason=reason.strip(),
        voucher_number=found.voucher_number,
        service_date=found.service_date,
        old_fee_fen=old.fee_fen,
        old_subsidy_fen=old.subsidy_fen,
        old_self_fen=old.self_fen,
        new_fee_fen=right.split.fee_fen,
        new_subsidy_fen=right.split.subsidy_fen,
        new_self_fen=right.split.self_fen,
        asked_by_id=actor.user_id,
    )
    row.pk = key or row.pk
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("correction_asked") from error
    if claim_id is not None:
        take_claim(claim_id, row, found)
    record(actor=actor, action="correction.ask", obj=row, facts=_facts(row))
    tell_who_may(
        PERMISSION,
        template="correction_asked",
        key=f"correction/{row.pk}/asked",
        link=f"/finance/corrections/{row.pk}/",
        apart_from=actor.user_id,
    )
    return row


def _facts(row: Correction) -> dict[str, int]:
    return {"subsidy_change_fen": row.change.subsidy_fen, "self_change_fen": row.change.self_fen}


def _locked(actor: Actor, correction_id: UUID | str) -> tuple[Referral, Correction, Redemption]:
    """Request, correction and use under lock, in this order. NotFound; Forbidden ``same_person`` for one's own use."""
    seen = readable_correction(actor, correction_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.redemption.voucher.referral_id)
    row = Correction.objects.select_for_update(no_key=True).get(pk=seen.pk)
    return referral, row, Redemption.objects.select_for_update(no_key=True).get(pk=seen.redemption_id)


def _check_second(actor: Actor, row: Correction) -> None:
    check_second(Act.CORRECTION, user_id=actor.user_id, first=row.asked_by_id, first_at=row.asked_at, moment=now())


@transaction.atomic
def approve_correction(*, actor: Actor, correction_id: UUID | str) -> Correction:
    """A second person says yes: the difference goes into the books, the person and the agency are told.

    Raises NotFound, Forbidden ``same_person`` for whoever asked and for whose use it is, IllegalMove when it is decided or the
    use was taken back, Refused ``still_open`` when it is disputed since, ``pool_used_up``, ``quota_used_up`` or ``year_closed``
    when the payer has not what it adds.
    """
    require(actor, PERMISSION)
    referral, row, line = _locked(actor, correction_id)
    _check_second(actor, row)
    row.state = step(row.state, CorrectionEvent.APPROVE)
    if line.state in (RedemptionState.REDEEMED, RedemptionState.DISPUTED):
        raise Refused("still_open")
    line.state = step(line.state, RedemptionEvent.CORRECT)
    line.corrected_subsidy_fen += row.change.subsidy_fen
    line.corrected_self_fen += row.change.self_fen
    line.save(update_fields=["state", "corrected_subsidy_fen", "corrected_self_fen"])
    voucher = Voucher.objects.select_for_update(no_key=True).get(pk=line.voucher_id)
    unit = Unit.objects.get(referral=referral, index=line.unit_index)
    lock_accounts_of(referral, draws=True)
    row.decided_by_id, row.decided_at = actor.user_id, now()
    row.own_share_due = row.change.self_fen < 0
    row.save(update_fields=["state", "decided_by", "decided_at", "own_share_due"])
    voucher.unit_splits[unit.index] = list(row.new)
    voucher.fee_fen += row.change.fee_fen
    voucher.subsidy_fen += row.change.subsidy_fen
    voucher.self_fen += row.change.self_fen
    voucher.save(update_fields=["unit_splits", "fee_fen", "subsidy_fen", "self_fen"])
    record(actor=actor, action="correction.approve", obj=row, facts=_facts(row))
    end_claims(row, ClaimEvent.CORRECT)
    correct_unit(actor=actor, referral=referral, unit=unit, new=row.new, correction_id=row.pk)
    tell_person(referral, "use_corrected", suffix=f"/{row.pk}")
    tell_partner(row.partner_id, "use_corrected_there", key=f"correction/{row.pk}/there", link="/partner/redemptions/")
    return row


@transaction.atomic
def decline_correction(*, actor: Actor, correction_id: UUID | str) -> Correction:
    """A second person says no; nothing moves. Raises Forbidden ``same_person``, IllegalMove when it is decided."""
    require(actor, PERMISSION)
    _referral, row, _line = _locked(actor, correction_id)
    _check_second(actor, row)
    return _ended(actor, row, CorrectionEvent.DECLINE, "correction.decline")


@transaction.atomic
def withdraw_correction(*, actor: Actor, correction_id: UUID | str) -> Correction:
    """Whoever asked takes it back. Raises Forbidden ``not_yours`` for anybody else, IllegalMove when it is decided."""
    require(actor, PERMISSION)
    _referral, row, _line = _locked(actor, correction_id)
    if row.asked_by_id != actor.user_id:
        raise Forbidden("not_yours")
    return _ended(actor, row, CorrectionEvent.WITHDRAW, "correction.withdraw")


def _ended(actor: Actor, row: Correction, event: CorrectionEvent, action: str) -> Correction:
    row.state = step(row.state, event)
    row.decided_by_id, row.decided_at = actor.user_id, now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
    end_claims(row, ClaimEvent.GIVE_BACK)
    record(actor=actor, action=action, obj=row, facts={})
    return row


@transaction.atomic
def confirm_corrected_share(*, actor: Actor, correction_id: UUID | str) -> Correction:
    """The person says that the agency has given back what it collected too much. Said twice, it counts once.

    Raises NotFound for anybody else's, Refused ``nothing_due`` where nothing is or was owed.
    """
    require(actor, "voucher.own")
    row = (
        Correction.objects.select_for_update(no_key=True, of=("self",))
        .filter(
            pk=as_uuid(correction_id),
            redemption__voucher__person_id=actor.membership_id,
            state=CorrectionState.APPROVED,
        )
        .first()
    )
    if row is None or actor.membership_id is None:
        raise NotFound
    if row.own_share_back_at is not None:
        return row
    if not row.own_share_due:
        raise Refused("nothing_due")
    row.own_share_due, row.own_share_back_at = False, now()
    row.save(update_fields=["own_share_due", "own_share_back_at"])
    record(actor=actor, action="voucher.own_share_back", obj=row, facts={"self_fen": -row.change.self_fen})
    return row
