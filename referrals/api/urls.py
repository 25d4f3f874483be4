"""Addresses below ``/api/v1/``."""

from django.urls import path

from referrals.api import bookings, offers, policies, proxies, redemptions, referrals, services, vouchers

urlpatterns = [
    path("services/", services.ServicesView.as_view(), name="api-services"),
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
    path(
        "referrals/<uuid:referral_id>/proposals/<uuid:proposal_id>/accept/",
        referrals.ProposalAcceptView.as_view(),
        name="api-proposal-accept",
    ),
    path("bookings/", bookings.BookingsView.as_view(), name="api-bookings"),
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
    path("vouchers/", vouchers.VouchersView.as_view(), name="api-vouchers"),
    path("vouchers/<uuid:voucher_id>/", vouchers.VoucherView.as_view(), name="api-voucher"),
    path("vouchers/own-share/<uuid:redemption_id>/", vouchers.OwnShareView.as_view(), name="api-own-share"),
    path("vouchers/<uuid:voucher_id>/pdf/", vouchers.VoucherPdfView.as_view(), name="api-voucher-pdf"),
    path("policies/", policies.PoliciesView.as_view(), name="api-policies"),
    path("policies/<uuid:policy_id>/", policies.PolicyView.as_view(), name="api-policy"),
    path("policies/<uuid:policy_id>/approve/", policies.PolicyApproveView.as_view(), name="api-policy-approve"),
    path("partner/offers/", offers.OffersView.as_view(), name="api-partner-offers"),
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
    path("partner/redemptions/", redemptions.RedemptionsView.as_view(), name="api-partner-redemptions"),
    path("partner/redemptions/prepare/", redemptions.PrepareView.as_view(), name="api-partner-prepare"),
    path(
        "partner/redemptions/<uuid:redemption_id>/reverse/",
        redemptions.RedemptionReverseView.as_view(),
        name="api-partner-reverse",
    ),
]
