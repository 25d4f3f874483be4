"""The centre hands somebody on to one institution with a card; the person sees it first and says field by field what goes (6.3).

Locks: the case, then its card. Reading and taking back meet at the case, so whichever is first counts.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.same_person import same_member
from audit import record, record_read
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_prose
from notifications.colleagues import tell_one
from notifications.outbox import enqueue
from partners.kinds import MEDICAL_KINDS, InstitutionKind
from partners.models import Institution
from partners.selectors import lines_open_on
from referrals.access import as_uuid
from referrals.liaison.card_states import (
    ALWAYS,
    GOOD_FOR,
    KEPT,
    MEDICAL,
    THINKING,
    WORDS,
    CardEvent,
    CardField,
    CardPurpose,
    CardState,
    stands_as,
    step,
)
from referrals.liaison.models import HandOn, HandOnCard
from referrals.liaison.models.card import MAX_WORDS
from referrals.workflow.notices import tell_partner
from tenancy.models import Tenant
from tenancy.numbers import next_number

TAKES: Final[Mapping[CardPurpose, frozenset[InstitutionKind]]] = {
    **dict.fromkeys(MEDICAL, MEDICAL_KINDS),
    CardPurpose.TALKS: MEDICAL_KINDS | {InstitutionKind.COUNSELLING_AGENCY},
    CardPurpose.SUPPORT: frozenset({InstitutionKind.COMMUNITY, InstitutionKind.CHARITY}),
}
"""Which kinds of institution a purpose may go to; only a medical one diagnoses or treats (rules §3)."""


def institutions_for(day: object) -> list[Institution]:
    """Those a card may go to today: agreement, data part, licences and listing hold. One query."""
    kinds = frozenset().union(*TAKES.values())
    found = {
        line.service.institution_id: line.service.institution
        for line in lines_open_on(day).filter(service__institution__kind__in=kinds)  # type: ignore[arg-type]
    }
    return sorted(found.values(), key=lambda one: (one.sort_key, one.pk))


@transaction.atomic
def write_card(
    *,
    actor: Actor,
    tenant: Tenant,
    person_id: UUID | str,
    partner_id: UUID | str,
    purpose: str,
    words: Mapping[str, str],
) -> HandOn:
    """The centre writes what it would say; nothing goes out before the person has read it and said yes.

    Raises NotFound for oneself and for who does not belong to the school, Refused ``no_agreement`` for an institution without
    an agreement today, ``not_medical`` for a purpose that only a medical one may take, Conflict ``card_open`` while one of the
    same kind waits for the person, Invalid with one row a fault.
    """
    require(actor, "card.write")
    if actor.membership_id is None:
        raise NotFound
    moment = now()
    person = Membership.objects.current(tenant.day_of(moment)).accepted().filter(pk=as_uuid(person_id)).first()
    if person is None or same_member(person.pk, actor.membership_id):
        raise NotFound
    if purpose not in {each.value for each in CardPurpose}:
        raise Invalid("out_of_range", fields=(("purpose", "required", ""),))
    folded = {field.value: fold_prose(words.get(field, "")).strip() for field in WORDS}
    faults = [(name, "words_long", str(MAX_WORDS)) for name, text in folded.items() if len(text) > MAX_WORDS]
    faults += [(field.value, "required", "") for field in ALWAYS if not folded[field]]
    if faults:
        raise Invalid("out_of_range", fields=tuple(faults))
    partner = _partner(tenant, partner_id, CardPurpose(purpose), moment)
    year = tenant.day_of(moment).year
    case = HandOn(
        number=f"{tenant.code}-{year}-H{next_number('hand_on', year):04d}",
        person=person,
        partner=partner,
        purpose=purpose,
        written_by_id=actor.membership_id,
        written_at=moment,
        changed_at=moment,
        until=moment + THINKING,
    )
    case.words = json.dumps({name: text for name, text in folded.items() if text}, ensure_ascii=False)
    over = HandOn.objects.select_for_update(no_key=True).filter(
        person=person, partner=partner, purpose=purpose, state=CardState.SHOWN, until__lte=moment
    )
    for former in over:  # its time is over, whether or not the sweep has been
        moved_by_time(former, moment)
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("card_open") from error
    record(actor=actor, action="card.write", obj=case, facts={"partner": partner.pk})
    _tell_person(case, "card_shown")
    return case


def moved_by_time(case: HandOn, moment: datetime) -> None:
    """It lapses; words that nobody outside has read are forgotten. The caller holds it and has looked at its clock."""
    was_read = case.state == CardState.READ
    case.state, case.changed_at = step(case.state, CardEvent.LAPSE), moment
    end_card(case, moment)
    if was_read:
        case.save(update_fields=["state", "changed_at"])
    else:
        forget_words(case)


def _partner(tenant: Tenant, partner_id: UUID | str, purpose: CardPurpose, moment: datetime) -> Institution:
    wanted = as_uuid(partner_id)
    partner = next((one for one in institutions_for(tenant.day_of(moment)) if one.pk == wanted), None)
    if partner is None:
        raise Refused("no_agreement")
    if partner.kind not in TAKES[purpose]:
        raise Refused("not_medical" if purpose in MEDICAL else "not_its_work")
    return partner


def words_of(case: HandOn) -> dict[str, str]:
    """What the card would hold, by ``CardField``: the centre's words, and name and telephone as the school has them."""
    kept: dict[str, str] = json.loads(case.words) if case.words else {}
    if not kept:
        return {}
    whole = {**kept, CardField.NAME.value: case.person.name, CardField.PHONE.value: case.person.phone or ""}
    return {field.value: whole[field.value] for field in CardField if whole.get(field.value)}


def locked_case(case_id: UUID | str) -> HandOn:
    """The case under lock; NotFound for a missing one."""
    case = HandOn.objects.select_for_update(no_key=True).filter(pk=as_uuid(case_id)).first()
    if case is None:
        raise NotFound
    return case


def _own(actor: Actor, case_id: UUID | str) -> HandOn:
    case = locked_case(case_id)
    if actor.membership_id is None or case.person_id != actor.membership_id:
        raise NotFound
    return case


def moved(case: HandOn, event: CardEvent, moment: datetime) -> None:
    """The move, from how the dates have it."""
    case.state = step(stands_as(case.state, case.until, moment), event)
    case.changed_at = moment


@transaction.atomic
def consent(*, actor: Actor, tenant: Tenant, case_id: UUID | str, fields: Collection[str]) -> HandOn:
    """The person's yes to ``fields``: these go to this institution for this purpose, and nothing else does.

    What is asked always goes along. Raises Invalid for a field that the card does not have, Refused ``no_agreement`` when
    the agreement has ended since, IllegalMove when it was answered or its time is over.
    """
    require(actor, "card.own")
    case, moment = _own(actor, case_id), now()
    if case.state == CardState.SENT and set(case.agreed) == set(fields) | ALWAYS:
        return case  # the same yes once more
    state = step(stands_as(case.state, case.until, moment), CardEvent.CONSENT)
    there = words_of(case)
    agreed = set(fields) | ALWAYS
    if agreed - set(there):
        raise Invalid("out_of_range", fields=(("fields", "out_of_range", ""),))
    partner = _partner(tenant, case.partner_id, CardPurpose(case.purpose), moment)
    case.state, case.changed_at, case.agreed_at = state, moment, moment
    case.agreed = [field.value for field in CardField if field in agreed]
    case.until = moment + GOOD_FOR
    case.save(update_fields=["state", "changed_at", "agreed_at", "agreed", "until"])
    card = HandOnCard(
        hand_on=case,
        partner=partner,
        number=case.number,
        purpose=case.purpose,
        sent_at=moment,
        until=case.until,
    )
    card.body = json.dumps({name: there[name] for name in case.agreed}, ensure_ascii=False)
    card.save(force_insert=True)
    record(actor=actor, action="card.consent", obj=case, facts={"partner": partner.pk, "fields": case.agreed})
    tell_partner(partner.pk, "card_sent", key=f"card/{case.pk}/sent", link="/partner/cards/")
    _tell_writer(case, CardEvent.CONSENT)
    return case


@transaction.atomic
def refuse(*, actor: Actor, case_id: UUID | str) -> HandOn:
    """The person's no, without a reason: nothing goes out, and what the centre wrote is forgotten."""
    require(actor, "card.own")
    case = _own(actor, case_id)
    if case.state == CardState.REFUSED:
        return case
    return _unsent(actor, case, CardEvent.REFUSE, "card.refuse")


@transaction.atomic
def withdraw_card(*, actor: Actor, case_id: UUID | str) -> HandOn:
    """The centre takes back a card that the person has not answered yet."""
    require(actor, "card.write")
    case = locked_case(case_id)
    if same_member(case.person_id, actor.membership_id):
        raise Forbidden("same_person")
    if case.state == CardState.WITHDRAWN:
        return case
    _unsent(actor, case, CardEvent.WITHDRAW, "card.withdraw")
    _tell_person(case, "card_changed")
    return case


def _unsent(actor: Actor, case: HandOn, event: CardEvent, action: str) -> HandOn:
    moved(case, event, now())
    forget_words(case)
    record(actor=actor, action=action, obj=case, facts={})
    if event is CardEvent.REFUSE:
        _tell_writer(case, event)
    return case


def forget_words(case: HandOn) -> None:
    """Nothing of it was read outside: the words go, the row and its number stay."""
    case.words = ""
    case.save(update_fields=["state", "changed_at", "words_sealed", "until"])


def end_card(case: HandOn, moment: datetime) -> None:
    """The institution's right to read ends, and with it what there is to read."""
    card = HandOnCard.objects.select_for_update(no_key=True).filter(hand_on=case, ended_at__isnull=True).first()
    if card is not None:
        card.body, card.ended_at = "", moment
        card.save(update_fields=["body_sealed", "ended_at"])


@transaction.atomic
def revoke(*, actor: Actor, case_id: UUID | str) -> HandOn:
    """The person takes the card back before it was opened; what it held is gone at once. Refused ``card_read`` afterwards."""
    require(actor, "card.own")
    case, moment = _own(actor, case_id), now()
    if case.state in (CardState.READ, CardState.ANSWERED):
        raise Refused("card_read")
    if case.state == CardState.REVOKED:
        return case
    moved(case, CardEvent.REVOKE, moment)
    end_card(case, moment)
    forget_words(case)
    record(actor=actor, action="card.revoke", obj=case, facts={})
    tell_partner(case.partner_id, "card_gone", key=f"card/{case.pk}/revoked", link="/partner/cards/")
    _tell_writer(case, CardEvent.REVOKE)
    return case


@transaction.atomic
def open_card(*, actor: Actor, card_id: UUID | str) -> HandOnCard:
    """The institution's office opens the card, in the school's scope; the first time is told to the person, each is recorded.

    NotFound for another institution's and for one that is over or was taken back.
    """
    require(actor, "card.read")
    seen = HandOnCard.objects.filter(pk=as_uuid(card_id), partner_id=actor.institution_id).first()
    if seen is None or actor.institution_id is None:
        raise NotFound
    case, moment = locked_case(seen.hand_on_id), now()
    card = HandOnCard.objects.select_for_update(no_key=True).get(pk=seen.pk)
    if card.ended_at is not None or moment >= card.until:
        raise NotFound
    if card.read_at is None:
        moved(case, CardEvent.READ, moment)
        case.kept_until = moment + KEPT
        case.save(update_fields=["state", "changed_at", "kept_until"])
        card.read_at = moment
        card.save(update_fields=["read_at"])
        record(actor=actor, action="card.open", obj=case, facts={})
        _tell_person(case, "card_opened")
    record_read(actor=actor, action="card.partner_read", obj=case)
    card.hand_on = case
    return card


def _tell_person(case: HandOn, template: str) -> None:
    enqueue(
        key=f"card/{case.pk}/{template}", template=template, to=case.person, context={}, link=f"/my/cards/{case.pk}/"
    )


def _tell_writer(case: HandOn, event: CardEvent) -> None:
    tell_one(
        case.written_by.user_id,
        template="card_answered",
        key=f"card/{case.pk}/{event.value}",
        link=f"/centre/cards/{case.pk}/",
    )
