"""What a refusal says to a person: what happened, what it means, the next step (docs/architecture.md §Errors).

One row per stable code of ``kernel.errors``. Words are plain and blame nobody; nothing here names a person.
``known`` replaces ``detail`` when every parameter it mentions is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Explanation:
    """Three sentences for one code, in the reader's language when turned into text."""

    title: Text
    detail: Text
    next_step: Text


@dataclass(frozen=True, slots=True)
class _Row:
    title: Text
    detail: Text
    next_step: Text
    known: Text = ""


_NOTHING_LOST: Final = _("Nothing was changed.")
_GO_BACK: Final = _("Go back and try again.")
_CHECK_INPUT: Final = _("Go back, correct it and send it again.")
_ASK_SCHOOL: Final = _("If this looks wrong, ask the school's administrator.")
_CHOOSE_OTHER: Final = _("Choose another service or another provider.")
_ASK_HOLDER: Final = _("Ask the person to open the voucher in their wallet, then scan again.")
_CHECK_FILE: Final = _("Correct the file and upload it again.")

EXPLANATIONS: Final[dict[str, _Row]] = {
    # The edge
    "not_found": _Row(
        _("This page cannot be found"),
        _("It may have moved, or it belongs to someone else."),
        _("Go to the first page, or use the help bar at the top."),
    ),
    "forbidden": _Row(
        _("This belongs to another role"),
        _("Your account may not do this. Nothing was changed."),
        _ASK_SCHOOL,
    ),
    "conflict": _Row(
        _("This has changed in the meantime"),
        _("Someone else was quicker, or the page was open for a while. Nothing was changed."),
        _("Open it again and look at its present state."),
    ),
    "illegal_move": _Row(
        _("That step is no longer possible"),
        _("Its state has changed since the page was opened. Nothing was changed."),
        _("Open it again and look at its present state."),
    ),
    "refused": _Row(_("This is not possible"), _("A rule does not allow it. Nothing was changed."), _ASK_SCHOOL),
    "invalid": _Row(_("Something in the form is not right"), _NOTHING_LOST, _CHECK_INPUT),
    "malformed": _Row(_("The request could not be read"), _NOTHING_LOST, _GO_BACK),
    "too_many": _Row(
        _("Too many tries"),
        _("To protect you, we ask for a short pause. Nothing was changed."),
        _("Wait a few minutes, then try again. The help lines stay open."),
        known=_("To protect you, we ask for a pause of %(seconds)s seconds. Nothing was changed."),
    ),
    "csrf_failed": _Row(
        _("The page was open for too long"), _("For safety it was not sent. Nothing was changed."), _GO_BACK
    ),
    "too_large": _Row(_("This is too large"), _NOTHING_LOST, _("Send a smaller file or a shorter text.")),
    "idempotency_mismatch": _Row(
        _("This was already sent with other content"),
        _("The first sending counts. Nothing was changed."),
        _("Open the list and look at the first one."),
    ),
    "in_flight": _Row(
        _("This is still being worked on"),
        _("The first sending has not finished yet; there is no need to send again."),
        _("Wait a moment, then refresh the page."),
    ),
    "bad_idempotency_key": _Row(_("The sending key cannot be read"), _NOTHING_LOST, _GO_BACK),
    "bad_cursor": _Row(_("This page of the list has gone"), _NOTHING_LOST, _("Start again at the first page.")),
    "bad_limit": _Row(_("The list cannot be this long"), _NOTHING_LOST, _("Ask for between 1 and 100 rows.")),
    # Vouchers (rules §2 Redemption)
    "unknown": _Row(
        _("No such voucher"),
        _("The code does not exist, or a digit was mistyped. Nothing was redeemed."),
        _("Check the twelve digits and try again."),
    ),
    "expired": _Row(
        _("The voucher has expired"),
        _("Its last day is over. Nothing was redeemed; the subsidy has gone back to the school."),
        _("The person can apply again; it takes a minute."),
        known=_("It was valid until %(until)s. Nothing was redeemed; the subsidy has gone back to the school."),
    ),
    "not_yet": _Row(
        _("The voucher is not valid yet"),
        _("Its day has not come. Nothing was redeemed."),
        _("Scan it again on the day of the appointment."),
        known=_("It is valid from %(from)s. Nothing was redeemed."),
    ),
    "already_redeemed": _Row(
        _("Already redeemed"),
        _("This voucher was used before. Nothing was redeemed a second time."),
        _("Look it up in today's list. If it was a mistake, undo the first redemption there."),
        known=_("It was redeemed by %(by)s at %(at)s. Nothing was redeemed a second time."),
    ),
    "wrong_partner": _Row(
        _("This voucher is for another provider"),
        _("Nothing was redeemed."),
        _("Its owner sees the right provider on the voucher."),
    ),
    "wrong_service": _Row(
        _("This voucher is for another service"),
        _("Nothing was redeemed."),
        _("Choose the service named on the voucher."),
    ),
    "void": _Row(_("The voucher is void"), _("It was withdrawn. Nothing was redeemed."), _ASK_HOLDER),
    "over_quota": _Row(
        _("Not enough units left"),
        _("The voucher has fewer units than asked for. Nothing was redeemed."),
        _("Redeem fewer units."),
        known=_("%(left)s units are left. Nothing was redeemed."),
    ),
    "suspended": _Row(
        _("Paused at the moment"),
        _("The agreement between the school and the provider is suspended. Nothing was changed."),
        _("Please ring the school; existing appointments are looked at one by one."),
    ),
    "settlement_closed": _Row(
        _("The month is already settled"),
        _("It can no longer be undone here. Nothing was changed."),
        _("The school's finance office corrects it in the next statement."),
    ),
    "reason_required": _Row(_("A reason is needed"), _NOTHING_LOST, _CHECK_INPUT),
    # Quotes and requests (issue §4)
    "no_agreement": _Row(
        _("Not available on this day"),
        _("The school has no agreement with this provider for that day. Nothing was sent."),
        _CHOOSE_OTHER,
    ),
    "no_policy": _Row(
        _("No subsidy rule for this day"),
        _("The school has not set a subsidy for this service on that day. Nothing was sent."),
        _("You can go on at the full price, or ask the union."),
    ),
    "out_of_range": _Row(
        _("A number is outside what is possible"),
        _NOTHING_LOST,
        _CHECK_INPUT,
        known=_("It must lie between %(low)s and %(high)s. Nothing was changed."),
    ),
    "quota_used_up": _Row(
        _("This year's subsidised sessions are used up"),
        _("Nothing was sent and nothing was charged."),
        _("You can go on at the full price, or talk to the union about hardship support."),
        known=_("It starts anew on %(resets_on)s. Nothing was sent and nothing was charged."),
    ),
    "pool_used_up": _Row(
        _("The school's budget for this is used up"),
        _("Nothing was sent and nothing was charged."),
        _("You can go on at the full price, or ask the union."),
    ),
    "naive_time": _Row(
        _("A time needs its time zone"), _NOTHING_LOST, _("Send the time with its offset, such as +08:00.")
    ),
    "in_the_past": _Row(_("This time has passed"), _NOTHING_LOST, _("Choose a time from now on.")),
    "invalid_times": _Row(_("The end must come after the start"), _NOTHING_LOST, _CHECK_INPUT),
    "windows_invalid": _Row(_("The times do not fit together"), _NOTHING_LOST, _CHECK_INPUT),
    "slot_taken": _Row(
        _("Someone has just taken this time"), _("Nothing was changed."), _("Choose another time; the list is fresh.")
    ),
    "full": _Row(
        _("All places are taken"), _NOTHING_LOST, _("Put yourself on the waiting list, or choose another day.")
    ),
    "quote_expired": _Row(
        _("The price is no longer fresh"),
        _("Prices are held for a short time only. Nothing was sent."),
        _("Open the service again; the price is worked out anew."),
    ),
    "quote_invalid": _Row(
        _("The price could not be checked"),
        _("Nothing was sent."),
        _("Open the service again; the price is worked out anew."),
    ),
    "consent_missing": _Row(
        _("Your consent is missing"),
        _("Without it nothing may be passed on. Nothing was sent."),
        _("Go back and look at who can see it; then decide."),
    ),
    "too_late": _Row(
        _("It is too late for this"),
        _("The time limit has passed. Nothing was changed."),
        _("Please ring the provider or the school."),
    ),
    "wrong_kind": _Row(_("This provider may not offer that"), _NOTHING_LOST, _CHOOSE_OTHER),
    "same_person": _Row(
        _("A second person must do this"),
        _("Whoever prepared it cannot also approve it. Nothing was changed."),
        _("Ask a colleague in the same office."),
    ),
    "overlap": _Row(_("This overlaps another period"), _NOTHING_LOST, _("Choose dates that do not overlap.")),
    # Money
    "amount": _Row(_("The amount cannot be read"), _NOTHING_LOST, _CHECK_INPUT),
    "not_enough": _Row(
        _("There is not enough left"), _NOTHING_LOST, _("Look at the balance, then choose a smaller amount.")
    ),
    "more_than_reserved": _Row(_("More than was set aside"), _NOTHING_LOST, _ASK_SCHOOL),
    "refund_exceeds_paid": _Row(_("More than was paid"), _NOTHING_LOST, _("Choose a smaller amount.")),
    "reference_reused": _Row(_("This entry exists already"), _NOTHING_LOST, _("Open the ledger and look for it.")),
    # Roster files
    "roster_empty": _Row(_("The file has no rows"), _NOTHING_LOST, _CHECK_FILE),
    "roster_encoding": _Row(
        _("The file's characters cannot be read"), _NOTHING_LOST, _("Save it as CSV in UTF-8 or GB18030, or as XLSX.")
    ),
    "roster_header_missing": _Row(_("A column is missing"), _NOTHING_LOST, _CHECK_FILE),
    "roster_header_twice": _Row(_("A column stands there twice"), _NOTHING_LOST, _CHECK_FILE),
    "roster_old_excel": _Row(_("This is an old Excel file"), _NOTHING_LOST, _("Save it as .xlsx or CSV.")),
    "roster_too_large": _Row(_("The file is too large"), _NOTHING_LOST, _("Split it and upload the parts.")),
    "roster_too_many_rows": _Row(_("The file has too many rows"), _NOTHING_LOST, _("Split it and upload the parts.")),
    "roster_unreadable": _Row(_("The file cannot be opened"), _NOTHING_LOST, _("Save it again as .xlsx or CSV.")),
    "formula": _Row(_("A cell holds a formula"), _NOTHING_LOST, _("Paste the values only, then upload it again.")),
    "phone_invalid": _Row(_("The phone number is not complete"), _NOTHING_LOST, _CHECK_INPUT),
    # Links
    "link_expired": _Row(
        _("This link is no longer valid"),
        _("Links end after a while, for your safety. Nothing was changed."),
        _("Ask for a new link where you got this one."),
    ),
    "link_used": _Row(
        _("This link was already used"),
        _("Your earlier answer stands. Nothing was changed."),
        _("If you want to change it, ask for a new link."),
    ),
}

_FALLBACK: Final = _Row(
    _("This did not work"), _("Nothing was changed."), _("Try again; if it happens once more, tell the school.")
)


def explain(code: str, params: Mapping[str, Any] | None = None) -> Explanation:
    """The sentences for ``code``; a general one for a code without a row. Missing parameters never show a gap."""
    row = EXPLANATIONS.get(code, _FALLBACK)
    detail: Text = row.detail
    if row.known and params:
        try:
            detail = str(row.known) % {key: value for key, value in params.items() if value not in (None, "")}
        except KeyError:
            detail = row.detail
    return Explanation(row.title, detail, row.next_step)
