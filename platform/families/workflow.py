"""The only writers of relatives, children, consents and family links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.actor import Actor, require
from audit import record
from families import links, rules
from families.access import access_child, access_consent, access_relative
from families.checks import checked_name, checked_purpose, checked_relation, child_key, invalid, school_day
from families.ended import consent_ended
from families.models import Child, Consent, FamilyLink, Guardianship, Relation, Relative
from families.purposes import BY_LINK, CURRENT_TEXT
from families.states import OPEN, ConsentEvent, ConsentState, step
from kernel.clock import now
from kernel.errors import Conflict, NotFound, Refused
from vault.phones import normalise_phone


@dataclass(frozen=True, slots=True)
class FamilyVoice:
    """A relative acting by link: no account, so the record shows the link's relative as the object instead."""

    user_id: None = None
    kind: str = "family"


FAMILY: Final = FamilyVoice()


@transaction.atomic
def register_relative(*, actor: Actor, relation: str, name: str, phone: str, born: date | None = None) -> Relative:
    """Name a relative. ``born`` is asked for a son or daughter only, looked at and not kept.

    Invalid for what cannot be read; Refused ``guardian_needed`` for a child under 14, who is never asked by link.
    """
    require(actor, "contact.own")
    person_id = _person(actor)
    relative = Relative(person_id=person_id, relation=checked_relation(relation, born))
    relative.name = checked_name(name)
    relative.phone = normalise_phone(phone)
    relative.save(force_insert=True)
    record(actor=actor, action="relative.register", obj=relative, facts={"relation": relation})
    return relative


@transaction.atomic
def change_relative(
    *, actor: Actor, relative_id: UUID | str, relation: str, name: str, phone: str, born: date | None = None
) -> Relative:
    """Correct what is known of a relative. Errors as ``register_relative``.

    With another name or number all that was asked and agreed ends: the answer was given for the old ones.
    """
    require(actor, "contact.own")
    relative = _locked_relative(actor, relative_id)
    is_minor = False
    if relation != relative.relation:
        relative.relation = checked_relation(relation, born)
        is_minor = relation == Relation.CHILD and born is not None and not rules.is_grown(born, school_day())
    name, phone = checked_name(name), normalise_phone(phone)
    same = (name, phone) == (relative.name, relative.phone)
    ended = 0 if same else _end_all(relative)
    relative.name, relative.phone = name, phone
    relative.save(update_fields=["relation", "name_sealed", "phone_sealed"])
    if not same or is_minor:
        consent_ended(relative, by_person=True, is_minor=is_minor)
    record(actor=actor, action="relative.change", obj=relative, facts={"relation": relation, "ended": ended})
    return relative


@transaction.atomic
def forget_relative(*, actor: Actor, relative_id: UUID | str) -> None:
    """Remove a relative: name and number are erased, consents withdrawn, links dead. The row stays for its history."""
    require(actor, "contact.own")
    relative = _locked_relative(actor, relative_id)
    _end_all(relative)
    relative.name = relative.phone = ""
    relative.removed_at = now()
    relative.save(update_fields=["name_sealed", "phone_sealed", "removed_at"])
    consent_ended(relative, by_person=True)
    record(actor=actor, action="relative.forget", obj=relative)


@transaction.atomic
def register_child(*, actor: Actor, name: str, born: date) -> Child:
    """Register a child with the actor as guardian. A child whom the other parent registered is linked, not doubled (rules §1)."""
    require(actor, "child.own")
    person_id = _person(actor)
    name = checked_name(name)
    same_child = child_key(name, born)
    child: Child | None = Child.objects.filter(same_child=same_child).first()
    known = child is not None
    if child is None:
        child = Child(born=born, same_child=same_child)
        child.name = name
        # Both parents may press the button at once: one row stays, both are linked to it.
        Child.objects.bulk_create([child], ignore_conflicts=True)
        child = cast(Child, Child.objects.get(same_child=same_child))
    Guardianship.objects.bulk_create([Guardianship(membership_id=person_id, child=child)], ignore_conflicts=True)
    record(actor=actor, action="child.register", obj=child, facts={"known": known, "guardian": person_id})
    return child


@transaction.atomic
def change_child(*, actor: Actor, child_id: UUID | str, name: str, born: date) -> Child:
    """Correct a child's name or birth. The child stays the same one, with its quota and its requests.

    Conflict ``child_shared`` when the other parent entered the same words, ``child_known`` when the school has that child
    already; Invalid as ``register_child``.
    """
    require(actor, "child.own")
    child: Child = Child.objects.select_for_update(no_key=True).get(pk=access_child(actor, child_id).pk)
    if Guardianship.objects.filter(child=child).count() > 1:
        raise Conflict("child_shared")
    child.name, child.born = checked_name(name), born
    child.same_child = child_key(child.name, born)
    try:
        with transaction.atomic():
            child.save(update_fields=["name_sealed", "born", "same_child"])
    except IntegrityError as error:  # the words of another child of the school, entered a moment or a year ago
        raise Conflict("child_known") from error
    record(actor=actor, action="child.change", obj=child)
    return child


@transaction.atomic
def release_child(*, actor: Actor, child_id: UUID | str) -> None:
    """The actor is no longer a guardian here. Requests already made keep the child; the other parent is not touched."""
    require(actor, "child.own")
    child = access_child(actor, child_id)
    Guardianship.objects.filter(membership_id=_person(actor), child=child).delete()
    record(actor=actor, action="child.release", obj=child)


@transaction.atomic
def ask_consent(*, actor: Actor, relative_id: UUID | str, purpose: str, recipient_id: UUID | None = None) -> str:
    """Ask a relative for one purpose; returns the secret for ``/family/<token>/``, told once.

    Asking again while no answer came makes the earlier link worthless. Conflict ``consent_given`` when they agreed already;
    Refused ``agency_missing`` for a purpose whose text names an agency (``recipient_id``).
    """
    require(actor, "contact.own")
    if checked_purpose(purpose) not in BY_LINK and recipient_id is None:
        raise Refused("agency_missing")
    relative = _locked_relative(actor, relative_id)
    # Links before the consent, as everywhere: whoever answers the earlier link now waits, or has answered.
    _kill_links(FamilyLink.objects.filter(relative=relative, purpose=purpose, act=FamilyLink.Act.ANSWER))
    consent = (
        Consent.objects.select_for_update(no_key=True)
        .filter(relative=relative, purpose=purpose, state__in=OPEN)
        .first()
    )
    if consent is None:
        consent = Consent.objects.create(
            person_id=relative.person_id,
            relative=relative,
            purpose=purpose,
            state=ConsentState.ASKED,
            text_id=CURRENT_TEXT[purpose],
            recipient_id=recipient_id,
        )
    elif consent.state == ConsentState.GIVEN:
        raise Conflict("consent_given")
    else:
        consent.text_id, consent.recipient_id = CURRENT_TEXT[purpose], recipient_id
        consent.asked_at = consent.at = now()
        consent.save(update_fields=["text_id", "recipient_id", "asked_at", "at"])
    token = links.issue(consent, FamilyLink.Act.ANSWER, rules.ANSWER_LINK_LIFE)
    record(actor=actor, action="consent.ask", obj=consent, facts={"purpose": purpose, "relative": relative.pk})
    return token


@transaction.atomic
def answer_consent(*, token: str, answer: str) -> Consent:
    """Agree or refuse by link, once. ``answer`` is ``agree`` or ``refuse``.

    After a refusal the link is spent; after an agreement it can withdraw, and nothing else.
    NotFound for an unknown link, Conflict ``link_used`` and ``link_expired``.
    """
    if answer not in (ConsentEvent.AGREE, ConsentEvent.REFUSE):
        raise invalid("answer", "answer_unknown")
    link, consent = _live(token, FamilyLink.Act.ANSWER)
    _move(consent, ConsentEvent(answer))
    if consent.state == ConsentState.GIVEN:
        link.act, link.expires_at = FamilyLink.Act.WITHDRAW, now() + rules.WITHDRAW_LINK_LIFE
    else:
        link.used_at = now()
    link.save(update_fields=["act", "expires_at", "used_at"])
    record(actor=FAMILY, action=f"consent.{answer}", obj=consent, facts=_told(consent))
    return consent


@transaction.atomic
def put_off_answer(*, token: str) -> None:
    """A relative will answer later: the link stays as it is, and the one who asked sees it. May run twice."""
    link, consent = _live(token, FamilyLink.Act.ANSWER)
    if link.later_at is not None:
        return
    link.later_at = now()
    link.save(update_fields=["later_at"])
    record(actor=FAMILY, action="consent.later", obj=consent, facts=_told(consent))


@transaction.atomic
def withdraw_by_link(*, token: str) -> Consent:
    """A relative takes an agreement back; the link is spent. Errors as ``answer_consent``."""
    link, consent = _live(token, FamilyLink.Act.WITHDRAW)
    _move(consent, ConsentEvent.WITHDRAW)
    link.used_at = now()
    link.save(update_fields=["used_at"])
    consent_ended(_relative_of(consent), by_person=False)
    record(actor=FAMILY, action="consent.withdraw", obj=consent, facts=_told(consent))
    return consent


@transaction.atomic
def withdraw_consent(*, actor: Actor, consent_id: UUID | str) -> Consent:
    """The member of the staff takes back an own consent, or a question to (or agreement of) a relative they named."""
    require(actor, "consent.own")
    pk = access_consent(actor, consent_id).pk
    _kill_links(FamilyLink.objects.filter(consent_id=pk))
    consent: Consent = Consent.objects.select_for_update(no_key=True).get(pk=pk)
    _move(consent, ConsentEvent.WITHDRAW)
    if consent.relative_id is not None:
        consent_ended(_relative_of(consent), by_person=True)
    record(actor=actor, action="consent.withdraw", obj=consent, facts=_told(consent))
    return consent


@transaction.atomic
def end_own_consents(*, actor: Actor, referral_id: UUID) -> int:
    """The member of the staff takes back all they agreed to, or somebody noted for them, for one referral. Twice is once."""
    require(actor, "consent.own")
    consents = Consent.objects.select_for_update(no_key=True).filter(
        person_id=_person(actor), relative=None, referral_id=referral_id, state=ConsentState.GIVEN
    )
    ended = list(consents.order_by("pk"))
    for consent in ended:
        _move(consent, ConsentEvent.WITHDRAW)
        record(actor=actor, action="consent.withdraw", obj=consent, facts=_told(consent))
    return len(ended)


@transaction.atomic
def end_purpose(*, actor: Actor, relative_id: UUID | str, purpose: str) -> None:
    """The member of the staff takes back whatever a relative was asked or agreed to for ``purpose``. May run twice.

    For an act that ends it by the way; NotFound for another's relative.
    """
    require(actor, "consent.own")
    relative = _locked_relative(actor, relative_id)
    _kill_links(FamilyLink.objects.filter(relative=relative, purpose=purpose))
    consents = Consent.objects.select_for_update(no_key=True).filter(
        relative=relative, purpose=checked_purpose(purpose), state__in=OPEN
    )
    ended = list(consents)
    for consent in ended:
        _move(consent, ConsentEvent.WITHDRAW)
    consent_ended(relative, by_person=True)
    for consent in ended:
        record(actor=actor, action="consent.withdraw", obj=consent, facts=_told(consent))


@transaction.atomic
def give_own_consent(
    *,
    actor: Actor,
    purposes: Iterable[str],
    referral_id: UUID,
    child_id: UUID | str | None = None,
    recipient_id: UUID | None = None,
) -> list[Consent]:
    """The member of the staff agrees for themself, or with ``child_id`` as guardian, for one referral. May run twice.

    ``recipient_id`` is the institution the text named. NotFound for another's child, Refused ``child_grown`` from 18 on.
    """
    require(actor, "consent.own")
    person_id = _person(actor)
    child = access_child(actor, child_id) if child_id is not None else None
    if child is not None and rules.is_grown(child.born, school_day()):
        raise Refused("child_grown")
    wanted = sorted({checked_purpose(purpose) for purpose in purposes})
    if not wanted:
        raise invalid("consent", "consent_missing")
    given = []
    for purpose in wanted:
        row = Consent(
            person_id=person_id,
            child=child,
            purpose=purpose,
            state=ConsentState.GIVEN,
            text_id=CURRENT_TEXT[purpose],
            recipient_id=recipient_id,
            referral_id=referral_id,
        )
        Consent.objects.bulk_create([row], ignore_conflicts=True)
        kept = Consent.objects.get(
            person_id=person_id,
            relative=None,
            child=child,
            purpose=purpose,
            referral_id=referral_id,
            recipient_id=recipient_id,
            state=ConsentState.GIVEN,
        )
        given.append(kept)
        if kept.pk == row.pk:
            facts = {"purpose": purpose, "referral": referral_id, "child": child.pk if child else None}
            record(actor=actor, action="consent.give", obj=kept, facts=facts)
    return given


def note_consent(
    *, actor: Actor, person_id: UUID, purpose: str, referral_id: UUID, recipient_id: UUID | None
) -> Consent:
    """A colleague who asks for help in a person's place writes that the person agreed; the record says who wrote it.

    For a writer that has looked that the actor may ask for the person. ``recipient_id``: the institution that is asked.
    """
    row = Consent(
        person_id=person_id,
        purpose=checked_purpose(purpose),
        state=ConsentState.GIVEN,
        text_id=CURRENT_TEXT[purpose],
        recipient_id=recipient_id,
        referral_id=referral_id,
    )
    row.save(force_insert=True)
    record(actor=actor, action="consent.note", obj=row, facts={"purpose": purpose, "referral": referral_id})
    return row


def _locked_relative(actor: Actor, relative_id: UUID | str) -> Relative:
    relative: Relative = Relative.objects.select_for_update(no_key=True).get(pk=access_relative(actor, relative_id).pk)
    if relative.removed_at is not None:  # removed while we waited for the row
        raise NotFound
    return relative


def _live(token: str, act: FamilyLink.Act) -> tuple[FamilyLink, Consent]:
    """A link that may still do ``act``, and its consent, both locked in this order."""
    link = links.find(token, lock=True)
    if link.used_at is not None or (link.act, act) == (FamilyLink.Act.WITHDRAW, FamilyLink.Act.ANSWER):
        raise Conflict("link_used")
    if not link.is_live(now()):
        raise Conflict("link_expired")
    if link.act != act:
        raise NotFound
    return link, Consent.objects.select_for_update(no_key=True).get(pk=link.consent_id)


def _end_all(relative: Relative) -> int:
    """End the links of a relative, and what was asked or agreed; returns how many consents ended."""
    _kill_links(FamilyLink.objects.filter(relative=relative))
    consents = Consent.objects.select_for_update(no_key=True).filter(relative=relative, state__in=OPEN).order_by("pk")
    for consent in consents:
        _move(consent, ConsentEvent.WITHDRAW)
    return len(consents)


def _kill_links(rows: QuerySet[FamilyLink]) -> None:
    """End the links that could still act, in one order."""
    moment = now()
    live = rows.select_for_update(no_key=True).filter(used_at__isnull=True, expires_at__gt=moment).order_by("pk")
    FamilyLink.objects.filter(pk__in=[link.pk for link in live]).update(expires_at=moment)


def _move(consent: Consent, event: ConsentEvent) -> None:
    consent.state = step(ConsentState(consent.state), event)
    consent.at = now()
    consent.save(update_fields=["state", "at"])


def _relative_of(consent: Consent) -> Relative:
    relative: Relative = Relative.objects.get(pk=consent.relative_id)
    return relative


def _told(consent: Consent) -> dict[str, object]:
    return {"purpose": consent.purpose, "relative": consent.relative_id, "shown": consent.text_id}


def _person(actor: Actor) -> UUID:
    if actor.membership_id is None:
        raise NotFound
    return actor.membership_id
