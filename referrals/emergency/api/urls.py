"""Addresses below ``/api/v1/`` of the chain."""

from django.urls import path

from referrals.emergency.api.contacts import ContactInviteView, ContactsView, ContactView
from referrals.emergency.api.incidents import (
    AcknowledgeView,
    CloseView,
    DoneView,
    EngageView,
    FalseAlarmView,
    GradeView,
    IncidentsView,
    IncidentView,
    PersonView,
)
from referrals.emergency.api.reports import ReportsView

_ONE = "incidents/<uuid:incident_id>/"
_TRACK = f"{_ONE}tracks/<str:party>/"

urlpatterns = [
    # contacts
    path("contacts/", ContactsView.as_view(), name="api-contacts"),
    path("contacts/<uuid:contact_id>/", ContactView.as_view(), name="api-contact"),
    path("contacts/<uuid:contact_id>/invite/", ContactInviteView.as_view(), name="api-contact-invite"),
    # reports of anybody
    path("reports/", ReportsView.as_view(), name="api-reports"),
    # incidents
    path("incidents/", IncidentsView.as_view(), name="api-incidents"),
    path(_ONE, IncidentView.as_view(), name="api-incident"),
    path(f"{_TRACK}acknowledge/", AcknowledgeView.as_view(), name="api-incident-acknowledge"),
    path(f"{_TRACK}engage/", EngageView.as_view(), name="api-incident-engage"),
    path(f"{_TRACK}done/", DoneView.as_view(), name="api-incident-done"),
    path(f"{_ONE}close/", CloseView.as_view(), name="api-incident-close"),
    path(f"{_ONE}grade/", GradeView.as_view(), name="api-incident-grade"),
    path(f"{_ONE}person/", PersonView.as_view(), name="api-incident-person"),
    path(f"{_ONE}false_alarm/", FalseAlarmView.as_view(), name="api-incident-false-alarm"),
]
