"""An officer of the union applies for a colleague who cannot, with their consent; the colleague stops it with one tap (rules §2).

Only what the union decides: talks, treatment and mediation are asked for by oneself alone, so that no answer of the product
tells an officer how many somebody had (docs/adr/0027). A child is one that the colleague has entered; the officer reads no
name and says the day of birth, as the colleague told it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require, system_in
from accounts.models import Membership
from audit import record
from families.access import children_born
from families.workflow import end_own_consents
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused
from notifications.outbox import enqueue
from partners.selectors import agreed_line
from referrals.access import access_own_referral, as_uuid
from referrals.kinds import KINDS
from referrals.models import Proxy, Referral
from referrals.rules import Cancellation
from referrals.states import ConsentWay, ReviewReason
from referrals.workflow.cancelling import cancel_referral, cancelling_means
from referrals.workflow.in_place import colleague_of, submit_in_place
from referrals.workflow.notices import tell_deciders, tell_person
from referrals.workflow.submitting import approve_now
from tenancy.models import Tenant

OLDEST_CONSENT: Final = timedelta(days=30)
"""How long a word said outside the product holds for this."""


def may_be_asked_in_place(kind: str) -> bool:
    """Whether an officer of the union may ask for this kind of service in somebody's place."""
    return KINDS[kind].decider == "union"


@transaction.atomic
def submit_proxy(
    *,
    actor: Actor,
    tenant: Tenant,
    person_id: UUID | str,
    service_id: UUID | str,
    units: int,
    windows: Sequence[tuple[datetime, datetime]],
    agreed_how: str,
    agreed_on: date,
    child_born: date | None = None,
) -> Referral:
    """Send a request for ``person_id``, who agreed ``agreed_how`` on the day ``agreed_on``; they are told in the same act.

    Whether an office looks first is decided as for everybody; never by the officer who asks. Voucher and messages are the
    person's. ``child_born``: whose care it is, where the kind is for a child. Raises NotFound for oneself and for who does not
    belong to the school, Refused ``not_in_place`` for a kind that nobody asks for in another's place, ``child_not_entered`` and
    ``children_alike`` where the day tells no one child, Invalid ``consent_day`` or ``consent_way``, and what pricing raises.
    """
    require(actor, "referral.proxy")
    moment = now()
    person = colleague_of(actor, tenant, person_id, moment)
    today = tenant.day_of(moment)
    if agreed_how not in {way.value for way in ConsentWay}:
        raise Invalid("consent_way", fields=(("agreed_how", "consent_way", ""),))
    if not today - OLDEST_CONSENT <= agreed_on <= today:
        raise Invalid("consent_day", fields=(("agreed_on", "consent_day", str(OLDEST_CONSENT.days)),))
    kind = agreed_line(as_uuid(service_id), today).service.kind
    if not may_be_asked_in_place(kind):
        raise Refused("not_in_place")
    child = _child(person.pk, kind, child_born)
    asks = tenant.settings.always_asks(kind)
    referral = submit_in_place(
        actor,
        tenant,
        person,
        service_id=service_id,
        units=units,
        windows=windows,
        moment=moment,
        child_id=child,
        why_reviewed=ReviewReason.ALWAYS if asks else None,
    )
    assert actor.membership_id is not None
    proxy = Proxy.objects.create(
        referral=referral, officer_id=actor.membership_id, agreed_how=agreed_how, agreed_on=agreed_on
    )
    record(
        actor=actor,
        action="referral.proxy",
        obj=referral,
        facts={"proxy": proxy.pk, "agreed_how": agreed_how, "agreed_on": agreed_on},
    )
    tell_person(referral, "referral_by_proxy")
    if asks:
        tell_deciders(referral, KINDS[kind].decider)
    else:
        approve_now(system_in(tenant.id), referral, tenant, moment)
    return referral


def _child(person_id: UUID, kind: str, born: date | None) -> UUID | None:
    """The one child of the colleague that was born on that day; two of one day only the parent can tell apart."""
    if not KINDS[kind].for_child:
        return None
    if born is None:
        raise Invalid("child_missing", fields=(("child_born", "required", ""),))
    found = children_born(person_id, born)
    if not found:
        raise Refused("child_not_entered")
    if len(found) > 1:
        raise Refused("children_alike")
    return found[0].pk


def proxy_of(referral: Referral) -> Proxy | None:
    """Who sent it in the person's place, if anybody did."""
    return Proxy.objects.select_related("officer").filter(referral=referral).first()


def may_stop_proxy(referral: Referral, proxy: Proxy | None, tenant: Tenant) -> bool:
    """Whether one tap stops it: not stopped yet, and cancelling costs nothing."""
    return (
        proxy is not None
        and proxy.stopped_at is None
        and cancelling_means(referral, tenant).meaning is Cancellation.FREE
    )


@transaction.atomic
def stop_proxy(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """The person stops what was asked in their place: it is cancelled, the consent ends, the officer is told. Twice is once.

    NotFound for another's request and for one that nobody sent in their place. Conflict ``stop_is_late`` once cancelling
    costs something: that is shown before the click, on the usual page.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    proxy = Proxy.objects.select_for_update(no_key=True).filter(referral=seen).first()
    if proxy is None:
        raise NotFound
    if proxy.stopped_at is not None:
        return seen
    if cancelling_means(seen, tenant).meaning is not Cancellation.FREE:
        raise Conflict("stop_is_late")
    referral = cancel_referral(actor=actor, tenant=tenant, referral_id=seen.pk)
    proxy.stopped_at = now()
    proxy.save(update_fields=["stopped_at"])
    record(actor=actor, action="referral.proxy_stop", obj=referral, facts={"proxy": proxy.pk})
    end_own_consents(actor=actor, referral_id=referral.pk)
    enqueue(
        key=f"referral/{referral.pk}/proxy_stopped",
        template="proxy_stopped",
        to=Membership.objects.get(pk=proxy.officer_id),
        context={"number": referral.number},
        link=f"/union/referrals/{referral.pk}/",
    )
    return referral
