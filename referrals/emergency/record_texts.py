"""What the record says about the chain: acts, never why. Found by ``schools.record_texts``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from referrals.emergency.texts import CHAIN_TEXTS, GRADE_TEXTS, KIND_TEXTS, LEG_TEXTS, LINE_TEXTS, SEAT_TEXTS

AREA_TITLES: Final[Mapping[str, Any]] = {
    "emergency": pgettext_lazy("record", "Emergencies"),
    "chain": pgettext_lazy("record", "Readiness for emergencies"),
}
AREAS: Final[Mapping[str, str]] = {
    # incident
    "incident": "emergency",
    # changed duties
    "report": "emergency",
    "duties": "emergency",
    # afterwards
    "grant": "emergency",
    # contacts
    "contact": "emergency",
    "never": "emergency",
    "community": "emergency",
    # duty and plans
    "duty_line": "chain",
    "duty_swap": "chain",
    "duty": "chain",
    "seat": "chain",
    "chain_plan": "chain",
    "chain": "chain",
    # drills
    "drill": "chain",
    "duty_away": "chain",
    "duty_feed": "chain",
    "kit": "chain",
    "expert": "chain",
}
NAMELESS: Final = frozenset({"incident", "report", "duties", "grant", "contact", "never", "community"})
"""First parts of actions that would tell whom it was about, or of somebody's family."""

ACTS: Final[Mapping[str, Any]] = {
    "contact.invite": _("Emergency contact asked for their agreement"),
    "chain.sheet": _("Contact sheet printed, numbered"),
    # incident
    "incident.open": _("Incident opened"),
    "incident.join": _("Report joined to an incident"),
    "incident.grade": _("Grade of an incident written"),
    "incident.addresses_gone": _("Numbers and links of an ended incident taken away"),
    "incident.erased": _("Words and name of an ended incident destroyed, its time is over"),
    "incident.name": _("Person of an incident written"),
    "incident.lower_asked": _("Lower grade of an incident asked for, a second person must agree"),
    "incident.start_leg": _("A line of an incident begun by hand"),
    "incident.acknowledge": _("A line of an incident taken"),
    "incident.decline": _("“Not me” on an incident"),
    "incident.engage": _("Arrival at an incident"),
    "incident.extend": _("Another time named for an incident"),
    "incident.release": _("A line of an incident let go"),
    "incident.sign_of_life": _("“Still with it” on an incident"),
    "incident.pass_on": _("Person of an incident passed on"),
    "incident.received": _("Arrival where the person was passed on to"),
    "incident.dialled": _("Service number called by hand"),
    "incident.hold": _("A line of an incident held"),
    "incident.again_asked": _("Call of a line that had ended asked for, a second person must agree"),
    "incident.lift_asked": _("End of a hold asked for, a second person must agree"),
    "incident.lift": _("A held line of an incident released"),
    "incident.done": _("“Done” on an incident"),
    "incident.report_done": _("“Done” of an outside party on an incident"),
    "incident.outside_colleague": _("Who of an outside party has a line of an incident"),
    "incident.outside": _("Answer of an outside party to an incident"),
    "incident.alarm_heard": _("Alarm of an incident heard by a line outside"),
    "incident.read_out": _("Card of an outside party read out by telephone"),
    "incident.card_code": _("An outside party rung with a code for its card"),
    "incident.card_code_used": _("Card of an outside party opened by a code"),
    "incident.card_words": _("Words for an outside party written"),
    "incident.meeting_place": _("Meeting place for the family written"),
    # acts beside the calls
    "incident.person_refuses": _("“No” of the person to a line of an incident written"),
    "incident.replace": _("Somebody else called on a held line of an incident"),
    "incident.hand_over": _("Colleague asked to take over a line of an incident"),
    "incident.hand_over_accept": _("A line of an incident taken over from a colleague"),
    "incident.hand_over_decline": _("“Not me” of a colleague who was asked to take over"),
    "incident.hand_over_undo": _("A line of an incident kept after all"),
    "incident.call_contact": _("A contact who had not agreed called by hand, with a reason"),
    "incident.contact_number": _("Number of a contact looked at, to call by hand"),
    "incident.never": _("Somebody never to be called entered in an incident"),
    "incident.never_lift": _("Somebody entered on duty as never to be called taken off"),
    "incident.plan": _("Agreed plan of an incident written"),
    "incident.plan_read": _("Agreed plan of an incident opened to read"),
    "incident.task_done": _("Task of an incident done"),
    "incident.task_put_off_asked": _("Delay of a task of an incident asked for, a second person must agree"),
    "incident.task_put_off": _("Task of an incident put off"),
    "incident.close_asked": _("Close of an incident asked for, a second person must agree"),
    "incident.close": _("Incident closed"),
    "incident.false_alarm_asked": _("False alarm said, a second person must agree"),
    "incident.false_alarm": _("Incident was a false alarm"),
    "incident.reopen": _("Incident opened again"),
    "incident.assess": _("Assessment of an incident written"),
    "incident.read": _("Incident opened to read"),
    "incident.export": _("List of ended incidents taken as a file"),
    # reports of anybody
    "report.read": _("Reports of an incident read"),
    "report.answer": _("Letter to whoever sent a report written"),
    "report.split": _("Report made an incident of its own"),
    "report.checklist": _("Signs that a report asks for changed"),
    # crisis relief
    "incident.relief": _("Crisis relief asked for after an incident"),
    # changed duties
    "duties.write": _("Change of duties written"),
    "duties.renew": _("Change of duties renewed"),
    "duties.end": _("Change of duties ended early"),
    "duties.receive": _("Change of duties received"),
    "duties.arrange": _("Change of duties arranged"),
    # afterwards
    "incident.grant": _("Union asked for its own grant after an incident"),
    "incident.care": _("Help asked for those who were close to an incident"),
    "grant.decide": _("Union's own grant given or declined"),
    "incident.progress": _("A word on how it goes on, for an outside party of an incident"),
    "incident.review": _("Review of an incident written"),
    "incident.review_changed": _("Something was changed after an incident"),
    "incident.companion": _("Colleague asked to stay with the person of an incident"),
    "incident.companion_accepted": _("Companion of an incident comes"),
    "incident.companion_declined": _("Companion of an incident cannot come"),
    "incident.companion_here": _("Companion of an incident is there"),
    "incident.companion_left": _("Companion of an incident had to go"),
    "incident.companion_cancelled": _("Companion of an incident taken out"),
    "incident.follow_up": _("Weekly talk after an incident written down"),
    "incident.follow_up_extended": _("Weekly talks after an incident planned for longer"),
    "incident.follow_up_taken": _("Weekly talks after an incident taken over"),
    "incident.follow_up_goes_on": _("Weekly talks after an incident go on after the person left"),
    "incident.follow_up_ended": _("Weekly talks after an incident ended"),
    "incident.follow_up_word": _("A person's own word on the talks after an incident"),
    # contacts
    "contact.add": _("Emergency contact entered"),
    "contact.change": _("Emergency contact changed"),
    "contact.first": _("Order of emergency contacts changed"),
    "contact.remove": _("Emergency contact removed"),
    "contact.confirm": _("Emergency contact confirmed"),
    "contact.fault": _("An emergency contact's number does not work"),
    "contact.trust": _("An emergency contact's number said to be right"),
    "contact.ask_missing": _("Staff without a contact asked"),
    "never.add": _("Somebody never to be called entered"),
    "never.lift": _("Somebody never to be called taken off"),
    "community.set": _("Home community entered"),
    "community.forget": _("Home community removed"),
    # duty and plans
    "duty_line.add": _("Outside line entered"),
    "duty_line.change": _("Outside line changed"),
    "duty_line.end": _("Outside line ended"),
    "duty_line.resume": _("Outside line in use again"),
    "duty.enter": _("Shift entered"),
    "duty.remove": _("Shift taken out"),
    "duty.end": _("Shift ended early"),
    "duty.take": _("Duty taken over"),
    "duty_swap.ask": _("Colleague asked to take a shift"),
    "duty_swap.accept": _("Shift of a colleague taken"),
    "duty_swap.decline": _("Swap of a shift declined"),
    "duty_swap.withdraw": _("Asking for a swap withdrawn"),
    "duty_swap.undo": _("Swap of a shift undone"),
    "duty.hand_over": _("What is open read by whoever is on duty"),
    "duty_away.enter": _("Absence from the rota entered"),
    "duty_away.back": _("Absence from the rota taken back"),
    "duty_feed.make": _("Calendar address of the rota made"),
    "duty_feed.end": _("Calendar address of the rota ended"),
    # kits and experts
    "kit.place": _("Place of an emergency kit entered or changed"),
    "kit.put": _("Something put into an emergency kit"),
    "kit.check": _("Emergency kit looked at"),
    "kit.remove": _("Something taken out of an emergency kit"),
    "expert.add": _("Expert entered"),
    "expert.change": _("Expert changed"),
    "expert.end": _("Expert taken out of the pool"),
    "expert.export": _("List of experts taken as a file"),
    "seat.appoint": _("Seat filled"),
    "seat.deputy": _("Deputy of a seat named"),
    "seat.end": _("Seat ended"),
    "chain_plan.draft": _("Plan drafted"),
    "chain_plan.step": _("Step of a plan changed"),
    "chain_plan.discard": _("Draft of a plan thrown away"),
    "chain_plan.use": _("Plan put in use"),
    "chain_plan.retire": _("Plan retired"),
    "chain.line": _("Operator's line named"),
    "chain.ask": _("Switch of the chain asked for"),
    "chain.withdraw": _("Asked switch withdrawn"),
    "chain.switch": _("Chain switched"),
    "chain.faults": _("New gaps found in the night"),
    # drills
    "drill.plan": _("Drill planned"),
    "drill.change": _("Plan of a drill changed"),
    "drill.lead": _("Lead of a drill taken over"),
    "drill.briefed": _("Briefing of a drill read"),
    "drill.begin": _("Drill begun"),
    "drill.call_off": _("Drill called off"),
    "drill.abort": _("Drill stopped by the word"),
    "drill.end": _("Drill ended"),
    "drill.resume": _("Drill gone on with"),
    "drill.fault": _("Fault set in a drill"),
    "drill.learnt": _("What was learnt from a drill written"),
    "drill.change_due": _("Change after a drill agreed"),
    "drill.change_done": _("Change after a drill done"),
    "drill.report": _("Report of a drill printed"),
    "drill.export": _("List of drills given as a file"),
}


def _said(texts: Mapping[str, Any]) -> Callable[[Any], Any]:
    return lambda value: texts.get(str(value), value)


FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    # duty and plans
    "line_kind": (_("Whose line"), _said(LINE_TEXTS)),
    "seat": (_("Seat"), _said(SEAT_TEXTS)),
    "since": (pgettext_lazy("seat", "From"), str),
    "layer": (_("Layer"), str),
    "incident_kind": (pgettext_lazy("plan", "Kind"), _said(KIND_TEXTS)),
    "grade": (_("Grade"), _said(GRADE_TEXTS)),
    "leg": (_("Leg"), _said(LEG_TEXTS)),
    "wanted": (_("Asked for"), _said(CHAIN_TEXTS)),
    "now_state": (pgettext_lazy("chain", "Now"), _said(CHAIN_TEXTS)),
}
