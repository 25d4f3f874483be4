"""Addresses of the design system; included at the root by ``settings.urls``."""

from django.urls import path

from ui import views

app_name = "ui"
urlpatterns = [
    path("month/", views.month, name="month"),
    path("help/", views.help_page, name="help"),
    path("ui/gallery/", views.gallery, name="gallery"),
    path("ui/gallery/<slug:screen>/", views.gallery, name="gallery-screen"),
]
