"""Addresses of open days, to be included at the root. The pages of the tree are Wagtail's (``content.serving``)."""

from django.urls import path

from content.opendays.views import family, gate, mine, office, reporting, surveying

_ONE = "union/open-days/<uuid:open_day_id>/"

urlpatterns = [
    path("open-day/<uuid:open_day_id>.ics", family.openday_calendar, name="openday_calendar"),
    path("open-day/i/<str:token>/", family.openday_invitation, name="openday_invitation"),
    path("open-day/f/<str:token>/", family.openday_party, name="openday_party"),
    path("open-day/f/<str:token>/change/", family.openday_party_change, name="openday_party_change"),
    path("open-day/f/<str:token>/leave/", family.openday_party_leave, name="openday_party_leave"),
    path("open-day/f/<str:token>/offer/<uuid:session_id>/", family.openday_party_offer, name="openday_party_offer"),
    path("open-day/f/<str:token>/photo/<uuid:guest_id>/", family.openday_party_photo, name="openday_party_photo"),
    path("open-day/gate/<str:token>/", gate.openday_gate, name="openday_gate"),
    path("open-day/gate/<str:token>/marks/", gate.openday_gate_marks, name="openday_gate_marks"),
    path("my/open-days/", mine.my_open_days, name="my_open_days"),
    path("my/open-days/<uuid:open_day_id>/invite/", mine.my_open_day_invite, name="my_open_day_invite"),
    path("my/open-days/families/<uuid:party_id>/remove/", mine.my_party_remove, name="my_party_remove"),
    path("my/open-days/families/<uuid:party_id>/photo/<uuid:guest_id>/", mine.my_guest_photo, name="my_guest_photo"),
    path("union/open-days/", office.office_open_days, name="office_open_days"),
    path("union/open-days/new/", office.office_open_day_new, name="office_open_day_new"),
    path(_ONE, office.office_open_day, name="office_open_day"),
    path(f"{_ONE}change/", office.office_open_day_change, name="office_open_day_change"),
    path(f"{_ONE}publish/", office.office_open_day_publish, name="office_open_day_publish"),
    path(f"{_ONE}call-off/", office.office_open_day_call_off, name="office_open_day_call_off"),
    path(f"{_ONE}sessions/new/", office.office_session, name="office_session_new"),
    path(f"{_ONE}sessions/<uuid:session_id>/", office.office_session, name="office_session"),
    path(f"{_ONE}sessions/<uuid:session_id>/drop/", office.office_session_drop, name="office_session_drop"),
    path(f"{_ONE}gates/", office.office_gate_open, name="office_gate_open"),
    path(f"{_ONE}gates/<uuid:steward_id>/shut/", office.office_gate_shut, name="office_gate_shut"),
    path(f"{_ONE}report/", reporting.office_report, name="office_report"),
    path(f"{_ONE}report/paper/", reporting.office_report_print, name="office_report_print"),
    path(f"{_ONE}pictures/", reporting.office_pictures, name="office_pictures"),
    path(f"{_ONE}questions/", surveying.office_questions, name="office_questions"),
    path(f"{_ONE}questions/paper/", surveying.office_questions_print, name="office_questions_print"),
    path(f"{_ONE}questions/close/", surveying.office_questions_close, name="office_questions_close"),
    path(f"{_ONE}visitors/", office.office_visitors, name="office_visitors"),
    path(f"{_ONE}visitors/paper/", office.office_visitors_print, name="office_visitors_print"),
]
