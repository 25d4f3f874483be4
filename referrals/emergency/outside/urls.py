"""Addresses on the platform's host for people who were called and have no account."""

from django.urls import path

from referrals.emergency.outside import views

urlpatterns = [
    path("", views.code, name="outside_code"),
    path("<str:token>/", views.link, name="outside"),
]
