"""Who may see what of a person: one table that makes the sentences of the pages and that every page is held against."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "disclosure"
