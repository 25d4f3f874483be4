"""The link by which somebody who has left reaches what still runs: bookings, vouchers, and nothing else (books §4, ADR 0046).

Dates decide, whatever a sweep has done: it opens from the day after the last one until ``leaver_days`` are over or nothing runs
any more. After those days it opens for answers alone, while one is asked for: whether an appointment took place, an objection
within its 48 h (books §3). Its secret is made from the row when the message is sent; the next link, another last day or a return
to the school ends it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import DateField, Exists, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.actor import Actor, require
from accounts.models import Membership, User
from accounts.roles import Role
from audit import record
from kernel.clock import local_day, now
from kernel.errors import NotFound, Refused, TooMany
from notifications.outbox import enqueue
from referrals.missed import UNRESOLVED_FOR, last_day_of_terms
from referrals.models import Booking, LeaverLink, Redemption, Voucher
from referrals.rules import last_day_of_leaver
from referrals.states import BookingState, RedemptionKind, RedemptionState
from referrals.workflow.ending import LIVE
from tenancy.models import Tenant
from tenancy.rules import TenantRules
from tenancy.scope import current_tenant_id

AGAIN_AFTER: Final = timedelta(hours=1)
"""The least time between two links that an office sends."""
_SALT: Final = "referrals.leaver"
_MOST: Final = 200
_ASKED_ABOUT: Final = (BookingState.UNRESOLVED, BookingState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Leaver:
    """Whom a link is of, and the last day of what is booked (the school's zone). ``is_over``: that day has passed, so the link
    opens for answers alone. ``actor`` may do what any member may, no more.
    """

    member: Membership
    last: date
    is_over: bool
    actor: Actor


def _last_day(tenant: Tenant, member: Membership) -> date | None:
    """The last day of what is booked, in the school's zone; None before the day after their last one at the school."""
    left_on = member.left_on
    if member.waits or left_on is None or left_on >= tenant.today():
        return None
    return last_day_of_leaver(left_on, tenant.settings.leaver_days)


def open_until(tenant: Tenant, member: Membership) -> date | None:
    """The last day on which a link can open for anybody who left on their day; None before the day after that, and when it is over.

    Nothing of the account is asked, nor whether a term runs: the office reads it too, and it is the same for everybody.
    """
    last = _last_day(tenant, member)
    if last is None or tenant.today() > (end := last_day_of_terms(last)):
        return None
    return end


def of_leaver(tenant: Tenant, member: Membership) -> Leaver | None:
    """The member as one who has left; None where no link of theirs would open: nothing runs, or the account is disabled."""
    last, user = _last_day(tenant, member), member.user
    if last is None or user is None or not user.is_active:
        return None
    is_over = tenant.today() > last
    if not (has_terms(member) if is_over else has_running(member, tenant.today())):
        return None
    # Offices that the person held are over: only what everybody may do for themself is left.
    return Leaver(
        member,
        last,
        is_over,
        Actor(
            user_id=user.pk,
            tenant_id=tenant.id,
            membership_id=member.pk,
            roles=frozenset({str(Role.STAFF)}),
            display_name=member.name,
            address=member.address,
        ),
    )


def has_running(member: Membership, today: date) -> bool:
    """Whether anything of theirs still runs on ``today``: an appointment, a voucher, a term to answer or to object."""
    return (
        Booking.objects.filter(state=BookingState.CONFIRMED, referral__person=member).exists()
        or Voucher.objects.filter(person=member, state__in=LIVE, valid_until__gte=today).exists()
        or has_terms(member)
    )


def has_terms(member: Membership) -> bool:
    """Whether their word is still asked for: about an appointment that nobody scanned or that they are said to have missed, or
    about a use of a voucher.
    """
    booked = Booking.objects.filter(_is_asked(), referral__person=member)
    return booked.exists() or _open_uses().filter(voucher__person=member).exists()


def _is_asked() -> Q:
    """As ``missed.stands_as`` has it, in SQL: a sweep that lags has left the row as it was at the end of its day."""
    moment = now()
    lags = Q(state=BookingState.CONFIRMED, due_at__lte=moment, due_at__gt=moment - UNRESOLVED_FOR)
    return lags | Q(state__in=_ASKED_ABOUT, due_at__gt=moment)


def _open_uses() -> QuerySet[Redemption]:
    """As ``objecting.may_object`` has it."""
    return Redemption.objects.filter(state=RedemptionState.REDEEMED, kind=RedemptionKind.SERVICE, due_at__gt=now())


def open_link(token: str, tenant: Tenant) -> Leaver:
    """Read only: whose it is. NotFound for a link that is unknown, of another school, replaced or over: all look the same."""
    try:
        if len(token) > _MOST:
            raise NotFound
        said = signing.loads(token, salt=_SALT)
        link_id, state = UUID(said["l"]), str(said["s"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise NotFound from None
    link: LeaverLink | None = LeaverLink.objects.select_related("membership").filter(pk=link_id).first()
    if link is None or not constant_time_compare(state, _state_of(link)):
        raise NotFound
    found = of_leaver(tenant, link.membership)
    if found is None or link.left_on != link.membership.left_on:
        raise NotFound
    return found


def path_of(link: LeaverLink) -> str:
    """The path of the page, made anew at each call."""
    token = signing.dumps({"l": link.pk.hex, "s": _state_of(link)}, salt=_SALT)
    return reverse("leaver", args=[token])


def path_for(user_id: UUID | None) -> str | None:
    """The same for the account that a message goes to, in the open school; None when it would open nothing."""
    link = LeaverLink.objects.select_related("membership").filter(membership__user_id=user_id).first()
    if link is None:
        return None
    tenant = Tenant.objects.get(pk=current_tenant_id())
    is_of_today = of_leaver(tenant, link.membership) is not None and link.left_on == link.membership.left_on
    return path_of(link) if is_of_today else None


def _state_of(link: LeaverLink) -> str:
    """Another one with each link that is issued."""
    said = f"{link.tenant_id}:{link.pk}:{link.left_on}:{link.issued_at.isoformat()}"
    return salted_hmac(_SALT, said, algorithm="sha256").hexdigest()[:40]


def without_link() -> QuerySet[Membership]:
    """People who have left, of whom something still runs and who got no link for this last day.

    One day wider than any school's today; each school looks again by its own.
    """
    today = local_day(now())
    days = Coalesce(
        Cast(KeyTextTransform("leaver_days", "tenant__rules"), IntegerField()), Value(TenantRules().leaver_days)
    )
    last = ExpressionWrapper(F("left_on") + days, output_field=DateField())
    rows: Any = Membership.objects.filter(user__isnull=False, left_on__lt=today + timedelta(days=1)).alias(last=last)
    in_days = Q(last__gte=today - timedelta(days=1))
    has_link = LeaverLink.objects.filter(membership=OuterRef("pk"), left_on=OuterRef("left_on"))
    vouchers = Voucher.objects.filter(person=OuterRef("pk"), state__in=LIVE, valid_until__gte=today - timedelta(days=1))
    booked = Booking.objects.filter(state=BookingState.CONFIRMED, referral__person=OuterRef("pk"))
    asked = Booking.objects.filter(_is_asked(), referral__person=OuterRef("pk"))
    used = _open_uses().filter(voucher__person=OuterRef("pk"))
    running = in_days & (Exists(vouchers) | Exists(booked)) | Exists(asked) | Exists(used)
    found: QuerySet[Membership] = rows.filter(~Exists(has_link), running).order_by("pk")
    return found


@transaction.atomic
def send_first_link(*, actor: Actor, tenant: Tenant, membership_id: UUID) -> bool:
    """The person gets the link by e-mail. False when they have one, have not left yet, or nothing runs."""
    member = _locked(membership_id)
    if of_leaver(tenant, member) is None:
        return False
    if LeaverLink.objects.filter(membership=member, left_on=member.left_on).exists():
        return False
    _send(actor, member)
    return True


@transaction.atomic
def send_link_again(*, actor: Actor, tenant: Tenant, membership_id: UUID) -> LeaverLink:
    """The office sends another link, to the address that the person has proved and nowhere else; the one before ends.

    Needs ``leaver.link``. It is written whether or not anything runs and whatever the account is, so that the office learns
    nothing of either; the mail itself goes only where it would open something and an address is proved. NotFound for who is not
    of the school; Refused ``not_a_leaver`` where ``open_until`` is None; TooMany within ``AGAIN_AFTER``.
    """
    require(actor, "leaver.link")
    member = _locked(membership_id)
    if open_until(tenant, member) is None:
        raise Refused("not_a_leaver")
    former = LeaverLink.objects.filter(membership=member).first()
    if former is not None and now() - former.issued_at < AGAIN_AFTER:
        raise TooMany("leaver_link_too_soon")
    return _send(actor, member)


@transaction.atomic
def new_link_signed_in(*, tenant: Tenant, user: User) -> LeaverLink:
    """Who signs in with the account of the place they have left gets a link at once. NotFound for everybody else."""
    member = Membership.objects.select_for_update(no_key=True).filter(user=user).first()
    if member is None or (found := of_leaver(tenant, member)) is None:
        raise NotFound
    return _issue(found.actor, member)


def _locked(membership_id: UUID) -> Membership:
    member: Membership | None = (
        Membership.objects.select_for_update(no_key=True, of=("self",)).filter(pk=membership_id).first()
    )
    if member is None:
        raise NotFound
    return member


def _issue(actor: Actor, member: Membership) -> LeaverLink:
    """Caller holds the member's row."""
    moment: datetime = now()
    link, _made = LeaverLink.objects.update_or_create(
        membership=member, defaults={"left_on": member.left_on, "issued_at": moment}
    )
    record(actor=actor, action="leaver.link", obj=member)
    return link


def _send(actor: Actor, member: Membership) -> LeaverLink:
    link = _issue(actor, member)
    enqueue(key=f"leaver/{member.pk}/{link.issued_at:%Y%m%d%H%M%S%f}", template="leaver_link", to=member)
    return link
