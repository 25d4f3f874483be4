"""Addresses of the chain on a school's host."""

from django.urls import include, path

from referrals.emergency.staff import views_report, views_told

urlpatterns = [
    path("my/contacts/", include("referrals.emergency.staff.urls")),
    # incidents
    path("my/report/", views_report.report, name="my_report"),
    path("my/incidents/", views_told.told, name="my_incidents"),
    path("", include("referrals.emergency.centre.urls")),
]
