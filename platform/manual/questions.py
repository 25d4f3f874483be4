"""What an administrator is asked after reading: ten questions, one right answer each, and why it is right."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from manual.shapes import Question

QUESTIONS: Final = (
    Question(
        "who_sees",
        _("A colleague asks you who had counselling last month. What do you see?"),
        _("Nothing: neither names nor requests are shown to an administrator."),
        (_("The names, but not what it was about."), _("Everything, after giving a reason.")),
        _("Your role opens people and settings. Requests belong to the person and to whoever decides on them."),
    ),
    Question(
        "preview",
        _("The staff list that you uploaded would mark thirty people as left. What do you do?"),
        _("Discard it, and look at the list first."),
        (_("Confirm it; it can be put right person by person."), _("Upload it a second time.")),
        _("The preview is there for this: nothing changes before you confirm, and whoever leaves loses the way in."),
    ),
    Question(
        "four_eyes",
        _("Somebody is to draft subsidy policies and to approve them, too. What do you answer?"),
        _("Two different people are needed; one role for each."),
        (_("It is fine in a small school."), _("It is fine until somebody complains.")),
        _("Four eyes protect the school and whoever signs. The system compares the people."),
    ),
    Question(
        "second_step",
        _("A teacher has lost the telephone for the second step of sign-in. What is right?"),
        _("The operator checks who it is by another way and takes the second step off."),
        (_("You sign in for them with their password."), _("They use a colleague's account for a while.")),
        _("An account is the person's. Nobody else signs in with it, and the taking-off is on record."),
    ),
    Question(
        "leaver",
        _("Somebody leaves the school on Friday. What do you do?"),
        _("Write the last day into their entry; the day after, the way in is shut."),
        (_("Delete the person."), _("Nothing: accounts end by themselves.")),
        _("What was booked is kept for thirty days, and the record stays whole."),
    ),
    Question(
        "channels",
        _("Text messages do not go out. What holds in an emergency until they do?"),
        _("The pages say so, and people are rung by hand by the printed list."),
        (_("The emergency chain works without channels."), _("Nobody needs to know.")),
        _("The product never claims that something was sent. Mend the channel and send yourself a trial."),
    ),
    Question(
        "danger",
        _("A colleague in danger writes to you, because you are “the system”. What comes first?"),
        _("Ring: 120 or 110 when a life is in danger, else the duty line; stay with the person."),
        (_("Open a request for them on the computer."), _("Forward the message to the staff group.")),
        _("A call helps at once. Nothing about a person goes into a group."),
    ),
    Question(
        "contacts",
        _("The head of a department asks for the list of emergency contacts. What do you answer?"),
        _("There is no such list: contacts are opened only in an emergency, by those who act."),
        (_("You export it for the department."), _("You read the numbers out on the telephone.")),
        _("Relatives agreed to that, and to nothing else. How many are covered is shown as a number."),
    ),
    Question(
        "survey",
        _("You want to know how the open day was for the family of a certain teacher. What is there?"),
        _("Answers are nobody's: only totals, and none of too few."),
        (_("The answer, sorted by name."), _("The time of the answer, from which one can tell.")),
        _("No row of a survey leads to a person, not even in the database."),
    ),
    Question(
        "record",
        _("Where do you see who looked at what, and who changed a setting?"),
        _("In the record of acts; nothing can be taken out of it."),
        (_("Nowhere."), _("In a file that you may edit.")),
        _("Each line is chained to the one before, so that a missing one is noticed."),
    ),
)
