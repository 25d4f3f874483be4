"""Writers of a request up to its offer: priced and reserved under lock, decided by rule or person, offered to the partner."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require, system_in
from accounts.same_person import same_member
from audit import record
from families.access import age_band_of
from families.purposes import Purpose
from families.workflow import give_own_consent
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from partners.kinds import ServiceMode
from partners.models import Service
from referrals.access import access_own_referral, access_referral, as_uuid
from referrals.kinds import KINDS
from referrals.models import Booking, Candidate, Offer, Proxy, Referral, ReferralWindow
from referrals.policy import Decision
from referrals.states import (
    OfferState,
    ReferralEvent,
    ReferralState,
    ReviewReason,
    UnitState,
    step,
)
from referrals.subsidies.accounting import in_crisis
from referrals.subsidies.quoting import honour
from referrals.subsidies.several import candidate_of, largest_of, price_several
from referrals.wishes import NO_WISHES, Wishes, beyond
from referrals.workflow.first_step import require_first_step, take_first_step
from referrals.workflow.holding import Chosen
from referrals.workflow.instant import block_time, confirm_pending, decide_by, firm_up, let_pending_go, save_pending
from referrals.workflow.notices import tell_deciders, tell_partner, tell_person
from referrals.workflow.one_place import lock_child, require_free_child
from referrals.workflow.reviewing import lock_person, review_ahead
from referrals.workflow.second_word import end_word, gives_first, lock_case
from referrals.workflow.slots import Seat
from referrals.workflow.times import agency_answers_by, kept_times, office_answers_by, wished_times
from referrals.workflow.units import hold_again, hold_units, lock_accounts_of, release_units, units_of
from tenancy.models import Tenant
from tenancy.numbers import next_number

CONSENT_NEEDED = "referral"
PURPOSES = frozenset(Purpose.values)


@transaction.atomic
def submit_referral(
    *,
    actor: Actor,
    tenant: Tenant,
    service_id: UUID | str,
    units: int,
    windows: Sequence[tuple[datetime, datetime]],
    consent: Sequence[str],
    child_id: UUID | str | None = None,
    note: str = "",
    others: Sequence[UUID | str] = (),
    wishes: Wishes = NO_WISHES,
    quote_token: str = "",
    review_seen: str | None = None,
    chosen: Chosen | None = None,
) -> Referral:
    """Send a request. The subsidy is reserved at once; the price is the one of the first window's day.

    Approved by rule when the person may refer themself (rules §2), else it waits for the centre or the union.
    ``others``: further services that the person ticked, of other agencies, when several are asked at once: each has a price
    of its own, and the one that takes the most of the school's money is reserved (books §2).
    ``wishes`` go to the agency with the offer; ``note`` is for the office that decides. ``review_seen``: the office that
    the person was told would look first, empty for none; None where nothing was told. ``chosen``: a free time that is
    taken without asking the agency, blocked while an office decides (``workflow.instant``; it says what is refused).
    Raises Invalid for times, units, consent or wishes, ``nobody_reads_it`` for a note that no office will read; Refused
    ``no_agreement``, ``no_policy``, ``mediation_first``; Conflict ``quote_changed``, ``review_changed``, ``child_busy``.
    """
    require(actor, "referral.own")
    if actor.membership_id is None:
        raise NotFound
    if CONSENT_NEEDED not in consent:
        raise Invalid("consent_missing", fields=(("consent", "required", CONSENT_NEEDED),))
    if set(consent) - PURPOSES:
        raise Invalid("out_of_range", fields=(("consent", "unknown_purpose", ""),))
    places = lock_person(actor.membership_id)
    if chosen and child_id:
        lock_child(as_uuid(child_id))
    moment = now()
    times = wished_times(tenant, service_id, windows, moment)
    day = min(tenant.day_of(start) for start, _ in times)
    # The number before the books: pricing may open a quota, which writes an audit row, and whoever holds the audit
    # chain waits for nobody (docs/architecture.md, order of locks). A refused request takes its number back.
    number = f"{tenant.code}-{day.year}-R{next_number('referral', day.year):05d}"
    seat = _block(places, tenant, service_id, chosen, moment) if chosen else None
    asked = price_several(
        actor, service_ids=[service_id, *others], units=units, service_date=day, child_id=child_id, places=places
    )
    largest = largest_of(asked)
    child, decision = largest.child_id, largest.decision
    if quote_token:
        honour(quote_token, actor=actor, units=units, decisions={row.service.pk: row.decision for row in asked})
    if chosen:
        require_free_child(child, chosen.starts_at, chosen.ends_at)
    kind = largest.service.kind
    require_first_step(kind, actor.membership_id, moment)
    for row in asked:
        _require_possible(wishes, row.service)
    review = review_ahead(actor=actor, tenant=tenant, kind=kind, units=units, moment=moment, day=day, places=places)
    if review_seen is not None and review_seen != (review.office if review else ""):
        raise Conflict("review_changed")
    if note.strip() and review is None:
        raise Invalid("nobody_reads_it", fields=(("note", "nobody_reads_it", ""),))
    referral = priced(decision)
    referral.number, referral.person_id, referral.child_id = number, actor.membership_id, child
    referral.service, referral.partner_id, referral.kind = largest.service, largest.service.institution_id, kind
    referral.service_date, referral.submitted_at = day, moment
    referral.state = step(ReferralState.DRAFT, ReferralEvent.SUBMIT)
    referral.note, referral.query_others, referral.needs_person = note, len(asked) > 1, review is not None
    referral.review_reason = review.reason if review else ""
    referral.consent, referral.wishes = sorted(set(consent)), wishes
    referral.deadline = office_answers_by(tenant, moment)  # approved by rule, the partner's clock replaces it
    if chosen:
        referral.deadline = decide_by(chosen.starts_at, referral.deadline)
        referral.counsellor_id = chosen.counsellor_id
    referral.save(force_insert=True)
    ReferralWindow.objects.bulk_create(
        ReferralWindow(referral=referral, starts_at=start, ends_at=end) for start, end in times
    )
    if len(asked) > 1:
        Candidate.objects.bulk_create(candidate_of(referral, row) for row in asked)
    record(
        actor=actor,
        action="referral.submit",
        obj=referral,
        facts={
            "units": units,
            "agencies": len(asked),
            "fee_fen": decision.fee_fen,
            "subsidy_fen": decision.subsidy_fen,
            "by_person": review is not None,
        },
    )
    for row in asked:
        _keep_consent(actor, referral, row.service.institution_id)
    take_first_step(referral, moment)
    hold_units(actor=actor, referral=referral)
    pending = save_pending(tenant, referral, chosen, seat) if chosen and seat else None
    if review or pending is None:  # else it is confirmed at once, and that is what the person is told
        tell_person(referral, "referral_submitted")
    if review:
        tell_deciders(referral, review.office)
    else:
        approve_now(system_in(tenant.id), referral, tenant, moment, firm_up(referral, moment))
    return referral


def _block(places: Collection[UUID], tenant: Tenant, service_id: UUID | str, chosen: Chosen, moment: datetime) -> Seat:
    """The chosen time, blocked until whoever must decide has."""
    service = Service.objects.filter(pk=as_uuid(service_id)).first()
    if service is None:
        raise Refused("no_agreement")
    until = decide_by(chosen.starts_at, office_answers_by(tenant, moment))
    return block_time(places, tenant, service, chosen, until, moment)


def _require_possible(wishes: Wishes, service: Service) -> None:
    """Raises Invalid for a wish that this service cannot be asked for."""
    over = beyond(wishes, service.kind, on_site=service.on_site, online=service.online)
    if over:
        raise Invalid("out_of_range", fields=tuple((f"wishes.{name}", "not_for_service", "") for name in sorted(over)))


def _keep_consent(actor: Actor, referral: Referral, recipient_id: UUID) -> None:
    """What the person agreed to, one row for each purpose, naming the institution that receives it (rules §5)."""
    for purpose in referral.consent:
        give_own_consent(
            actor=actor,
            purposes=[purpose],
            referral_id=referral.pk,
            child_id=referral.child_id if purpose == Purpose.CHILDCARE else None,
            recipient_id=recipient_id,
        )


def priced(decision: Decision) -> Referral:
    """A referral that holds its price: amounts, policy, and the whole decision with its hash (rules §1)."""
    return Referral(
        units=decision.inputs.units,
        policy_id=UUID(decision.inputs.terms.policy_id),
        decision=decision.to_json(),
        decision_hash=decision.decision_hash(),
        fee_fen=decision.fee_fen,
        subsidy_fen=decision.subsidy_fen,
        self_fen=decision.self_fen,
    )


def _locked(actor: Actor, referral_id: UUID | str) -> Referral:
    """Access first (a stranger gets 404), then the row under lock: its state is read after the lock (house §style 3)."""
    seen = access_referral(actor, referral_id)
    lock_case(seen)
    locked = Referral.objects.select_for_update(no_key=True).filter(pk=seen.pk).first()
    if locked is None:
        raise NotFound
    return locked


def _require_decider(actor: Actor, referral: Referral) -> None:
    """The office that decides this kind, and never about what one asked for, for oneself or in another's place."""
    require(actor, f"referral.decide.{KINDS[referral.kind].decider}")
    asked_by = Proxy.objects.filter(referral=referral).values_list("officer_id", flat=True)
    if any(same_member(each, actor.membership_id) for each in (referral.person_id, *asked_by)):
        raise Forbidden("same_person")


@transaction.atomic
def approve_referral(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """The centre or the union says yes, by kind (rules §2). The request goes to the partner at once.

    Crisis relief that one person may not grant alone waits for a second yes first, and stays submitted
    (``workflow.second_word``); Forbidden ``same_person`` for whoever gave the first.
    """
    referral = _locked(actor, referral_id)
    _require_decider(actor, referral)
    moment = now()
    step(referral.state, ReferralEvent.APPROVE)  # what is decided takes no first word either
    if gives_first(actor, referral, moment):
        return referral
    pending = firm_up(referral, moment)
    lock_accounts_of(referral)
    referral.decided_by_id = actor.user_id
    approve_now(actor, referral, tenant, moment, pending)
    tell_person(referral, "referral_approved")
    return referral


def approve_now(
    actor: Actor, referral: Referral, tenant: Tenant, moment: datetime, pending: Booking | None = None
) -> None:
    """Yes, and on to the agency. For a writer that holds the request and has looked whose word it is: a rule's or a person's.

    ``pending``: the time that was blocked for it, and is confirmed in the same act.
    """
    referral.state = step(referral.state, ReferralEvent.APPROVE)
    record(actor=actor, action="referral.approve", obj=referral, facts={"by_person": referral.needs_person})
    offer = _offer(actor, referral, tenant, moment, is_asked=pending is None)
    if pending is not None:
        confirm_pending(actor, tenant, referral, offer, pending, moment)


def _offer(actor: Actor, referral: Referral, tenant: Tenant, moment: datetime, *, is_asked: bool = True) -> Offer:
    """Lay the request before the agency, or before each that was ticked (rules §2). None learns of another. The first offer.

    Not ``is_asked``: its time is taken already, and the agency is told of the appointment alone.
    """
    referral.state = step(referral.state, ReferralEvent.OFFER)
    asked = list(Candidate.objects.select_related("service").filter(referral=referral))
    whole = [(referral.service, referral.fee_fen)]
    offers = [
        _unsent_offer(referral, tenant, service, fee_fen, moment, several=len(asked) > 1)
        for service, fee_fen in [(row.service, row.fee_fen) for row in asked] or whole
    ]
    referral.deadline = max(offer.deadline for offer in offers)
    referral.save(update_fields=["state", "deadline", "decided_by", "changed_at"])
    for offer in offers:
        offer.save(force_insert=True)
        record(
            actor=actor, action="offer.open", obj=offer, facts={"referral": referral.pk, "partner": offer.partner_id}
        )
        if is_asked:
            tell_partner(
                offer.partner_id, "offer_new", key=f"offer/{offer.pk}/new", link=f"/partner/offers/{offer.pk}/"
            )
    return offers[0]


def _unsent_offer(
    referral: Referral, tenant: Tenant, service: Service, fee_fen: int, moment: datetime, *, several: bool
) -> Offer:
    """What an agency reads before it answers: service, times, wishes, district, the fee; no name, no split."""
    times = [(window.starts_at, window.ends_at) for window in ReferralWindow.objects.filter(referral=referral)]
    offer = Offer(
        referral=referral,
        partner_id=service.institution_id,
        service=service,
        mode=ServiceMode.QUERY if several else ServiceMode.CONFIRM,
        units=referral.units,
        windows=[
            {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
            for start, end in (several and kept_times(service, times, moment)) or times
        ],
        district=tenant.district,
        age_band=age_band_of(referral.child_id, referral.service_date) if referral.child_id else "",
        fee_fen=fee_fen,
        state=OfferState.OPEN,
        deadline=agency_answers_by(tenant, service.institution_id, moment, in_crisis=in_crisis(referral)),
    )
    offer.wishes = referral.wishes
    return offer


@transaction.atomic
def decline_referral(*, actor: Actor, referral_id: UUID | str, reason: str) -> Referral:
    """The centre or the union says no, with a reason from the list. What was reserved is free again."""
    referral = _locked(actor, referral_id)
    _require_decider(actor, referral)
    check_reason(reason, DECLINE_REASONS)
    let_pending_go(referral)
    end_word(referral, now())
    lock_accounts_of(referral)
    referral.state = step(referral.state, ReferralEvent.DECLINE)
    referral.decline_reason, referral.decided_by_id, referral.deadline = reason, actor.user_id, None
    referral.save(update_fields=["state", "decline_reason", "decided_by", "deadline", "changed_at"])
    record(actor=actor, action="referral.decline", obj=referral, facts={"reason": reason})
    release_all(actor, referral, "decline")
    tell_person(referral, "referral_declined_again" if referral.looked_again_at else "referral_declined")
    return referral


def may_look_again(referral: Referral, moment: datetime) -> bool:
    """Whether the person may ask a human to look again at the no: once, while one of its times is still to come."""
    if referral.state != ReferralState.DECLINED or referral.looked_again_at is not None:
        return False
    return ReferralWindow.objects.filter(referral=referral, starts_at__gt=moment).exists()


@transaction.atomic
def look_again(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """The person asks a human to look again at a no (rules §2): the same request at the same price, held once more.

    It waits for the office that decides its kind, marked as asked a second time. Raises IllegalMove unless it was
    declined, Refused ``looked_already`` the second time, ``times_over`` when no time is to come, ``quota_used_up`` or
    ``pool_used_up`` when others have taken meanwhile what it held.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    moment = now()
    state = step(referral.state, ReferralEvent.LOOK_AGAIN)
    if referral.looked_again_at is not None:
        raise Refused("looked_already")
    if not may_look_again(referral, moment):
        raise Refused("times_over")
    lock_accounts_of(referral, draws=True)
    referral.state, referral.looked_again_at, referral.needs_person = state, moment, True
    referral.review_reason = ReviewReason.AGAIN
    referral.deadline, referral.decided_by_id, referral.decline_reason = office_answers_by(tenant, moment), None, ""
    referral.save(
        update_fields=[
            "state",
            "looked_again_at",
            "needs_person",
            "review_reason",
            "deadline",
            "decided_by",
            "decline_reason",
            "changed_at",
        ]
    )
    record(actor=actor, action="referral.look_again", obj=referral, facts={"units": referral.units})
    hold_again(actor=actor, referral=referral, units=units_of(referral))
    tell_deciders(referral, KINDS[referral.kind].decider, suffix="/again")
    return referral


DECLINE_REASONS = frozenset({"other_help_fits", "not_covered", "duplicate", "talk_first"})


def check_reason(reason: str, known: frozenset[str]) -> None:
    """Raises Invalid unless the reason is one of the closed list (contract)."""
    if reason not in known:
        raise Invalid("out_of_range", fields=(("reason", "unknown_reason", ", ".join(sorted(known))),))


def release_all(actor: Actor, referral: Referral, why: str) -> None:
    """Give back what the referral still holds."""
    held = units_of(referral, UnitState.HELD)
    release_units(actor=actor, referral=referral, units=held, why=why)
