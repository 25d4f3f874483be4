"""Addresses below ``/my/family/``: a member of the staff's relatives and children."""

from django.urls import path

from families.views import children, relatives

urlpatterns = [
    path("", relatives.family, name="my_family"),
    path("relatives/new/", relatives.relative_new, name="relative_new"),
    path("relatives/<uuid:relative_id>/", relatives.relative, name="relative"),
    path("relatives/<uuid:relative_id>/change/", relatives.relative_change, name="relative_change"),
    path("relatives/<uuid:relative_id>/remove/", relatives.relative_remove, name="relative_remove"),
    path("relatives/<uuid:relative_id>/ask/<str:purpose>/", relatives.ask, name="relative_ask"),
    path("consents/<uuid:consent_id>/end/", relatives.consent_end, name="family_consent_end"),
    path("children/new/", children.child_new, name="child_new"),
    path("children/<uuid:child_id>/change/", children.child_change, name="child_change"),
    path("children/<uuid:child_id>/remove/", children.child_remove, name="child_remove"),
]
