"""Addresses below ``/my/contacts/``."""

from django.urls import path

from referrals.emergency.staff import views, views_beside

urlpatterns = [
    path("", views.contacts, name="emergency_contacts"),
    path("new/", views.choose, name="emergency_contact_choose"),
    path("new/<uuid:relative_id>/", views.new, name="emergency_contact_new"),
    path("still-right/", views.still_right, name="emergency_still_right"),
    path("never/", views_beside.never, name="emergency_never"),
    path("never/number/", views_beside.never_number, name="emergency_never_number"),
    path("never/colleague/", views_beside.never_colleague, name="emergency_never_colleague"),
    path("never/<uuid:never_id>/take-off/", views_beside.never_lift, name="emergency_never_lift"),
    path("community/", views_beside.community, name="emergency_community"),
    path("community/remove/", views_beside.community_forget, name="emergency_community_forget"),
    path("<uuid:contact_id>/", views.contact, name="emergency_contact"),
    path("<uuid:contact_id>/change/", views.change, name="emergency_contact_change"),
    path("<uuid:contact_id>/first/", views.first, name="emergency_contact_first"),
    path("<uuid:contact_id>/trust/", views.trust, name="emergency_contact_trust"),
    path("<uuid:contact_id>/remove/", views.remove, name="emergency_contact_remove"),
]
