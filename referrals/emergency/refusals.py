"""Refusals of the chain: what happened, what it means, the next step. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from referrals.emergency.after_refusals import AFTER_ROWS
from referrals.emergency.drill_refusals import DRILL_ROWS
from referrals.emergency.readiness_refusals import READINESS_ROWS
from referrals.emergency.report_refusals import REPORT_ROWS
from registry.refusals import CHECK_INPUT, GO_BACK, LOOK_AGAIN, NOTHING_CHANGED, Row

_OTHER_NUMBER: Final = _("Choose somebody else, or correct their number on the page of your family.")

ROWS: Final[dict[str, Row]] = {
    # incident
    "not_in_list": Row(_("This is none of the choices"), NOTHING_CHANGED, CHECK_INPUT),
    "incidents_open": Row(
        _("Somebody is being helped right now"),
        _("The chain stays live."),
        _("Close the open incidents first; then it can be switched."),
    ),
    "chain_off": Row(
        _("The school's emergency chain is not live"),
        _("Nobody was called."),
        _("If somebody is in danger, call 110 or 120 now, then the school's duty line. The head of the centre can switch the chain on."),
    ),
    "own_incident": Row(
        _("You cannot open an incident about yourself"),
        _("Nothing was written, and nobody was told."),
        _("Call 12356 or the school's duty line, or ask for a talk under “Apply”. Somebody will listen."),
    ),
    "agreement_missing": Row(
        _("The family is called with the person's own yes"),
        _("Nobody was called."),
        _("Write how and when the person agreed. If life is in danger, write the grade “extreme” first."),
    ),
    "same_grade": Row(_("It has this grade already"), NOTHING_CHANGED, LOOK_AGAIN),
    "reason_too_short": Row(_("The reason is too short"), NOTHING_CHANGED, _("Write at least twenty characters: somebody will have to understand it later.")),
    "receiver_missing": Row(_("Nobody is named who has the person now"), NOTHING_CHANGED, _("Write where the person is and who takes over.")),
    "eta_unknown": Row(_("This time cannot be named"), NOTHING_CHANGED, _("Choose 15, 30 or 60 minutes.")),
    "signs_missing": Row(_("Nothing is said about what was noticed"), NOTHING_CHANGED, _("Write in one sentence what you saw or heard.")),
    "signs_too_long": Row(_("The text is too long"), NOTHING_CHANGED, _("Two thousand characters are enough; the rest can be told to whoever comes.")),
    "time_ahead": Row(_("This time has not come yet"), NOTHING_CHANGED, CHECK_INPUT),
    "time_long_ago": Row(_("This was more than thirty days ago"), NOTHING_CHANGED, _("Speak to the psychological centre about it; the chain is for what is happening now.")),
    "time_without_offset": Row(_("The time says no offset"), NOTHING_CHANGED, CHECK_INPUT),
    "incident_ended": Row(_("This incident has ended"), NOTHING_CHANGED, _("The centre can open it again within thirty days.")),
    "incident_open": Row(_("Another incident of this person is open"), NOTHING_CHANGED, LOOK_AGAIN),
    "too_long_ago": Row(_("It ended more than thirty days ago"), NOTHING_CHANGED, _("Open a new incident; it is kept beside the old one.")),
    "replacement_unreached": Row(
        _("Nobody else can be called by this choice now"),
        _("The line stays held."),
        _("Choose somebody else, or call a contact by hand with a reason."),
    ),
    "person_known": Row(
        _("It is written already whom this is about"),
        NOTHING_CHANGED,
        _("If it is the wrong person: two people end it as a false alarm, and a new one is opened."),
    ),
    "person_unknown": Row(
        _("It is not known yet whom this is about"), NOTHING_CHANGED, _("Name the person first, then write who is never to be called.")
    ),
    "never_choose_one": Row(
        _("Choose one: a contact, a number or a colleague"), NOTHING_CHANGED, _("Write the next one afterwards.")
    ),
    "never_the_person": Row(
        _("This is the person themself"), NOTHING_CHANGED, _("Choose somebody else, or correct the number.")
    ),
    "no_card_out": Row(
        _("Nobody outside has a card that could be read out"), NOTHING_CHANGED, _("It is read to whoever has taken the line; look how it stands now.")
    ),
    "card_codes_asked": Row(
        _("The code was asked for three times already"), _("Nobody was rung again."), _("Call the number on this page: a person reads it out to you.")
    ),
    "card_no_voice": Row(
        _("Nobody can be rung from here"), _("Nobody was rung."), _("Call the number on this page: a person reads it out to you.")
    ),
    "no_plan_now": Row(_("There is nothing to agree on for this incident"), NOTHING_CHANGED, LOOK_AGAIN),
    "plan_day": Row(
        _("The plan was not agreed on this day"), NOTHING_CHANGED, _("Choose today, or a day since the incident was opened.")
    ),
    "plan_moved_on": Row(
        _("Somebody has written another version meanwhile"),
        _("Theirs is kept; yours was not."),
        _("Read it, then write what is to be different."),
    ),
    "plan_missing": Row(
        _("No agreed plan is written yet"), NOTHING_CHANGED, _("Write it, or say with a second person why it has to wait.")
    ),
    "task_done": Row(_("Somebody has done this already"), NOTHING_CHANGED, LOOK_AGAIN),
    "task_not_put_off": Row(
        _("This is done and not put off"), NOTHING_CHANGED, _("Do it, then press “Done”.")
    ),
    "not_yours_now": Row(
        _("This cannot be done from here any more"),
        NOTHING_CHANGED,
        _("The page shows how things stand now. Call the number below if it looks wrong to you."),
    ),
    "extended_twice": Row(
        _("The time was changed twice already"),
        _("The time that you named last still stands."),
        _("Call the number below: together we find somebody who is faster, or wait for you."),
    ),
    "name_missing": Row(_("No name is written"), NOTHING_CHANGED, _("Write who has it now, so that we ask for the right person.")),
    "digits_wrong": Row(_("The number that was called ends otherwise"), NOTHING_CHANGED, CHECK_INPUT),
    "words_missing": Row(_("Nothing is written"), NOTHING_CHANGED, CHECK_INPUT),
    "words_too_long": Row(_("The text is too long"), NOTHING_CHANGED, _("Five hundred characters are enough for somebody who has to act.")),
    # by program
    "behalf_missing": Row(
        _("It is not said who of them answered"),
        NOTHING_CHANGED,
        _("Write the name, the number, and when they said it."),
    ),
    "leg_missing": Row(_("Two lines belong to this party"), NOTHING_CHANGED, _("Say which one is meant.")),
    "drill_not_here": Row(
        _("No drill of this kind and grade is planned that you lead"),
        _("Nobody was called."),
        _("Plan it on the page of drills, and let all who play read it. If somebody is really in danger, leave “drill” out."),
    ),
    # drills
    **DRILL_ROWS,
    "legs_open": Row(
        _("A line is in nobody's hands yet"),
        _("The incident stays open."),
        _("Let somebody take each line, or say why one is not needed, then close it."),
    ),
    # crisis relief
    "relief_agreement": Row(
        _("Help is asked for with the person's own yes"),
        _("Nobody was asked."),
        _("Write how and when the person agreed. The union and the agency do not read it."),
    ),
    "relief_no_person": Row(
        _("It is not known yet who it is about"), _("Nobody was asked."), _("Say first who it is about; then help can be asked for.")
    ),
    "relief_in_drill": Row(_("This is a drill"), _("In a drill nothing is asked for."), GO_BACK),
    # changed duties
    "duties_missing": Row(_("Nothing is chosen that changes"), NOTHING_CHANGED, _("Choose at least one.")),
    "duties_past": Row(_("The first day has passed"), NOTHING_CHANGED, _("Begin today, or on a later day.")),
    "duties_order": Row(_("The last day lies before the first"), NOTHING_CHANGED, CHECK_INPUT),
    "duties_too_long": Row(
        _("This is longer than three months"),
        NOTHING_CHANGED,
        _("Name an earlier last day; it can be renewed then, and the person is asked again."),
    ),
    "duties_agreement": Row(
        _("Duties change with the person's own yes"),
        _("Nobody was told."),
        _("Write how and when the person agreed. The head of department does not read it."),
    ),
    "duties_overlap": Row(
        _("A change of duties stands for these days already"),
        NOTHING_CHANGED,
        _("Renew it, or end it first and write it anew."),
    ),
    "duties_no_person": Row(
        _("It is not known yet who it is about"),
        _("Nobody was told."),
        _("Say first who it is about; then their duties can change."),
    ),
    "duties_nobody_arranges": Row(
        _("Nobody can arrange this for the person"),
        _("The department has no head who may know, and nobody sits for moral education. Nobody was told."),
        _("Fill the seat under “Seats”, or speak with the principal; then write it here."),
    ),
    "duties_in_drill": Row(_("This is a drill"), _("In a drill nobody's duties change."), GO_BACK),
    "duties_person_left": Row(
        _("The person leaves the school before that day"), NOTHING_CHANGED, _("Name a last day on which they still belong to it.")
    ),
    "duties_over": Row(_("This change has ended"), NOTHING_CHANGED, _("Write a new one, if it is still needed.")),
    **AFTER_ROWS,
    # contacts
    "contacts_full": Row(
        _("You have named two people already"),
        _("More than two are not called. Nothing was changed."),
        _("Take one of them off first."),
    ),
    "contact_twice": Row(_("They are one of your contacts already"), NOTHING_CHANGED, GO_BACK),
    "contact_number_twice": Row(
        _("This number is one of your contacts already"),
        _("Two people with one number are one telephone that may not be answered. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "contact_of_age": Row(
        _("Only somebody of 18 or older can be called"),
        NOTHING_CHANGED,
        _("Tick the box if they are, or choose somebody else."),
    ),
    "contact_under_age": Row(
        _("Your son or daughter is under 18"),
        _("A child is not called in an emergency. Nothing was changed."),
        _("Choose somebody else."),
    ),
    "number_is_service": Row(
        _("This is the number of a public service"),
        _("A machine never dials it. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "number_is_own": Row(
        _("This is your own number"),
        _("It cannot help if you are the one in danger. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "number_of_school": Row(
        _("This number belongs to the school's side"),
        _("It is called anyway, and the family would go unreached. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "number_is_barred": Row(
        _("You said that this number is never to be called"),
        NOTHING_CHANGED,
        _("Take it off that list first, if you have changed your mind."),
    ),
    "number_is_wrong": Row(
        _("Somebody else answers at this number"),
        NOTHING_CHANGED,
        _("Write another number on the page of your family."),
    ),
    "grades_missing": Row(_("Please choose when they may be called"), NOTHING_CHANGED, CHECK_INPUT),
    "grade_unknown": Row(_("This grade is not known"), NOTHING_CHANGED, CHECK_INPUT),
    "kin_unknown": Row(_("Please say whether they are next of kin"), NOTHING_CHANGED, CHECK_INPUT),
    "never_twice": Row(_("They stand on your list already"), NOTHING_CHANGED, GO_BACK),
    "never_oneself": Row(
        _("This is you"), _("About you, the school speaks to you first of all. Nothing was changed."), GO_BACK
    ),
    "never_full": Row(
        _("The list is full"),
        _("More than twenty are not kept. Nothing was changed."),
        _("Take one off, or speak with the psychological centre."),
    ),
    "never_of_duty": Row(
        _("The psychologist on duty wrote this"),
        _("It was written for your safety. Nothing was changed."),
        _("Speak with the psychological centre if it is wrong."),
    ),
    "colleague_unknown": Row(
        _("Nobody of this name works here"), NOTHING_CHANGED, _("Write the name as the school has it.")
    ),
    "colleague_unclear": Row(
        _("Several people here have this name"), NOTHING_CHANGED, _("Write their department too.")
    ),
    "label_long": Row(_("This is too long"), NOTHING_CHANGED, CHECK_INPUT),
    "community_unknown": Row(
        _("The school has no agreement with this community today"), NOTHING_CHANGED, _("Choose one from the list.")
    ),
    "street_long": Row(_("This is too long"), NOTHING_CHANGED, CHECK_INPUT),
    # duty and plans
    "service_number": Row(
        _("A machine never dials this number"),
        _("110, 119, 120, 122, 12345 and 12356 are dialled by a person, whatever stands in front of them."),
        _("Enter a line that may be called, or add a step by hand to a plan."),
    ),
    "line_number_invalid": Row(
        _("This is no number that can be called"),
        NOTHING_CHANGED,
        _("Write a landline with its area code, a mobile number or a 400 number, without an extension."),
    ),
    "line_there_already": Row(
        _("This number is among the lines already"), NOTHING_CHANGED, _("Look for it in the list; it may be ended.")
    ),
    "line_kind_unknown": Row(_("Say whose line this is"), NOTHING_CHANGED, CHECK_INPUT),
    "line_without_name": Row(_("This must not be empty"), NOTHING_CHANGED, CHECK_INPUT),
    "line_unknown": Row(_("This line answers no more"), NOTHING_CHANGED, _("Choose another line.")),
    "line_behind_live_chain": Row(
        _("The chain is live and ends at this line"),
        NOTHING_CHANGED,
        _("Name another line of the operator first, on the page about going live."),
    ),
    "line_not_operators": Row(
        _("Only a line of the platform operator can stand behind the chain"), NOTHING_CHANGED, _("Choose another line.")
    ),
    "holder_unknown": Row(
        _("This colleague has left or has not taken the place yet"), NOTHING_CHANGED, _("Choose somebody else.")
    ),
    "holder_missing": Row(_("Choose a colleague or a line"), NOTHING_CHANGED, CHECK_INPUT),
    "holder_twice": Row(_("Choose a colleague or a line, not both"), NOTHING_CHANGED, CHECK_INPUT),
    "seat_unknown": Row(_("There is no such seat"), NOTHING_CHANGED, CHECK_INPUT),
    "seat_in_the_past": Row(_("This day is over"), NOTHING_CHANGED, _("Choose today or a later day.")),
    "seat_deputy_same": Row(
        _("Nobody stands in for themselves"), NOTHING_CHANGED, _("Choose somebody else as deputy, or leave it empty.")
    ),
    "seat_needs_role": Row(
        _("This colleague does not have the role of the seat"),
        NOTHING_CHANGED,
        _("Ask the administrator to give the role first, or choose somebody who has it."),
    ),
    "seat_taken": Row(
        _("Somebody is appointed for a later day already"), NOTHING_CHANGED, _("End that appointment first.")
    ),
    "seat_over": Row(_("This appointment is over"), NOTHING_CHANGED, LOOK_AGAIN),
    "shift_times": Row(_("A shift ends after it begins"), NOTHING_CHANGED, CHECK_INPUT),
    "shift_past": Row(
        _("This time is over"), _("Who was on duty stays as it was."), _("Choose a time that is still to come.")
    ),
    "shift_too_long": Row(
        _("A shift lasts 31 days at most"), NOTHING_CHANGED, _("Enter it in several parts, if it is meant so.")
    ),
    "shift_too_far": Row(_("This lies more than a year ahead"), NOTHING_CHANGED, CHECK_INPUT),
    "shift_overlaps": Row(
        _("Somebody is on duty at that time already"),
        _("In each layer one person or line is on duty at a time. Nothing was entered."),
        _("Take the other shift out first, or choose another time or layer."),
    ),
    "shift_begun": Row(
        _("This shift has begun"), _("Who was on duty stays as it was."), _("End it now, or let somebody take it over.")
    ),
    "shift_not_running": Row(_("This shift does not run now"), NOTHING_CHANGED, LOOK_AGAIN),
    "duty_needs_role": Row(
        _("Only psychologists of the centre and duty psychologists are on duty"),
        NOTHING_CHANGED,
        _("Ask the administrator to give the role first, or choose somebody who has it."),
    ),
    "duty_is_yours": Row(_("You are on duty already"), NOTHING_CHANGED, LOOK_AGAIN),
    "duty_just_taken": Row(
        _("A colleague took the duty a moment ago"),
        _("You are not on duty."),
        _("Talk to each other; in a minute it can be taken again."),
    ),
    "duty_moved_on": Row(_("Somebody else is on duty now than the page showed"), _("You are not on duty."), LOOK_AGAIN),
    "swap_not_yours": Row(
        _("This shift is not yours"), NOTHING_CHANGED, _("Only who holds a shift asks a colleague to take it.")
    ),
    "swap_with_oneself": Row(_("Choose a colleague, not yourself"), NOTHING_CHANGED, CHECK_INPUT),
    "swap_on_duty_then": Row(
        _("This colleague is on duty at that time already"),
        _("One person would be called first and second at once. Nothing was changed."),
        _("Ask somebody else."),
    ),
    "swap_away_then": Row(_("Cannot be on duty on that day"), NOTHING_CHANGED, _("Ask somebody else.")),
    "swap_asked_already": Row(
        _("A colleague has been asked already"), NOTHING_CHANGED, _("Withdraw that first; then ask somebody else.")
    ),
    "swap_begun": Row(
        _("This shift has begun"),
        _("It stays with who held it when it began."),
        _("Whoever can come presses “Take the duty now”."),
    ),
    "plan_unknown": Row(_("There is no such plan"), NOTHING_CHANGED, CHECK_INPUT),
    "plan_draft_there": Row(
        _("A draft for this kind and grade is there already"),
        NOTHING_CHANGED,
        _("Go on with that one, or throw it away."),
    ),
    "plan_is_used": Row(
        _("This plan was put in use and does not change"),
        NOTHING_CHANGED,
        _("Draft the next version; it begins as a copy of this one."),
    ),
    "plan_has_faults": Row(
        _("This plan would not hold"),
        _("Something in it would stop a call, so it cannot be put in use."),
        _("The page of the plan says what it is and who mends it."),
    ),
    "plan_needed_live": Row(
        _("The chain is live and needs this plan"), NOTHING_CHANGED, _("Put its next version in use instead.")
    ),
    "step_wrong_leg": Row(
        _("This leg cannot call them"),
        _("Each party has its own leg, so that nobody is told what is meant for others."),
        _("Choose another target, or put the step on the right leg."),
    ),
    "step_incomplete": Row(_("Say whom exactly this step calls"), NOTHING_CHANGED, CHECK_INPUT),
    "step_wait": Row(
        _("This wait is too short or too long"),
        _("Between one minute and what the grade allows: 5, 15 or 30 minutes."),
        CHECK_INPUT,
    ),
    "step_channels": Row(_("Choose at least one channel"), NOTHING_CHANGED, CHECK_INPUT),
    "step_partner": Row(_("There is no such institution"), NOTHING_CHANGED, CHECK_INPUT),
    "step_too_many": Row(
        _("A leg has eight steps at most"), NOTHING_CHANGED, _("Take a step out first: who comes ninth comes too late.")
    ),
    "switch_unknown": Row(_("There is no such switch"), NOTHING_CHANGED, LOOK_AGAIN),
    "switch_not_your_seat": Row(
        _("Only the head of the centre and the principal switch the chain"),
        _("It goes by the seats as they are held today."),
        _("Ask them, or have the seats put right."),
    ),
    "switch_needs_another": Row(
        _("The second word comes from the other seat"),
        _("The head of the centre and the principal switch together. It stays asked for."),
        _("Ask the other one to agree within 24 hours."),
    ),
    "chain_needs_operator_line": Row(
        _("Without the operator's line the chain cannot go live"),
        _("At night the chain must end at somebody who answers."),
        _("Enter the operator's line first."),
    ),
    "chain_not_ready": Row(
        _("The chain would not hold yet"),
        NOTHING_CHANGED,
        _("The page about going live lists what is missing and who mends it."),
    ),
    **READINESS_ROWS,
    **REPORT_ROWS,
}  # fmt: skip
