"""What the pages of an incident read, in few questions: legs, who was paged, first words, what happened, who may do what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.http import quote_etag

from accounts.actor import Actor
from accounts.models import Membership, not_left
from kernel.errors import NotFound
from referrals.emergency import resolving
from referrals.emergency.models import (
    Answer,
    Delivery,
    DutyShift,
    FirstWord,
    Incident,
    LeftOut,
    Leg,
    LegStep,
    NeverContact,
    Recipient,
    Report,
    Timeline,
    WatchTask,
)
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.drills import is_played
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import PAGED, LegEvent, LegState, Who
from referrals.emergency.rules.moves import may
from referrals.emergency.rules.outside import speaks_for_party
from referrals.emergency.rules.sending import DeliveryState
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.workflow.moving import chain_now, has_lapsed, has_taken, page_that_counts
from referrals.emergency.workflow.standing import asks_duty, known_to, on_duty_rows, standing_to
from tenancy.messages import together
from tenancy.models import Tenant

LEG_ORDER: Final = (LegKind.SCHOOL, LegKind.FAMILY, LegKind.MEDICAL, LegKind.COMMUNITY, LegKind.TEAM)
_LIVE: Final = sorted(incident_moves.LIVE)
_NO_NAMES: Final[Mapping[UUID, str]] = {}
_MARKED: Final = (
    "dialled", "contacted", "assessed", "leg.acknowledge", "leg.engage", "leg.person_refuses", "contact.by_hand", "duties.written", "relief.opened",
    "card.read_out", "alarm.heard", "companion.accept", "grant.asked", "card.progress",
)  # fmt: skip


class Mark(NamedTuple):
    """A row of the timeline that decides what a page asks for."""

    incident_id: UUID
    leg_id: UUID | None
    code: str
    facts: Mapping[str, Any]
    at: datetime


class Reports(NamedTuple):
    """How many reports of anybody belong to an incident, and how many of them nobody has read."""

    sent: int
    unread: int


NO_REPORTS: Final = Reports(0, 0)


@dataclass(slots=True)
class Read:
    """One incident as one person reads it. ``moment`` is the chain's. ``legs`` in the order of the page. ``is_on_duty``: the
    reader is, at that moment, by the rota.
    """

    incident: Incident
    actor: Actor
    moment: datetime
    legs: Mapping[str, Leg]
    seats: frozenset[SeatKind] = frozenset()
    steps: Mapping[UUID, Sequence[LegStep]] = field(default_factory=dict)
    paged: Mapping[UUID, Sequence[Recipient]] = field(default_factory=dict)
    words: Sequence[FirstWord] = ()
    marks: Sequence[Mark] = ()
    names: Mapping[UUID, str] = field(default_factory=dict)
    tasks: Sequence[WatchTask] = ()
    reports: Reports = NO_REPORTS
    is_on_duty: bool = False

    def answered(self, leg: Leg) -> int:
        """How many people have said that they come, as ``team.is_complete`` counts them: nobody who must not know of it any more."""
        pages: Sequence[Any] = self.paged.get(leg.pk, ())
        said = [page for page in pages if page.answer == Answer.ACKNOWLEDGED and not page.is_out]
        return len({page.member_id or bytes(page.target_hash) for page in said})

    @property
    def school(self) -> Leg:
        """Every incident has one."""
        return self.legs[LegKind.SCHOOL]

    def who(self, leg: Leg) -> frozenset[Who]:
        """All that the reader is to ``leg``."""
        member = self.actor.membership_id
        owner = leg.owner_id or (self.school.owner_id if leg.kind != LegKind.TEAM else None)
        return standing_to(
            self.actor.roles,
            seats=self.seats,
            is_owner=owner is not None and owner == member,
            was_paged=self.speaks(leg),
            is_asked=leg.asked_id is not None and leg.asked_id == member,
            is_on_duty=self.is_on_duty and asks_duty(leg),
        )

    def own_page(self, leg: Leg) -> Recipient | None:
        """The page of the reader on ``leg`` that counts."""
        member = self.actor.membership_id
        return page_that_counts(leg, [row for row in self.paged.get(leg.pk, ()) if row.member_id == member])

    def speaks(self, leg: Leg) -> bool:
        """Whether the reader was called so that they may answer for the leg's party."""
        page: Any = self.own_page(leg)
        if page is None:
            return False
        plays = leg.is_drill and is_played(page.role)
        return speaks_for_party(
            LegKind(leg.kind), role=page.role, purpose=page.purpose, is_colleague=not plays, has_it=has_taken(leg, page)
        )

    def may(self, leg: Leg, event: LegEvent) -> bool:
        """Whether the reader may fire ``event`` on ``leg`` now, by the one table."""
        return may(LegState(leg.state), event, self.who(leg), is_drill=leg.is_drill)

    def name(self, member_id: UUID | None) -> str:
        """A colleague's name; ``""`` for nobody."""
        return self.names.get(member_id, "") if member_id else ""

    def is_dialled(self, leg: Leg, dial: str) -> bool:
        """Whether somebody has pressed that the number was called for ``leg``."""
        return any(
            mark.code == "dialled" and mark.leg_id == leg.pk and mark.facts.get("dial") == dial for mark in self.marks
        )

    def is_on_behalf(self, leg: Leg) -> bool:
        """Whether whoever has ``leg`` said so by telephone, and a colleague wrote it down."""
        said = [mark for mark in self.marks if mark.code == "leg.acknowledge" and mark.leg_id == leg.pk]
        return leg.taken_by_id is None and leg.owner_id is None and bool(said) and bool(said[-1].facts.get("behalf"))

    def marked_at(self, code: str) -> datetime | None:
        """When it happened last."""
        return next((mark.at for mark in reversed(self.marks) if mark.code == code), None)

    def word(self, act: str, leg: Leg | None = None) -> FirstWord | None:
        """The first word that waits for a second person."""
        leg_id = leg.pk if leg else None
        return next((row for row in self.words if row.act == act and row.leg_id == leg_id), None)


def read(actor: Actor, tenant: Tenant, incident_id: UUID | str) -> Read:
    """One incident with everything but its timeline. NotFound: to the subject and the excluded there is none."""
    moment = chain_now()
    own = {"incident_id": incident_id}
    rows = known_to(actor.membership_id).filter(pk=incident_id)
    legs, pages, steps = _legs(own), _recipients(own), _steps(own)
    words = FirstWord.objects.filter(not_left(tenant.day_of(moment), of="by"), **own, ended_at=None).order_by("at")
    marks, seats = _marks(own), resolving.seat_kinds(actor.membership_id, tenant.day_of(moment))
    tasks = WatchTask.objects.filter(**own, done_at=None).order_by("due_at", "pk")
    reports, shifts = _reports(own), _on_duty(actor, moment)
    together(rows, legs, pages, steps, words, marks, seats, tasks, reports, shifts)
    found = next(iter(rows), None)
    if found is None:
        raise NotFound
    wanted = [
        found.person_id,
        found.reported_by_id,
        *(leg.owner_id for leg in legs),
        *(leg.asked_id for leg in legs),
        *(row.by_id for row in words),
        *(task.asked_by_id for task in tasks),
    ]
    whole = _reads(
        [found], actor, moment, legs, pages, steps, marks, seats, _that_wait(words, legs, moment), names_of(wanted)
    )[0]
    whole.tasks = list(tasks)
    whole.reports = next((Reports(*row[1:]) for row in reports), NO_REPORTS)
    whole.is_on_duty = bool(shifts)
    return whole


def _that_wait(words: Iterable[FirstWord], legs: Iterable[Leg], moment: datetime) -> list[FirstWord]:
    """Those that a second word could still follow."""
    there = list(legs)
    return [word for word in words if not has_lapsed(word, there, moment)]


def read_told(actor: Actor, incident: Incident) -> Read:
    """An ended incident as far as its own person is told of it: which legs there were, who was called, what was done by hand."""
    own = {"incident_id": incident.pk}
    legs, pages, marks = _legs(own), _recipients(own), _marks(own)
    together(legs, pages, marks)
    return _reads([incident], actor, chain_now(), legs, pages, (), marks, ())[0]


def read_open(actor: Actor, tenant: Tenant, moment: datetime) -> list[Read]:
    """Every open real incident that the reader may know of, for the board, at ``moment`` of the chain: the same questions however
    many there are.
    """
    known = known_to(actor.membership_id).filter(is_drill=False)
    incidents = list(known.filter(state__in=_LIVE).order_by("opened_at", "pk"))
    own = {"incident_id__in": [row.pk for row in incidents]}
    legs, pages, steps, marks = _legs(own), _recipients(own), _steps(own), _marks(own)
    seats = resolving.seat_kinds(actor.membership_id, tenant.day_of(moment))
    reports, shifts = _reports(own), _on_duty(actor, moment)
    together(legs, pages, steps, marks, seats, reports, shifts)
    found = _reads(incidents, actor, moment, legs, pages, steps, marks, seats)
    counts = {row[0]: Reports(*row[1:]) for row in reports}
    for one in found:
        one.reports = counts.get(one.incident.pk, NO_REPORTS)
        one.is_on_duty = bool(shifts)
    return found


def _reads(
    incidents: Sequence[Incident],
    actor: Actor,
    moment: datetime,
    legs: Iterable[Leg],
    pages: Iterable[Recipient],
    steps: Iterable[LegStep],
    marks: Iterable[Any],
    seats: Iterable[str],
    words: Sequence[FirstWord] = (),
    names: Mapping[UUID, str] = _NO_NAMES,
) -> list[Read]:
    of: dict[UUID, dict[str, Leg]] = {row.pk: {} for row in incidents}
    rank = {kind.value: number for number, kind in enumerate(LEG_ORDER)}
    for leg in sorted(legs, key=lambda leg: rank[leg.kind]):
        of[leg.incident_id][leg.kind] = leg
    paged, planned, marked = defaultdict(list), defaultdict(list), defaultdict(list)
    for page in pages:
        paged[page.leg_id].append(page)
    for step in steps:
        planned[step.leg_id].append(step)
    for own in of.values():
        for leg in own.values():
            planned[leg.pk] = resolving.still_called(leg, resolving.readable(planned[leg.pk]))
    for mark in marks:
        marked[mark[0]].append(Mark(*mark))
    held = frozenset(SeatKind(kind) for kind in seats)
    return [
        Read(row, actor, moment, of[row.pk], held, planned, paged, words, marked[row.pk], names)
        for row in incidents
        if LegKind.SCHOOL in of[row.pk]
    ]


def untaken(actor: Actor, most: int) -> int:
    """How many legs nobody has, of the real incidents that the reader may know of; counted up to ``most``."""
    rows = Leg.objects.filter(is_drill=False, incident__state__in=_LIVE, state__in=sorted(PAGED))
    rows = rows.exclude(kind=LegKind.TEAM)
    if not rows[:most].count():  # on most days of a school; whom it would be hidden from need not be asked
        return 0
    return rows.filter(incident__in=known_to(actor.membership_id))[:most].count()


def timeline_of(incident: Incident) -> QuerySet[Timeline]:
    """What happened, the newest first, with the name of whoever did it."""
    return Timeline.objects.filter(incident=incident).annotate(by_name=F("by__name")).order_by("-at", "-pk")


def tag_of(incident_id: UUID | str) -> str:
    """An ETag of how an incident stands: whatever happens to it leaves a row in its timeline, and so makes another one; but a
    report or a letter of its sender, of which no row says when it came.
    """
    told = Report.objects.filter(incident=OuterRef("incident")).order_by().values("incident")
    count, letters, read = Count("pk", distinct=True), Count("letters"), Count("read_at", distinct=True)
    rows = Timeline.objects.filter(incident_id=incident_id).order_by().values("incident").annotate(
        count=Count("pk"),
        last=Max("at"),
        reports=Subquery(told.annotate(one=count).values("one")),
        letters=Subquery(told.annotate(one=letters).values("one")),
        read=Subquery(told.annotate(one=read).values("one")),
    )  # fmt: skip
    said = [(row["count"], row["last"], row["reports"], row["letters"], row["read"]) for row in rows]
    return quote_etag(sha256(f"{incident_id} {said}".encode()).hexdigest()[:24])


def names_of(members: Iterable[UUID | None]) -> dict[UUID, str]:
    """Colleagues' names by their place."""
    wanted = {pk for pk in members if pk}
    return dict(Membership.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _legs(own: Mapping[str, Any]) -> QuerySet[Leg]:
    return Leg.objects.filter(**own)


def _of_legs(own: Mapping[str, Any]) -> dict[str, Any]:
    return {f"leg__{name}": value for name, value in own.items()}


def _recipients(own: Mapping[str, Any]) -> QuerySet[Recipient]:
    """Who was paged, oldest first, without what is sealed; ``is_sent``: whether anything has left for them; ``is_out``: whether
    they must not know of it any more, by person or by number.
    """
    left = Delivery.objects.filter(recipient=OuterRef("pk"), state=DeliveryState.SENT.value)
    them = Q(member=OuterRef("member")) | Q(number_hash=OuterRef("target_hash"))
    never = NeverContact.objects.filter(them, person=OuterRef("leg__incident__person"))
    out = LeftOut.objects.filter(them, incident=OuterRef("leg__incident"))
    is_person = Q(member__isnull=False, member=F("leg__incident__person"))
    rows = Recipient.objects.filter(**_of_legs(own)).annotate(
        purpose=F("step__purpose"), is_sent=Exists(left), is_out=Exists(never) | Exists(out) | is_person
    )
    return rows.only(
        "leg",
        "step",
        "role",
        "round",
        "epoch",
        "target_hash",
        "member",
        "answer",
        "answered_at",
        "paged_at",
        "is_drill",
    ).order_by("paged_at", "pk")


def _steps(own: Mapping[str, Any]) -> QuerySet[LegStep]:
    return LegStep.objects.filter(**_of_legs(own), purpose=LegStep.Purpose.STEP).order_by("position")


def _reports(own: Mapping[str, Any]) -> QuerySet[Report, Any]:
    """Incident → how many reports, and how many of them nobody has read."""
    rows = Report.objects.filter(**own).order_by().values("incident_id")
    counted = rows.annotate(count=Count("pk"), unread=Count("next_at"))
    return counted.values_list("incident_id", "count", "unread")


def _on_duty(actor: Actor, moment: datetime) -> QuerySet[DutyShift]:
    """The shift by which the reader is on duty now; none for who has no place in the school."""
    return on_duty_rows(actor.membership_id, moment) if actor.membership_id else DutyShift.objects.none()


def _marks(own: Mapping[str, Any]) -> QuerySet[Timeline, Any]:
    rows = Timeline.objects.filter(**own, code__in=_MARKED).order_by("at")
    return rows.values_list("incident_id", "leg_id", "code", "facts", "at")
