"""Addresses of the referral journey: the public prices, staff and wallet on a school's host, the counter on the platform's."""

from django.urls import include, path

urlpatterns = [
    path("", include("referrals.public.urls")),
    path("", include("referrals.staff.urls")),
    path("partner/", include("referrals.counter.urls")),
    path("", include("referrals.offices.urls")),
]
