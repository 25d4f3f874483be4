"""Writers of an institution's people: invited, moved between office and counter, ended (rules §3)."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.invitations import is_open
from accounts.managers import clean_email
from audit.workflow import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from kernel.fold import has_mail_domain
from notifications.outbox import write_invitations
from partners.checking import checked
from partners.members import INSTITUTION
from partners.models import InstitutionMember
from partners.workflow.institutions import MANAGE, locked_institution

AGAIN_AFTER: Final = timedelta(hours=1)
"""The least time between two invitations of one person."""


@transaction.atomic
def add_member(
    *,
    actor: Actor,
    institution_id: UUID,
    role: str,
    counter: str = "",
    name: str = "",
    email: str = "",
    user_id: UUID | None = None,
) -> InstitutionMember:
    """A person who acts for the institution: ``partner_office`` or ``partner_counter``.

    They are invited to ``email`` and hold no right until they have taken the place; no account is looked for (ADR 0010).
    ``user_id`` is for callers that bring the accounts themselves (the demo). Raises Invalid, Forbidden, NotFound;
    Conflict ``institution_member_exists`` for an address that has a place there.
    """
    require(actor, MANAGE)
    institution = locked_institution(institution_id)
    member = InstitutionMember(
        institution=institution,
        role=role,
        counter=counter.strip(),
        name=name.strip(),
        email=clean_email(email) or "",
        user_id=user_id,
        accepted_at=now() if user_id else None,
    )
    if user_id is None and not (member.email and has_mail_domain(member.email)):
        raise Invalid("email_invalid", fields=(("email", "email_invalid", ""),))
    _insert(checked(member, keys=user_id is not None))
    if member.user_id is None:
        _invite(member)
    record(actor=actor, action="institution.member_add", obj=member, facts={"role": role})
    return member


@transaction.atomic
def invite_member(*, actor: Actor, member_id: UUID) -> InstitutionMember:
    """Send another invitation; the link of the one before ends.

    Raises Forbidden, NotFound; Refused ``invitation_needless`` for who has taken the place; TooMany within ``AGAIN_AFTER``.
    """
    require(actor, MANAGE)
    member = _locked_member(member_id)
    if not is_open(member):
        raise Refused("invitation_needless")
    if member.invited_at is not None and now() - member.invited_at < AGAIN_AFTER:
        raise TooMany("invitation_too_soon")
    _invite(member)
    record(actor=actor, action="invitation.send", obj=member)
    return member


def _insert(member: InstitutionMember) -> None:
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:  # the same person twice, also by two operators at once
        fields = (("email", "institution_member_exists", ""),)
        raise Conflict("institution_member_exists", fields=fields) from error


def _invite(member: InstitutionMember) -> None:
    member.invited_at = now()
    member.save(update_fields=["invited_at"])
    write_invitations(INSTITUTION, [(f"invitation:{member.pk}:{member.invited_at:%Y%m%d%H%M%S%f}", member)])


@transaction.atomic
def change_member(*, actor: Actor, member_id: UUID, role: str, counter: str) -> InstitutionMember:
    """Office ↔ counter, or the counter's name. In force with the person's next click.

    The old place is closed and a new one opened, so what was redeemed before keeps the counter of that time. Raises
    Invalid, Forbidden, NotFound (also for one who has left).
    """
    require(actor, MANAGE)
    before = _locked_member(member_id)
    if (before.role, before.counter) == (role, counter.strip()):
        return before
    _close(before)
    after = checked(
        InstitutionMember(
            institution=before.institution,
            role=role,
            counter=counter.strip(),
            name=before.name,
            email=before.email,
            user_id=before.user_id,
            accepted_at=before.accepted_at,
            reopened_at=before.reopened_at,
        )
    )
    after.save(force_insert=True)
    if is_open(after):
        _invite(after)  # the link that went out speaks of the place that was closed
    record(
        actor=actor,
        action="institution.member_change",
        obj=after,
        facts={"before": before.role, "after": role, "instead_of": before.pk},
    )
    return after


@transaction.atomic
def end_member(*, actor: Actor, member_id: UUID) -> InstitutionMember:
    """The person no longer acts for it, at once: sessions and keys open nothing with the next call.

    Who acts is looked up on every request (``settings.INSTITUTION_OF``). The row stays, with its counter, for what was
    redeemed. Raises Forbidden, NotFound (also for one who has left).
    """
    require(actor, MANAGE)
    member = _locked_member(member_id)
    _close(member)
    record(actor=actor, action="institution.member_end", obj=member, facts={"role": member.role})
    return member


def _close(member: InstitutionMember) -> None:
    member.valid_until = local_day(now())  # half-open as all ranges here: today no longer counts
    member.save(update_fields=["valid_until"])


def _locked_member(member_id: UUID) -> InstitutionMember:
    found = InstitutionMember.objects.select_for_update(no_key=True, of=("self",)).select_related("institution")
    member = found.filter(pk=member_id, valid_until__isnull=True).first()
    if member is None:
        raise NotFound
    return member
