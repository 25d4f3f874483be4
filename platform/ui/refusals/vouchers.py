"""Refusals at the counter (rules §2 Redemption)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.refusals.rows import CHECK_INPUT, NOTHING_CHANGED, Row

ASK_HOLDER: Final = _("Ask the person to open the voucher in their wallet, then scan again.")

ROWS: Final[dict[str, Row]] = {
    "unknown": Row(
        _("No such voucher"),
        _("The code does not exist, or a digit was mistyped. Nothing was redeemed."),
        _("Check the twelve digits and try again."),
    ),
    "expired": Row(
        _("The voucher has expired"),
        _("Its last day is over. Nothing was redeemed; the subsidy has gone back to the school."),
        _("The person can apply again; it takes a minute."),
        known=_("It was valid until %(until)s. Nothing was redeemed; the subsidy has gone back to the school."),
    ),
    "not_yet": Row(
        _("The voucher is not valid yet"),
        _("Its day has not come. Nothing was redeemed."),
        _("Scan it again on the day of the appointment."),
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
        _("Not enough units left"),
        _("The voucher has fewer units than asked for. Nothing was redeemed."),
        _("Redeem fewer units."),
        known=_("%(left)s units are left. Nothing was redeemed."),
    ),
    "suspended": Row(
        _("Paused at the moment"),
        _("The agreement between the school and the agency is suspended. Nothing was changed."),
        _("Please ring the school; existing appointments are looked at one by one."),
    ),
    "settlement_closed": Row(
        _("The month is already settled"),
        _("It can no longer be undone here. Nothing was changed."),
        _("The school's finance office corrects it in the next statement."),
    ),
    "reason_required": Row(_("A reason is needed"), NOTHING_CHANGED, CHECK_INPUT),
}
