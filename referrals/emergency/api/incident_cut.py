"""An incident as one caller may have it (chain §6): the same reading and the same cut as the pages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from rest_framework import serializers

from accounts.actor import Actor
from accounts.roles import Role
from audit import record_read
from kernel.errors import NotFound
from referrals.emergency.api.incident_shapes import HANDLED, RECEIVED, IncidentOut, IncidentReportOut, OwnRowOut
from referrals.emergency.centre.incident_reading import Read, names_of, read
from referrals.emergency.centre.incident_shown import fired
from referrals.emergency.centre.incident_telling import Cut, cut_of, is_handled
from referrals.emergency.models import Delivery, Incident, Leg, Recipient
from referrals.emergency.reports import told_by
from referrals.emergency.resolving import rule_of
from referrals.emergency.rules.grades import PARTY_OF, LegKind, Party
from referrals.emergency.rules.leg_states import WORST_FIRST, LegState
from referrals.emergency.rules.sending import RANKS, Rank
from referrals.emergency.rules.standing import Standing, party_state
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.workflow.standing import known_to
from tenancy.models import Tenant

MOST_ATTEMPTS: Final = 50
"""The newest of a leg: where nobody answers there is one every few minutes."""

Attempts = Mapping[UUID, Sequence[Delivery]]


def rows_for(actor: Actor) -> QuerySet[Incident]:
    """The incidents of which ``actor`` has a row at all. Asked before anything else of one, so that the answer "there is none"
    costs the same whether there is one or not.
    """
    rows, member = known_to(actor.membership_id), actor.membership_id
    if member is None or actor.may("incident.read") or Role.PRINCIPAL in actor.roles:
        return rows
    mine = Leg.objects.filter(incident=OuterRef("pk"))
    return rows.filter(
        told_by(member)
        | Exists(mine.filter(owner_id=member))
        | Exists(Recipient.objects.filter(leg__incident=OuterRef("pk"), member_id=member))
    )


def must_be_for(actor: Actor, incident_id: UUID) -> None:
    """NotFound for the subject, the excluded and whoever it is not for."""
    if not rows_for(actor).filter(pk=incident_id).exists():
        raise NotFound


def seen(actor: Actor, tenant: Tenant, incident_id: UUID, *, with_words: bool) -> Mapping[str, Any]:
    """What ``actor`` is answered about it; a look at anything of it but the state of one's own report leaves a row.

    ``with_words``: also what is sealed by the incident's own key, and must not be kept anywhere else, such as with the
    answers to a key. NotFound as ``must_be_for``.
    """
    must_be_for(actor, incident_id)
    found = read(actor, tenant, incident_id)
    if actor.may("incident.read"):
        record_read(actor=actor, action="incident.read", obj=found.incident)
        return _whole(found, with_words=with_words)
    cut = cut_of(found)
    if cut is not None:
        record_read(actor=actor, action="incident.read", obj=found.incident)
        return _own_row(found, cut, with_words=with_words)
    return report(incident_id, is_handled=is_handled(found.incident, found.school))


def report(report_id: UUID, *, is_handled: bool) -> Mapping[str, Any]:
    """What a reporter is told."""
    return dict(IncidentReportOut({"id": report_id, "state": HANDLED if is_handled else RECEIVED}).data)


def _whole(found: Read, *, with_words: bool) -> Mapping[str, Any]:
    one = found.incident
    attempts = _attempts(found.legs.values())
    paged = found.paged.get(found.legs[LegKind.TEAM].pk, ()) if LegKind.TEAM in found.legs else ()
    names = names_of(row.member_id for row in paged)
    shown: dict[str, Any] = {
        "id": one.pk,
        "number": one.number,
        "state": one.state,
        "grade": one.grade or None,
        "suggested": one.suggested,
        "kind": one.kind,
        "person": {"id": one.person_id, "name": found.name(one.person_id)} if one.person_id else None,
        "danger_now": one.danger_now,
        "found_at": one.found_at,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "outcome": one.outcome or None,
        "home": one.home,
        "place": one.place or None,
        "with": one.company,
        "can_be_asked": one.can_be_asked,
        "by_line": one.by_line,
        "drill": one.is_drill,
        "tracks": [_track(found, party, _legs_of(found, party), attempts) for party in Party],
        "team": [_member(row, names) for row in _newest(paged)],
    }
    if with_words:
        shown |= {
            "place_words": one.read_words("place"),
            "meeting_place": one.read_words("meeting_place"),
            "signs": one.read_words("signs"),
        }
    return _said(IncidentOut(shown), shown)


def _own_row(found: Read, cut: Cut, *, with_words: bool) -> Mapping[str, Any]:
    """Their own legs with their own tries, by whom a leg is taken only where it is them."""
    mine = {row.pk for rows in found.paged.values() for row in rows if row.member_id == found.actor.membership_id}
    attempts = _attempts(cut.legs, only=mine)
    shown: dict[str, Any] = {"id": found.incident.pk, "is_asked": bool(cut.legs), "tracks": []}
    for party in Party:
        legs = [leg for leg in cut.legs if PARTY_OF[LegKind(leg.kind)] is party]
        if legs or (cut.has_status and party is Party.SCHOOL):
            status = cut.has_status and party is Party.SCHOOL
            shown["tracks"].append(_track(found, party, legs, attempts, is_own=True, has_status=status))
    if cut.has_status:
        shown |= {"state": found.incident.state, "grade": found.incident.grade or None}
    if cut.has_name:
        shown["person_name"] = found.name(found.incident.person_id) or None
    if cut.has_place:
        shown["place"] = found.incident.place or None
    if cut.has_place and with_words:
        shown["place_words"] = found.incident.read_words("place")
    return _said(OwnRowOut(shown), shown)


def _said(shape: serializers.Serializer[Any], shown: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is not the caller's is no field of the answer, not an empty one."""
    return {name: value for name, value in shape.data.items() if name in shown}


def _legs_of(found: Read, party: Party) -> list[Leg]:
    return [leg for leg in found.legs.values() if PARTY_OF[LegKind(leg.kind)] is party]


def _track(
    found: Read,
    party: Party,
    legs: Sequence[Leg],
    attempts: Attempts,
    *,
    is_own: bool = False,
    has_status: bool = False,
) -> Mapping[str, Any]:
    """``is_own``: the party's state is that of the caller's own legs, so that it tells nothing of the others'."""
    if is_own and not has_status:
        state = min((LegState(leg.state) for leg in legs), key=WORST_FIRST.index)
    else:
        state = party_state(
            Standing(LegKind(leg.kind), LegState(leg.state), leg.is_required) for leg in _legs_of(found, party)
        )
    return {
        "party": party.value,
        "state": state.value,
        "legs": [_leg(found, leg, attempts.get(leg.pk, ()), is_own=is_own) for leg in legs],
    }


def _leg(found: Read, leg: Leg, attempts: Sequence[Delivery], *, is_own: bool) -> Mapping[str, Any]:
    page = found.own_page(leg)
    step = fired(found, leg)
    is_mine = leg.owner_id is not None and leg.owner_id == found.actor.membership_id
    role = (page.role if page else None) if is_own else (rule_of(step).role if step else None)
    return {
        "leg": leg.kind,
        "state": leg.state,
        "step": role,
        "due_at": leg.next_at,
        "acknowledged_by": _taker(found, leg) if is_mine or not is_own else None,
        "attempts": [
            {"channel": row.channel, "state": row.state, "at": row.settled_at or row.due_at} for row in attempts
        ],
    }


def _taker(found: Read, leg: Leg) -> Mapping[str, Any] | None:
    page = next((row for row in found.paged.get(leg.pk, ()) if row.pk == leg.taken_by_id), None)
    if leg.owner_id is None and page is None:
        return None
    return {"id": leg.owner_id, "name": found.name(leg.owner_id), "role": page.role if page else ""}


def _member(row: Recipient, names: Mapping[UUID, str]) -> Mapping[str, Any]:
    seat = row.role.rpartition(":")[2]
    return {
        "seat": seat if seat in set(SeatKind) else None,
        "name": names.get(row.member_id, "") if row.member_id else "",
        "answer": row.answer or None,
        "answered_at": row.answered_at,
    }


def _newest(rows: Iterable[Recipient]) -> list[Recipient]:
    """The newest page of each of the team, in the order in which they were first called."""
    found: dict[Any, Recipient] = {}
    for row in rows:
        found[row.member_id or row.role] = row
    return list(found.values())


def _attempts(legs: Iterable[Leg], *, only: set[UUID] | None = None) -> Attempts:
    """The newest tries of each leg, oldest first, without what only tells that nobody needs to come."""
    rows = Delivery.objects.filter(leg__in=[leg.pk for leg in legs], rank__lt=RANKS[Rank.NOTICE])
    if only is not None:
        rows = rows.filter(recipient_id__in=only)
    newest = Window(RowNumber(), partition_by=F("leg_id"), order_by=[F("due_at").desc(), F("pk").desc()])
    rows = rows.annotate(place=newest).filter(place__lte=MOST_ATTEMPTS)
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    for row in rows.only("leg", "channel", "state", "settled_at", "due_at").order_by("due_at", "pk"):
        found[row.leg_id].append(row)
    return found
