"""The only writers of consents and family links."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from families import links, rules
from families.access import access_child, access_consent
from families.checks import checked_purpose, invalid, school_day
from families.ended import consent_ended
from families.models import Consent, FamilyLink, Relative
from families.purposes import BY_LINK, CURRENT_TEXT, Purpose
from families.states import OPEN, ConsentEvent, ConsentState
from families.workflow.rows import kill_links, locked_relative, move, person_of
from kernel.clock import now
from kernel.errors import Conflict, NotFound, Refused


@dataclass(frozen=True, slots=True)
class FamilyVoice:
    """A relative acting by link: no account, so the record shows the link's relative as the object instead."""

    user_id: None = None
    kind: str = "family"


FAMILY: Final = FamilyVoice()
ENDED_BY_TIME: Final = (Purpose.TIPS, Purpose.OPEN_DAY)


@transaction.atomic
def ask_consent(*, actor: Actor, relative_id: UUID | str, purpose: str, recipient_id: UUID | None = None) -> str:
    """Ask a relative for one purpose; returns the secret for ``/family/<token>/``, told once.

    Asking again while no answer came makes the earlier link worthless. Conflict ``consent_given`` when they agreed already;
    Refused ``agency_missing`` for a purpose whose text names an agency (``recipient_id``).
    """
    require(actor, "contact.own")
    if checked_purpose(purpose) not in BY_LINK and recipient_id is None:
        raise Refused("agency_missing")
    relative = locked_relative(actor, relative_id)
    # Links before the consent, as everywhere: whoever answers the earlier link now waits, or has answered.
    kill_links(FamilyLink.objects.filter(relative=relative, purpose=purpose, act=FamilyLink.Act.ANSWER))
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
    move(consent, ConsentEvent(answer))
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
def withdraw_by_link(*, token: str, purpose: str = "") -> Consent:
    """A relative takes an agreement back. Errors as ``answer_consent``.

    Without ``purpose`` the link's own, and the link is spent. With another one the link stays: it still opens the area. A
    link that came in a letter ends its own purpose alone, for letters are forwarded. NotFound where nothing was agreed to.
    """
    link, consent = _live(token, FamilyLink.Act.WITHDRAW)
    if purpose and purpose != link.purpose:
        consent = _other(link, checked_purpose(purpose))
    else:
        link.used_at = now()
        link.save(update_fields=["used_at"])
    move(consent, ConsentEvent.WITHDRAW)
    consent_ended(_relative_of(consent), by_person=False)
    record(actor=FAMILY, action="consent.withdraw", obj=consent, facts=_told(consent))
    return consent


@transaction.atomic
def end_by_time(*, consent_id: UUID, purpose: Purpose) -> bool:
    """The machine ends what a date has ended; False when it was settled before. Tips and open days only: an emergency
    contact stays one until somebody says otherwise.
    """
    if purpose not in ENDED_BY_TIME:
        raise ValueError(f"{purpose} never ends by itself")
    consent = Consent.objects.select_for_update(no_key=True).filter(pk=consent_id, purpose=purpose).first()
    if consent is None or consent.state != ConsentState.GIVEN:
        return False
    move(consent, ConsentEvent.WITHDRAW)
    record(actor=None, action="consent.end", obj=consent, facts=_told(consent))
    return True


@transaction.atomic
def withdraw_consent(*, actor: Actor, consent_id: UUID | str) -> Consent:
    """The member of the staff takes back an own consent, or a question to (or agreement of) a relative they named."""
    require(actor, "consent.own")
    pk = access_consent(actor, consent_id).pk
    kill_links(FamilyLink.objects.filter(consent_id=pk))
    consent: Consent = Consent.objects.select_for_update(no_key=True).get(pk=pk)
    move(consent, ConsentEvent.WITHDRAW)
    if consent.relative_id is not None:
        consent_ended(_relative_of(consent), by_person=True)
    record(actor=actor, action="consent.withdraw", obj=consent, facts=_told(consent))
    return consent


@transaction.atomic
def end_own_consents(*, actor: Actor, referral_id: UUID) -> int:
    """The member of the staff takes back all they agreed to, or somebody noted for them, for one referral. Twice is once."""
    require(actor, "consent.own")
    consents = Consent.objects.select_for_update(no_key=True).filter(
        person_id=person_of(actor), relative=None, referral_id=referral_id, state=ConsentState.GIVEN
    )
    ended = list(consents.order_by("pk"))
    for consent in ended:
        move(consent, ConsentEvent.WITHDRAW)
        record(actor=actor, action="consent.withdraw", obj=consent, facts=_told(consent))
    return len(ended)


@transaction.atomic
def end_purpose(*, actor: Actor, relative_id: UUID | str, purpose: str) -> None:
    """The member of the staff takes back whatever a relative was asked or agreed to for ``purpose``. May run twice.

    For an act that ends it by the way; NotFound for another's relative.
    """
    require(actor, "consent.own")
    relative = locked_relative(actor, relative_id)
    kill_links(FamilyLink.objects.filter(relative=relative, purpose=purpose))
    consents = Consent.objects.select_for_update(no_key=True).filter(
        relative=relative, purpose=checked_purpose(purpose), state__in=OPEN
    )
    ended = list(consents)
    for consent in ended:
        move(consent, ConsentEvent.WITHDRAW)
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
    person_id = person_of(actor)
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
    *,
    actor: Actor,
    person_id: UUID,
    purpose: str,
    referral_id: UUID,
    recipient_id: UUID | None,
    child_id: UUID | None = None,
) -> Consent:
    """A colleague who asks for help in a person's place writes that the person agreed; the record says who wrote it.

    For a writer that has looked that the actor may ask for the person. ``recipient_id``: the institution that is asked. ``child_id``:
    whom it is about, where the person agrees as guardian.
    """
    row = Consent(
        person_id=person_id,
        child_id=child_id,
        purpose=checked_purpose(purpose),
        state=ConsentState.GIVEN,
        text_id=CURRENT_TEXT[purpose],
        recipient_id=recipient_id,
        referral_id=referral_id,
    )
    row.save(force_insert=True)
    record(actor=actor, action="consent.note", obj=row, facts={"purpose": purpose, "referral": referral_id})
    return row


def _live(token: str, act: FamilyLink.Act) -> tuple[FamilyLink, Consent]:
    """A link that may still do ``act``, and its consent, both locked in this order."""
    link = links.find(token, lock=True)
    if link.used_at is not None or (act == FamilyLink.Act.ANSWER and link.act != act):
        raise Conflict("link_used")
    if not link.is_live(now()):
        raise Conflict("link_expired")
    if link.act != act and (link.act, act) != (FamilyLink.Act.READ, FamilyLink.Act.WITHDRAW):
        raise NotFound
    return link, Consent.objects.select_for_update(no_key=True).get(pk=link.consent_id)


def _other(link: FamilyLink, purpose: str) -> Consent:
    """Another agreement of the link's relative, locked."""
    given = Consent.objects.select_for_update(no_key=True).filter(
        relative_id=link.relative_id, purpose=purpose, state=ConsentState.GIVEN
    )
    consent = given.first() if link.act == FamilyLink.Act.WITHDRAW else None
    if consent is None:
        raise NotFound
    return consent


def _relative_of(consent: Consent) -> Relative:
    relative: Relative = Relative.objects.get(pk=consent.relative_id)
    return relative


def _told(consent: Consent) -> dict[str, object]:
    return {"purpose": consent.purpose, "relative": consent.relative_id, "shown": consent.text_id}
