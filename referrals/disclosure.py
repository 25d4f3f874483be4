"""Who sees what of a request, its appointment and its voucher; found by ``disclosure.table`` (docs/privacy.md)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader
from referrals.kinds import DECIDING_OFFICES

OBJECTS: Final[Mapping[str, Thing]] = {
    "request.centre": Thing(
        pgettext_lazy("thing", "requests for talks, treatment and mediation"),
        own=pgettext_lazy("thing", "requests"),
        rank=10,
    ),
    "request.union": Thing(pgettext_lazy("thing", "requests for help at home and childcare"), rank=10),
    "voucher": Thing(pgettext_lazy("thing", "vouchers"), own=pgettext_lazy("thing", "vouchers")),
    "draft": Thing(pgettext_lazy("thing", "requests that are not sent yet")),
    "policy": Thing(pgettext_lazy("thing", "policies"), of_person=False),
    "price": Thing(of_person=False),
    "hardship": Thing(pgettext_lazy("thing", "hardship files")),
}

MODELS: Final = {
    "referrals.Referral": columns(
        "person needs_person review_reason query_others consent state deadline looked_again_at instead_of policy"
        " follows changed_at decided_by",
        hidden="decision_hash",
        number=Facet.NUMBER,
        service=Facet.SERVICE,
        kind=Facet.SERVICE,
        partner=Facet.AGENCY,
        counsellor=Facet.AGENCY,
        units=Facet.UNITS,
        service_date=Facet.DAY,
        child=Facet.FOR_CHILD,
        note_sealed=Facet.NOTE,
        decline_reason=Facet.REASON,
        decision=Facet.AMOUNT,
        fee_fen=Facet.AMOUNT,
        subsidy_fen=Facet.AMOUNT,
        self_fen=Facet.AMOUNT,
        submitted_at=Facet.SENT,
        wish_gender=Facet.WISHES,
        wish_place=Facet.WISHES,
        wish_access=Facet.WISHES,
    ),
    "referrals.ReferralWindow": columns("referral", starts_at=Facet.WISHED, ends_at=Facet.WISHED),
    "referrals.Offer": columns(
        "referral mode state deadline answered_at",
        partner=Facet.AGENCY,
        service=Facet.SERVICE,
        units=Facet.UNITS,
        fee_fen=Facet.AMOUNT,
        windows=Facet.WISHED,
        district=Facet.DISTRICT,
        age_band=Facet.AGE_BAND,
        subsidy_fen=Facet.SPLIT,
        self_fen=Facet.SPLIT,
        decline_reason=Facet.REASON,
        created_at=Facet.SENT,
        wish_gender=Facet.WISHES,
        wish_place=Facet.WISHES,
        wish_access=Facet.WISHES,
    ),
    "referrals.Candidate": columns(
        "referral",
        hidden="decision_hash",
        service=Facet.SERVICE,
        decision=Facet.AMOUNT,
        fee_fen=Facet.AMOUNT,
        subsidy_fen=Facet.AMOUNT,
        self_fen=Facet.AMOUNT,
    ),
    "referrals.Proxy": columns("referral officer agreed_how agreed_on stopped_at created_at"),
    "referrals.HardshipFile": columns(
        "scheme number first_day state asked_by asked_at decided_by decided_at",
        person=Facet.NAME,
        ceiling_fen=Facet.SUM,
        last_day=Facet.DAY,
    ),
    "referrals.ChildPlace": columns("referral guardian until answered_at taken_as created_at"),
    "referrals.UnionPost": columns("kind holder named_by since until"),
    "referrals.LeaverLink": columns("membership left_on issued_at"),
    "referrals.PausedRequest": columns("referral cause since due_at state decided_by decided_at created_at"),
    "referrals.ReliefWord": columns(
        "referral given_by given_at until state seconded_by answered_at", case_fen=Facet.AMOUNT
    ),
    "referrals.Proposal": columns(
        "offer accepted_at", partner=Facet.AGENCY, starts_at=Facet.WISHED, ends_at=Facet.WISHED
    ),
    "referrals.Booking": columns(
        "referral resource slot zone state person_says agency_says due_at remind_at reassigned_at sequence created_at",
        partner=Facet.AGENCY,
        service=Facet.SERVICE,
        starts_at=Facet.TIME,
        ends_at=Facet.TIME,
        missed_fee_fen=Facet.AMOUNT,
        missed_paid_fen=Facet.AMOUNT,
        card_sealed=Facet.TITLE,
    ),
    "referrals.Reschedule": columns(
        "booking asked_by resource slot until state asked_at answered_at",
        partner=Facet.AGENCY,
        starts_at=Facet.TIME,
        ends_at=Facet.TIME,
    ),
    "referrals.ReferralDraft": columns(
        "person version referral changed_at expires_at", service=Facet.DRAFTED, words_sealed=Facet.DRAFTED
    ),
    "referrals.WaitingEntry": columns(
        "person resource size passed gathered state slot until",
        service=Facet.DRAFTED,
        starts_at=Facet.DRAFTED,
        ends_at=Facet.DRAFTED,
        joined_at=Facet.DRAFTED,
    ),
    "referrals.TimeHold": columns(
        "person draft resource slot until",
        kind=Facet.DRAFTED,
        service=Facet.DRAFTED,
        counsellor=Facet.DRAFTED,
        starts_at=Facet.DRAFTED,
        ends_at=Facet.DRAFTED,
    ),
    "referrals.SubsidyPolicy": columns(
        "scheme group version share_bp session_eligible_cap_fen session_subsidy_cap_fen quota_unit quota_amount valid_from"
        " valid_until state drafted_by approved_by approved_at returned_by return_reason created_at"
    ),
    "referrals.Unit": columns(
        "referral state carried_to",
        hidden="attempt reservation",
        index=Facet.UNITS,
        service_date=Facet.DAY,
        fee_fen=Facet.AMOUNT,
        subsidy_fen=Facet.AMOUNT,
        self_fen=Facet.AMOUNT,
        quota=Facet.UNITS,
    ),
    "referrals.Payer": columns("kind name tax_code bank account schemes changed_at"),
    "referrals.PoolOrder": columns(
        "kind scheme year reason state asked_by asked_at decided_by decided_at",
        amount_fen=Facet.SUM,
        returned_fen=Facet.SUM,
        carried_fen=Facet.SUM,
    ),
    "referrals.Voucher": columns(
        "referral booking person state issued_at remind_at remind_for",
        hidden="code_hash token_hash",
        number=Facet.VOUCHER,
        partner=Facet.AGENCY,
        service=Facet.SERVICE,
        code_sealed=Facet.CODE,
        token_sealed=Facet.CODE,
        units=Facet.UNITS,
        units_left=Facet.UNITS,
        unit_splits=Facet.AMOUNT,
        fee_fen=Facet.AMOUNT,
        subsidy_fen=Facet.AMOUNT,
        self_fen=Facet.AMOUNT,
        valid_from=Facet.DAY,
        valid_until=Facet.DAY,
    ),
    "referrals.Redemption": columns(
        "voucher booking kind state redeemed_by reversed_at reverse_reason own_share_due own_share_back_at due_at agreed_at"
        " disputed_at dispute_reason",
        service_date=Facet.DAY,
        partner=Facet.AGENCY,
        unit_index=Facet.UNITS,
        fee_fen=Facet.AMOUNT,
        subsidy_fen=Facet.AMOUNT,
        self_fen=Facet.AMOUNT,
        corrected_subsidy_fen=Facet.AMOUNT,
        corrected_self_fen=Facet.AMOUNT,
        voucher_number=Facet.VOUCHER,
        redeemed_at=Facet.USED,
    ),
    "referrals.Outcome": columns("referral asked_at created_at", answer=Facet.OUTCOME, answered_at=Facet.OUTCOME),
    "referrals.Rater": columns("person year", partner=Facet.AGENCY),
    "referrals.RatingBox": columns("partner year people marks"),
    "referrals.AgencyRating": columns("partner year people marks"),
    "referrals.PassedOn": columns("redemption member at"),
    "referrals.Correction": columns(
        "redemption version cause side reason state asked_by asked_at decided_by decided_at own_share_due own_share_back_at",
        partner=Facet.AGENCY,
        voucher_number=Facet.VOUCHER,
        service_date=Facet.DAY,
        old_fee_fen=Facet.AMOUNT,
        old_subsidy_fen=Facet.AMOUNT,
        old_self_fen=Facet.AMOUNT,
        new_fee_fen=Facet.AMOUNT,
        new_subsidy_fen=Facet.AMOUNT,
        new_self_fen=Facet.AMOUNT,
    ),
    "referrals.AmountClaim": columns(
        "redemption correction side cause state asked_by asked_at answered_by answered_at",
        agency=Facet.AGENCY,
        fee_fen=Facet.AMOUNT,
        reason_sealed=Facet.REASON,
        answer_sealed=Facet.REASON,
        voucher_number=Facet.VOUCHER,
        service_date=Facet.DAY,
    ),
    "referrals.ScanLog": columns("voucher user outcome", partner=Facet.AGENCY, at=Facet.USED),
}

_ASKED: Final = (
    Facet.SERVICE, Facet.UNITS, Facet.WISHED, Facet.WISHES, Facet.DISTRICT, Facet.DAY, Facet.AMOUNT, Facet.SENT,
)  # fmt: skip
_MET: Final = (Facet.TITLE, Facet.PHONE_END, Facet.TIME, Facet.USED, Facet.VOUCHER, Facet.SPLIT)
_DECIDED: Final = (
    Facet.NAME, Facet.SERVICE, Facet.AGENCY, Facet.UNITS, Facet.WISHED, Facet.WISHES, Facet.DAY, Facet.NUMBER,
    Facet.VOUCHER, Facet.AMOUNT, Facet.NOTE, Facet.REASON, Facet.SENT,
)  # fmt: skip
_OWN: Final = (
    *(facet for facet in _DECIDED if facet is not Facet.NAME), Facet.TIME, Facet.PLACE, Facet.OUTCOME,
)  # fmt: skip
_LOOKS: Final = ("referral.read", "referral.list")
_ANY: Final = _("Everyone there may open it, also when nobody has to decide.")


def _of(office: str, *more: Facet, deciders: tuple[Reader, ...]) -> dict[Key, Row]:
    """The rows of the requests that one office decides. ``more``: what it sees beyond others."""
    thing = f"request.{office}"
    return {
        (thing, Reader.PERSON): sees(*_OWN),
        (thing, Reader.AGENCY_ASKED): sees(*_ASKED, never=(Facet.NAME, Facet.PHONE)),
        (thing, Reader.AGENCY): sees(*_ASKED, *_MET, never=(Facet.NAME, Facet.NOTE)),
        **{
            (thing, reader): sees(*_DECIDED, *more, never=(Facet.PHONE, Facet.TIME), looks=_LOOKS, remark=_ANY)
            for reader in deciders
        },
    }


ROWS: Final[Mapping[Key, Row]] = {
    **_of("centre", deciders=(Reader.CENTRE, Reader.DUTY)),
    **_of("union", Facet.FOR_CHILD, deciders=(Reader.UNION,)),
    ("voucher", Reader.PERSON): sees(
        Facet.SERVICE, Facet.AGENCY, Facet.UNITS, Facet.DAY, Facet.TIME, Facet.PLACE, Facet.USED, Facet.NUMBER,
        Facet.VOUCHER, Facet.CODE, Facet.AMOUNT,
    ),
    ("draft", Reader.PERSON): sees(Facet.DRAFTED),
    ("hardship", Reader.UNION): sees(Facet.NAME, Facet.SUM, Facet.DAY),
    ("hardship", Reader.FINANCE): sees(Facet.SUM, Facet.DAY, never=(Facet.NAME,)),
    **{("policy", reader): sees(Facet.WHOLE) for reader in (Reader.UNION, Reader.FINANCE, Reader.PRINCIPAL)},
    **{("price", reader): sees(Facet.SERVICE, Facet.AGENCY, Facet.PLACE, Facet.AMOUNT) for reader in Reader},
}  # fmt: skip

REQUESTS: Final = " ".join(f"request.{office}" for office in sorted(DECIDING_OFFICES))
_AGENCY: Final = (Reader.AGENCY_ASKED, Reader.AGENCY)
_MINE: Final = shows(REQUESTS, Reader.PERSON)
_MY_VOUCHER: Final = shows(f"voucher {REQUESTS}", Reader.PERSON)
_MY_DRAFT: Final = shows("draft", Reader.PERSON) | shows("price", *Reader)
_PRICES: Final = shows("price", *Reader)
_THEIRS: Final = shows(f"{REQUESTS} child", *_AGENCY)
_POLICIES: Final = shows("policy", Reader.UNION, Reader.FINANCE, Reader.PRINCIPAL)
_BOOKS: Final = shows("pool", Reader.FINANCE, Reader.UNION, Reader.PRINCIPAL)
_LINES: Final = shows("line", Reader.FINANCE)


def _desk(office: str, *readers: Reader) -> dict[str, Page]:
    requests = shows(f"request.{office}", *readers)
    names = ("home", "requests_csv", "referral", "referral_approve", "referral_decline", "referral_stop", "quarrels",
        "quarrels_csv", "quarrel", "disputes", "disputes_csv", "objection", "paused", "paused_csv", "paused_one")  # fmt: skip
    return {f"{office}_{name}": requests for name in names}


PAGES: Final[Mapping[str, Page]] = {
    "services": _PRICES,
    "api-free-times": _PRICES,
    "apply": _PRICES,
    "apply_service": _MY_DRAFT,
    **dict.fromkeys(
        (
            "apply_when", "apply_who", "apply_consent", "apply_check", "apply_several", "apply_throw_away", "waiting",
            "waiting_join", "waiting_accept", "waiting_leave",
        ),
        _MY_DRAFT,
    ),
    "staff_home": _MY_VOUCHER | _PRICES | shows("draft child relative consent member", Reader.PERSON),
    **dict.fromkeys(
        (
            "apply_done", "staff_referrals", "staff_referrals_csv", "staff_referral", "staff_referral_counsellor", "staff_referral_again",
            "staff_proxy_stop",
            "staff_appointment_cancel", "staff_course_stop", "staff_referral_cancel", "staff_proposal_accept", "staff_none_fits",
            "api-referrals", "api-referral-cancel", "api-referral-proxy-stop", "api-referral-again", "api-appointment-cancel",
            "api-proposal-accept", "api-proposals-refuse", "staff_took_place", "staff_move", "staff_move_check", "staff_wish", "staff_wish_accept",
            "leaver_move", "leaver_move_check", "leaver_cancel", "leaver_took_place", "leaver_wish", "leaver_wish_accept",
            "leaver_wish_decline", "leaver_wish_withdraw",
            "staff_wish_decline", "staff_wish_withdraw", "staff_solved", "staff_rate", "api-referral-solved", "api-referral-rating",
        ),
        _MINE,
    ),
    **dict.fromkeys(("staff_ask_instead", "api-referral-instead"), _MINE | _PRICES),
    **dict.fromkeys(("staff_next", "api-referral-next"), _MINE | _PRICES),
    "staff_place": _MINE | _PRICES | shows("child", Reader.PERSON),
    "staff_place_decline": _MINE,
    **dict.fromkeys(
        (
            "leaver", "leaver_voucher", "leaver_voucher_pdf", "leaver_voucher_ics", "leaver_use", "leaver_use_agree", "leaver_use_dispute", "leaver_use_withdraw", "voucher_use", "voucher_use_wrong", "voucher_use_wrong_withdraw", "voucher_use_agree", "voucher_use_dispute", "voucher_use_withdraw", "api-voucher-dispute",
            "api-use-agree", "api-use-withdraw", "api-use-claims", "api-use-claim-withdraw", "wallet", "wallet_csv", "voucher", "voucher_own_share", "voucher_corrected_share", "api-corrected-share", "api-own-share", "voucher_pdf", "voucher_picture", "voucher_ics", "api-vouchers",
            "api-voucher", "api-voucher-pdf",
        ),
        _MY_VOUCHER,
    ),
    "voucher_check": {},
    "api-services": _PRICES,
    "api-quotes": _PRICES,
    "api-quotes-several": _PRICES,
    "api-waitlist": _MY_DRAFT,
    "api-waitlist-leave": _MY_DRAFT,
    "api-waitlist-accept": _MINE | _MY_DRAFT,
    "api-referral": _MINE
    | {"request.centre": frozenset({Reader.PERSON, Reader.CENTRE, Reader.DUTY})}
    | {"request.union": frozenset({Reader.PERSON, Reader.UNION})},
    **dict.fromkeys(
        ("api-booking-decide", "api-use-decide", "api-referral-paused", "api-paused", "api-referral-approve", "api-referral-decline", "api-referral-stop"),
        shows("request.centre", Reader.CENTRE) | shows("request.union", Reader.UNION),
    ),
    "api-referral-words": shows("request.union", Reader.UNION),
    "api-bookings": shows(REQUESTS, Reader.PERSON, *_AGENCY) | _PRICES,
    **dict.fromkeys(
        ("api-booking-cancel", "api-booking-took-place", "api-reschedule", "api-reschedule-accept", "api-reschedule-decline", "api-reschedule-withdraw"),
        shows(REQUESTS, Reader.PERSON, *_AGENCY),
    ),
    **dict.fromkeys(
        (
            "api-partner-week", "api-partner-resources", "api-partner-offers", "api-partner-offer-confirm", "api-partner-offer-decline", "api-partner-offer-propose",
            "api-partner-appointment", "api-partner-redemptions", "api-partner-prepare", "api-partner-reverse",
            "partner_home", "partner_day", "partner_day_pdf", "partner_offers", "partner_offers_csv", "partner_offer", "partner_offer_propose",
            "partner_offer_decline", "partner_week", "partner_bookings", "partner_bookings_csv", "partner_booking_cancel",
            "api-booking-no-show", "partner_unscanned", "partner_unscanned_csv", "partner_took_place",
            "partner_appointment", "partner_scan_look", "partner_scan_preview", "partner_scan_redeem", "partner_scan_noted", "api-partner-noted",
            "partner_move", "partner_reassign", "api-partner-reassign", "partner_move_check", "partner_wish", "partner_wish_accept", "partner_wish_decline",
            "partner_wish_withdraw", "partner_redemptions", "partner_redemptions_csv", "partner_redeemed", "partner_claim", "partner_claim_withdraw", "api-partner-claims", "api-partner-claim-withdraw", "partner_redemption_reverse",
        ),
        _THEIRS,
    ),
    **silent("union_agencies api-union-agencies partner_scan partner_marks leaver_begin leaver_over"),
    **dict.fromkeys(("school_leavers", "school_leavers_csv", "school_leaver_link", "school_union", "school_union_post", "api-union-posts"), shows("member", Reader.ADMIN)),
    **_desk("centre", Reader.CENTRE, Reader.DUTY),
    **_desk("union", Reader.UNION),
    "union_proxy": shows("member", Reader.UNION),
    **dict.fromkeys(
        ("api-referral-proxy", "api-union-claims", "api-union-claim-withdraw", "union_amounts", "union_amount", "union_amount_withdraw"),
        shows("request.union", Reader.UNION),
    ),
    "union_proxy_for": shows("member", Reader.UNION) | _PRICES,
    "union_hardship_find": shows("member", Reader.UNION),
    "union_hardship_new": shows("member hardship", Reader.UNION),
    **dict.fromkeys(
        ("union_hardship", "union_hardship_csv", "union_hardship_file", "union_hardship_end"),
        shows("hardship", Reader.UNION),
    ),
    **dict.fromkeys(
        ("api-hardship", "api-hardship-grant", "api-hardship-decline", "api-hardship-end"),
        shows("hardship", Reader.FINANCE, Reader.UNION),
    ),
    **dict.fromkeys(
        (
            "finance_hardship", "finance_hardship_csv", "finance_hardship_file", "finance_hardship_grant",
            "finance_hardship_decline",
        ),
        shows("hardship", Reader.FINANCE),
    ),
    "finance_home": _BOOKS | _LINES,
    **dict.fromkeys(
        (
            "finance_pools", "finance_orders", "finance_orders_csv", "finance_order", "finance_order_approve",
            "finance_order_decline", "finance_order_withdraw", "finance_pool", "finance_payers", "finance_payer",
            "api-pools", "api-pool-orders", "api-pool-order", "api-pool-order-approve", "api-pool-order-decline",
            "api-pool-order-withdraw",
        ),
        shows("pool line", Reader.FINANCE),
    ),
    **dict.fromkeys(
        (
            "finance_claims", "finance_claims_csv", "finance_claim", "api-claims", "api-claim", "api-claim-decline",
            "finance_claim_decline", "finance_corrections", "finance_corrections_csv", "finance_correction_find", "finance_correction_new",
            "finance_correction", "finance_correction_approve", "finance_correction_decline",
            "finance_correction_withdraw", "api-corrections", "api-correction", "api-correction-approve",
            "api-correction-decline", "api-correction-withdraw",
        ),
        _LINES,
    ),
    **dict.fromkeys(("finance_ledger", "finance_ledger_csv"), _LINES),
    **dict.fromkeys(
        (
            "finance_policies", "finance_policies_csv", "finance_policy", "finance_policy_new",
            "finance_policy_approve", "finance_policy_end", "finance_policy_edit", "finance_policy_return",
            "finance_policy_withdraw", "api-policies", "api-policy", "api-policy-approve",
            "api-policy-edit", "api-policy-return", "api-policy-withdraw",
        ),
        _POLICIES,
    ),
}  # fmt: skip
