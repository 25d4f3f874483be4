"""The door for people without an account; ``settings.urls`` puts it under ``/family/``."""

from django.urls import path

from families.views import family_link

urlpatterns = [path("<str:token>/", family_link, name="family_link")]
