"""Addresses of the chain on a school's host."""

from django.urls import include, path

from referrals.emergency.staff import views_companion, views_duties, views_follow_up, views_report, views_told

urlpatterns = [
    path("report/", include("referrals.emergency.reporting.urls")),
    path("my/contacts/", include("referrals.emergency.staff.urls")),
    # incidents
    path("my/report/", views_report.report, name="my_report"),
    path("my/incidents/", views_told.told, name="my_incidents"),
    # afterwards
    path("my/companion/", views_companion.companion, name="my_companion"),
    path("my/companion/<uuid:shift_id>/<str:act>/", views_companion.companion_act, name="my_companion_act"),
    path("my/calls/", views_follow_up.calls, name="my_calls"),
    # changed duties
    path("my/duties/", views_duties.duties, name="my_duties"),
    path("my/duties/<uuid:change_id>/received/", views_duties.received, name="my_duties_received"),
    path("my/duties/<uuid:change_id>/arranged/", views_duties.arranged, name="my_duties_arranged"),
    path("", include("referrals.emergency.centre.urls")),
]
