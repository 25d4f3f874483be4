"""A request that is being written: kept at every step, sent once, thrown away, ended by its date.

No row of the record is made of it: that somebody thought of asking for help is nobody's business. Sending one is recorded
as any request is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from kernel.clock import now
from kernel.errors import Conflict, NotFound, Refused
from partners.models import Service
from referrals.models import Referral, ReferralDraft
from referrals.wishes import Wishes
from referrals.workflow.holding import Chosen, forget_hold, let_hold_go
from referrals.workflow.submitting import submit_referral
from tenancy.models import Tenant

MOST_DRAFTS: Final = 20
_MOST_LEFT: Final = 8
"""Pages of which a draft remembers that they were left: more than one person has open."""


@dataclass(frozen=True, slots=True)
class Page:
    """One showing of a step. ``key``: drawn when it was shown. ``is_left``: the person goes on from it with this.

    A page keeps what changes while it stands, and such a keep may arrive after the step itself was sent: a page that was
    left keeps nothing more.
    """

    key: str
    is_left: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of a draft come to, once every step is right. ``windows`` in UTC; ``chosen``: the exact time instead."""

    units: int
    windows: Sequence[tuple[datetime, datetime]]
    child_id: UUID | str | None
    consent: Sequence[str]
    note: str
    wishes: Wishes
    chosen: Chosen | None = None
    others: Sequence[UUID] = ()


@transaction.atomic
def keep_draft(
    *,
    actor: Actor,
    tenant: Tenant,
    draft_id: UUID,
    service: Service,
    answers: Mapping[str, Any],
    page: Page | None = None,
) -> ReferralDraft:
    """Keep what one step was given, right or wrong, for ``settings.draft_days`` from now; the first time the row is made.

    ``answers`` of this step are laid over those of the others under the draft's lock, so two steps that are sent at the
    same time both stand; what comes late from a ``page`` that was left changes nothing. NotFound for another person's,
    Conflict ``already_sent``, Refused ``drafts_full`` from the 21st on.
    """
    require(actor, "referral.own")
    moment = now()
    draft = _locked(actor, draft_id, moment)
    if draft is None:
        draft = _started(actor, draft_id, service, moment)
    elif draft.referral_id is not None:
        raise Conflict("already_sent")
    kept = draft.answers
    left = kept.get("left", [])
    if page is not None and not page.is_left and page.key in left:
        return draft
    whole = {**kept, **answers}
    if draft.service_id != service.pk or kept != whole:
        draft.version += 1
        draft.service = service
    if page is not None and page.is_left and page.key:
        whole["left"] = [*(key for key in left if key != page.key), page.key][-_MOST_LEFT:]
    draft.write(whole)
    draft.changed_at, draft.expires_at = moment, moment + timedelta(days=tenant.settings.draft_days)
    draft.save()
    return draft


def _started(actor: Actor, draft_id: UUID, service: Service, moment: datetime) -> ReferralDraft:
    assert actor.membership_id is not None
    mine = ReferralDraft.objects.filter(
        person_id=actor.membership_id, referral__isnull=True, expires_at__gt=moment
    ).count()
    if mine >= MOST_DRAFTS:
        raise Refused("drafts_full")
    ReferralDraft.objects.filter(pk=draft_id, person_id=actor.membership_id, expires_at__lte=moment).delete()
    draft = ReferralDraft(pk=draft_id, person_id=actor.membership_id, service=service, expires_at=moment)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError as error:  # the key is another person's, here or in another school
        raise NotFound from error
    return draft


def _locked(actor: Actor, draft_id: UUID, moment: datetime) -> ReferralDraft | None:
    """The actor's own draft under lock, while its days last; None where there is none."""
    if actor.membership_id is None:
        raise NotFound
    return (
        ReferralDraft.objects.select_for_update(no_key=True)
        .filter(pk=draft_id, person_id=actor.membership_id, expires_at__gt=moment)
        .first()
    )


@transaction.atomic
def send_draft(
    *,
    actor: Actor,
    tenant: Tenant,
    draft_id: UUID,
    version: int,
    quote_token: str,
    review_seen: str | None,
    read: Callable[[ReferralDraft], Asked],
) -> Referral:
    """Make the request of a draft; however often it is sent, it is one request, and the same comes back.

    The draft is locked before anything else (docs/architecture.md, order of locks); ``read`` gives its words' meaning
    under that lock. ``review_seen``: the office that the check page named, empty for none. NotFound for another person's or one past its days, Conflict ``draft_changed`` when it is not the
    ``version`` that was seen, and whatever ``read`` and ``submit_referral`` raise.
    """
    require(actor, "referral.own")
    draft = _locked(actor, draft_id, now())
    if draft is None:
        raise NotFound
    if draft.referral_id is not None:
        return Referral.objects.get(pk=draft.referral_id)
    if draft.version != version:
        raise Conflict("draft_changed")
    asked = read(draft)
    sent = submit_referral(
        actor=actor,
        tenant=tenant,
        service_id=draft.service_id,
        units=asked.units,
        windows=asked.windows,
        consent=asked.consent,
        child_id=asked.child_id,
        note=asked.note,
        wishes=asked.wishes,
        others=asked.others,
        quote_token=quote_token,
        review_seen=review_seen,
        chosen=asked.chosen,
    )
    forget_hold(draft)
    draft.referral = sent
    draft.write({})  # what was said stands in the request now
    draft.save(update_fields=["referral", "words_sealed"])
    return sent


@transaction.atomic
def throw_away_draft(*, actor: Actor, draft_id: UUID) -> None:
    """Delete an unsent draft. NotFound for another person's, and for one that was sent."""
    require(actor, "referral.own")
    draft = _locked(actor, draft_id, now())
    if draft is None or draft.referral_id is not None:
        raise NotFound
    let_hold_go(actor=actor, draft_id=draft_id)
    draft.delete()


@transaction.atomic
def delete_ended_draft(*, actor: Actor, draft_id: UUID) -> bool:
    """Delete a draft whose days have passed; nobody could open it any more. Whether there was one."""
    deleted, _ = ReferralDraft.objects.filter(pk=draft_id, expires_at__lte=now()).delete()
    return bool(deleted)
