"""Addresses at which nobody is known (``reporting.unknown``)."""

from django.urls import path

from referrals.emergency.reporting import views

urlpatterns = [
    path("", views.report, name="report"),
    path("mailbox/", views.mailbox, name="report_mailbox"),
]
