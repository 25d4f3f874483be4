"""Under ``/my/``."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("messages/", views.message_list, name="messages"),
    path("messages/read/", views.message_read_all, name="read_all"),
    path("messages/preferences/", views.preferences, name="preferences"),
    path("messages/<uuid:message_id>/read/", views.message_read, name="read"),
]
