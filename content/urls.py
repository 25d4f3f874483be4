"""Addresses of content on a school's host. Mounted last: the pages take every address that is left."""

from content import views
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:name>", views.media, name="media"),
    path("search/", views.search, name="search"),
    path("", include(wagtail_urls)),
]
