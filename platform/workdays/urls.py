"""Addresses of a school's calendar, to be included at the root."""

from django.urls import path

from workdays import views

urlpatterns = [
    path("school/settings/calendar/", views.school_calendar, name="school_calendar"),
    path(
        "school/settings/calendar/<uuid:change_id>/remove/", views.school_calendar_remove, name="school_calendar_remove"
    ),
]
