"""The partner's portal on the platform's host, under ``/partner/``."""

from django.urls import path

from referrals.views import partner_bookings, partner_desk, partner_offers, partner_redemptions, partner_scan

urlpatterns = [
    path("", partner_desk.today, name="partner_home"),
    path("offers/", partner_offers.offers, name="partner_offers"),
    path("offers/export.csv", partner_offers.offers_csv, name="partner_offers_csv"),
    path("offers/<uuid:offer_id>/", partner_desk.offer, name="partner_offer"),
    path("offers/<uuid:offer_id>/propose/", partner_desk.offer_propose, name="partner_offer_propose"),
    path("offers/<uuid:offer_id>/decline/", partner_desk.offer_decline, name="partner_offer_decline"),
    path("bookings/", partner_bookings.bookings, name="partner_bookings"),
    path("bookings/export.csv", partner_bookings.bookings_csv, name="partner_bookings_csv"),
    path("scan/", partner_scan.scan, name="partner_scan"),
    path("scan/look/", partner_scan.look, name="partner_scan_look"),
    path("scan/redeem/", partner_scan.spend, name="partner_scan_redeem"),
    path("redemptions/", partner_redemptions.redemptions, name="partner_redemptions"),
    path("redemptions/export.csv", partner_redemptions.redemptions_csv, name="partner_redemptions_csv"),
    path("redemptions/<uuid:redemption_id>/done/", partner_scan.redeemed, name="partner_redeemed"),
    path(
        "redemptions/<uuid:redemption_id>/reverse/",
        partner_redemptions.redemption_reverse,
        name="partner_redemption_reverse",
    ),
]
