"""Addresses of the chain on a school's host."""

from django.urls import include, path

from referrals.emergency.staff import views_report

urlpatterns = [
    path("my/contacts/", include("referrals.emergency.staff.urls")),
    # incidents
    path("my/report/", views_report.report, name="my_report"),
    path("", include("referrals.emergency.centre.urls")),
]
