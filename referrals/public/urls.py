"""The public price page on a school's host."""

from django.urls import path

from referrals.public import views

urlpatterns = [path("services/", views.services, name="services")]
