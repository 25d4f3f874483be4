"""How to use it, on the platform's host: an agency's counter and office, the operator."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import PlatformRole
from manual.shapes import Guide, Step

GUIDES: Final = (
    Guide(
        "counter",
        _("For an agency's counter"),
        _("Scan, look, confirm: three steps."),
        PlatformRole.PARTNER_COUNTER,
        _("The counter: twelve digits, or a photo."),
        (
            Step(
                _("Scan the voucher"),
                _("By camera, by a scanner, or by typing the twelve digits. Nothing is spent yet."),
                "/partner/scan/",
            ),
            Step(_("Look at what it says"), _("Service, day, and what the person pays on site. You need no name.")),
            Step(
                _("Confirm"),
                _(
                    "Green: redeemed. Orange: not today, the page says when. Red: not valid, the page says why; send nobody away without the help line."
                ),
            ),
            Step(
                _("Something went wrong"),
                _("The agency's office takes a redemption back and says why. It stays visible that it was taken back."),
                "/partner/redemptions/",
            ),
            Step(
                _("No network"),
                _(
                    "Write the twelve digits down and redeem them the same day, as soon as you are connected. After that day both sides are asked whether it took place."
                ),
            ),
        ),
    ),
    Guide(
        "agency",
        _("For an agency's office"),
        _("Times, answers, people, statements."),
        PlatformRole.PARTNER_OFFICE,
        _("Today: scan, and who waits for an answer."),
        (
            Step(
                _("Put your times in"),
                _(
                    "Opening hours, closures, and who sees whom. Free times are offered to all schools that have an agreement with you."
                ),
                "/partner/week/",
            ),
            Step(
                _("Answer requests"),
                _(
                    "Confirm, propose another time, or decline, each with one tap. The time limit stands on each. Before you say yes, you read no name."
                ),
                "/partner/offers/",
            ),
            Step(
                _("Who works for you"),
                _("Counter and office are different roles. Whoever leaves is ended here; their next scan is refused."),
                "/partner/people/",
            ),
            Step(
                _("Papers"),
                _("Licences have a last day. You are told before; without them no new request comes."),
                "/partner/agency/",
            ),
            Step(
                _("What was redeemed"),
                _("Each line: day, service, the school's part. Download it for your own books."),
                "/partner/redemptions/",
            ),
        ),
    ),
    Guide(
        "operator",
        _("For the operator"),
        _("Schools, agencies, the library; never a person's matter."),
        PlatformRole.OPERATOR,
        _("The list of schools."),
        (
            Step(
                _("Open a school"),
                _(
                    "Address, letters, first administrator; with the library's pages as drafts. Its page then says what is still missing, and whether its administrators are trained."
                ),
                "/operator/schools/",
            ),
            Step(
                _("Bring an agency in"),
                _(
                    "Check licences and people before it is seen by schools. Suspended is not the same as ended: what is booked is decided by each school."
                ),
                "/operator/institutions/",
            ),
            Step(
                _("Keep the library"),
                _(
                    "What you publish is offered to all schools, taken by each on its own. You see in how many it stands."
                ),
                "/operator/library/",
            ),
            Step(
                _("A lost second step"),
                _("Check who it is by another way, then take it off. It is on record, and the person is told."),
                "/operator/second-step/",
            ),
        ),
    ),
)
