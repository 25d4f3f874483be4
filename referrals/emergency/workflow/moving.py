"""The one way a person moves a leg: locked, looked up in the table, written, told to the timeline (chain §9).

Lock order: incident → its legs by key → recipients → deliveries → head of the record. The moment is the chain's, taken once
the locks are held, so that nothing is written before what it waited for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When

from accounts.actor import Actor
from accounts.models import not_left
from accounts.same_person import same_member
from kernel.errors import Forbidden, NotFound
from kernel.identifiers import uuid7
from referrals.emergency.models import Answer, Delivery, FirstWord, Incident, Leg, Recipient, Timeline
from referrals.emergency.resolving import left_out_of
from referrals.emergency.rules.change import Standing, changed, is_one_wait
from referrals.emergency.rules.clocks import FALSE_ALARM_LASTS, Clock
from referrals.emergency.rules.drills import is_played
from referrals.emergency.rules.grades import PARTY_OF, Grade, LegKind, Party
from referrals.emergency.rules.leg_states import ENDED, PAGED, TAKEN, LegEvent, LegState, Who
from referrals.emergency.rules.moves import STAND_DOWN, TELLS_ALL, move
from referrals.emergency.rules.outside import speaks_for_party
from referrals.emergency.rules.sending import (
    ASK_TO_TAKE_OVER,
    ASKS,
    CARD_CODE,
    NO_EPOCH,
    RANKS,
    REACHED,
    WAITS,
    DeliveryState,
    Rank,
)
from referrals.emergency.workflow import cards, own_times
from referrals.emergency.workflow.holders import open_school
from vault import own_key

_CHANGING: Final = (
    "state", "epoch", "grade", "round", "position", "first_position", "required_answers", "ticks", "extensions", "owner",
    "taken_by", "asked", "since", "next_event", "next_at", "is_required",
)  # fmt: skip
ASKED: Final = "asked"
"""As what a colleague is paged who is asked to take over."""

_NO_FACTS: Final[Mapping[str, Any]] = {}


def chain_now() -> datetime:
    """The chain's present moment (UTC), as the database has it (ADR 0018)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


@dataclass(slots=True)
class Locked:
    """An incident and its legs, held by this transaction, and the moment at which they were."""

    incident: Incident
    legs: dict[str, Leg]
    moment: datetime

    def leg(self, kind: str) -> Leg:
        """NotFound for a leg that this incident has not."""
        try:
            return self.legs[kind]
        except KeyError:
            raise NotFound from None

    @property
    def school(self) -> Leg:
        """The school's leg; every incident has one."""
        return self.legs[LegKind.SCHOOL]


def lock(incident_id: UUID | str | None) -> Locked:
    """Hold an incident of the open school with all its legs; None is that of a row that is not there.

    NotFound when there is none, or what was known of it is over.
    """
    incident = Incident.objects.select_for_update(no_key=True).filter(pk=incident_id, erased_at=None).first()
    if incident is None:
        raise NotFound
    legs = Leg.objects.select_for_update(no_key=True).filter(incident=incident).order_by("pk")
    for leg in legs:
        leg.incident = incident  # the one that is held, also before it is written
    return Locked(incident, {leg.kind: leg for leg in legs}, chain_now())


def standing_of(leg: Leg) -> Standing:
    """What of a leg the rules look at."""
    return Standing(
        LegState(leg.state),
        leg.epoch,
        LegEvent(leg.next_event) if leg.next_event else None,
        leg.next_at,
        leg.is_drill,
    )


def fire(
    locked: Locked,
    leg: Leg,
    event: LegEvent,
    *,
    who: Who | Iterable[Who],
    by: Actor | None = None,
    role: str = "",
    facts: Mapping[str, Any] = _NO_FACTS,
    words: str = "",
    eta_minutes: int = 30,
    at_latest: datetime | None = None,
    **values: Any,
) -> Leg:
    """Move ``leg`` by ``event`` and say so. ``values`` are other columns that change with it.

    IllegalMove when the table has no such move now, Forbidden when ``who`` may not fire it. When paging stops, what is
    queued dies here, and whoever was paged and has not answered is told that somebody has it.
    """
    found = move(LegState(leg.state), event, is_drill=leg.is_drill)
    if not found.by & frozenset([who] if isinstance(who, Who) else who):
        raise Forbidden(permission=f"leg.{event}")
    before = standing_of(leg)
    pace = own_times.pace(Grade(leg.grade), found.clock, eta_minutes=eta_minutes)
    after = changed(before, event, locked.moment, pace, at_latest=at_latest)
    if not is_one_wait(before.state, after.state):
        values.setdefault("since", locked.moment)
    for name, value in values.items():
        setattr(leg, name, value)
    leg.state, leg.epoch = after.state.value, after.epoch
    over = set(ASKS.values()) if found.clock is not Clock.SAME or after.state is not before.state else set()
    if after.state not in PAGED | TAKEN:
        over.add(CARD_CODE)  # its card died with the move
    if after.state is not LegState.ENGAGED:
        over.add(ASK_TO_TAKE_OVER)
        leg.asked_id = None  # what is no longer the owner's cannot be handed over
    leg.next_event, leg.next_at = after.next_event.value if after.next_event else "", after.next_at
    leg.save(update_fields=_CHANGING)
    cards.follow(locked.incident, leg, before.state, event, locked.moment)
    if after.epoch != before.epoch:
        drop_queue(leg, locked.moment)
    drop_asks(leg, locked.moment, over)
    if after.state in ENDED:
        drop_calls(leg, locked.moment)
    if event in TELLS_ALL or (event in STAND_DOWN and after.epoch != before.epoch):
        stand_down(leg, locked.moment, text=STAND_DOWN[event], to_all=event in TELLS_ALL)
    told = {**facts, "to": after.state.value} if after.state is not before.state else dict(facts)
    note(locked.incident, f"leg.{event.value}", leg=leg, by=by, role=role, facts=told, words=words)
    return leg


def drop_queue(leg: Leg, moment: datetime) -> None:
    """What waits or is held by a sender dies: it belongs to an epoch that is over."""
    _drop(leg, moment, Delivery.objects.filter(epoch__lt=leg.epoch))


def drop_asks(leg: Leg, moment: datetime, texts: Collection[str]) -> None:
    """What waits to be asked with these texts has been answered, or is asked no more: nobody is rung up for it at night."""
    _drop(leg, moment, Delivery.objects.filter(text__in=sorted(texts)))


def drop_calls(leg: Leg, moment: datetime) -> None:
    """Of a leg that has ended no call waits, whatever epoch it was written in; what tells that it is over still goes."""
    _drop(leg, moment, Delivery.objects.filter(rank__lt=RANKS[Rank.NOTICE]))


def _drop(leg: Leg, moment: datetime, rows: QuerySet[Delivery]) -> None:
    _die(rows.filter(leg=leg), moment)


def _die(rows: QuerySet[Delivery], moment: datetime) -> None:
    """What waits is dropped; what was told with another message stays told, and goes no more if that one does not arrive. What
    a sender holds is under way, and is not tried again when it comes back.
    """
    waits = Q(state=DeliveryState.QUEUED.value)
    rows.filter(state=DeliveryState.CLAIMED.value).update(epoch=NO_EPOCH)
    rows.filter(state__in=WAITS).update(
        state=Case(When(waits, then=Value(DeliveryState.DROPPED.value)), default=F("state")),
        settled_at=Case(When(waits, then=Value(moment)), default=F("settled_at")),
        folded_into=None,
    )


def drop_for_number(incident: Incident, target: bytes, moment: datetime) -> None:
    """Whoever said no is called no more in this incident: what waits for that number dies on every leg and of every round.

    The epoch does not rise by a no, because the others can still answer; so the queue of the leg goes on without them.
    """
    calls = Q(text__startswith="emergency_page_") | Q(text__in=("emergency_alarm", "emergency_dial", CARD_CODE))
    _die(Delivery.objects.filter(calls, leg__incident=incident, recipient__target_hash=target), moment)


def stand_down(leg: Leg, moment: datetime, *, text: str, to_all: bool, only: UUID | None = None) -> None:
    """Tell who was paged and reached that nobody needs to come, on the channels that reached them; never by a call.

    What another leg of the incident had told with such a page goes by itself now: whoever hears that nothing is asked of
    them would put it away with this one. Without ``to_all`` only those who have not answered: for them somebody has it. ``only``: one recipient.
    Whoever may no longer know of it hears nothing, not even that it is over: they would know that it is about them. A wrong
    number has left the incident.
    """
    out = left_out_of(leg.incident)
    reached = Delivery.objects.filter(leg=leg, state__in=REACHED).exclude(recipient__target_hash__in=out.numbers)
    reached = reached.filter(Q(recipient__member=None) | ~Q(recipient__member__in=out.members))
    strangers = Recipient.objects.filter(leg__incident=leg.incident_id, answer=Answer.WRONG_NUMBER)
    reached = reached.exclude(recipient__target_hash__in=strangers.values("target_hash"))
    if only is not None:
        reached = reached.filter(recipient_id=only)
    if not to_all:
        reached = reached.filter(recipient__answer="")
    # Which are folded is asked first, by their own index: mostly none is, and a plan that begins with whoever was reached
    # compares every page of the incident with every other.
    others = Delivery.objects.filter(leg__incident=leg.incident_id, folded_into__isnull=False).exclude(leg=leg)
    if told_with := dict(others.values_list("pk", "folded_into_id")):
        carriers = set(reached.filter(pk__in=set(told_with.values())).values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=[pk for pk, carrier in told_with.items() if carrier in carriers]).update(
            state=DeliveryState.QUEUED.value, folded_into=None, settled_at=None, due_at=moment
        )
    pairs = set(reached.exclude(channel="voice").values_list("recipient_id", "channel"))
    Delivery.objects.bulk_create(
        [
            Delivery(
                recipient_id=recipient,
                leg=leg,
                is_drill=leg.is_drill,
                key=f"{leg.pk}:{text}:{leg.epoch}:{recipient}:{channel}",
                channel=channel,
                text=text,
                epoch=leg.epoch,
                rank=RANKS[Rank.NOTICE],
                due_at=moment,
            )
            for recipient, channel in sorted(pairs)
        ],
        ignore_conflicts=True,
    )


def drop_asked(leg: Leg, moment: datetime, member_id: UUID | None) -> None:
    """What waits to be sent to a colleague who was asked to take ``leg`` over dies."""
    _drop(leg, moment, Delivery.objects.filter(recipient__member_id=member_id, recipient__role=ASKED))


def no_longer_asked(locked: Locked, leg: Leg, member_id: UUID) -> None:
    """A colleague who was asked to take it over is told that nothing is asked of them, where the asking reached them."""
    drop_asked(leg, locked.moment, member_id)
    page = Recipient.objects.filter(leg=leg, member_id=member_id, role=ASKED).order_by("-paged_at").first()
    if page is not None:
        stand_down(leg, locked.moment, text="emergency_not_needed", to_all=True, only=page.pk)


def note(
    incident: Incident,
    code: str,
    *,
    leg: Leg | None = None,
    by: Actor | None = None,
    role: str = "",
    facts: Mapping[str, Any] = _NO_FACTS,
    words: str = "",
) -> Timeline:
    """One row of what happened. ``words`` are sealed by the incident's key."""
    row = Timeline(
        pk=uuid7(),
        incident=incident,
        leg=leg,
        code=code,
        by_id=by.membership_id if by else None,
        who=role,
        facts=dict(facts),
    )
    if words:
        key = incident.key
        assert key is not None, "an incident whose key is destroyed takes no words"
        row.words_sealed = own_key.seal_words(
            key, cast(UUID, incident.tenant_id), Timeline._meta.db_table, row.pk, "words_sealed", words
        )
    row.save(force_insert=True)
    return row


def words_of(incident: Incident, row: Timeline) -> str:
    """The words of one row of the timeline; ``""`` where there are none or the key is gone."""
    return row.words(incident.key)


def second_word(
    locked: Locked, act: str, by: Actor, *, leg: Leg | None = None, facts: Mapping[str, Any] = _NO_FACTS
) -> bool:
    """Whether ``by`` is the second person to say ``act``; the first one's word is written and waits.

    The same person twice is still one, under another account too; whoever has left is nobody's first. Other ``facts`` (another grade, another outcome) are another word and replace
    the first, so that two people never agree to two things.
    """
    assert by.membership_id is not None
    first = FirstWord.objects.filter(incident=locked.incident, leg=leg, act=act, ended_at=None).first()
    if first is not None and (
        has_lapsed(first, locked.legs.values(), locked.moment) or not _is_there(first, locked.moment)
    ):
        first.ended_at = locked.moment
        first.save(update_fields=["ended_at"])
        first = None
    if first is not None and first.facts == dict(facts) and not same_member(first.by_id, by.membership_id):
        first.ended_at = locked.moment
        first.save(update_fields=["ended_at"])
        return True
    if first is not None and first.facts == dict(facts):
        return False
    if first is not None:
        first.ended_at = locked.moment
        first.save(update_fields=["ended_at"])
    FirstWord.objects.create(incident=locked.incident, leg=leg, act=act, facts=dict(facts), by_id=by.membership_id)
    note(locked.incident, f"first_word.{act}", leg=leg, by=by, facts=facts)
    return False


def _is_there(word: FirstWord, moment: datetime) -> bool:
    """Whether whoever said it belongs to the school at ``moment``."""
    return FirstWord.objects.filter(not_left(open_school().day_of(moment), of="by"), pk=word.pk).exists()


def has_lapsed(word: FirstWord, legs: Iterable[Leg], moment: datetime) -> bool:
    """A word of a false alarm ends with the clock of the legs that it holds; where it holds none, after the same time."""
    if word.act != "false_alarm" or any(leg.next_event == LegEvent.FALSE_ALARM_LAPSED for leg in legs):
        return False
    return moment - word.at >= FALSE_ALARM_LASTS


def end_words(locked: Locked, acts: Collection[str]) -> None:
    """What one person has said of ``acts`` counts no more, because they did not know what is known now. What a word of a false
    alarm holds goes on at once.
    """
    words = FirstWord.objects.filter(incident=locked.incident, act__in=sorted(acts), ended_at=None)
    if not words.update(ended_at=locked.moment) or "false_alarm" not in acts:
        return
    for leg in locked.legs.values():
        if leg.next_event == LegEvent.FALSE_ALARM_LAPSED:
            leg.next_at = locked.moment
            leg.save(update_fields=["next_at"])


def speaks(leg: Leg, recipient: Recipient | None) -> bool:
    """Whether ``recipient``, who was called on ``leg``, may say that its party has it (``speaks_for_party``)."""
    if recipient is None:
        return False
    return speaks_for_party(
        LegKind(leg.kind),
        role=recipient.role,
        purpose=recipient.step.purpose,
        # Who plays a party in a drill is that party.
        is_colleague=recipient.member_id is not None and not (leg.is_drill and is_played(recipient.role)),
        has_it=has_taken(leg, recipient),
    )


def has_taken(leg: Leg, recipient: Recipient) -> bool:
    """Whether a colleague who was called has the leg, or has had it: they may still arrive."""
    if recipient.member_id is None:
        return False
    return recipient.member_id == leg.owner_id or recipient.answer == Answer.ACKNOWLEDGED


def own_recipient(leg: Leg, member_id: UUID | None) -> Recipient | None:
    """The page of a colleague on ``leg`` that counts; None for whoever was not paged there."""
    if member_id is None:
        return None
    rows = Recipient.objects.filter(leg=leg, member_id=member_id).select_related("step")
    return page_that_counts(leg, list(rows.order_by("paged_at", "pk")))


def speaker(leg: Leg, member_id: UUID | None) -> Recipient | None:
    """The page by which a colleague may answer for the party of ``leg``."""
    page = own_recipient(leg, member_id)
    return page if speaks(leg, page) else None


def page_that_counts(leg: Leg, pages: Sequence[Recipient]) -> Recipient | None:
    """Of all the pages of one colleague, oldest first, the newest. On an outside party's leg that by which they took it:
    the alarm that rings again afterwards takes nothing from whoever is on the way.
    """
    if PARTY_OF[LegKind(leg.kind)] is not Party.SCHOOL:
        taken = [page for page in pages if page.answer == Answer.ACKNOWLEDGED]
        pages = taken or pages
    return pages[-1] if pages else None
