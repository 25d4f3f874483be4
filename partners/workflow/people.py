"""Who acts for an institution: let in, moved between office and counter, ended (rules §3)."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit.workflow import record
from kernel.clock import local_day, now
from kernel.errors import NotFound
from partners.checking import checked
from partners.models import InstitutionMember
from partners.workflow.institutions import MANAGE, locked_institution


@transaction.atomic
def add_member(*, actor: Actor, institution_id: UUID, user_id: UUID, role: str, counter: str = "") -> InstitutionMember:
    """A person who acts for the institution: ``partner_office`` or ``partner_counter``."""
    require(actor, MANAGE)
    institution = locked_institution(institution_id)
    member = checked(InstitutionMember(institution=institution, user_id=user_id, role=role, counter=counter.strip()))
    member.save(force_insert=True)
    record(actor=actor, action="institution.member_add", obj=member, facts={"role": role})
    return member


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
        InstitutionMember(institution=before.institution, user_id=before.user_id, role=role, counter=counter.strip())
    )
    after.save(force_insert=True)
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
    member.left_on = local_day(now())  # half-open as all ranges here: today no longer counts
    member.save(update_fields=["left_on"])


def _locked_member(member_id: UUID) -> InstitutionMember:
    found = InstitutionMember.objects.select_for_update(no_key=True, of=("self",)).select_related("institution")
    member = found.filter(pk=member_id, left_on__isnull=True).first()
    if member is None:
        raise NotFound
    return member
