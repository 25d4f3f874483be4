"""Refusals at the counter: what a scan or a typed code cannot do (rules §2). Found with ``referrals.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import Row

ASK_HOLDER: Final = _("Ask the person to open the voucher in their wallet, then scan again.")

COUNTER: Final[dict[str, Row]] = {
    "unknown": Row(
        _("No such voucher"),
        _("The code does not exist, or a digit was mistyped. Nothing was redeemed."),
        _("Check the twelve digits and try again."),
    ),
    "not_held_again": Row(
        _("The session cannot be held at its first price again"),
        _("This use was corrected, and what was freed by it is used for others since. Nothing was changed."),
        _("Leave it as it was corrected; the school's finance can correct it once more."),
    ),
    "no_pdf": Row(
        _("No paper can be printed here"),
        _("This server lacks a part that makes PDFs. The voucher is as good on the screen and as a picture."),
        _("Show the voucher on the screen, or keep it as a picture. Whoever runs the server calls manage.py doctor."),
    ),
    "two_vouchers": Row(
        _("Two vouchers at once"),
        _("The text or the picture holds more than one voucher. Nothing was redeemed."),
        _("Give one of them only."),
    ),
    "expired": Row(
        _("The voucher has expired"),
        _("Its last day is over. Nothing was redeemed; the subsidy has gone back to the school."),
        _("The person can apply again; it takes a minute."),
        known=_("It was valid until %(until)s. Nothing was redeemed; the subsidy has gone back to the school."),
    ),
    "not_yet": Row(
        _("The voucher is not valid yet"),
        _("Its day has not come, or its next appointment has not been entered. Nothing was redeemed."),
        _("Scan it again on the day of the appointment; enter one under Today when none stands."),
        known=_("It is valid from %(from)s. Nothing was redeemed."),
    ),
    "already_redeemed": Row(
        _("Already redeemed"),
        _("This voucher was used before. Nothing was redeemed a second time."),
        _("Look it up under What was redeemed. A mistake can be undone there by the agency's office."),
        known=_("It was redeemed by %(by)s at %(at)s. Nothing was redeemed a second time."),
    ),
    "wrong_partner": Row(
        _("This voucher is for another agency"),
        _("Nothing was redeemed."),
        _("Its owner sees the right agency on the voucher."),
    ),
    "wrong_service": Row(
        _("This voucher is for another service"),
        _("Nothing was redeemed."),
        _("Choose the service named on the voucher."),
    ),
    "void": Row(_("The voucher is void"), _("It was withdrawn. Nothing was redeemed."), ASK_HOLDER),
    "over_quota": Row(
        _("More than this appointment may use"),
        _("The voucher or its appointment has fewer units than asked for. Nothing was redeemed."),
        _("Redeem fewer units."),
        known=_("%(left)s can be redeemed now. Nothing was redeemed."),
    ),
    "note_too_late": Row(
        _("This note came too late"),
        _("It does not lie on a day of the voucher, or it is older than the school takes. Nothing was redeemed."),
        _("Scan the voucher again while it is valid; what took place earlier is answered under Not scanned."),
    ),
    "settlement_closed": Row(
        _("The month is already settled"),
        _("It can no longer be undone here. Nothing was changed."),
        _("The school's finance office corrects it in the next statement."),
    ),
}
