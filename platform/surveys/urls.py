"""Addresses of surveys, at which nobody is known (``UNKNOWN_SENDERS``)."""

from django.urls import path

from surveys import views

urlpatterns = [
    path("survey/thanks/", views.survey_thanks, name="survey_thanks"),
    path("survey/<str:token>/", views.survey, name="survey"),
]
