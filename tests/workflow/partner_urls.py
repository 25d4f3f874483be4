"""Only what the partners' screens need, so that these tests stand on their own."""

from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("accounts.urls")),
    path("", include("partners.urls")),
    path("", include("ui.urls")),
    path("", include("manual.urls")),
]
