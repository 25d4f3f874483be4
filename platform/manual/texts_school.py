"""How to use it, for the offices of a school and for the education bureau."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from manual.shapes import Guide, Step

GUIDES: Final = (
    Guide(
        "head",
        _("For heads of department"),
        _("You report and you make room; you do not have to judge."),
        Role.HEAD,
        _("The report: whom to ring comes first."),
        (
            Step(
                _("Somebody is in danger now"),
                _(
                    "Ring 120 or 110 first. Then report here: who, where, what you saw. You need not find words for an illness."
                ),
                "/my/report/",
            ),
            Step(
                _("What you see afterwards"),
                _(
                    "That somebody has it, and when. What was said stays with those who help; that protects both of you."
                ),
            ),
            Step(
                _("Somebody comes back to work"),
                _(
                    "The school agrees with the person what changes for a while. You read what concerns the work and confirm it, nothing else."
                ),
                "/my/",
            ),
            Step(
                _("For yourself"),
                _("The same services are open to you. Nobody in your department learns of it."),
                "/apply/",
            ),
        ),
    ),
    Guide(
        "centre",
        _("For psychologists of the centre"),
        _("Requests, emergencies and texts, each in its own list."),
        Role.CENTRE,
        _("The centre's requests, and how many of them wait."),
        (
            Step(
                _("Decide on requests"),
                _(
                    "The list begins with what waits longest. Why a request is with you stands on its page; what is not needed to decide is not shown."
                ),
                "/centre/",
            ),
            Step(
                _("The emergency board"),
                _(
                    "It is ordered by minutes without an answer. Take a case over, hand it on, write down whom you reached; every step is on record."
                ),
                "/centre/emergency/",
            ),
            Step(
                _("Is everything ready?"),
                _("Readiness shows which seats are empty, which lines were not checked, which drills are due."),
                "/centre/readiness/",
            ),
            Step(
                _("Family mediation"),
                _("Name a time and listen to both; a mediation room is asked only when both sides want it."),
                "/centre/mediation/",
            ),
            Step(
                _("Handing on"),
                _(
                    "Write a card to a hospital or an agency. The person reads each line first and ticks what goes along."
                ),
                "/centre/cards/",
            ),
            Step(
                _("Texts to check"),
                _(
                    "Editors call a draft ready, you read it. What is about a crisis, an illness or medicine goes out only in the words that you have checked."
                ),
                "/centre/texts/",
            ),
        ),
    ),
    Guide(
        "duty",
        _("For whoever is on duty"),
        _("Before, during and after a duty."),
        Role.DUTY,
        _("Who is on duty now, who comes next, how each is reached."),
        (
            Step(
                _("See when you are on"),
                _("The calendar shows your days. Ask a colleague to swap; until they say yes, the duty stays yours."),
                "/centre/emergency/duty/",
            ),
            Step(
                _("When you are called"),
                _(
                    "Open the link and press “I take it”. If you cannot, say so at once: the next person is called, and nobody reproaches you."
                ),
                "/centre/emergency/",
            ),
            Step(
                _("Three lines run beside each other"),
                _(
                    "School, family and society are each reached on their own clock. The page says what is due next and who has it."
                ),
            ),
            Step(
                _("After it"),
                _("Follow-ups have a day each. Write what was agreed, never a diagnosis."),
                "/centre/emergency/follow-ups/",
            ),
            Step(
                _("Yourself"), _("After a hard duty, support for you is offered and waits for nobody's word."), "/my/"
            ),
        ),
    ),
    Guide(
        "union",
        _("For the trade union"),
        _("Deciding, helping along, inviting."),
        Role.UNION,
        _("The union's requests, and how many of them wait."),
        (
            Step(
                _("Requests that wait for you"),
                _("You see kind, price and the school's part; what the matter is about is not yours to read."),
                "/union/",
            ),
            Step(
                _("For a colleague who cannot"),
                _("Only with their yes. They are told at once and can stop it with one tap."),
                "/union/proxy/",
            ),
            Step(
                _("Hardship"),
                _("Ask by file number. Finance says yes to number, sum and last day and reads no name."),
                "/union/hardship/",
            ),
            Step(
                _("Crisis relief"),
                _(
                    "Chair or deputy grant up to ¥2,000 a case alone. Above that, and after another officer's yes, two sign within 72 hours, one of them chair or deputy."
                ),
                "/union/",
            ),
            Step(
                _("Agreements with agencies"),
                _(
                    "You draft, finance signs: two different people. What lapses soon stands on top. If something is wrong at an agency, suspend its agreement: nothing new is booked there, and what exists is decided one by one."
                ),
                "/union/agreements/",
            ),
            Step(
                _("Open days"),
                _(
                    "Plan programme and places, open the gate, print the list, close the questions, and the report begins by itself."
                ),
                "/union/open-days/",
            ),
        ),
    ),
    Guide(
        "finance",
        _("For finance"),
        _("Every fen has a line, and each line says why."),
        Role.FINANCE,
        _("The pools of this year: granted, spent, left."),
        (
            Step(
                _("What is left"),
                _("The overview shows each pool: granted, reserved, spent, free. The four always add up."),
                "/finance/",
            ),
            Step(
                _("Policies"),
                _(
                    "A policy has versions. One person drafts, another approves; what was promised under an old one is kept."
                ),
                "/finance/policies/",
            ),
            Step(
                _("Hardship"),
                _("You answer to a number, a sum and a last day. Who it is stays with the union."),
                "/finance/hardship/",
            ),
            Step(
                _("The ledger"),
                _(
                    "Nothing is ever changed: a correction is a line of its own. Download what the auditors ask for; the download is on record."
                ),
                "/finance/ledger/",
            ),
            Step(
                _("Agreements"),
                _(
                    "What the union has drafted waits for your signature. Compare price, dates and what a missed appointment costs. A suspended agreement is lifted or terminated by you."
                ),
                "/finance/agreements/",
            ),
        ),
    ),
    Guide(
        "principal",
        _("For the principal"),
        _("Totals, readiness, and the one switch."),
        Role.PRINCIPAL,
        _("Readiness: would it hold tonight, and what is missing."),
        (
            Step(
                _("What it costs"),
                _("Totals over several people. Numbers so small that somebody could be recognised are not shown."),
                "/finance/",
            ),
            Step(
                _("Is the school ready?"),
                _("Readiness says what is missing in the emergency chain, and who can mend it."),
                "/centre/readiness/",
            ),
            Step(
                _("Going live"),
                _(
                    "The emergency chain is switched on by you and the head of the centre, when everything that the page lists is there. Until then each page says that it does not run yet."
                ),
                "/centre/emergency/chain/",
            ),
            Step(
                _("Drills"),
                _("Once a semester. Read what a drill showed and what was promised to be mended."),
                "/centre/emergency/drills/",
            ),
        ),
    ),
    Guide(
        "administrator",
        _("For the school's administrator"),
        _("The first week: people, roles, settings. Then the quiz."),
        Role.ADMIN,
        _("The overview: members, administrators, what is missing."),
        (
            Step(
                _("Bring the staff list in"),
                _("Upload a CSV or Excel file. You first see what would change; only then you confirm."),
                "/school/roster/",
            ),
            Step(
                _("Hand out roles"),
                _("A role opens what its work needs, nothing more. Drafting and approving belong to two people."),
                "/school/members/",
            ),
            Step(
                _("Name the union's chair"),
                _(
                    "Chair and deputy of the trade union sign for crisis relief. Without them any two of the union sign."
                ),
                "/school/union/",
            ),
            Step(
                _("Set what your school decides"),
                _(
                    "Duty line, time limits, what is looked at before it goes on. Each setting says what it changes and what stands if you leave it."
                ),
                "/school/settings/",
            ),
            Step(
                _("Channels"),
                _(
                    "Text messages and calls need an account of the school. Send yourself a trial before you count on it."
                ),
                "/school/channels/",
            ),
            Step(
                _("The record"),
                _(
                    "Who did what, and who looked. Lines cannot be taken out; names of those who ask for help are not in it."
                ),
                "/school/record/",
            ),
            Step(
                _("Everyone has it"),
                _(
                    "Give a document out with a day. You see how many have it; who is missing is shown to whoever gave it out."
                ),
                "/school/to-read/",
            ),
        ),
    ),
    Guide(
        "editor",
        _("For editors"),
        _("Write, have it read, publish."),
        Role.EDITOR,
        _("The editors' first page: what to write, and what waits for review."),
        (
            Step(
                _("Write a page"),
                _(
                    "Short sentences, one thing per page, a help line where it is about hard times. The editor shows what to look at, and how it looks on a telephone."
                ),
                "/cms/",
            ),
            Step(
                _("Have it read"),
                _(
                    "Tick “Ready to be read” and save. The psychological centre finds it, and writes in that it was reviewed, or gives it back with a word."
                ),
            ),
            Step(
                _("Take pages from the library"),
                _(
                    "They come as drafts. When the library publishes a newer version, both stand side by side and your own changes stay."
                ),
            ),
            Step(
                _("Tips for families"),
                _("Put published tips into a series; families get one a week at most. You see counts, never who."),
                "/school/tips/",
            ),
            Step(_("Give a document out"), _("A guideline, an audience, a day, a proof."), "/school/to-read/"),
        ),
    ),
    Guide(
        "district",
        _("For the education bureau"),
        _("What you see, and what you never will."),
        Role.DISTRICT,
        _("The bureau's page: what it sees, and its own pages."),
        (
            Step(
                _("Totals only"),
                _(
                    "Whole schools, never a request, a name or a message; no total of so few people that somebody could be recognised."
                ),
                "/district/",
            ),
            Step(
                _("Pages of your own"),
                _("Guidelines and tips that your office publishes stand on its first page."),
                "/",
            ),
            Step(
                _("If a school asks you"),
                _("Send it to its own administrator first: what happens in a school is for its own people to see."),
            ),
        ),
    ),
)
