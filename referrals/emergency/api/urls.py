"""Addresses below ``/api/v1/`` of the chain."""

from django.urls import path

from referrals.emergency.api.contacts import ContactInviteView, ContactsView, ContactView

urlpatterns = [
    # contacts
    path("contacts/", ContactsView.as_view(), name="api-contacts"),
    path("contacts/<uuid:contact_id>/", ContactView.as_view(), name="api-contact"),
    path("contacts/<uuid:contact_id>/invite/", ContactInviteView.as_view(), name="api-contact-invite"),
]
