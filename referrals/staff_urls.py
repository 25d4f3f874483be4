"""The staff's own pages on a school's host, and the voucher check page on the platform's."""

from django.urls import path

from referrals.views import staff, staff_apply, wallet

urlpatterns = [
    path("my/", staff.home, name="staff_home"),
    path("my/referrals/", staff.referrals, name="staff_referrals"),
    path("my/referrals/export.csv", staff.referrals_csv, name="staff_referrals_csv"),
    path("my/referrals/<uuid:referral_id>/", staff.referral, name="staff_referral"),
    path("my/referrals/<uuid:referral_id>/cancel/", staff.cancel, name="staff_referral_cancel"),
    path(
        "my/referrals/<uuid:referral_id>/proposals/<uuid:proposal_id>/accept/",
        staff.accept,
        name="staff_proposal_accept",
    ),
    path("apply/", staff_apply.services, name="apply"),
    path("apply/<uuid:service_id>/", staff_apply.journey, name="apply_service"),
    path("apply/done/<uuid:referral_id>/", staff_apply.done, name="apply_done"),
    path("vouchers/", wallet.wallet_page, name="wallet"),
    path("vouchers/export.csv", wallet.wallet_csv, name="wallet_csv"),
    path("vouchers/<uuid:voucher_id>/", wallet.voucher_page, name="voucher"),
    path("vouchers/<uuid:voucher_id>/pdf/", wallet.voucher_pdf, name="voucher_pdf"),
    path("vouchers/<uuid:voucher_id>/picture.png", wallet.voucher_picture, name="voucher_picture"),
    path("vouchers/<uuid:voucher_id>/calendar.ics", wallet.voucher_ics, name="voucher_ics"),
    path("v/<str:token>/", wallet.check_page, name="voucher_check"),
]
