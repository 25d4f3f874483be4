"""Addresses of content on a school's host. Mounted last: the pages take every address that is left.

Wagtail's and its documents' own lists are not taken whole: they bring a second sign-in form and password pages.
"""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.urls import serve_pattern

from content import check_views, crawlers, doors, views
from content.artwork.views import picture
from content.feeds import feed
from content.playing import document, sound
from content.serving import serve

urlpatterns = [
    # The menu's "account": what a person sets of their own stands in one place, for every desk.
    path("cms/account/", RedirectView.as_view(pattern_name="account_profile"), name="cms_account"),
    path("cms/", include(wagtailadmin_urls)),
    path("centre/texts/", check_views.texts, name="texts_to_check"),
    path("centre/texts/<int:page_id>/", check_views.text, name="text_to_check"),
    path("centre/texts/<int:page_id>/back/", check_views.back, name="text_to_give_back"),
    path("documents/<int:document_id>/<str:document_filename>", document, name="wagtaildocs_serve"),
    path("media/<path:name>", views.media, name="media"),
    path("operator/library/", views.operator_library, name="operator_library"),
    path("operator/library/open/", views.operator_library_open, name="operator_library_open"),
    path("feed.xml", feed, name="feed"),
    path("poster/<int:page_id>.pdf", doors.poster_pdf, name="poster_pdf"),
    path("poster/<int:page_id>.png", doors.poster_png, name="poster_png"),
    path("picture.png", picture, name="school_picture"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("sounds/<slug:key>.wav", sound, name="sound"),
    path("search/", views.search, name="search"),
    re_path(serve_pattern, serve, name="wagtail_serve"),
]
