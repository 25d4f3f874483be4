"""The trade union's chair and deputy: named by the administration, asked for wherever the union signs for its pool (books §1)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.roles import Role
from accounts.same_person import require_second, same_member
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from referrals.access import as_uuid
from referrals.models import PostKind, UnionPost
from referrals.who_signs import LED, Act, Signs, who_signs
from tenancy.models import Tenant


def may_hold(moment: datetime) -> QuerySet[Membership]:
    """Who can be named: people of today with an account and the union's role. Whoever is no longer one of them leads nothing."""
    rows: QuerySet[Membership] = Membership.objects.current(local_day(moment)).accepted()
    return rows.filter(roles__contains=[Role.UNION])


def held_at(moment: datetime) -> QuerySet[UnionPost]:
    """The posts that are held at ``moment`` (UTC) by somebody who still belongs to the union; not asked yet."""
    rows: QuerySet[UnionPost] = UnionPost.objects.filter(until__isnull=True, holder__in=may_hold(moment))
    return rows.select_related("holder")


def holders(moment: datetime) -> dict[str, UnionPost]:
    """The same, by kind."""
    return {row.kind: row for row in held_at(moment)}


def is_led(moment: datetime) -> bool:
    """Whether the open school's union has a chair or a deputy at ``moment`` (UTC)."""
    return bool(holders(moment))


def led_then(user_id: UUID | None, moment: datetime) -> bool:
    """Whether the account was chair or deputy at ``moment`` (UTC). A second account of the same person is neither."""
    held = UnionPost.objects.filter(holder__user=user_id, since__lte=moment)
    return user_id is not None and held.filter(Q(until__isnull=True) | Q(until__gt=moment)).exists()


def needed(act: Act, user_id: UUID | None, moment: datetime, *, amount_fen: int = 0) -> Signs:
    """What a yes of that account would still need at ``moment`` (UTC); ``amount_fen``: of the whole case."""
    lead = led_then(user_id, moment) and may_hold(moment).filter(user=user_id).exists()
    return who_signs(act, amount_fen=amount_fen, is_led=is_led(moment), gives_lead=lead)


def check_second(act: Act, *, user_id: UUID | None, first: UUID, first_at: datetime, moment: datetime) -> None:
    """The second word of two, at ``moment``; ``first`` gave the other at ``first_at`` (both UTC).

    Each word weighs as whoever gave it stood then; whether a chair is needed is what holds now. Raises Forbidden
    ``same_person`` for the same person under whichever account, ``chair_signs`` when neither is the chair or the deputy.
    """
    require_second(user_id, first)
    if act in LED and is_led(moment) and not (led_then(first, first_at) or led_then(user_id, moment)):
        raise Forbidden("chair_signs")


@transaction.atomic
def name_post(*, actor: Actor, tenant: Tenant, kind: str, person_id: UUID | str | None) -> UnionPost | None:
    """Somebody of the union holds the post from now on; None: it is vacant. Who held it before does so no longer.

    Needs ``union.posts``. Invalid for an unknown post, NotFound for who is not of the union, Forbidden ``same_person`` for
    oneself under another account, Refused ``post_held`` for who holds the other post, under another account too.
    """
    require(actor, "union.posts")
    if kind not in PostKind.values:
        raise Invalid("out_of_range", fields=(("kind", "out_of_range", ", ".join(PostKind.values)),))
    assert actor.user_id is not None
    list(Tenant.objects.select_for_update(no_key=True).filter(pk=tenant.pk))  # both posts change one after the other
    moment = now()
    held = {row.kind: row for row in UnionPost.objects.filter(until__isnull=True)}
    before, person = held.pop(kind, None), None
    if person_id is not None:
        person = may_hold(moment).filter(pk=as_uuid(person_id)).first()
        if person is None:
            raise NotFound
        if same_member(person.pk, actor.membership_id):
            raise Forbidden("same_person")
        if any(same_member(person.pk, row.holder_id) for row in held.values()):
            raise Refused("post_held")
    if (before.holder_id if before else None) == (person.pk if person else None):
        return before
    if before is not None:
        before.until = moment
        before.save(update_fields=["until"])
        record(actor=actor, action="union.post_end", obj=before, facts={"kind": kind})
    if person is None:
        return None
    row = UnionPost.objects.create(kind=kind, holder=person, named_by_id=actor.user_id, since=moment)
    record(actor=actor, action="union.post", obj=row, facts={"kind": kind})
    return row
