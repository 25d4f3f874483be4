"""Addresses of the manual, to be included at the root."""

from django.urls import path

from manual import views

urlpatterns = [
    path("how-to/", views.guides, name="guides"),
    path("how-to/<slug:slug>/", views.guide, name="guide"),
    path("school/training/", views.training, name="training"),
]
