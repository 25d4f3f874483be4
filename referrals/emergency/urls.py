"""Addresses of the chain on a school's host."""

from django.urls import include, path

urlpatterns = [
    path("my/contacts/", include("referrals.emergency.staff.urls")),
    path("", include("referrals.emergency.centre.urls")),
]
