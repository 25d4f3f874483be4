"""Who is told what of an incident: the table of chain §6 as people read it, and the row of a colleague who was called."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.roles import Role
from referrals.emergency.card_texts import card_lines
from referrals.emergency.centre.incident_offers import OUTSIDE, is_asked
from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.incident_texts import Text, role_text
from referrals.emergency.models import Answer, Incident, Leg, LegStep, Place, Recipient
from referrals.emergency.rules.drills import is_played
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.incident_moves import LIVE, IncidentState
from referrals.emergency.rules.leg_states import OPEN, PAGED, TAKEN, LegState
from referrals.emergency.rules.outside import PURPOSE_OF, is_by_hand
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.workflow.cards import card_body
from ui.states import sign_of


@dataclass(frozen=True, slots=True)
class Task:
    """A colleague's row. ``facts`` is all that they see of it; ``legs`` are those on which they were called."""

    title: str
    text: Text
    facts: list[tuple[str, str]]
    legs: list[Leg]


_MEETS: Final = frozenset({LegKind.SCHOOL})
"""Whoever has one of these legs meets the person: a name and a place, once they have said that they come."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A colleague's row of chain §6, without words: pages and interface are cut to the same.

    ``legs``: on which something is still theirs. ``has_status``: the principal reads how it stands.
    """

    legs: list[Leg]
    has_status: bool
    has_name: bool
    has_place: bool


def cut_of(read: Read) -> Cut | None:
    """What a colleague who is neither centre nor duty may see; None: nothing of it is theirs.

    Principal: how it stands, and the name when it is extreme. Others: their own legs; name and place only where it is to
    meet the person, and only after they have said that they have it.
    """
    called = [leg for leg in read.legs.values() if is_called(read, leg)]
    legs = sorted((leg for leg in called if _concerns(read, leg)), key=lambda leg: not waits_for(read, leg))
    is_principal = Role.PRINCIPAL in read.actor.roles
    if not called and not is_principal:
        return None
    meets = any(leg.kind in _MEETS and (_has(read, leg) or _answered(read, leg)) for leg in legs)
    is_extreme = read.incident.grade == Grade.EXTREME
    return Cut(legs, is_principal, meets or (is_principal and is_extreme), meets)


def is_called(read: Read, leg: Leg) -> bool:
    """Whether the reader was ever called on ``leg``, or has it."""
    return read.own_page(leg) is not None or _has(read, leg)


def is_own(read: Read, leg: Leg) -> bool:
    """Whether the leg is the reader's to answer for: they have it, or were called on it and not only about it."""
    page: Any = read.own_page(leg)
    return _has(read, leg) or (page is not None and (read.speaks(leg) or is_by_hand(page.role)))


def _said_no_alone(read: Read) -> bool:
    """Whether the reader has said no wherever they were called, and others are still being called there."""
    called = [leg for leg in read.legs.values() if is_called(read, leg)]
    said = {page.answer for leg in called if (page := read.own_page(leg)) is not None}
    return said == {Answer.DECLINED} and any(LegState(leg.state) in PAGED for leg in called)


def waits_for(read: Read, leg: Leg) -> bool:
    """Whether the reader was called on ``leg`` and has not said anything yet."""
    page = read.own_page(leg)
    return page is not None and page.answer == Answer.NONE and LegState(leg.state) in PAGED


def task_of(read: Read) -> Task | None:
    """The same as a page says it."""
    cut = cut_of(read)
    if cut is None:
        return None
    if not cut.legs and not cut.has_status:
        if _said_no_alone(read):
            return Task(
                _("You have answered"), _("Others are being called. Nothing more is asked of you. Thank you."), [], []
            )
        return Task(_("Somebody has it"), _("Nothing more is asked of you. Thank you."), [], [])
    facts = _status(read) if cut.has_status else []
    if cut.has_name:
        facts.append((pgettext("incident", "Person"), read.name(read.incident.person_id) or _("not known yet")))
    if cut.has_place:
        facts += _place(read)
    facts += _played_cards(read, cut.legs)
    title = _("You are called") if cut.legs else _("An incident is open")
    return Task(title, _text(read, cut.legs, cut.has_place), facts, cut.legs)


def _played_cards(read: Read, legs: list[Leg]) -> list[tuple[str, str]]:
    """In a drill: what would stand on the card of the party that the reader plays, once they have it (chain §4, §6)."""
    if not read.incident.is_drill:
        return []
    taken = [leg for leg in legs if leg.kind in OUTSIDE and (_has(read, leg) or _answered(read, leg))]
    return [row for leg in taken for row in card_lines(PURPOSE_OF[LegKind(leg.kind)], card_body(read.incident, leg))]


def _concerns(read: Read, leg: Leg) -> bool:
    """Whether something of it is still theirs: they have it, said that they come, or it is called and they have not answered."""
    page = read.own_page(leg)
    if is_asked(read, leg):
        return True
    if _has(read, leg) or (page is not None and page.answer == Answer.ACKNOWLEDGED):
        return LegState(leg.state) in OPEN
    return waits_for(read, leg)


def _has(read: Read, leg: Leg) -> bool:
    return leg.owner_id is not None and leg.owner_id == read.actor.membership_id


def _answered(read: Read, leg: Leg) -> bool:
    page = read.own_page(leg)
    return page is not None and page.answer == Answer.ACKNOWLEDGED


def is_played_leg(read: Read, leg: Leg) -> bool:
    """Whether the reader plays who is called on ``leg``, in a drill."""
    page = read.own_page(leg)
    return read.incident.is_drill and page is not None and is_played(page.role)


def _status(read: Read) -> list[tuple[str, str]]:
    one = read.incident
    grade = sign_of(one.grade, "grade").text if one.grade else sign_of("reported", "incident").text
    rows = [(_("Grade"), str(grade)), (_("State"), str(sign_of(one.state, "incident").text))]
    rows.append((_("School's line"), str(sign_of(read.school.state, "leg").text)))
    return rows


def _place(read: Read) -> list[tuple[str, str]]:
    one = read.incident
    parts = [str(dict(Place.choices).get(one.place, "")), one.read_words("place")]
    return [(_("Where"), _(", ").join(part for part in parts if part) or _("not known"))]


def _text(read: Read, legs: list[Leg], meets: bool) -> str:
    called = {page.role for leg in legs if (page := read.own_page(leg)) is not None}
    roles = {role.rpartition(":")[2] for role in called}
    if not meets and any(is_asked(read, leg) for leg in legs):
        return _(
            "A colleague asks you to take over. Until you do it is theirs; name and place stand here once you have it."
        )
    if any(waits_for(read, leg) and is_played_leg(read, leg) for leg in legs):
        played = [role for role in called if is_played(role)]
        return _("You play: %(roles)s. So far they read only that somebody is needed. Answer as they would.") % {
            "roles": _(", ").join(sorted(role_text(role) for role in played))
        }
    if played := [role for role in called if read.incident.is_drill and is_played(role)]:
        return _("You play: %(roles)s. Answer as they would; what they would read stands below.") % {
            "roles": _(", ").join(sorted(role_text(role) for role in played))
        }
    if any(leg.kind in _MEETS for leg in legs):
        if meets:
            return _("Go to the person, or speak with them. Stay until somebody takes over.")
        return _("Somebody is needed now. The name and the place stand here once you have said that you come.")
    if SeatKind.DOCTOR in roles:
        return _("Be ready to go where the duty psychologist says, and to speak with 120.")
    if SeatKind.MORAL in roles:
        return _("Find cover for lessons and a colleague who can stay. The duty psychologist tells you when.")
    if any(is_by_hand(role) for role in called):
        return _("Call the number by hand and press “Called”.")
    if Role.PRINCIPAL in read.actor.roles:
        return _("This is how it stands. The centre leads it.")
    return _("Answer here, then wait for word from the duty psychologist.")


def who_knows(read: Read, *, to_person: bool = False) -> list[tuple[str, str]]:
    """Who has been told what by now, as the centre reads it; afterwards the person is told the same, but for whoever
    reported it: they appear in no list (chain §6).
    """
    one, legs = read.incident, read.legs
    nothing, not_told = _("nothing"), _("not told")

    def called(kind: LegKind, told: str) -> str:
        if kind not in legs:
            return not_told
        is_read_out = any(mark.code == "card.read_out" and mark.leg_id == legs[kind].pk for mark in read.marks)
        if not (is_read_out or is_told(read, legs[kind])):
            return not_told
        if any(mark.code == "card.progress" and mark.leg_id == legs[kind].pk for mark in read.marks):
            told = _("%(told)s; afterwards how it goes on") % {"told": told}
        return _("%(told)s; read out by telephone") % {"told": told} if is_read_out else told

    def marked(code: str, told: str) -> str:
        return told if read.marked_at(code) is not None else not_told

    seats = {SeatKind.MORAL: pgettext("role", "Moral education"), SeatKind.DOCTOR: pgettext("role", "School doctor")}
    extreme = one.grade == Grade.EXTREME
    principal = _("how it stands, and the name") if extreme else _("how it stands, no name")
    if not is_seat_told(read, SeatKind.PRINCIPAL):
        principal = _("not told; may look: %(what)s") % {"what": principal}
    family = called(LegKind.FAMILY, _("that they are needed, where, whom to call"))
    if any(mark.code == "contact.by_hand" for mark in read.marks):
        family = _("that they are needed, where, whom to call; a contact who had not agreed was called by hand")
    medical = called(LegKind.MEDICAL, _("the risk in short; the name to whoever had it"))
    if medical == not_told and (number := _dialled(read, LegKind.MEDICAL)):
        medical = _("%(number)s was called by hand") % {"number": number}
    asked = read.marked_at("relief.opened") or read.marked_at("grant.asked")
    union = _("that support is asked for") if asked is not None else not_told
    reporter = (_("Whoever reported it"), _("received, or in hand") if one.reported_by_id else nothing)
    return [
        (_("Centre and duty"), _("all of it; every look is kept")),
        (_("Principal"), principal),
        *((name, _("their own task") if is_seat_told(read, seat) else not_told) for seat, name in seats.items()),
        *([] if to_person else [reporter]),
        (_("Family"), family),
        (_("Hospital"), medical),
        (
            _("Community"),
            called(LegKind.COMMUNITY, _("the address and what is to be done; the name to whoever had it")),
        ),
        (_("Whoever arranges the duties"), marked("duties.written", _("which duties change, and the days; no reason"))),
        (
            _("Whoever stayed with the person"),
            marked("companion.accept", _("the name, where, and what to watch for; no reason")),
        ),
        (_("Union"), union),
        (_("Everybody else"), nothing),
    ]


def is_told(read: Read, leg: Leg) -> bool:
    """Whether somebody of the leg's own people was really told: a page has left, or they answered, or somebody of the school
    has it from them by telephone. Who was only to be called knows nothing.
    """
    if any(mark.leg_id == leg.pk and mark.facts.get("behalf") for mark in read.marks):
        return True
    own = (row for row in read.paged.get(leg.pk, ()) if row.purpose == LegStep.Purpose.STEP)  # type: ignore[attr-defined]
    if leg.kind in OUTSIDE:  # a colleague who is to dial 120 is not the hospital; in a drill colleagues play it
        own = (row for row in own if (row.member_id is None or row.is_drill) and not is_by_hand(row.role))
    return any(_knows(row) for row in own)


def is_seat_told(read: Read, seat: SeatKind) -> bool:
    """The same of whoever holds a seat, on whatever leg."""
    pages = [row for rows in read.paged.values() for row in rows]
    return any(_knows(row) for row in pages if row.role.rpartition(":")[2] == seat)


def _knows(row: Recipient) -> bool:
    if row.answer == Answer.WRONG_NUMBER:
        return False  # whoever answered there is not of this party
    return row.is_sent or row.answer != Answer.NONE  # type: ignore[attr-defined]


def _dialled(read: Read, kind: LegKind) -> str:
    """The number that a person dialled for a leg; ``""`` for none."""
    leg = read.legs.get(kind)
    found = (mark for mark in read.marks if mark.code == "dialled" and leg is not None and mark.leg_id == leg.pk)
    return next((str(mark.facts.get("dial", "")) for mark in found), "")


def is_handled(incident: Incident, school: Leg) -> bool:
    """What a reporter is told: somebody has it, or has dealt with it. Never how it ended, nor that it was joined to another:
    then it stands as that one does.
    """
    if incident.state == IncidentState.MERGED:
        goes_on = Leg.objects.filter(
            kind=LegKind.SCHOOL,
            incident__person_id=incident.person_id,
            incident__state__in=LIVE,
            incident__is_drill=False,
        ).first()
        return goes_on is None or goes_on.state in TAKEN
    return incident.closed_at is not None or school.state in ("acknowledged", "engaged", "handed_over", "closed")
