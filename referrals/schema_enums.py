"""Names of the referrals app's closed lists in the OpenAPI document."""

from referrals.api import enums

ENUMS = {
    "ReferralStateEnum": enums.REFERRAL_STATES,
    "OfferStateEnum": enums.OFFER_STATES,
    "BookingStateEnum": enums.BOOKING_STATES,
    "RescheduleSideEnum": enums.RESCHEDULE_SIDES,
    "VoucherStateEnum": enums.VOUCHER_STATES,
    "RedemptionStateEnum": enums.REDEMPTION_STATES,
    "PolicyStateEnum": enums.POLICY_STATES,
    "PoolOrderKindEnum": enums.POOL_ORDER_KINDS,
    "PoolOrderStateEnum": enums.POOL_ORDER_STATES,
    "CorrectionCauseEnum": enums.CORRECTION_CAUSES,
    "CorrectionSideEnum": enums.CORRECTION_SIDES,
    "SchemeEnum": enums.SCHEMES,
    "CutReasonEnum": enums.CUTS,
    "ConsentWayEnum": enums.CONSENT_WAYS,
    "QuotaUnitEnum": enums.QUOTA,
    "DeclineReasonEnum": enums.DECLINE,
    "OfferDeclineReasonEnum": enums.OFFER_DECLINE,
    "WishedGenderEnum": enums.WISHED_GENDER,
    "WishedPlaceEnum": enums.WISHED_PLACE,
    "WishedAccessEnum": enums.WISHED_ACCESS,
    "ReverseReasonEnum": enums.REVERSE,
    "AgencyCancelReasonEnum": enums.AGENCY_CANCEL_REASONS,
    "UnscannedDecisionEnum": enums.UNSCANNED_DECISIONS,
    "DisputeReasonEnum": enums.DISPUTE,
    "FindingEnum": enums.FINDING,
    "WaitingStateEnum": enums.WAITING_STATES,
    "WeekEntryEnum": enums.WEEK_ENTRIES,
    "TookPlaceEnum": enums.TOOK_PLACE,
}
