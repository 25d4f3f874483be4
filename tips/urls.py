"""Addresses of family tips, to be included at the root."""

from django.urls import path

from tips.views import editors, family

urlpatterns = [
    path("family/<str:token>/tips/", family.ask, name="tips_ask"),
    path("family/<str:token>/tips/number/", family.ask_by_number, name="tips_ask_by_number"),
    path("family/<str:token>/tips/code/", family.code, name="tips_code"),
    path("family/<str:token>/tips/seen/", family.seen, name="tips_seen"),
    path("family/<str:token>/tips/off/", family.off, name="tips_off"),
    path("family/<str:token>/stop/", family.stop, name="tips_stop"),
    path("school/tips/", editors.desk, name="tips_desk"),
    path("school/tips/tips.csv", editors.desk_csv, name="tips_csv"),
    path("school/tips/new/", editors.series_new, name="tips_series_new"),
    path("school/tips/single/", editors.single_new, name="tips_single_new"),
    path("school/tips/<uuid:series_id>/", editors.series, name="tips_series"),
    path("school/tips/<uuid:series_id>/preview/", editors.preview, name="tips_preview"),
    path("school/tips/<uuid:series_id>/stop/", editors.series_stop, name="tips_series_stop"),
    path("school/tips/<uuid:series_id>/<uuid:item_id>/move/", editors.item_move, name="tips_item_move"),
    path("school/tips/<uuid:series_id>/<uuid:item_id>/remove/", editors.item_remove, name="tips_item_remove"),
]
