"""Whether an act on a leg is offered to its reader, beside what the table of moves says: one function a row of ``LEG_ACTS``."""

from collections.abc import Callable
from typing import Final

from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.centre.incident_shown import dials as dialled_now
from referrals.emergency.models import Answer, Leg
from referrals.emergency.rules.drills import is_played
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.incident_moves import LIVE, IncidentState
from referrals.emergency.rules.leg_states import OPEN, PAGED, TAKEN, LegEvent, LegState, Who
from referrals.emergency.rules.moves import may
from referrals.emergency.rules.outside import MEETS_THE_PERSON, PURPOSE_OF, is_by_hand
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.workflow.never_of_duty import of_duty
from referrals.emergency.workflow.standing import leads_duty

OUTSIDE: Final = frozenset({LegKind.FAMILY, LegKind.MEDICAL, LegKind.COMMUNITY})


def event(event: LegEvent) -> Callable[[Read, Leg], bool]:
    """What the table alone decides."""
    return lambda read, leg: read.may(leg, event)


def takes(read: Read, leg: Leg) -> bool:
    """Whoever was called presses it; the team and the centre where nobody answers. Else outside legs are their own people's."""
    if LegState(leg.state) is LegState.EXHAUSTED and read.may(leg, LegEvent.TAKE):
        return True
    page = read.own_page(leg)
    if page is not None and read.speaks(leg):
        return page.answer == "" and read.may(leg, LegEvent.ACKNOWLEDGE)
    return leg.kind not in OUTSIDE and leg.kind != LegKind.TEAM and read.may(leg, LegEvent.ACKNOWLEDGE)


def behalf(read: Read, leg: Leg) -> bool:
    """Written down by the owner of the school's leg."""
    return leg.kind in OUTSIDE and Who.OWNER in read.who(leg) and read.may(leg, LegEvent.ACKNOWLEDGE)


def there_for_them(read: Read, leg: Leg) -> bool:
    """The same, once they are there."""
    is_owners = leg.kind in OUTSIDE and Who.OWNER in read.who(leg) and read.may(leg, LegEvent.ENGAGE)
    return is_owners and not _plays(read, leg)


def there(read: Read, leg: Leg) -> bool:
    """Whoever has it or said that they come; while it is called, whoever was called. Not who was called and somebody else came,
    nor who has answered while more of the team are still called: they have said it.
    """
    if not read.may(leg, LegEvent.ENGAGE):
        return False
    page = read.own_page(leg)
    if leg.kind == LegKind.TEAM and LegState(leg.state) in PAGED and page is not None and page.answer:
        return False
    if page is None or not read.speaks(leg):
        return leg.kind not in OUTSIDE
    has = leg.owner_id == read.actor.membership_id or page.answer == Answer.ACKNOWLEDGED
    return has or (LegState(leg.state) in PAGED and page.answer == Answer.NONE)


def declines(read: Read, leg: Leg) -> bool:
    """Whoever was called and has not answered."""
    page = read.own_page(leg)
    if page is None or page.answer or not (read.speaks(leg) or is_by_hand(page.role)):
        return False
    return may(LegState(leg.state), LegEvent.DECLINE, {Who.RECIPIENT}, is_drill=leg.is_drill)


def holds(read: Read, leg: Leg) -> bool:
    """What is held already is held anew only against somebody's first word to let it go on."""
    is_held = LegState(leg.state) is LegState.HELD
    return read.may(leg, LegEvent.HOLD) and (not is_held or read.word("lift", leg) is not None)


def lifts(read: Read, leg: Leg) -> bool:
    """Not by whoever has said the first word."""
    word = read.word("lift", leg)
    mine = word is not None and word.by_id == read.actor.membership_id
    return not mine and read.may(leg, LegEvent.LIFT)


def dials(read: Read, leg: Leg) -> bool:
    """A number that a person dials now."""
    return bool(dialled_now(read, leg)) and bool(read.who(leg) or read.own_page(leg) or read.own_page(read.school))


def places(read: Read, leg: Leg) -> bool:
    """Where the family is asked to come."""
    return (
        leg.kind == LegKind.FAMILY
        and LegState(leg.state) in OPEN
        and bool(read.who(leg) & {Who.DUTY, Who.CENTRE, Who.OWNER})
        and not _plays(read, leg)
    )


def _plays(read: Read, leg: Leg) -> bool:
    """In a drill: whether the reader plays the leg's party, and so writes nothing down for it."""
    page = read.own_page(leg) if leg.is_drill else None
    return page is not None and is_played(page.role)


def tells(read: Read, leg: Leg) -> bool:
    """Words for a party that meets the person."""
    return (
        PURPOSE_OF[LegKind(leg.kind)] in MEETS_THE_PERSON
        and LegState(leg.state) in OPEN
        and bool(read.who(leg) & {Who.DUTY, Who.CENTRE, Who.OWNER})
        and not _plays(read, leg)
    )


def reads_out(read: Read, leg: Leg) -> bool:
    """The centre and who is on duty, while somebody outside has it and a card."""
    outside = {row.pk for row in read.paged.get(leg.pk, ()) if row.member_id is None}
    return (
        leg.taken_by_id in outside
        and LegState(leg.state) in PAGED | TAKEN
        and not leg.is_drill
        and bool(read.who(leg) & {Who.DUTY, Who.CENTRE, Who.CENTRE_HEAD})
    )


def starts(read: Read, leg: Leg) -> bool:
    """What stands by, begun by hand."""
    return read.may(leg, LegEvent.START) and read.actor.may("incident.grade") and bool(read.incident.grade)


def begins_again(read: Read, leg: Leg) -> bool:
    """The centre, for what has ended while the incident goes on; the second of two words not by whoever has said the first."""
    word = read.word("again", leg)
    mine = word is not None and word.by_id == read.actor.membership_id
    goes_on = IncidentState(read.incident.state) in LIVE and bool(read.incident.grade) and not leg.is_drill
    return goes_on and not mine and read.actor.may("incident.close") and read.may(leg, LegEvent.REOPEN)


def refuses(read: Read, leg: Leg) -> bool:
    """The person's no to what stands by; below a grade that has been written."""
    return read.may(leg, LegEvent.PERSON_REFUSES) and bool(read.incident.grade)


def is_own(read: Read, leg: Leg) -> bool:
    """Whether the reader has the leg themself: not the school's owner, to whom an outside party's leg falls as well."""
    return leg.owner_id is not None and leg.owner_id == read.actor.membership_id


def hands_over(read: Read, leg: Leg) -> bool:
    """Whoever has it, while nobody is asked."""
    return is_own(read, leg) and leg.asked_id is None and read.may(leg, LegEvent.HAND_OVER)


def keeps(read: Read, leg: Leg) -> bool:
    """Whoever has it and has asked somebody."""
    return is_own(read, leg) and leg.asked_id is not None and read.may(leg, LegEvent.HAND_OVER_UNDONE)


def is_asked(read: Read, leg: Leg) -> bool:
    """The colleague who was asked."""
    return (
        leg.asked_id is not None
        and read.may(leg, LegEvent.HAND_OVER_ACCEPTED)
        and leg.asked_id == read.actor.membership_id
    )


def calls_by_hand(read: Read, leg: Leg) -> bool:
    """Whoever is on duty, where the family is not played and the person is known."""
    return (
        leg.kind == LegKind.FAMILY
        and Who.DUTY in read.who(leg)
        and read.incident.person_id is not None
        and not read.incident.is_drill
    )


def lifts_bars(read: Read) -> bool:
    """The head of the centre, once it has ended and it is known whom it is about."""
    return (
        SeatKind.CENTRE_HEAD in read.seats
        and read.incident.closed_at is not None
        and read.incident.person_id is not None
        and of_duty(read.incident).exists()
    )


def names(read: Read) -> bool:
    """Duty and centre, while the incident goes on and nobody has written whom it is about."""
    return (
        read.actor.may("incident.grade")
        and read.incident.person_id is None
        and not read.incident.is_drill
        and IncidentState(read.incident.state) in LIVE
    )


def bars(read: Read) -> bool:
    """Whoever is on duty, while the incident goes on and it is known whom it is about."""
    return leads_duty(read.actor) and read.incident.closed_at is None and read.incident.person_id is not None
