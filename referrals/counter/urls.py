"""The partner's portal on the platform's host, under ``/partner/``."""

from django.urls import path

from referrals.counter import (
    views,
    views_bookings,
    views_day,
    views_marks,
    views_missed,
    views_offers,
    views_redemptions,
    views_reschedule,
    views_scan,
    views_week,
)

urlpatterns = [
    path("", views.today, name="partner_home"),
    path("day/", views_day.day, name="partner_day"),
    path("day/list.pdf", views_day.day_pdf, name="partner_day_pdf"),
    path("marks/", views_marks.marks, name="partner_marks"),
    path("week/", views_week.week, name="partner_week"),
    path("offers/", views_offers.offers, name="partner_offers"),
    path("offers/export.csv", views_offers.offers_csv, name="partner_offers_csv"),
    path("offers/<uuid:offer_id>/", views.offer, name="partner_offer"),
    path("offers/<uuid:offer_id>/propose/", views.offer_propose, name="partner_offer_propose"),
    path("offers/<uuid:offer_id>/decline/", views.offer_decline, name="partner_offer_decline"),
    path("bookings/", views_bookings.bookings, name="partner_bookings"),
    path("bookings/export.csv", views_bookings.bookings_csv, name="partner_bookings_csv"),
    path("bookings/<uuid:booking_id>/cancel/", views_bookings.booking_cancel, name="partner_booking_cancel"),
    path("bookings/<uuid:booking_id>/move/", views_reschedule.move, name="partner_move"),
    path("bookings/<uuid:booking_id>/move/check/", views_reschedule.move_check, name="partner_move_check"),
    path("unscanned/", views_missed.unscanned, name="partner_unscanned"),
    path("unscanned/export.csv", views_missed.unscanned_csv, name="partner_unscanned_csv"),
    path("unscanned/<uuid:booking_id>/", views_missed.took_place, name="partner_took_place"),
    path("wishes/<uuid:reschedule_id>/", views_reschedule.wish, name="partner_wish"),
    path("wishes/<uuid:reschedule_id>/accept/", views_reschedule.wish_accept, name="partner_wish_accept"),
    path("wishes/<uuid:reschedule_id>/decline/", views_reschedule.wish_decline, name="partner_wish_decline"),
    path("wishes/<uuid:reschedule_id>/withdraw/", views_reschedule.wish_withdraw, name="partner_wish_withdraw"),
    path("vouchers/<uuid:voucher_id>/appointment/", views_bookings.appointment, name="partner_appointment"),
    path("scan/", views_scan.scan, name="partner_scan"),
    path("scan/look/", views_scan.look, name="partner_scan_look"),
    path("scan/<uuid:key>/", views_scan.preview, name="partner_scan_preview"),
    path("scan/redeem/", views_scan.spend, name="partner_scan_redeem"),
    path("redemptions/", views_redemptions.redemptions, name="partner_redemptions"),
    path("redemptions/export.csv", views_redemptions.redemptions_csv, name="partner_redemptions_csv"),
    path("redemptions/<uuid:redemption_id>/done/", views_scan.redeemed, name="partner_redeemed"),
    path(
        "redemptions/<uuid:redemption_id>/reverse/",
        views_redemptions.redemption_reverse,
        name="partner_redemption_reverse",
    ),
]
