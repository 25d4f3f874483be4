"""Every address of the product, in one place. Which host answers is decided by the tenant the host stands for."""

from django.urls import include, path

from api.urls import UNKNOWN
from settings.composition import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("accounts.urls")),
    path(
        "api/v1/",
        include([path("", include("api.urls")), path("", include("settings.composition.api_urls")), UNKNOWN]),
    ),
    path("", include("ui.urls")),
    path("", include("settings.composition.urls")),
    path("school/", include("accounts.school_urls")),
    path("", include("partners.urls")),
    path("", include("referrals.urls")),
    path("", include("content.urls")),
]
