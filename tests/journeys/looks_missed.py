"""Looks of appointments that were missed and of uses that are objected to."""

from tests.journeys.looks import Look

MISSED_LOOKS = [
    Look("late-cancel", "staff2", "{late_cancel}"),
    Look("took-place", "staff2", "{took_place}"),
    Look("took-place-objection", "staff2", "{objection}"),
    Look("unscanned-request", "staff2", "{unscanned_request}"),
    Look("quarrel-request", "staff2", "{quarrel_request}"),
    Look("voucher-use", "staff2", "{use}"),
    Look("voucher-use-dispute", "staff2", "{use_dispute}"),
    Look("voucher-use-disputed", "staff2", "{use_disputed}"),
    Look("partner-unscanned", "partner", "/partner/unscanned/"),
    Look("partner-unscanned-empty", "newcomer", "/partner/unscanned/"),
    Look("partner-took-place", "partner", "{partner_took_place}"),
    Look("centre-quarrels", "centre", "/centre/unscanned/"),
    Look("centre-quarrel", "centre", "{centre_quarrel}"),
    Look("union-quarrels-empty", "union", "/union/unscanned/"),
    Look("centre-disputes", "centre", "/centre/disputes/"),
    Look("centre-objection", "centre", "{centre_objection}"),
    Look("union-disputes-empty", "union", "/union/disputes/"),
]
