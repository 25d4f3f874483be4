"""The words of an incident's pages: legs, roles, what happened, what each party is told. No name stands here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models import Channel
from referrals.emergency.rules.drills import Fault, Part
from referrals.emergency.rules.duties import Duty
from referrals.emergency.rules.follow_ups import FollowUpEnd, Went
from referrals.emergency.rules.grades import Grade, LegKind, Party
from referrals.emergency.rules.step_rules import Target
from referrals.emergency.rules.support import CareKind
from referrals.emergency.texts import GRADE_TEXTS

Text = str | Promise

PARTY_TEXTS: Final[Mapping[Party, tuple[Text, str]]] = {
    Party.SCHOOL: (pgettext_lazy("party", "School"), "building"),
    Party.FAMILY: (pgettext_lazy("party", "Family"), "home"),
    Party.SOCIETY: (pgettext_lazy("party", "Society"), "people"),
}
LEG_TEXTS: Final[Mapping[LegKind, Text]] = {
    LegKind.SCHOOL: pgettext_lazy("leg", "School"),
    LegKind.FAMILY: pgettext_lazy("leg", "Family"),
    LegKind.MEDICAL: pgettext_lazy("leg", "Medical"),
    LegKind.COMMUNITY: pgettext_lazy("leg", "Community"),
    LegKind.TEAM: pgettext_lazy("leg", "Emergency team"),
}
GRADE_SAYS: Final[Mapping[Grade, Text]] = {
    Grade.GENERAL: _("Worrying, and nobody is in danger now"),
    Grade.MAJOR: _("Somebody may come to harm"),
    Grade.EXTREME: _("Life is in danger"),
}
"""A grade in people's words."""

DUTY_TEXTS: Final[Mapping[str, Text]] = {
    Duty.LESSONS: pgettext_lazy("duty", "Lessons are taken over by others"),
    Duty.EVENING: pgettext_lazy("duty", "No evening duty"),
    Duty.CLASS_TEACHER: pgettext_lazy("duty", "No class teacher's work"),
    Duty.LIGHTER: pgettext_lazy("duty", "Lighter hours"),
    Duty.LEAVE: pgettext_lazy("duty", "Leave"),
}
"""What can change of somebody's duties, for the person, for who arranges it and for who writes it alike."""


def duties_text(duties: Iterable[str], share: int | None = None) -> str:
    """The chosen ones in their order, in one line. ``share``: percent of the usual hours, said instead of "lighter"."""
    chosen = set(duties)
    told = [
        str(text) for duty, text in DUTY_TEXTS.items() if str(duty) in chosen and not (share and duty is Duty.LIGHTER)
    ]
    if share:
        told.append(_now("%(n)d%% of the usual hours") % {"n": share})
    return str(_now(", ")).join(told)


TOLD: Final[Mapping[LegKind, Text]] = {
    LegKind.SCHOOL: _("The name, the place, and what was noticed."),
    LegKind.FAMILY: _("That the school needs them, where to come, whom to call. Not why."),
    LegKind.MEDICAL: _("The risk in short, the place, the telephone of who is there. The name after they have it."),
    LegKind.COMMUNITY: _("The address and what is to be done. The name after they have it."),
    LegKind.TEAM: _("That there is an incident, and each their own task."),
}
"""What a party is told when it is called (chain §6)."""

FAULT_TEXTS: Final[Mapping[str, Text]] = {
    Fault.NO_ANSWER: pgettext_lazy("fault", "Nobody answers"),
    Fault.DEAD_NUMBER: pgettext_lazy("fault", "Dead number"),
    Fault.REFUSAL: pgettext_lazy("fault", "Refuses"),
}
"""What goes wrong on purpose in a drill."""
PART_TEXTS: Final[Mapping[str, Text]] = {
    Part.SELF: pgettext_lazy("part", "Themself, in their own post"),
    Part.FIRST_CONTACT: pgettext_lazy("part", "Family: first contact"),
    Part.SECOND_CONTACT: pgettext_lazy("part", "Family: second contact"),
    Part.HOSPITAL: pgettext_lazy("part", "Hospital or centre on duty"),
    Part.COMMUNITY: pgettext_lazy("part", "Community"),
    Part.LINE: pgettext_lazy("part", "Outside line"),
    Part.OPERATOR: pgettext_lazy("part", "Operator"),
}
"""Whom a colleague plays."""

_CHANNELS: Final[Mapping[Any, Text]] = dict(Channel.choices)
_ROLES: Final[Mapping[str, Text]] = {
    "on_duty:1": pgettext_lazy("role", "Duty psychologist"),
    "on_duty:2": pgettext_lazy("role", "Second psychologist"),
    "seat:centre_head": pgettext_lazy("role", "Head of the centre"),
    "seat:principal": pgettext_lazy("role", "Principal"),
    "seat:moral": pgettext_lazy("role", "Moral education"),
    "seat:doctor": pgettext_lazy("role", "School doctor"),
    "seat:district": pgettext_lazy("role", "District"),
    "contact:1": pgettext_lazy("role", "First contact"),
    "contact:2": pgettext_lazy("role", "Second contact"),
    "partner": pgettext_lazy("role", "Institution on duty"),
    "home_community": pgettext_lazy("role", "Community of the home"),
    "line": pgettext_lazy("role", "Outside line"),
    "team": pgettext_lazy("role", "Emergency team"),
    "operator": pgettext_lazy("role", "Operator's line"),
    "owner": pgettext_lazy("role", "Whoever has it"),
    "asked": pgettext_lazy("role", "Asked to take over"),
}


def role_text(role: str) -> str:
    """As what somebody is called, in words. ``seat:doctor``, ``team:seat:doctor`` and ``by_hand:120`` alike."""
    target, _sep, detail = role.partition(":")
    if target == Target.BY_HAND:
        return _now("Call %(number)s by hand") % {"number": detail}
    if target in (Target.TEAM, Target.DEPUTY) and detail:
        return str(_ROLES.get(f"seat:{detail}", detail))
    return str(_ROLES.get(role) or _ROLES.get(target) or role)


ANSWER_TEXTS: Final[Mapping[str, Text]] = {
    "": pgettext_lazy("answer", "no answer"),
    "acknowledged": pgettext_lazy("answer", "has it"),
    "declined": pgettext_lazy("answer", "not now"),
    "wrong_number": pgettext_lazy("answer", "wrong number"),
    "also": pgettext_lazy("answer", "answered too"),
}

WENT_TEXTS: Final[Mapping[str, Text]] = {
    Went.RECOVERED: pgettext_lazy("went", "Recovered"),
    Went.BETTER: pgettext_lazy("went", "Better"),
    Went.SAME: pgettext_lazy("went", "As before"),
    Went.WORSE: pgettext_lazy("went", "Worse"),
    Went.NOT_REACHED: pgettext_lazy("went", "Not reached"),
    Went.REFUSED: pgettext_lazy("went", "Wants no talk"),
}
"""How a weekly talk went."""
ENDED_TEXTS: Final[Mapping[str, Text]] = {
    FollowUpEnd.RECOVERED: pgettext_lazy("talks", "the last talk says recovered"),
    FollowUpEnd.LEFT: pgettext_lazy("talks", "the person has left the school"),
    FollowUpEnd.DIED: pgettext_lazy("talks", "the person has died"),
    FollowUpEnd.REOPENED: pgettext_lazy("talks", "the incident was opened again"),
    FollowUpEnd.NEWER: pgettext_lazy("talks", "those after a newer incident go on"),
}
"""Why the weekly talks ended."""

CARE_TEXTS: Final[Mapping[str, Text]] = {
    CareKind.GROUP: pgettext_lazy("care", "Talks of the group with a psychologist"),
    CareKind.SINGLE: pgettext_lazy("care", "An hour for each who wants one"),
}
"""What those who were close to an incident are offered."""

_HAPPENED: Final[Mapping[str, Text]] = {
    "opened": _("Opened"),
    "incident.released": _("Released by the operator: this copy of the database may call for it"),
    "report.joined": _("Another report was joined"),
    "report.by_itself": _("Reports that lay unread call as an incident of their own"),
    "report.split": _("A report became an incident of its own"),
    "person.named": _("It is known who it is"),
    "joined": _("Joined to the incident that is open for this person"),
    "grade.written": _("Grade written"),
    "grade.lowered": _("Grade lowered"),
    "contacted": _("First contact with the person"),
    "assessed": _("Assessment done"),
    "watched": _("Looked in on today"),
    "dialled": _("Called by hand"),
    "meeting_place": _("Meeting place written"),
    "card.words": _("Words for the outside party written"),
    "alarm.heard": _("Has heard the alarm; nobody has the line yet by that"),
    "card.read_out": _("The card was read out by telephone"),
    "card.code_asked": _("Rung with a code that opens the card"),
    "card.code_used": _("The card was opened by a code for 30 minutes"),
    "outside.said": _("Replied in words; read them, nothing was taken by it"),
    "outside.colleague": _("The outside party says who has it now"),
    "relief.opened": _("Crisis relief asked for with the person's yes"),
    "duties.written": _("Change of duties agreed with the person"),
    "duties.renewed": _("Change of duties renewed with the person"),
    "duties.ended": _("Change of duties ended early"),
    "duties.received": _("Change of duties received by who arranges it"),
    "duties.arranged": _("Change of duties arranged"),
    "closed": pgettext_lazy("incident", "Closed"),
    "false_alarm": _("False alarm, said by two people"),
    "team.told_of_extensions": _("The team was told that the time was put off twice"),
    "contact.by_hand": _("A contact who had not agreed was called by hand"),
    "never.added": _("Somebody is never to be called about this person any more"),
    "never.lifted": _("Somebody written on duty may be called again about this person"),
    "task.watch": _("The person said no to a line: a look at them is due within 24 hours"),
    "task.watch_done": _("Looked again how the person is"),
    "task.tell_both": _("The person and the contact are to be told within 72 hours"),
    "task.tell_both_done": _("The person and the contact were told"),
    "task.tell": _("The person is to be told within 72 hours who was told what"),
    "task.tell_done": _("The person was told who was told what"),
    "task.plan": _("The agreed plan is still to be written"),
    "plan.agreed": _("Plan agreed with person and family"),
    "task.put_off_asked": _("One person wants to tell them later; a second must agree"),
    "task.put_off": _("To be told later, said by two people"),
    "task.overdue": _("The telling is overdue: the head of the centre was told"),
    "task.review": _("The review of the case is still to be written"),
    "task.colleagues": _("Colleagues who were close to it are to be offered help within 72 hours"),
    "task.colleagues_done": _("Colleagues who were close to it were offered help"),
    "review.written": _("Review of the case written"),
    "review.changed": _("Something was changed after the review"),
    "grant.asked": _("The union was asked for its own grant, with the person's yes"),
    "grant.given": _("The union has given its own grant"),
    "grant.declined": _("The union has declined its own grant"),
    "care.asked": _("Help for those who were close to it was asked for"),
    "card.progress": _("A word on how it goes on was put on the card of an outside party"),
    "companion.planned": _("A colleague was asked to stay with the person"),
    "companion.accept": _("The companion comes"),
    "companion.decline": _("The companion cannot come"),
    "companion.report": _("The companion is there"),
    "companion.relieved": _("The companion was relieved"),
    "companion.must_go": _("The companion had to go; whoever has it was called"),
    "companion.cancel": _("The companion is not needed any more"),
    "companion.absent": _("The companion has not come: whoever has it was called"),
    "companion.not_relieved": _("The companion was not relieved: whoever has it was called"),
    "follow_up.opened": _("Weekly talks begin"),
    "follow_up.talk": _("Weekly talk written down"),
    "follow_up.due": _("A weekly talk is due: whoever keeps it was told"),
    "follow_up.extended": _("Weekly talks planned for a month longer"),
    "follow_up.taken": _("Somebody else keeps the weekly talks"),
    "follow_up.goes_on": _("The person has left the school and wants the talks to go on"),
    "follow_up.refused": _("The person wants no talks; somebody keeps an eye on how they are"),
    "follow_up.wanted": _("The person wants talks again"),
    "follow_up.ended": _("Weekly talks ended"),
    "grade_due": _("The grade is still missing: asked again"),
    "contact_due": _("No contact after two hours: asked again"),
    "assessment_due": _("No assessment after 24 hours: asked again"),
    "watch_due": _("Nobody has looked in today: asked"),
    "first_word.close": _("One person wants to close it; a second must agree"),
    "first_word.false_alarm": _("One person says it was a false alarm; a second must agree"),
    "first_word.lower_grade": _("One person wants a lower grade; a second must agree"),
    "first_word.again": _("One person wants to call them after all; a second must agree"),
    "first_word.lift": _("One person wants to let it be called again; a second must agree"),
    "leg.start": _("Begun by hand"),
    "leg.start_soon": _("Begins in some minutes, unless held"),
    "leg.start_due": _("Begun: nobody had held it"),
    "leg.person_agrees": _("Begun: the person agreed"),
    "leg.person_refuses": _("The person said no"),
    "leg.raise_grade": _("The grade rose"),
    "leg.raise_holds": _("The grade rose: held, the danger may be at home"),
    "leg.known_calls": _("It is known who it is: called at once"),
    "leg.known_soon": _("It is known who it is: called in some minutes, unless held"),
    "leg.known_waits": _("It is known who it is: standing by"),
    "leg.known_holds": _("It is known who it is: held, the danger may be at home"),
    "leg.review_due": _("Still standing by: asked whether to begin"),
    "leg.step_due": pgettext_lazy("happened", "Called"),
    "leg.dial_again": _("Nobody has answered yet: asked once more to dial"),
    "leg.overdue": _("Overdue for more than six hours: the head of the centre and the operator are called first"),
    "leg.spent": _("Everybody was called and nobody answered; the team and the operator are called"),
    "leg.step_unknown": _("The plan has a step that this version cannot read: left out, the others are called"),
    "leg.poisoned": _("Could not be worked; the team and the operator are called"),
    "leg.tick": _("Still nobody: the team and the operator were called again"),
    "leg.decline": _("“Not me”"),
    "leg.wrong_number": _("Wrong number"),
    "leg.acknowledge": pgettext_lazy("happened", "Taken"),
    "leg.acknowledge_in_part": _("One of the team has answered"),
    "leg.late_answer": _("Answered too, after somebody had it"),
    "leg.take": _("Taken over"),
    "leg.engage": _("There, or has spoken with the person"),
    "leg.engage_ask": _("Asked: are you there?"),
    "leg.engage_due": _("Not there in time"),
    "leg.extend": _("Named another time"),
    "leg.release": _("Let go; somebody else is called"),
    "leg.sign_of_life": _("“Still with it”"),
    "leg.life_due": _("Asked: still with it?"),
    "leg.life_unanswered": _("No sign in time"),
    "leg.hand_over": _("Asked a colleague to take over"),
    "leg.hand_over_accepted": _("A colleague took over"),
    "leg.hand_over_due": _("Nobody has taken over"),
    "leg.hand_over_declined": _("Whoever was asked to take over cannot"),
    "leg.hand_over_undone": _("Keeps it after all"),
    "leg.pass_on": _("The person was passed on"),
    "leg.report_done": _("Reported as done"),
    "leg.received": _("The person arrived"),
    "leg.bounced": _("The person did not arrive"),
    "leg.passed_due": _("No word of the person's arrival"),
    "leg.hold": pgettext_lazy("happened", "Held"),
    "leg.hold_due": _("Still held: asked again"),
    "leg.lift": _("Let go on, by two people"),
    "leg.replace": _("Somebody else is called instead"),
    "leg.lower_keeps": _("The grade fell; this goes on"),
    "leg.lower_arms": _("The grade fell; this stands by"),
    "leg.lower_ends": _("Not needed at this grade"),
    "leg.false_alarm_said": _("Not called further: perhaps a false alarm"),
    "leg.false_alarm_confirmed": _("Ended as a false alarm"),
    "leg.false_alarm_lapsed": _("No second word: called again"),
    "leg.close": pgettext_lazy("happened", "Ended"),
    "leg.close_for_good": pgettext_lazy("happened", "Ended"),
    "leg.joined": pgettext_lazy("happened", "Ended"),
    "leg.reopen": _("Opened again"),
    "leg.real_incident": _("The drill has been stopped"),
    **dict.fromkeys(("leg.resume", "leg.resume_waits", "leg.resume_soon", "leg.resume_holds"), _("Drill goes on")),
    "leg.abort": _("Drill ended"),
    "leg.freeze_due": _("Drill ended by itself"),
    # drills
    "drill.begun": _("Drill begun"),
    "drill.frozen": _("The drill has been stopped"),
    "drill.resumed": _("Drill goes on"),
    "drill.message": _("Drill: a message of the scenario was given"),
    "drill.fault": _("Drill: a fault on purpose"),
    "drill.abort": _("Drill stopped by the word"),
    "drill.end": _("Drill ended"),
    "drill.lapse_due": _("Drill ended by itself after a day"),
    "delivery.failed": _("Did not leave, or did not arrive; the next way was taken at once"),
    "delivery.folded": _("Told with the message that had just left to the same person"),
    "delivery.put_back": _("Not sent yet; the next way was taken at once"),
}
HAPPENED_CODES: Final = frozenset(_HAPPENED)
_SILENT: Final = _("the provider does not answer")
_NO_LINE: Final = _("there is no connection to the provider")
_WHY: Final[Mapping[str, Text]] = {
    **dict.fromkeys(
        ("circuit_open", "down", "cut_off", "timed_out", "unreadable", "gateway_silent", "no_gateway"), _SILENT
    ),
    **dict.fromkeys(("no_line", "gateway_unreachable"), _NO_LINE),
    "limit_minute": _("no more messages within this minute"),
    "limit_hour": _("no more messages within this hour"),
    "limit_day": _("no more messages today"),
    "limit": _("the provider's limit is reached"),
    **dict.fromkeys(
        ("never_carried", "no_approved_template", "forbidden_by_school", "no_template"),
        _("no approved template for it"),
    ),
    "no_provider": _("no account for it"),
    "bad_number": _("the provider does not send to this number"),
    "not_reached": _("nobody with this number is found there"),
    "not_delivered": _("it did not arrive"),
    "balance": _("the account has no balance left"),
    "no_mark": _("nothing leaves this installation"),
    "left": _("they have left the school"),
}
"""Why a page did not leave, for whoever reads the incident; of anything else: refused by the provider."""


def happened_text(code: str, facts: Mapping[str, Any]) -> str:
    """One row of the timeline in words; an unknown code shows itself."""
    return said_with(code, happened_details(code, facts))


def said_with(code: str, details: Sequence[str]) -> str:
    """What happened, and with what."""
    said = str(_HAPPENED.get(code, code))
    return _now("%(what)s: %(detail)s") % {"what": said, "detail": _now(", ").join(details)} if details else said


def happened_details(code: str, facts: Mapping[str, Any]) -> list[str]:
    """Whom, by what, in which round, how long: what a row of the timeline says beside what happened."""
    details = []
    if code == "leg.step_due" and facts.get("role"):
        details.append(role_text(str(facts["role"])))
        if int(facts.get("round") or 1) > 1:
            details.append(_now("round %(n)d") % {"n": facts["round"]})
    if code in ("grade.written", "grade.lowered") and facts.get("grade") in set(Grade):
        details.append(str(GRADE_TEXTS[Grade(facts["grade"])]))
    if code == "drill.fault":
        details += [str(FAULT_TEXTS.get(str(facts.get("fault")), "")), role_text(str(facts.get("role", "")))]
    if code == "leg.release" and facts.get("why") == "left":
        details.append(_now("whoever had it has left the school"))
    if code == "leg.replace" and facts.get("role"):
        details.append(role_text(str(facts["role"])))
    if facts.get("by_line"):
        details.append(_now("by the school's line"))
    if "eta" in facts:
        details.append(_now("in %(n)d minutes") % {"n": facts["eta"]})
    if code == "dialled" and facts.get("dial"):
        details.append(str(facts["dial"]))
    if code.startswith("delivery."):
        details += [str(_CHANNELS.get(facts.get("channel"), "")), role_text(str(facts.get("role", "")))]
    if code in ("delivery.failed", "delivery.put_back"):
        details.append(str(_WHY.get(str(facts.get("why")), _("refused by the provider"))))
    if code == "follow_up.talk" and facts.get("went"):
        details.append(str(WENT_TEXTS[str(facts["went"])]))
    if code == "follow_up.ended" and facts.get("why"):
        details.append(str(ENDED_TEXTS[str(facts["why"])]))
    if facts.get("behalf"):
        details.append(_now("said by telephone, written down for them"))
    return details
