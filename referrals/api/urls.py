"""Addresses below ``/api/v1/``."""

from django.urls import path

from referrals.api import (
    after,
    bookings,
    calendars,
    continuing,
    corrections,
    free_times,
    hardship,
    missed,
    objections,
    offers,
    paused,
    policies,
    pools,
    proxies,
    redemptions,
    referrals,
    rerouting,
    second_word,
    services,
    vouchers,
    waiting,
)

urlpatterns = [
    path("services/", services.ServicesView.as_view(), name="api-services"),
    path("services/<uuid:service_id>/free-times/", free_times.FreeTimesView.as_view(), name="api-free-times"),
    path("waitlist/", waiting.WaitlistView.as_view(), name="api-waitlist"),
    path("waitlist/<uuid:entry_id>/accept/", waiting.WaitlistAcceptView.as_view(), name="api-waitlist-accept"),
    path("waitlist/<uuid:entry_id>/leave/", waiting.WaitlistLeaveView.as_view(), name="api-waitlist-leave"),
    path("partner/week/", calendars.WeekView.as_view(), name="api-partner-week"),
    path("partner/resources/", calendars.ResourcesView.as_view(), name="api-partner-resources"),
    path("quotes/several/", services.SeveralQuotesView.as_view(), name="api-quotes-several"),
    path("quotes/", services.QuotesView.as_view(), name="api-quotes"),
    path("referrals/", referrals.ReferralsView.as_view(), name="api-referrals"),
    path("referrals/<uuid:referral_id>/", referrals.ReferralView.as_view(), name="api-referral"),
    path("referrals/proxy/", proxies.ProxyView.as_view(), name="api-referral-proxy"),
    path("referrals/<uuid:referral_id>/stop-proxy/", proxies.ProxyStopView.as_view(), name="api-referral-proxy-stop"),
    path("referrals/<uuid:referral_id>/cancel/", referrals.ReferralCancelView.as_view(), name="api-referral-cancel"),
    path("referrals/<uuid:referral_id>/again/", referrals.ReferralAgainView.as_view(), name="api-referral-again"),
    path(
        "referrals/<uuid:referral_id>/appointment/cancel/",
        referrals.AppointmentCancelView.as_view(),
        name="api-appointment-cancel",
    ),
    path("referrals/<uuid:referral_id>/stop/", referrals.CourseStopView.as_view(), name="api-referral-stop"),
    path("referrals/<uuid:referral_id>/approve/", referrals.ReferralApproveView.as_view(), name="api-referral-approve"),
    path("referrals/<uuid:referral_id>/decline/", referrals.ReferralDeclineView.as_view(), name="api-referral-decline"),
    path("referrals/<uuid:referral_id>/instead/", rerouting.ReferralInsteadView.as_view(), name="api-referral-instead"),
    path(
        "referrals/<uuid:referral_id>/proposals/refuse/",
        rerouting.ProposalsRefuseView.as_view(),
        name="api-proposals-refuse",
    ),
    path(
        "referrals/<uuid:referral_id>/proposals/<uuid:proposal_id>/accept/",
        referrals.ProposalAcceptView.as_view(),
        name="api-proposal-accept",
    ),
    path("bookings/", bookings.BookingsView.as_view(), name="api-bookings"),
    path("bookings/<uuid:booking_id>/cancel/", missed.BookingCancelView.as_view(), name="api-booking-cancel"),
    path("bookings/<uuid:booking_id>/no_show/", missed.BookingNoShowView.as_view(), name="api-booking-no-show"),
    path(
        "bookings/<uuid:booking_id>/took_place/", missed.BookingTookPlaceView.as_view(), name="api-booking-took-place"
    ),
    path("bookings/<uuid:booking_id>/decide/", missed.BookingDecideView.as_view(), name="api-booking-decide"),
    path("bookings/<uuid:booking_id>/reschedule/", bookings.RescheduleView.as_view(), name="api-reschedule"),
    path(
        "bookings/<uuid:booking_id>/reschedule/<uuid:reschedule_id>/accept/",
        bookings.RescheduleAcceptView.as_view(),
        name="api-reschedule-accept",
    ),
    path(
        "bookings/<uuid:booking_id>/reschedule/<uuid:reschedule_id>/decline/",
        bookings.RescheduleDeclineView.as_view(),
        name="api-reschedule-decline",
    ),
    path(
        "bookings/<uuid:booking_id>/reschedule/<uuid:reschedule_id>/withdraw/",
        bookings.RescheduleWithdrawView.as_view(),
        name="api-reschedule-withdraw",
    ),
    path("referrals/<uuid:referral_id>/solved/", after.SolvedView.as_view(), name="api-referral-solved"),
    path("referrals/<uuid:referral_id>/rating/", after.RatingView.as_view(), name="api-referral-rating"),
    path("referrals/<uuid:referral_id>/next/", continuing.ReferralNextView.as_view(), name="api-referral-next"),
    path("referrals/<uuid:referral_id>/words/", second_word.WordsView.as_view(), name="api-referral-words"),
    path("paused/", paused.PausedListView.as_view(), name="api-paused"),
    path("referrals/<uuid:referral_id>/paused/", paused.PausedDecideView.as_view(), name="api-referral-paused"),
    path("hardship/", hardship.FilesView.as_view(), name="api-hardship"),
    path("hardship/<uuid:file_id>/grant/", hardship.FileGrantView.as_view(), name="api-hardship-grant"),
    path("hardship/<uuid:file_id>/decline/", hardship.FileDeclineView.as_view(), name="api-hardship-decline"),
    path("hardship/<uuid:file_id>/end/", hardship.FileEndView.as_view(), name="api-hardship-end"),
    path("vouchers/", vouchers.VouchersView.as_view(), name="api-vouchers"),
    path("vouchers/<uuid:voucher_id>/", vouchers.VoucherView.as_view(), name="api-voucher"),
    path("vouchers/<uuid:voucher_id>/dispute/", objections.VoucherDisputeView.as_view(), name="api-voucher-dispute"),
    path("vouchers/uses/<uuid:redemption_id>/agree/", objections.UseAgreeView.as_view(), name="api-use-agree"),
    path("vouchers/uses/<uuid:redemption_id>/withdraw/", objections.UseWithdrawView.as_view(), name="api-use-withdraw"),
    path("vouchers/uses/<uuid:redemption_id>/decide/", objections.UseDecideView.as_view(), name="api-use-decide"),
    path("vouchers/own-share/<uuid:redemption_id>/", vouchers.OwnShareView.as_view(), name="api-own-share"),
    path("vouchers/<uuid:voucher_id>/pdf/", vouchers.VoucherPdfView.as_view(), name="api-voucher-pdf"),
    path("policies/", policies.PoliciesView.as_view(), name="api-policies"),
    path("policies/<uuid:policy_id>/", policies.PolicyView.as_view(), name="api-policy"),
    path("policies/<uuid:policy_id>/approve/", policies.PolicyApproveView.as_view(), name="api-policy-approve"),
    path("partner/offers/", offers.OffersView.as_view(), name="api-partner-offers"),
    path("policies/<uuid:policy_id>/edit/", policies.PolicyEditView.as_view(), name="api-policy-edit"),
    path("policies/<uuid:policy_id>/return/", policies.PolicyReturnView.as_view(), name="api-policy-return"),
    path("policies/<uuid:policy_id>/withdraw/", policies.PolicyWithdrawView.as_view(), name="api-policy-withdraw"),
    path("corrections/", corrections.CorrectionsView.as_view(), name="api-corrections"),
    path("corrections/<uuid:correction_id>/", corrections.CorrectionView.as_view(), name="api-correction"),
    path(
        "corrections/<uuid:correction_id>/approve/",
        corrections.CorrectionApproveView.as_view(),
        name="api-correction-approve",
    ),
    path(
        "corrections/<uuid:correction_id>/decline/",
        corrections.CorrectionDeclineView.as_view(),
        name="api-correction-decline",
    ),
    path(
        "corrections/<uuid:correction_id>/withdraw/",
        corrections.CorrectionWithdrawView.as_view(),
        name="api-correction-withdraw",
    ),
    path(
        "vouchers/corrected/<uuid:correction_id>/", corrections.CorrectedShareView.as_view(), name="api-corrected-share"
    ),
    path("pools/", pools.PoolsView.as_view(), name="api-pools"),
    path("pools/orders/", pools.PoolOrdersView.as_view(), name="api-pool-orders"),
    path("pools/orders/<uuid:order_id>/", pools.PoolOrderView.as_view(), name="api-pool-order"),
    path("pools/orders/<uuid:order_id>/approve/", pools.PoolOrderApproveView.as_view(), name="api-pool-order-approve"),
    path("pools/orders/<uuid:order_id>/decline/", pools.PoolOrderDeclineView.as_view(), name="api-pool-order-decline"),
    path(
        "pools/orders/<uuid:order_id>/withdraw/", pools.PoolOrderWithdrawView.as_view(), name="api-pool-order-withdraw"
    ),
    path(
        "partner/offers/<uuid:offer_id>/confirm/", offers.OfferConfirmView.as_view(), name="api-partner-offer-confirm"
    ),
    path(
        "partner/offers/<uuid:offer_id>/decline/", offers.OfferDeclineView.as_view(), name="api-partner-offer-decline"
    ),
    path(
        "partner/offers/<uuid:offer_id>/propose/", offers.OfferProposeView.as_view(), name="api-partner-offer-propose"
    ),
    path(
        "partner/vouchers/<uuid:voucher_id>/appointment/",
        bookings.AppointmentView.as_view(),
        name="api-partner-appointment",
    ),
    path(
        "partner/bookings/<uuid:booking_id>/counsellor/",
        bookings.ReassignView.as_view(),
        name="api-partner-reassign",
    ),
    path("partner/redemptions/", redemptions.RedemptionsView.as_view(), name="api-partner-redemptions"),
    path("partner/redemptions/prepare/", redemptions.PrepareView.as_view(), name="api-partner-prepare"),
    path(
        "partner/redemptions/<uuid:redemption_id>/reverse/",
        redemptions.RedemptionReverseView.as_view(),
        name="api-partner-reverse",
    ),
]
