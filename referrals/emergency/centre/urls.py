"""Addresses of the offices' pages of the chain."""

from django.urls import URLPattern, path

from referrals.emergency.centre import views_coverage


def _coverage(office: str) -> list[URLPattern]:
    here = {"office": office}
    return [
        path(f"{office}/contacts/", views_coverage.covered, here, name=f"{office}_contacts"),
        path(f"{office}/contacts/ask/", views_coverage.ask, here, name=f"{office}_contacts_ask"),
    ]


urlpatterns = [
    # contacts
    *_coverage("centre"),
    *_coverage("union"),
]
