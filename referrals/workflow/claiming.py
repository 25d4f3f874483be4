"""An amount of one use is wrong: the person, the agency or the union tells finance, and finance answers (books §5, ADR 0048).

Finance turns a claim into a correction (``workflow.correcting``), which a second person decides, or says in a sentence why
not. Nothing moves before that. A correction that is not approved leaves the claim waiting: none is lost by silence.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.actor import Actor, require
from accounts.same_person import places_of_person, require_second, same_member
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_prose
from kernel.money import MAX_FEN
from notifications.colleagues import tell_one, tell_who_may
from notifications.outbox import enqueue
from referrals.access import as_uuid
from referrals.claim_states import ClaimEvent, ClaimState, step
from referrals.kinds import KINDS
from referrals.models import AmountClaim, Correction, CorrectionCause, CorrectionSide, Redemption, Voucher
from referrals.models.claim import MAX_WORDS
from referrals.states import RedemptionEvent, RedemptionKind, RedemptionState
from referrals.states import step as redemption_step
from referrals.workflow.notices import tell_partner

ANSWERS: Final = "voucher.correct"
MAY_CLAIM: Final = {
    CorrectionSide.PERSON: "voucher.own",
    CorrectionSide.AGENCY: "claim.partner",
    CorrectionSide.UNION: "claim.union",
}
MOST_TAKEN_BACK: Final = 3
"""So often in a day of 24 hours one side may take back what it asked about one use and ask anew: each time finance is told."""
UNION_KINDS: Final = [kind for kind, facts in KINDS.items() if facts.decider == "union"]


def check_counts(found: Redemption) -> None:
    """Refused ``still_open`` while the person may object or it is disputed, IllegalMove when it was taken back."""
    if found.state in (RedemptionState.REDEEMED, RedemptionState.DISPUTED):
        raise Refused("still_open")
    redemption_step(found.state, RedemptionEvent.CORRECT)


def may_claim(found: Redemption) -> bool:
    """Whether its amount counts, so that something can be wrong with it."""
    counts = (RedemptionState.VALIDATED, RedemptionState.SETTLED, RedemptionState.RECONCILED)
    return found.kind == RedemptionKind.SERVICE and found.state in counts


def _require(actor: Actor, side: CorrectionSide) -> None:
    if side not in MAY_CLAIM:  # finance asks for a correction itself
        raise Forbidden
    require(actor, MAY_CLAIM[side])


def _is_theirs(actor: Actor, side: CorrectionSide, found: Redemption) -> bool:
    match side:
        case CorrectionSide.PERSON:
            return actor.membership_id is not None and found.voucher.person_id == actor.membership_id
        case CorrectionSide.AGENCY:
            return actor.institution_id is not None and found.partner_id == actor.institution_id
        case CorrectionSide.UNION:
            is_own = same_member(found.voucher.person_id, actor.membership_id)
            return not is_own and found.voucher.referral.kind in UNION_KINDS
    return False


def use_of(actor: Actor, side: CorrectionSide, redemption_id: UUID | str) -> Redemption:
    """The use that ``side`` may speak of: the person's own, one at the agency, one of the union's kinds. NotFound otherwise.

    A fee for a missed appointment is no use; it is objected to.
    """
    _require(actor, side)
    found = (
        Redemption.objects.select_related("voucher__referral", "voucher__service", "partner")
        .filter(pk=as_uuid(redemption_id), kind=RedemptionKind.SERVICE)
        .first()
    )
    if found is None or not _is_theirs(actor, side, found):
        raise NotFound
    return found


@transaction.atomic
def claim_amount(
    *,
    actor: Actor,
    redemption_id: UUID | str,
    side: CorrectionSide,
    cause: str,
    reason: str,
    fee_fen: int | None = None,
) -> AmountClaim:
    """Tell finance what is wrong with one use; ``fee_fen``: its right price, fen, where whoever asks knows it.

    Raises what ``use_of`` and ``check_counts`` raise, Invalid with one row a fault, Conflict ``claim_open`` while finance is
    looking at this use already, whoever asked, and ``claim_often`` for a side that took it back ``MOST_TAKEN_BACK`` times in
    24 hours.
    """
    _require(actor, side)
    words = fold_prose(reason)
    if faults := _faults(cause, words, fee_fen):
        raise Invalid("out_of_range", fields=tuple(faults))
    found = use_of(actor, side, redemption_id)
    check_counts(found)  # taken back in the same second it is questioned all the same, and finance says so
    assert actor.user_id is not None
    claim = AmountClaim(
        redemption=found,
        agency_id=found.partner_id if side == CorrectionSide.AGENCY else None,
        side=side,
        cause=cause,
        fee_fen=fee_fen,
        voucher_number=found.voucher_number,
        service_date=found.service_date,
        asked_by_id=actor.user_id,
    )
    claim.reason = words
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("claim_open") from error
    # After the row is there: whoever asks at the same moment has waited for it, and what was taken back meanwhile is counted.
    taken_back = AmountClaim.objects.filter(redemption=found, side=side, state=ClaimState.WITHDRAWN)
    if taken_back.filter(answered_at__gt=now() - timedelta(days=1)).count() >= MOST_TAKEN_BACK:
        raise Conflict("claim_often", most=MOST_TAKEN_BACK)
    record(actor=actor, action="claim.ask", obj=claim, facts={})
    tell_who_may(
        ANSWERS,
        template="amount_questioned",
        key=f"claim/{claim.pk}/asked",
        link=f"/finance/corrections/claims/{claim.pk}/",
        apart_from=actor.user_id,
    )
    return claim


def _faults(cause: str, words: str, fee_fen: int | None) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if cause not in CorrectionCause.values:
        faults.append(("cause", "out_of_range", ", ".join(CorrectionCause.values)))
    if not 0 < len(words) <= MAX_WORDS:
        faults.append(("reason", "out_of_range", f"1–{MAX_WORDS}"))
    if fee_fen is None:
        return faults
    whole = isinstance(fee_fen, int) and not isinstance(fee_fen, bool)
    if not whole or not 0 < fee_fen <= MAX_FEN or cause == CorrectionCause.NOT_HAD:
        faults.append(("fee_fen", "amount", ""))
    return faults


def _locked(claim_id: UUID | str) -> AmountClaim:
    found = (
        AmountClaim.objects.select_for_update(no_key=True, of=("self",))
        .select_related("redemption__voucher__referral")
        .filter(pk=as_uuid(claim_id))
        .first()
    )
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def withdraw_claim(*, actor: Actor, claim_id: UUID | str, side: CorrectionSide) -> AmountClaim:
    """Whoever asked takes it back, for the agency and the union any colleague who may ask. IllegalMove once finance has acted."""
    _require(actor, side)
    claim = _locked(claim_id)
    if claim.side != side or not _is_theirs(actor, side, claim.redemption):
        raise NotFound
    claim.state, claim.answered_at = step(claim.state, ClaimEvent.WITHDRAW), now()
    claim.save(update_fields=["state", "answered_at"])
    record(actor=actor, action="claim.withdraw", obj=claim, facts={})
    return claim


def readable_claims(actor: Actor) -> QuerySet[AmountClaim]:
    """Claims for finance: all but those about the reader's own uses, whichever of their places had them."""
    require(actor, ANSWERS)
    return AmountClaim.objects.exclude(voucher_number__in=own_numbers(actor))


def own_numbers(actor: Actor) -> list[str]:
    """The vouchers of the actor's person, by number: lists that leave them out join no table. Three queries at most."""
    if actor.membership_id is None:
        return []
    own = Voucher.objects.filter(person__in=places_of_person(actor.membership_id))
    return list(own.values_list("number", flat=True))


def readable_claim(actor: Actor, claim_id: UUID | str) -> AmountClaim:
    """A claim for finance. NotFound, Forbidden ``same_person`` for one about the reader's own use."""
    require(actor, ANSWERS)
    claim = AmountClaim.objects.select_related("redemption__voucher").filter(pk=as_uuid(claim_id)).first()
    if claim is None:
        raise NotFound
    if same_member(claim.redemption.voucher.person_id, actor.membership_id):
        raise Forbidden("same_person")
    return claim


@transaction.atomic
def decline_claim(*, actor: Actor, claim_id: UUID | str, answer: str) -> AmountClaim:
    """Finance says in a sentence why nothing is corrected; it goes back to whoever asked.

    Raises Forbidden ``same_person`` for one's own use and for whoever asked, under another account too; Invalid without a
    sentence; IllegalMove when it was answered, taken back, or a correction waits for a second person.
    """
    require(actor, ANSWERS)
    readable_claim(actor, claim_id)
    claim = _locked(claim_id)
    require_second(actor.user_id, claim.asked_by_id)
    words = fold_prose(answer)
    if not 0 < len(words) <= MAX_WORDS:
        raise Invalid("out_of_range", fields=(("answer", "out_of_range", f"1–{MAX_WORDS}"),))
    claim.state = step(claim.state, ClaimEvent.DECLINE)
    claim.answer, claim.answered_by_id, claim.answered_at = words, actor.user_id, now()
    claim.save(update_fields=["state", "answer_sealed", "answered_by", "answered_at"])
    record(actor=actor, action="claim.decline", obj=claim, facts={})
    _tell_asker(claim)
    return claim


def take_claim(claim_id: UUID | str, correction: Correction, redemption: Redemption) -> None:
    """Finance asked for a correction because of it. Inside the writer's transaction.

    NotFound for a claim about another use, Invalid ``side`` when the correction names another side than the claim.
    """
    claim = _locked(claim_id)
    if claim.redemption_id != redemption.pk:
        raise NotFound
    if correction.side != claim.side:
        raise Invalid("out_of_range", fields=(("side", "out_of_range", claim.side),))
    claim.state, claim.correction = step(claim.state, ClaimEvent.TAKE), correction
    claim.save(update_fields=["state", "correction"])


def end_claims(correction: Correction, event: ClaimEvent) -> None:
    """The correction was decided: the claim is corrected, or waits again. Inside the writer's transaction."""
    for seen in AmountClaim.objects.filter(correction=correction):
        claim = _locked(seen.pk)
        claim.state = step(claim.state, event)
        if event == ClaimEvent.CORRECT:
            claim.answered_by_id, claim.answered_at = correction.decided_by_id, correction.decided_at
        claim.save(update_fields=["state", "answered_by", "answered_at"])
        is_untold = claim.side == CorrectionSide.UNION  # the two others are told of the correction itself
        if event == ClaimEvent.CORRECT and is_untold:
            _tell_asker(claim)


def _tell_asker(claim: AmountClaim) -> None:
    """Neutral words; what finance answered stands on the page."""
    key = f"claim/{claim.pk}/answered"
    match claim.side:
        case CorrectionSide.PERSON:
            person = claim.redemption.voucher.referral.person
            link = f"/vouchers/uses/{claim.redemption_id}/"
            enqueue(key=key, template="amount_answered", to=person, context={}, link=link)
        case CorrectionSide.AGENCY:
            assert claim.agency_id is not None
            tell_partner(claim.agency_id, "amount_answered_there", key=key, link="/partner/redemptions/")
        case _:
            tell_one(claim.asked_by_id, template="amount_answered_there", key=key, link="/union/amounts/")
