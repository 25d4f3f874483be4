"""How to use it, for whoever works at a school and for their families."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from manual.shapes import Guide, Step

GUIDES: Final = (
    Guide(
        "staff",
        _("For everybody who works here"),
        _("From the first thought to the appointment, and what the school gives you to read."),
        None,
        _("Your own page: what the school still pays this year, the next appointment, what is to do."),
        (
            Step(
                _("Look at the price first"),
                _("The list of services says what the school pays and what you pay, before you fill in anything."),
                "/services/",
            ),
            Step(
                _("Ask for help"),
                _(
                    "Choose a service, an agency and a time that is free. Before you send it, the page says who will see what. Until an agency has said yes it reads no name."
                ),
                "/apply/",
            ),
            Step(
                _("Take the voucher along"),
                _(
                    "It is a code and twelve digits, on the telephone or on paper. The agency redeems it; you pay only your own part."
                ),
                "/vouchers/",
            ),
            Step(
                _("Change your mind"),
                _(
                    "Each request says until when it is moved or cancelled without a fee. Nobody asks for a reason. If you leave the school, what is booked for the next weeks stays yours: a link that comes by e-mail opens it without signing in."
                ),
                "/my/",
            ),
            Step(
                _("Say whom to call"),
                _(
                    "Write down one or two people for an emergency, and whom never to call. They are asked first, by a link of their own."
                ),
                "/my/contacts/",
            ),
            Step(
                _("Read what the school gives out"),
                _(
                    "What everybody is to have stands in one list, with the day. Only whoever gave it out sees who is missing."
                ),
                "/my/to-read/",
            ),
        ),
    ),
    Guide(
        "family",
        _("For family members"),
        _("You need no account and no password: your link is the door."),
        None,
        _("What you are asked: when you may be called, what is kept, who sees it."),
        (
            Step(
                _("Open the link"),
                _(
                    "It says who named you and for what. Agree, say no, or later: each answer is fine, and you can take a yes back on the same page."
                ),
            ),
            Step(
                _("Being an emergency contact"),
                _(
                    "The page says exactly when the school may call you and what it would tell you. Nothing is asked of you at other times."
                ),
            ),
            Step(
                _("Tips"),
                _(
                    "Read them on your page whenever you like. If you want them sent, type an address or number of your own and the six digits that come there. They stop with one tap."
                ),
            ),
            Step(
                _("The open day"),
                _(
                    "Whoever works here passes on a link. Say how many come and how old the children are; no child's name is needed. Photographs are a no until you say yes."
                ),
            ),
            Step(
                _("When somebody is in danger"),
                _("Do not wait for a page to answer: the help lines stand at the top of each one."),
                "/help/",
            ),
        ),
    ),
)
