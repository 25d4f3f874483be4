"""A family answers, without an account: how many of which age, which sessions; changes it, takes an offer, calls it off.

The link of the invitation opens the form and none of the answers; each answer has a link of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit import record
from content.opendays import links, seating
from content.opendays.models import Claim, Guest, Invitation, OpenDay, Party, Session
from content.opendays.rules import MOST_ANSWERS_A_DAY, MOST_CHANGES_A_DAY, MOST_PARTIES, Band
from content.opendays.states import DayState
from content.opendays.workflow.checks import checked_address, checked_counts, checked_plate
from content.opendays.workflow.notices import tell, tell_of_offers
from families.workflow import FAMILY
from kernel.clock import now, start_of_day
from kernel.errors import Conflict, Invalid, NotFound, Refused
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id


@dataclass(frozen=True, slots=True)
class Answer:
    """What a family says: people by age, further sessions, how it is greeted, a car if it comes by one.

    ``may_wait``: rather wait in the line than not come, where fewer seats are left.
    """

    counts: Mapping[Band, int]
    sessions: Collection[UUID]
    address: str
    plate: str = ""
    may_wait: bool = False


@transaction.atomic
def answer(*, token: str, form_key: str, said: Answer) -> str:
    """Answer an invitation; returns the secret of the answer's own link. The same form sent twice is one answer.

    Conflict ``answers_not_yet``, ``answers_over``, ``openday_called_off``, ``seats_left`` (fewer than asked for, and nobody
    wants to wait); Refused ``invitation_full``, ``answered_often`` and as ``checks``.
    """
    counts = checked_counts(said.counts)
    address, plate = checked_address(said.address), checked_plate(said.plate)
    found = links.invitation_of(token)
    invitation = Invitation.objects.select_for_update(no_key=True).get(pk=found.pk)
    secret = links.answer_token(invitation.pk, form_key)
    if Party.objects.filter(form_key=links.form_hash(invitation.pk, form_key)).exists():
        return secret
    if Party.objects.filter(invitation=invitation, left_at__isnull=True).count() >= MOST_PARTIES:
        raise Refused("invitation_full", most=MOST_PARTIES)
    school = Tenant.objects.get(pk=current_tenant_id())
    begun = start_of_day(school.today(), school.time_zone)
    if Party.objects.filter(invitation=invitation, created_at__gte=begun).count() >= MOST_ANSWERS_A_DAY:
        raise Refused("answered_often", most=MOST_ANSWERS_A_DAY)
    rooms = seating.lock_sessions(found.open_day_id)
    # Read under the lock: who changes the day or calls it off holds its sessions too.
    day, moment = OpenDay.objects.get(pk=found.open_day_id), now()
    must_take_answers(day, moment)
    party = Party(
        open_day=day,
        invitation=invitation,
        token_hash=links.hashed(links.PARTY, secret),
        form_key=links.form_hash(invitation.pk, form_key),
        gate_hash=links.gate_hash_of(secret),
    )
    party.address, party.plate = address, plate
    party.save(force_insert=True)
    Guest.objects.bulk_create(Guest(party=party, band=band) for band, number in counts.items() for _ in range(number))
    people = sum(counts.values())
    offers = _seat_all(party, people, said, day, rooms, moment)
    record(actor=FAMILY, action="party.answer", obj=party, facts={"people": people})
    tell(invitation.person, "openday_answer", str(party.pk))
    tell_of_offers(offers)
    return secret


@transaction.atomic
def change_answer(*, token: str, said: Answer) -> Party:
    """Other people, other sessions, another car. Fewer free their seats at once; more take what is free or wait.

    Errors as ``answer``; Conflict ``party_left`` once it was called off, ``offer_first`` while seats are kept for it;
    Refused ``changed_often`` after ``MOST_CHANGES_A_DAY`` changes on one day of the school.
    """
    counts = checked_counts(said.counts)
    address, plate = checked_address(said.address), checked_plate(said.plate)
    party, day, rooms, moment = _locked(token)
    must_take_answers(day, moment)
    if any(claim.has_offer(moment) for claim in party.claims.all()):
        raise Conflict("offer_first")
    _count_change(party, moment)
    _same_people(party, counts)
    people = sum(counts.values())
    # An offer of this family that ran out is over, written or not: it asks anew, after those who waited.
    offers = seating.settle(rooms.values(), day.starts_at, moment)
    offers += _seat_all(party, people, said, day, rooms, moment)
    party.address, party.plate = address, plate
    party.save(update_fields=["address_sealed", "plate_sealed", "changed_on", "changes"])
    record(actor=FAMILY, action="party.change", obj=party, facts={"people": people})
    tell_of_offers(offers)
    return party


@transaction.atomic
def answer_offer(*, token: str, session_id: UUID | str, people: int, rest_waits: bool) -> Party:
    """Say yes to all, some (``people``) or none of the seats that are kept; the others of the family wait on or do not.

    Conflict ``offer_over`` once its time is up or somebody answered it already.
    """
    party, day, rooms, moment = _locked(token)
    claim = party.claims.filter(session=_known(session_id)).first()
    if claim is None:
        raise NotFound
    if not day.is_to_come(moment) or not claim.has_offer(moment):
        raise Conflict("offer_over")
    if not 0 <= people <= claim.offered:
        raise Invalid("offer_people", fields=(("people", "offer_people", ""),))
    seating.accept(claim, people)
    if claim.wants and not (rest_waits and people):
        seating.leave_line(claim)
    offers = seating.settle(rooms.values(), day.starts_at, moment)
    record(actor=FAMILY, action="party.accept" if people else "party.decline", obj=party, facts={"people": people})
    tell_of_offers(offers)
    return party


@transaction.atomic
def call_off_answer(*, token: str) -> Party:
    """The family does not come. Its seats are free at once; a second press changes nothing more.

    Conflict ``openday_begun``: then the gate counts, and whoever stays away need say nothing.
    """
    party, day, rooms, moment = _locked(token, is_there=False)
    if party.left_at is None:
        must_not_have_begun(day, moment)
        _leave(party, day, rooms, moment)
        record(actor=FAMILY, action="party.leave", obj=party)
    return party


def end_party(party: Party, day: OpenDay, rooms: Mapping[UUID, Session], moment: datetime, *, removed: bool) -> None:
    """Seats, car and form of address of a family that was removed go at once. Caller holds its locks and the record."""
    party.was_removed = removed
    party.address = ""
    party.save(update_fields=["was_removed", "address_sealed"])
    _leave(party, day, rooms, moment)


def must_not_have_begun(day: OpenDay, moment: datetime) -> None:
    """Who came in stays counted: nobody leaves the list once the gates are open."""
    if moment >= day.starts_at:
        raise Conflict("openday_begun")


def must_take_answers(day: OpenDay, moment: datetime) -> None:
    """Conflict with the reason why nobody may answer now."""
    if day.state == DayState.CALLED_OFF:
        raise Conflict("openday_called_off")
    if day.takes_answers(moment):
        return
    raise Conflict("answers_not_yet" if moment < day.answers_from or day.state == DayState.DRAFT else "answers_over")


def _count_change(party: Party, moment: datetime) -> None:
    """Caller holds the family's row, so that two changes at once are two; one that is refused is not counted."""
    today = Tenant.objects.get(pk=current_tenant_id()).day_of(moment)
    if party.changed_on != today:
        party.changed_on, party.changes = today, 0
    if party.changes >= MOST_CHANGES_A_DAY:
        raise Refused("changed_often", most=MOST_CHANGES_A_DAY)
    party.changes += 1


def _leave(party: Party, day: OpenDay, rooms: Mapping[UUID, Session], moment: datetime) -> None:
    party.claims.all().delete()
    party.left_at = moment
    party.plate = ""
    party.save(update_fields=["left_at", "plate_sealed"])
    tell_of_offers(seating.settle(rooms.values(), day.starts_at, moment))


def _locked(token: str, *, is_there: bool = True) -> tuple[Party, OpenDay, dict[UUID, Session], datetime]:
    found = links.party_of(token)
    party = Party.objects.select_for_update(no_key=True).get(pk=found.pk)
    if is_there and party.left_at is not None:
        raise Conflict("party_left")
    rooms = seating.lock_sessions(party.open_day_id)
    return party, OpenDay.objects.get(pk=party.open_day_id), rooms, now()


def _seat_all(
    party: Party, people: int, said: Answer, day: OpenDay, rooms: Mapping[UUID, Session], moment: datetime
) -> list[Claim]:
    """Seats at the entry, and in the wanted sessions once everybody of the family has one there. Who is offered seats now.

    NotFound for a session of another day; Conflict ``seats_left``.
    """
    if not set(said.sessions) <= rooms.keys():
        raise NotFound
    claims = {claim.session_id: claim for claim in party.claims.all()}
    entry = next(room for room in rooms.values() if room.is_entry)
    _seat(claims.pop(entry.pk, None), party, entry, people, day, moment, said.may_wait)
    offers = seating.settle([entry], day.starts_at, moment, present=party.pk)
    # Who has no seat on the day holds none in a session that others could use; once it has, it chooses.
    is_in = Claim.objects.filter(party=party, session=entry, seats=people).exists()
    others = [room for room in rooms.values() if is_in and room.pk in said.sessions and room.capacity is not None]
    for room in others:
        if room.pk != entry.pk:
            _seat(claims.pop(room.pk, None), party, room, people, day, moment, said.may_wait)
    for left in claims.values():
        left.delete()
    return offers + seating.settle(rooms.values(), day.starts_at, moment, present=party.pk)


def _seat(
    there: Claim | None, party: Party, session: Session, people: int, day: OpenDay, moment: datetime, may_wait: bool
) -> None:
    claim = there or Claim(party=party, session=session)
    more = people - claim.seats - claim.wants
    if more < 0:
        seating.give_back(claim, -more)
    elif more:
        free = max(0, seating.free_in(session, moment))
        if (more > free or seating.has_line(session)) and not may_wait:
            left = 0 if seating.has_line(session) else free
            raise Conflict("seats_left", left=left, session=session.title)
        seating.take(claim, session, more, moment)


def _same_people(party: Party, counts: Mapping[Band, int]) -> None:
    """Rows of people who stay are kept with what they said about photographs; of those who do not come, the careful go last."""
    for band, number in counts.items():
        there = list(party.guests.filter(band=band).order_by("may_photograph", "pk"))
        for guest in there[number:]:
            guest.delete()
        Guest.objects.bulk_create(Guest(party=party, band=band) for _ in range(number - len(there)))


def _known(session_id: UUID | str) -> UUID:
    try:
        return session_id if isinstance(session_id, UUID) else UUID(session_id)
    except ValueError:
        raise NotFound from None
