"""Every address of the product, in one place. Which host answers is decided by the tenant the host stands for."""

from django.urls import include, path

from api.failures import server_error
from api.urls import UNKNOWN
from operations import health
from settings import family
from ui.views import set_language

handler500 = server_error

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("i18n/setlang/", set_language, name="set_language"),
    path("accounts/", include("accounts.urls")),
    path(
        "api/v1/",
        include([path("", include("api.urls")), path("", include("settings.api_urls")), UNKNOWN]),
    ),
    path("", include("ui.urls")),
    path("", include("schools.urls")),
    path("my/", include("notifications.urls")),
    path("school/channels/", include("notifications.school.urls")),
    path("my/family/", include("families.my_urls")),
    path("family/thanks/", family.family_thanks, name="family_thanks"),
    path("family/<str:token>/", family.family_link, name="family_link"),
    path("", include("tips.urls")),
    path("", include("readings.urls")),
    path("", include("surveys.urls")),
    path("", include("manual.urls")),
    path("jobs/", include("jobs.urls")),
    path("school/", include("people.urls")),
    path("", include("workdays.urls")),
    path("a/", include("referrals.emergency.outside.urls")),
    path("", include("partners.urls")),
    path("", include("referrals.emergency.urls")),
    path("", include("referrals.liaison.urls")),
    path("", include("referrals.urls")),
    path("", include("content.opendays.urls")),
    path("", include("content.urls")),
]
