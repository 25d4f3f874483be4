from django.apps import AppConfig


class CompositionConfig(AppConfig):
    """Pages and commands made of several apps' parts: the demo, the doctor, a school's birth, a person's home."""

    name = "settings.composition"
    label = "composition"
