"""Hardship and charity, granted by two persons on the union's file number: the union knows whose it is, finance never does (rules §1, 16.11).

While a file holds it replaces every other scheme of its person; the request, the offer and the voucher look like any other.
Charity is money that was given: a file of it pays for talks alone, and no more is promised than was donated.
"""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.same_person import require_second, same_member
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_name, narrow_signs
from notifications.colleagues import tell_who_may
from notifications.outbox import enqueue
from referrals.access import as_uuid
from referrals.kinds import FILE_SCHEMES, Scheme
from referrals.models import HardshipFile
from referrals.models.hardship import MAX_FILE_NUMBER, MOST_DAYS
from referrals.states import HardshipEvent, HardshipState, step
from referrals.subsidies.donations import unpromised
from referrals.who_signs import Act
from referrals.workflow.reviewing import lock_person
from referrals.workflow.union_posts import check_second
from tenancy.models import Tenant


@transaction.atomic
def ask_hardship(
    *,
    actor: Actor,
    tenant: Tenant,
    person_id: UUID | str,
    number: str,
    ceiling_fen: int,
    first_day: date,
    last_day: date,
    scheme: str = Scheme.HARDSHIP,
) -> HardshipFile:
    """The union asks that its file ``number`` pays for services of ``person_id``, at most ``ceiling_fen``, a semester at most.

    ``scheme``: the pool that it opens, hardship's or charity's. Finance is told of a file, never of a person. Raises NotFound
    for oneself and for who does not belong to the school, Invalid with one row a fault, Conflict ``file_asked`` for a number
    of that scheme that is asked or granted already, ``file_overlaps`` when another file of the scheme pays for the person on one of the days.
    """
    require(actor, "hardship.ask")
    if actor.user_id is None:
        raise Forbidden
    moment = now()
    today = tenant.day_of(moment)
    person = Membership.objects.current(today).accepted().filter(pk=as_uuid(person_id)).first()
    if person is None or person.pk == actor.membership_id:
        raise NotFound
    if same_member(person.pk, actor.membership_id):
        raise Forbidden("same_person")
    name = narrow_signs(fold_name(number))  # a number is one however its brackets are typed
    if faults := _faults(scheme, name, ceiling_fen, first_day, last_day, today):
        raise Invalid("out_of_range", fields=tuple(faults))
    running = HardshipFile.objects.filter(
        person__in=lock_person(person.pk),
        scheme=scheme,
        state__in=[HardshipState.ASKED, HardshipState.GRANTED],
        first_day__lte=last_day,
        last_day__gte=first_day,
    )
    if running.exists():
        raise Conflict("file_overlaps")
    file = HardshipFile(
        scheme=scheme,
        number=name,
        person=person,
        ceiling_fen=ceiling_fen,
        first_day=first_day,
        last_day=last_day,
        asked_by_id=actor.user_id,
        asked_at=moment,
    )
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("file_asked") from error
    record(
        actor=actor,
        action="hardship.ask",
        obj=file,
        facts={"scheme": scheme, "ceiling_fen": ceiling_fen, "last_day": last_day},
    )
    tell_who_may(
        "hardship.grant",
        template="hardship_asked",
        key=f"hardship/{file.pk}/asked",
        link=f"/finance/hardship/{file.pk}/",
        apart_from=actor.user_id,
    )
    return file


def _faults(
    scheme: str, number: str, ceiling_fen: int, first: date, last: date, today: date
) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if scheme not in FILE_SCHEMES:
        faults.append(("scheme", "out_of_range", ", ".join(FILE_SCHEMES)))
    if not 1 <= len(number) <= MAX_FILE_NUMBER:
        faults.append(("number", "out_of_range", f"1–{MAX_FILE_NUMBER}"))
    if isinstance(ceiling_fen, bool) or not isinstance(ceiling_fen, int) or ceiling_fen <= 0:
        faults.append(("ceiling_fen", "out_of_range", ""))
    if first < today:
        faults.append(("first_day", "in_the_past", ""))
    if last < first or (last - first).days >= MOST_DAYS:
        faults.append(("last_day", "a_semester", str(MOST_DAYS)))
    return faults


def _locked(file_id: UUID | str) -> HardshipFile:
    file = HardshipFile.objects.select_for_update(no_key=True).filter(pk=as_uuid(file_id)).first()
    if file is None:
        raise NotFound
    return file


@transaction.atomic
def grant_hardship(*, actor: Actor, file_id: UUID | str) -> HardshipFile:
    """Finance says yes to number, ceiling and last day. The person is told that something changed, not what.

    Raises Forbidden ``same_person`` for whoever asked, under another account too, and for the person of the file;
    IllegalMove when it is decided; Refused ``donations_short`` when charity would promise more than is left of what was given.
    """
    require(actor, "hardship.grant")
    file = _decided(actor, file_id, HardshipEvent.GRANT, "hardship.grant")
    enqueue(
        key=f"hardship/{file.pk}/granted",
        template="subsidy_changed",
        to=file.person,
        context={},
        link="/apply/",
    )
    return file


@transaction.atomic
def decline_hardship(*, actor: Actor, file_id: UUID | str) -> HardshipFile:
    """Finance says no; the union, which asked, sees it. Raises as ``grant_hardship``."""
    require(actor, "hardship.grant")
    return _decided(actor, file_id, HardshipEvent.DECLINE, "hardship.decline")


def _decided(actor: Actor, file_id: UUID | str, event: HardshipEvent, action: str) -> HardshipFile:
    file = _locked(file_id)
    moment = now()
    check_second(Act.FILE, user_id=actor.user_id, first=file.asked_by_id, first_at=file.asked_at, moment=moment)
    require_second(actor.user_id, file.person.user_id)
    file.state = step(file.state, event)
    if file.scheme == Scheme.CHARITY and event == HardshipEvent.GRANT and (left := unpromised(file)) < file.ceiling_fen:
        raise Refused("donations_short", left=left)
    file.decided_by_id, file.decided_at = actor.user_id, moment
    file.save(update_fields=["state", "decided_by", "decided_at"])
    record(actor=actor, action=action, obj=file, facts={"ceiling_fen": file.ceiling_fen, "last_day": file.last_day})
    return file


@transaction.atomic
def end_hardship(*, actor: Actor, file_id: UUID | str) -> HardshipFile:
    """The union takes the question back, or ends a file before its last day. What was priced by it stays as it was priced.

    Raises IllegalMove for one that was declined or has ended.
    """
    require(actor, "hardship.ask")
    file = _locked(file_id)
    asked = file.state == HardshipState.ASKED
    file.state = step(file.state, HardshipEvent.WITHDRAW if asked else HardshipEvent.END)
    file.save(update_fields=["state"])
    record(actor=actor, action="hardship.withdraw" if asked else "hardship.end", obj=file, facts={})
    return file
