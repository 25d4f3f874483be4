"""Refusals of quotes, requests, times, vouchers and policies (rules §1, §2). Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from referrals.counter_refusals import COUNTER
from referrals.policy_refusals import POLICY
from referrals.union_refusals import UNION
from registry.refusals import CHECK_INPUT, CHOOSE_OTHER, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    **COUNTER,
    **POLICY,
    **UNION,
    "drafts_full": Row(
        _("You have many unfinished requests"),
        _("More than twenty are not kept. What you have typed elsewhere is still there."),
        _("Open “Apply”, and go on with one of them or throw one away."),
    ),
    "already_sent": Row(
        _("This request is sent already"),
        _("Nothing was changed."),
        _("Open “My requests”; it can be cancelled there."),
    ),
    "draft_changed": Row(
        _("You have changed this request in the meantime"),
        _("Nothing was sent."),
        _("Look at it once more, then send it."),
    ),
    "review_changed": Row(
        _("Who looks at it first has changed"),
        _("Nothing was sent."),
        _("Look at it once more, then send it."),
    ),
    "nobody_reads_it": Row(
        _("Nobody would read this"),
        _("The request goes straight to the agency, and no office looks at it first. Nothing was sent."),
        _("Leave the words out, or tell them the agency once it has confirmed."),
    ),
    "taken": Row(
        _("Another agency was faster"),
        _("The appointment was given to another agency that was asked at the same time. Nothing of yours has changed."),
        _("No answer is needed any more. The next request comes here."),
    ),
    "person_picks": Row(
        _("The person picks among several answers"),
        _("Nothing was booked: for this kind of service nobody wins by being first."),
        _("Offer the time instead; the person chooses within a day."),
    ),
    "several_invalid": Row(
        _("These cannot be asked together"),
        _("Nothing was sent."),
        _("Choose at most eight agencies for the same kind of service, each one once."),
    ),
    "too_many_asked": Row(_("Too many agencies at once."), NOTHING_CHANGED, CHECK_INPUT),
    "not_alike": Row(_("Only agencies for the same kind of service, each one once."), NOTHING_CHANGED, CHECK_INPUT),
    "not_asked_so": Row(_("This service is not asked at several agencies."), NOTHING_CHANGED, CHECK_INPUT),
    "not_in_place": Row(
        _("Nobody can ask for this in another's place"),
        _("Nothing was sent."),
        _("Talks, treatment and mediation everybody asks for themselves; show your colleague where they apply."),
    ),
    "child_not_entered": Row(
        _("Your colleague has entered no child born on this day"),
        _("A child's care is asked for a child that one of the parents has entered. Nothing was sent."),
        _("Ask for the day once more, or let your colleague enter the child under “My family” first."),
    ),
    "children_alike": Row(
        _("Two children were born on this day"),
        _("Only a parent can say for which of them it is. Nothing was sent."),
        _("Show your colleague where they apply, or let the other parent apply if they work here too."),
    ),
    "consent_way": Row(_("Say how your colleague agreed."), NOTHING_CHANGED, CHECK_INPUT),
    "consent_day": Row(
        _("Your colleague must have agreed within the last thirty days"),
        _("Nothing was sent."),
        _("Ask your colleague once more, and write that day."),
    ),
    "still_open": Row(
        _("This use can still be objected to"),
        _(
            "It counts when the person has agreed or 48 hours have passed, or once the objection is decided. Nothing was changed."
        ),
        _("Come back to it then."),
    ),
    "nothing_changes": Row(
        _("That is what counts already"),
        _("The split would be the same to the fen. Nothing was asked."),
        _("Check the price and what was wrong."),
    ),
    "claim_open": Row(
        _("Finance is looking at this use already"),
        _("It is looked at once at a time. Nothing was sent a second time."),
        _("Wait for the answer; afterwards you can ask again."),
    ),
    "claim_often": Row(
        _("You have taken this back several times within a day"),
        _("Each time somebody at finance is told. Nothing was sent."),
        _("Ask again tomorrow, or call finance."),
    ),
    "correction_asked": Row(
        _("A correction of this use waits already"),
        _("Nothing was asked a second time."),
        _("Open it in the list of corrections; it is decided or taken back there."),
    ),
    "stop_is_late": Row(
        _("It cannot be stopped with one tap any more"),
        _("Its appointment is near or has begun. Nothing was changed."),
        _("Open the request and cancel it; what that costs is said there first."),
    ),
    "file_asked": Row(
        _("This file number is asked for or granted already"),
        NOTHING_CHANGED,
        _("Look for it in the list of files."),
    ),
    "file_overlaps": Row(
        _("Another file of this person pays on one of these days"),
        NOTHING_CHANGED,
        _("Choose days after its last one, or end it first."),
    ),
    "a_semester": Row(
        _("It must not end before it begins, nor last longer than a semester."), NOTHING_CHANGED, CHECK_INPUT
    ),
    "not_for_service": Row(_("This service cannot be asked for that."), NOTHING_CHANGED, CHECK_INPUT),
    "no_agreement": Row(
        _("Not available on this day"),
        _("The school has no agreement with this agency for that day. Nothing was sent."),
        CHOOSE_OTHER,
    ),
    "no_policy": Row(
        _("No subsidy rule for this day"),
        _("The school has not set a subsidy for this service on that day. Nothing was sent."),
        _("You can go on at the full price, or ask the union."),
    ),
    "relief_not_covered": Row(
        _("Crisis relief does not pay for this service"),
        _("Nothing was sent."),
        _("It pays for home help, meals and the care of relatives. Everything else is asked for in the usual way."),
    ),
    "relief_not_whole": Row(
        _("The relief pool does not cover the whole of it"),
        _("Nothing was sent; nobody is to pay for this themself."),
        _("Ask for less, or speak with the trade union about its pool."),
    ),
    "quota_used_up": Row(
        _("This year's subsidised sessions are used up"),
        _("Nothing was sent and nothing was charged."),
        _("You can go on at the full price, or talk to the union about hardship support."),
        known=_("It starts anew on %(resets_on)s. Nothing was sent and nothing was charged."),
    ),
    "pool_used_up": Row(
        _("The school's budget for this is used up"),
        _("Nothing was sent and nothing was charged."),
        _("You can go on at the full price, or ask the union."),
    ),
    "invalid_times": Row(_("The end must come after the start"), NOTHING_CHANGED, CHECK_INPUT),
    "windows_invalid": Row(_("The times do not fit together"), NOTHING_CHANGED, CHECK_INPUT),
    "slot_taken": Row(
        _("This time is no longer free"), _("Nothing was changed."), _("Choose another time; the list is fresh.")
    ),
    "child_busy": Row(
        _("The child has another appointment then"),
        _("A child has one place at a time, whichever of its parents asked. Nothing was changed."),
        _("Choose another time."),
    ),
    "counsellor_chosen": Row(
        _("The person has chosen whom to see"),
        _("Nothing was changed."),
        _("Confirm without naming anybody; whom the person chose comes first."),
    ),
    "full": Row(
        _("All places are taken"), NOTHING_CHANGED, _("Put yourself on the waiting list, or choose another day.")
    ),
    "quote_expired": Row(
        _("The price is no longer fresh"),
        _("Prices are held for a short time only. Nothing was sent."),
        _("Open the service again; the price is worked out anew."),
    ),
    "quote_invalid": Row(
        _("The price could not be checked"),
        _("Nothing was sent."),
        _("Open the service again; the price is worked out anew."),
    ),
    "consent_missing": Row(
        _("Your consent is missing"),
        _("Without it nothing may be passed on. Nothing was sent."),
        _("Go back and look at who can see it; then decide."),
    ),
    "child_missing": Row(
        _("Which child is it for?"),
        _("This service is for a child. Nothing was sent."),
        _("Go back and choose the child."),
    ),
    "quote_changed": Row(
        _("The price has changed"),
        _("The agreement or the subsidy is a different one now. Nothing was sent."),
        _("Look at the new price; then decide."),
    ),
    "cancel_started": Row(
        _("The service has begun"),
        _("What has begun can no longer be cancelled here. Nothing was changed."),
        _("Please ring the agency or the school."),
    ),
    "agreed": Row(
        _("You have agreed to this"),
        _("What you have agreed to cannot be objected to here. Nothing was changed."),
        _("Please write to the office that decided your request."),
    ),
    "asked_about": Row(
        _("It is still open whether an appointment took place"),
        _("As long as that is not settled, the rest cannot be ended. Nothing was changed."),
        _("Say first whether it took place; the request has a button for it."),
    ),
    "not_over": Row(
        _("This is asked later"),
        _("Whether an appointment took place is asked once its day is over. Nothing was changed."),
        _("Until then the voucher can be scanned."),
    ),
    "has_appointment": Row(
        _("Each session has its appointment"),
        _("No more of them are left on the voucher than stand. Nothing was changed."),
        _("Redeem one on its day, or let one go; then enter another."),
    ),
    "reschedule_open": Row(
        _("Another time is being asked for already"),
        _("One wish to move waits for an answer at a time. The appointment stands as it was."),
        _("Wait for the answer, or take the wish back and ask for another time."),
    ),
    "own_wish": Row(
        _("The other side answers this"),
        _("You asked for the other time yourself. The appointment stands as it was."),
        _("You can take the wish back."),
    ),
    "too_far_to_move": Row(
        _("It cannot move that far"),
        _("It is too far from the present day, or another agreement holds there. It stands as it was."),
        _("Choose a nearer day, or cancel it in time and ask anew."),
        known=_("An appointment moves by %(days)s days at most and within the same agreement. It stands as it was."),
    ),
    "after_leaving": Row(
        _("That day is too late after leaving the school"),
        _(
            "What is booked can be used for some days after the last day at the school. The appointment stands as it was."
        ),
        _("Choose an earlier day, or cancel."),
    ),
    "place_over": Row(
        _("This place cannot be taken over any more"),
        _("It was answered, its time to answer is over, or nothing of it is left. Nothing was changed."),
        _("Apply anew; the child's yearly amount is the same."),
    ),
    "not_a_leaver": Row(
        _("There is no such page for this person now"),
        _(
            "It is open from the day after the last day at the school until the days for what is booked, and four more for answers, are over. Nothing was sent."
        ),
        _("Look at the last day under “Members”."),
    ),
    "leaver_link_too_soon": Row(
        _("A link was sent within the last hour"),
        _("Nothing was sent again; the link that is on its way is good."),
        _("Wait an hour, or ask whether it landed among the unwanted mail."),
    ),
    "new_year_not_funded": Row(
        _("The new year's budget is not there yet"),
        _("On that day another year's budget would pay, and it does not cover this. Nothing was changed."),
        _("Choose a day of this year, or ask again when the school has set the new budget."),
    ),
    "year_closed": Row(
        _("That year is closed"),
        _("Two people have closed the year of this pool. Nothing was changed."),
        _("Ask for the year that runs."),
    ),
    "year_runs": Row(
        _("That year cannot be closed yet"),
        _("Its time has not come. Nothing was changed."),
        _("Come back then."),
        known=_("It can be closed from %(first)s on. Nothing was changed."),
    ),
    "pool_has_moved": Row(
        _("This scheme has paid already this year"),
        _("It changes hands only while its pool of this year has no movement. Nothing was changed."),
        _("Change it before the first grant of the next year."),
    ),
    "asked_already": Row(
        _("Somebody has asked for it already"),
        _("The closing of this year waits for a second person. Nothing was changed."),
        _("Look at it among the orders for pools."),
    ),
    "not_yours": Row(
        _("Somebody else began this"),
        _("Only whoever began it may change it or take it back. Nothing was changed."),
        _("Ask them, or say no to it and begin anew."),
    ),
    "nothing_due": Row(
        _("Nothing is owed here"),
        _("The agency owes nothing for this use. Nothing was changed."),
        _("Look at the voucher: it says what was used and taken back."),
    ),
    "nothing_left": Row(
        _("This voucher waits for no appointment"),
        _("Its units are used, or its last day is over. Nothing was changed."),
        _("The person can apply again; it takes a minute."),
    ),
    "looked_already": Row(
        _("It was looked at again already"),
        _("A person looks at an answer once more, not twice. Nothing was changed."),
        _("You can ask anew; the office reads the new request."),
    ),
    "times_over": Row(
        _("Your times are over"),
        _("None of the times of this request is still to come. Nothing was changed."),
        _("Ask anew with times from now on."),
    ),
    "nothing_proposed": Row(
        _("No other times wait for your answer"),
        _("The agency has proposed none, or has taken the request. Nothing was changed."),
        _("Look at the request again; it says where it stands."),
    ),
    "not_rerouted": Row(
        _("This request cannot go to another agency"),
        _("It is still open, or it ended in another way. Nothing was sent."),
        _("Look at the request; where it has ended you can ask anew."),
    ),
    "begins_too_early": Row(
        _("A new version begins after today"),
        _("It would end the version before it on a day that is past or has begun. Nothing was changed."),
        _("Draft it again with a day from tomorrow on."),
    ),
    "unknown_answer": Row(_("This answer is not on the list"), NOTHING_CHANGED, _("Go back and choose an answer.")),
    "not_asked": Row(
        _("This question is not open"),
        _("The request is still under way, or its time to answer is over. Nothing was changed."),
        _("Look at the request; it says what you can do now."),
    ),
    "answered_before": Row(
        _("You have answered already"), NOTHING_CHANGED, _("Look at the request; you can still ask for more there.")
    ),
    "not_rated": Row(
        _("This agency cannot be rated here"),
        _("Only who had a session there in the last ninety days is asked. Nothing was kept."),
        _("Look at the request; it says how it stands."),
    ),
    "not_continued": Row(
        _("This request cannot be gone on with in one tap"),
        _("No session of it was had, it is long ago, or more is asked for already. Nothing was sent."),
        _("Ask anew; it takes a minute."),
    ),
    "unknown_reason": Row(_("This reason is not on the list"), NOTHING_CHANGED, _("Go back and choose a reason.")),
    "unknown_purpose": Row(_("This purpose is not known"), NOTHING_CHANGED, CHECK_INPUT),
    "windows_missing": Row(
        _("When would it suit you?"), _("Nothing was sent."), _("Go back and give at least one time.")
    ),
    "too_many_windows": Row(
        _("These are too many times"), _("Nothing was sent."), _("Go back and keep those that suit you best.")
    ),
    "too_far_ahead": Row(_("This day is too far ahead"), NOTHING_CHANGED, _("Choose an earlier day.")),
    "too_soon": Row(
        _("This is less than two hours away. Choose a later time, or ring the agency."), NOTHING_CHANGED, CHOOSE_OTHER
    ),
    "not_instant": Row(
        _("This agency names its times itself"),
        _("Free times cannot be taken here at once. Nothing was sent."),
        _("Say which times suit you; the agency answers."),
    ),
    "not_full": Row(
        _("There is a place at this time"),
        _("You need not wait for it. Nothing was sent."),
        _("Go back and choose it."),
    ),
    "waiting_already": Row(
        _("You are in this line already"), NOTHING_CHANGED, _("Look at it under the lines you wait in.")
    ),
    "waiting_full": Row(_("You wait in ten lines already"), NOTHING_CHANGED, _("Leave one of them first.")),
    "pending_open": Row(
        _("One of your requests waits with a time already"),
        _(
            "The school has not answered that one yet, and its time is kept for you. Nothing was sent; your draft is kept."
        ),
        _("Wait for the answer, or cancel that request first under My requests."),
    ),
    "closed_then": Row(
        _("This agency is not open at any of your times"), _("Nothing was sent."), _("Ask anew with other times.")
    ),
    "shorter_than_session": Row(_("This is shorter than the session."), NOTHING_CHANGED, CHECK_INPUT),
    "same_time": Row(_("It is at that time already."), NOTHING_CHANGED, CHOOSE_OTHER),
    "other_length": Row(_("It would last another time."), NOTHING_CHANGED, CHECK_INPUT),
    "outside_hours": Row(
        _("The agency is not open then. Choose a time within its hours."), NOTHING_CHANGED, CHECK_INPUT
    ),
    "in_closure": Row(_("The agency is closed on this day. Choose another one."), NOTHING_CHANGED, CHECK_INPUT),
    "end_before_start": Row(_("The end must come after the start"), NOTHING_CHANGED, CHECK_INPUT),
    "window_too_long": Row(
        _("This stretch of time is too long"), NOTHING_CHANGED, _("Make it shorter, or give two separate times.")
    ),
    "outside_windows": Row(
        _("This is outside the times that suit the person"),
        NOTHING_CHANGED,
        _("Choose a start within these times, or propose other times."),
    ),
    "reason_required": Row(_("A reason is needed"), NOTHING_CHANGED, CHECK_INPUT),
}
