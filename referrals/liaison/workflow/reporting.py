"""The institution answers on the card; the answer is the centre's and the person's (6.3: two-way)."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_prose
from notifications.colleagues import tell_who_may
from notifications.outbox import enqueue
from referrals.access import as_uuid
from referrals.liaison.card_states import KEPT, STAYS, CardEvent, CardState, ReportNext, ReportOutcome
from referrals.liaison.models import HandOn, HandOnCard, ReturnReport
from referrals.liaison.models.card import MAX_ADVICE
from referrals.liaison.workflow.handing_on import end_card, locked_case, moved, moved_by_time
from tenancy.models import Tenant

FURTHEST: Final = timedelta(days=366)


@transaction.atomic
def report(
    *,
    actor: Actor,
    tenant: Tenant,
    card_id: UUID | str,
    outcome: str,
    goes_on: str,
    advice: str = "",
    back_on: date | None = None,
) -> ReturnReport:
    """The office that opened the card answers once; from then on it may read the card for thirty days more.

    NotFound for another institution's card and for one that is over, Refused ``card_unread`` before it was opened,
    ``card_reported`` for a second answer; Invalid with one row a fault.
    """
    require(actor, "card.read")
    seen = HandOnCard.objects.filter(pk=as_uuid(card_id), partner_id=actor.institution_id).first()
    if seen is None or actor.institution_id is None:
        raise NotFound
    if actor.user_id is None:
        raise Forbidden
    words = fold_prose(advice).strip()
    today = tenant.today()
    faults = [
        *([] if outcome in {each.value for each in ReportOutcome} else [("outcome", "required", "")]),
        *([] if goes_on in {each.value for each in ReportNext} else [("goes_on", "required", "")]),
        *([("advice", "words_long", str(MAX_ADVICE))] if len(words) > MAX_ADVICE else []),
        *([("back_on", "back_on", "")] if back_on and not today <= back_on <= today + FURTHEST else []),
    ]
    if faults:
        raise Invalid("out_of_range", fields=tuple(faults))
    case, moment = locked_case(seen.hand_on_id), now()
    card = HandOnCard.objects.select_for_update(no_key=True).get(pk=seen.pk)
    if card.reported_at is not None:
        raise Refused("card_reported")
    if card.ended_at is not None or moment >= card.until:
        raise NotFound
    if card.read_at is None:
        raise Refused("card_unread")
    moved(case, CardEvent.REPORT, moment)
    case.kept_until = moment + KEPT
    case.save(update_fields=["state", "changed_at", "kept_until"])
    card.reported_at, card.until = moment, moment + STAYS
    card.save(update_fields=["reported_at", "until"])
    answer = ReturnReport(
        hand_on=case,
        outcome=outcome,
        goes_on=goes_on,
        back_on=back_on,
        written_by_id=actor.user_id,
        written_at=moment,
    )
    answer.advice = words
    answer.save(force_insert=True)
    record(actor=actor, action="card.report", obj=case, facts={})
    tell_who_may(
        "card.write",
        template="card_report",
        key=f"card/{case.pk}/report",
        link=f"/centre/cards/{case.pk}/",
        apart_from=case.person.user_id,
    )
    enqueue(
        key=f"card/{case.pk}/report",
        template="card_report_mine",
        to=case.person,
        context={},
        link=f"/my/cards/{case.pk}/",
    )
    return answer


@transaction.atomic
def lapse_card(*, case_id: UUID) -> bool:
    """Its time is over: the institution reads nothing more; words that nobody outside ever read go. False when it is not over."""
    case, moment = locked_case(case_id), now()
    if case.state not in (CardState.SHOWN, CardState.SENT, CardState.READ) or moment < case.until:
        return False
    moved_by_time(case, moment)
    enqueue(
        key=f"card/{case.pk}/lapsed", template="card_changed", to=case.person, context={}, link=f"/my/cards/{case.pk}/"
    )
    return True


@transaction.atomic
def close_to_partner(*, card_id: UUID) -> bool:
    """An answered card is the institution's for thirty days more, then it is empty. False when it is not over."""
    seen = HandOnCard.objects.get(pk=card_id)
    case, moment = locked_case(seen.hand_on_id), now()
    card = HandOnCard.objects.get(pk=card_id)
    if card.ended_at is not None or moment < card.until:
        return False
    end_card(case, moment)
    return True


@transaction.atomic
def forget(*, case_id: UUID) -> bool:
    """After as long as the centre keeps its notes, words and report go; number, days and state stay. False before that day."""
    case, moment = locked_case(case_id), now()
    if case.kept_until is None or moment < case.kept_until:
        return False
    end_card(case, moment)
    case.words, case.kept_until = "", None
    case.save(update_fields=["words_sealed", "kept_until"])
    for answer in ReturnReport.objects.select_for_update(no_key=True).filter(hand_on=case):
        answer.advice = ""
        answer.save(update_fields=["advice_sealed"])
    return True


def report_of(case: HandOn) -> ReturnReport | None:
    """The answer, if there is one."""
    return ReturnReport.objects.filter(hand_on=case).first()
