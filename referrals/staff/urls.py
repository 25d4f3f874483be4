"""The staff's own pages on a school's host, and the voucher check page on the platform's."""

from django.urls import path

from referrals.staff import (
    views,
    views_answers,
    views_apply,
    views_counsellor,
    views_course,
    views_missed,
    views_proxy,
    views_reschedule,
    views_sent,
    views_services,
    views_several,
    views_time,
    views_uses,
    views_waiting,
    views_wallet,
)

urlpatterns = [
    path("my/", views.home, name="staff_home"),
    path("my/referrals/", views.referrals, name="staff_referrals"),
    path("my/referrals/export.csv", views.referrals_csv, name="staff_referrals_csv"),
    path("my/referrals/<uuid:referral_id>/", views.referral, name="staff_referral"),
    path("my/referrals/<uuid:referral_id>/counsellor/", views_counsellor.counsellor, name="staff_referral_counsellor"),
    path("my/referrals/<uuid:referral_id>/stop-proxy/", views_proxy.stop, name="staff_proxy_stop"),
    path("my/referrals/<uuid:referral_id>/again/", views.again, name="staff_referral_again"),
    path(
        "my/referrals/<uuid:referral_id>/appointment/cancel/", views_course.cancel_one, name="staff_appointment_cancel"
    ),
    path("my/referrals/<uuid:referral_id>/stop/", views_course.stop, name="staff_course_stop"),
    path(
        "my/referrals/<uuid:referral_id>/appointments/<uuid:booking_id>/move/", views_reschedule.move, name="staff_move"
    ),
    path(
        "my/referrals/<uuid:referral_id>/appointments/<uuid:booking_id>/move/check/",
        views_reschedule.move_check,
        name="staff_move_check",
    ),
    path(
        "my/referrals/<uuid:referral_id>/appointments/<uuid:booking_id>/took-place/",
        views_missed.took_place,
        name="staff_took_place",
    ),
    path("my/referrals/<uuid:referral_id>/wishes/<uuid:reschedule_id>/", views_reschedule.wish, name="staff_wish"),
    path(
        "my/referrals/<uuid:referral_id>/wishes/<uuid:reschedule_id>/accept/",
        views_reschedule.wish_accept,
        name="staff_wish_accept",
    ),
    path(
        "my/referrals/<uuid:referral_id>/wishes/<uuid:reschedule_id>/decline/",
        views_reschedule.wish_decline,
        name="staff_wish_decline",
    ),
    path(
        "my/referrals/<uuid:referral_id>/wishes/<uuid:reschedule_id>/withdraw/",
        views_reschedule.wish_withdraw,
        name="staff_wish_withdraw",
    ),
    path("my/referrals/<uuid:referral_id>/cancel/", views.cancel, name="staff_referral_cancel"),
    path(
        "my/referrals/<uuid:referral_id>/proposals/<uuid:proposal_id>/accept/",
        views_answers.accept,
        name="staff_proposal_accept",
    ),
    path("my/referrals/<uuid:referral_id>/none-fits/", views_answers.none_fits, name="staff_none_fits"),
    path(
        "my/referrals/<uuid:referral_id>/instead/<uuid:service_id>/",
        views_answers.ask_instead,
        name="staff_ask_instead",
    ),
    path("my/waiting/", views_waiting.waiting, name="waiting"),
    path("my/waiting/join/", views_waiting.join, name="waiting_join"),
    path("my/waiting/<uuid:entry_id>/accept/", views_waiting.accept, name="waiting_accept"),
    path("my/waiting/<uuid:entry_id>/leave/", views_waiting.leave, name="waiting_leave"),
    path("apply/", views_services.services, name="apply"),
    path("apply/<uuid:service_id>/", views_apply.begin, name="apply_service"),
    path("apply/<uuid:draft_id>/when/", views_apply.when, name="apply_when"),
    path("apply/<uuid:draft_id>/who/", views_time.who, name="apply_who"),
    path("apply/<uuid:draft_id>/consent/", views_apply.consent, name="apply_consent"),
    path("apply/<uuid:draft_id>/several/", views_several.several, name="apply_several"),
    path("apply/<uuid:draft_id>/check/", views_apply.check, name="apply_check"),
    path("apply/<uuid:draft_id>/throw-away/", views_apply.throw_away, name="apply_throw_away"),
    path("apply/done/<uuid:referral_id>/", views_sent.done, name="apply_done"),
    path("vouchers/", views_wallet.wallet_page, name="wallet"),
    path("vouchers/export.csv", views_wallet.wallet_csv, name="wallet_csv"),
    path("vouchers/<uuid:voucher_id>/", views_wallet.voucher_page, name="voucher"),
    path("vouchers/uses/<uuid:redemption_id>/", views_uses.use, name="voucher_use"),
    path("vouchers/uses/<uuid:redemption_id>/agree/", views_uses.use_agree, name="voucher_use_agree"),
    path("vouchers/uses/<uuid:redemption_id>/dispute/", views_uses.use_dispute, name="voucher_use_dispute"),
    path("vouchers/uses/<uuid:redemption_id>/withdraw/", views_uses.use_withdraw, name="voucher_use_withdraw"),
    path("vouchers/own-share/<uuid:redemption_id>/", views_course.own_share, name="voucher_own_share"),
    path("vouchers/<uuid:voucher_id>/pdf/", views_wallet.voucher_pdf, name="voucher_pdf"),
    path("vouchers/<uuid:voucher_id>/picture.png", views_wallet.voucher_picture, name="voucher_picture"),
    path("vouchers/<uuid:voucher_id>/calendar.ics", views_wallet.voucher_ics, name="voucher_ics"),
    path("v/<str:token>/", views_wallet.check_page, name="voucher_check"),
]
