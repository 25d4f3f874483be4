"""Addresses below ``/school/channels/``."""

from django.urls import path

from notifications.school import views

urlpatterns = [
    path("", views.channels, name="channels"),
    path("<slug:provider>/<slug:way>/", views.channel, name="channel"),
    path("<slug:provider>/<slug:way>/rules/", views.channel_rules, name="channel_rules"),
    path("<slug:provider>/<slug:way>/test/", views.channel_test, name="channel_test"),
    path("<slug:provider>/<slug:way>/prove/", views.channel_prove, name="channel_prove"),
]
