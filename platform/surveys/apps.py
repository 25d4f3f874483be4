"""Questions that anybody with a link answers, and nobody can be known by (rules §6). Other apps bring the questions."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
